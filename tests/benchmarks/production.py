"""The assistant as it is installed in production: without what only development installs, which others pick up by chance.

structlog loads rich and mako loads pygments, ten megabytes, where they find them.
"""

import runpy
import sys

for name in ("rich", "pygments"):
    sys.modules[name] = None  # type: ignore[assignment]
sys.argv[0] = "bot"
runpy.run_module("bot", run_name="__main__")
