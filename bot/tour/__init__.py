"""A guided tour: scripted customers play whole journeys against the running parts, over HTTP, and the talk is printed.

Whatever is not as expected ends the tour with an error, so it is a test that people can read.
"""

from bot.tour.play import play

__all__ = ["play"]
