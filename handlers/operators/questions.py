"""Questions of the desk, one at a time for each person and chat: what is over has no buttons and takes no words.

Whatever else an operator does ends the question that is open, so what they write later is never taken for its answer.
Only a command that merely looks leaves it: who must give a reason may look first, and is told that the question stands.
"""

from collections.abc import Collection

from telegram import Message, Update

from bot.engine.operators.results import Question
from bot.engine.operators.roles import Operators
from bot.screens.foreign import Html
from bot.screens.operators.parts import joined, note
from handlers.operators.room import Shift, question_slot
from handlers.turn import Turn


class Questions:
    """Ends questions, and takes the buttons from their cards. `by_words`: which of them can be answered in words."""

    def __init__(self, operators: Operators, by_words: Collection[str]) -> None:
        self._operators = operators
        self._by_words = by_words

    async def end(self, turn: Turn) -> None:
        """They do something else now. Where what they write next would have been the answer, it is said below."""
        person = turn.person
        asked = await self._operators.question(person.telegram_id, person.chat_id, even_over=True)
        if asked is None:
            return
        self._operators.stage_forget(turn.effects, person.telegram_id, person.chat_id)
        below = asked.action in self._by_words and not asked.over
        turn.say(note(turn.texts("ops.question_dropped")), slot=question_slot(asked.id), fresh=below)

    async def remind(self, turn: Turn) -> None:
        """They looked at something: where what they write next is still the answer, it is said below."""
        person = turn.person
        asked = await self._operators.question(person.telegram_id, person.chat_id)
        if asked is not None and asked.action in self._by_words:
            turn.say(note(turn.texts("ops.question_stands")))

    def stage_nothing(self, shift: Shift, asked: Question, card: Html | None = None) -> None:
        """They changed their mind: the card says that nothing was done; without a `card` a message below says it."""
        self._operators.stage_forget(shift.turn.effects, shift.operator.telegram_id, shift.chat)
        said = joined([card or "", shift.turn.texts("ops.nothing_done")], gap="\n\n")
        shift.turn.say(note(said), slot=question_slot(asked.id), fresh=card is None)
        shift.turn.answer_tap()

    def stage_answer(self, shift: Shift, asked: Question, answer: str, card: Html | None = None) -> None:
        """The card of a question that is answered: the answer in place of the buttons."""
        said = joined([card or "", shift.turn.texts("ops.question_answered", answer=answer)], gap="\n\n")
        shift.turn.say(note(said), slot=question_slot(asked.id))

    async def tell_over(self, shift: Shift, question_id: str, card: Html | None) -> None:
        """A button of a question that is not open to them: its time is over, or it was put to somebody else."""
        asked = await self._operators.asked(question_id)
        if asked is not None and not asked.over:
            shift.turn.answer_tap("ops.question_of_other", alert=True)
            return
        if asked is None:  # a second tap of an impatient finger: to say "send it again" here could move money twice
            shift.turn.answer_tap("ops.question_over", alert=True)
            return
        shift.turn.answer_tap("ops.question_late", alert=True)
        said = joined([card or "", shift.turn.texts("ops.question_late")], gap="\n\n")
        shift.turn.say(note(said), slot=question_slot(question_id))


def card_of(update: Update) -> tuple[Html | None, str]:
    """What stands on the card of a tapped button, as we wrote it, and the label of the button."""
    query = update.callback_query
    message = None if query is None else query.message
    if query is None or not isinstance(message, Message) or not message.text:
        return None, ""
    rows = () if message.reply_markup is None else message.reply_markup.inline_keyboard
    label = next((one.text for row in rows for one in row if one.callback_data == query.data), "")
    return Html(message.text_html), label
