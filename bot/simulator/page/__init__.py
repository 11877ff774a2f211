"""The demo page: a Telegram client of the emulator beside the customer's phone and the provider's side, in one plain page.

Three static files without a framework; they speak only to the control interfaces.
"""

from bot.simulator.page.routes import page_routes

__all__ = ["page_routes"]
