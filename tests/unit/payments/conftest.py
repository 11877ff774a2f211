"""Property tests here measure no time: a busy machine must not fail them."""

from hypothesis import settings

settings.register_profile("payments", deadline=None)
settings.load_profile("payments")
