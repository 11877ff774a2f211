"""A payment assistant for Telegram: chat in, Kotani Pay out, and one place that keeps the money safe in between."""

__version__ = "0.1.0"
