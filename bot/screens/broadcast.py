"""What many customers are told at once, as each of them sees it."""

from bot.engine.operators.word_results import MOST_TO_MANY
from bot.screens.letters import own_letter
from bot.screens.screen import Screen


def broadcast_message(words: str) -> Screen:
    """The words of the team, marked as told to many: they are in the language in which they were written."""
    return Screen(text=f"📣 {own_letter(words, longest=MOST_TO_MANY)}")
