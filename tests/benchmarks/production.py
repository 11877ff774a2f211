"""The assistant as it is installed in production: without what only development installs, which others pick up by chance.

structlog loads rich, five megabytes, where it finds it.
"""

import runpy
import sys

sys.modules["rich"] = None  # type: ignore[assignment]
sys.argv[0] = "bot"
runpy.run_module("bot", run_name="__main__")
