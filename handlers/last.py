"""The last word: nothing that a person does stays without an answer, and no tapped button keeps on waiting."""

from telegram import Update

from bot.screens.help import not_understood
from handlers.services import Services
from handlers.turn import TurnContext


class LastWord:
    """Answers what no handler before knew: unknown buttons, unknown commands, kinds of update yet to come."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, update: Update, context: TurnContext) -> None:
        """Make sure that something was said."""
        turn = context.turn
        if update.callback_query is not None:
            if not turn.spoken:
                turn.answer_tap("sorry.outdated", alert=True)
            turn.answer_tap()
        elif not turn.spoken:
            turn.say(not_understood(turn.texts))
