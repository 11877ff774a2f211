"""The demo page: a Telegram client of the emulator beside the customer's phone and the provider's side, in one plain page.

Static files without a framework or a build, one script for each subject; they speak only to the control interfaces.
"""

from bot.simulator.page.routes import page_routes

__all__ = ["page_routes"]
