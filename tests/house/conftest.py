"""What all tests of the house need: a process whose logging stays as it was."""

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from bot import log


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Logging as it was: some tests change it for the whole process."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level, sys.excepthook, threading.excepthook, sys.unraisablehook)
    levels = {name: logging.getLogger(name).level for name in (*log.QUIET, log.ACCESS_LOG)}
    propagates = logging.getLogger(log.ACCESS_LOG).propagate
    yield
    logging.captureWarnings(False)
    root.handlers[:], level, sys.excepthook, threading.excepthook, sys.unraisablehook = before
    root.setLevel(level)
    for name, value in levels.items():
        logging.getLogger(name).setLevel(value)
    logging.getLogger(log.ACCESS_LOG).propagate = propagates
    structlog.reset_defaults()
