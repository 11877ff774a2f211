"""The desk: finds out what an operators' update wants, whether this person may have it now, and who does it.

It stands before the handlers of customers. Whatever comes from somebody without a role it leaves alone, so that they get
the answer that anybody gets. The role is read anew at every command, press and answer.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from bot.engine.operators.results import Operator, Question, Role
from bot.engine.operators.roles import MOST_WORDS
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.menu import COMMANDS as CUSTOMERS
from bot.screens.menu import command_of_key
from bot.screens.operators.commands import Listed, meant_screen
from bot.screens.operators.parts import note, usage, wrong_word
from bot.screens.taps import OperatorTap, read_tap
from handlers.commands import what_was_said
from handlers.dialogue.near import nearest
from handlers.operators.alerts import AlertRoom
from handlers.operators.attention import AttentionRoom
from handlers.operators.books import BooksRoom
from handlers.operators.broadcasts import BroadcastRoom
from handlers.operators.bulk import BulkRoom
from handlers.operators.checks import CheckRoom
from handlers.operators.customers import CustomerRoom
from handlers.operators.entry import COMMANDS, INVITED, command_of, is_own, only_looks
from handlers.operators.helping import HelpRoom
from handlers.operators.house import HouseRoom
from handlers.operators.inquiries import NEEDS, InquiryRoom
from handlers.operators.maintenance import MaintenanceRoom
from handlers.operators.mending import MendRoom
from handlers.operators.orders import OrderRoom
from handlers.operators.overview import OverviewRoom
from handlers.operators.pauses import PauseRoom
from handlers.operators.payments import PaymentRoom
from handlers.operators.questions import Questions, card_of
from handlers.operators.reconciling import ReconcileRoom
from handlers.operators.room import ASK, Room, Shift
from handlers.operators.services import DeskServices
from handlers.operators.tariffs import TariffRoom
from handlers.operators.team import TeamRoom
from handlers.operators.transfers import TransferRoom
from handlers.services import Services
from handlers.turn import Turn, TurnContext

_NO: Final = "no"
_TEXT: Final = 60  # words; a command that may have so many ends in sentences, of which no word is one too many


class Desk:
    """Answers operators. What it takes ends there; what it leaves goes on to the handlers of customers."""

    def __init__(self, services: Services, desk: DeskServices) -> None:
        self._services = services
        self._operators = desk.operators
        self._help = HelpRoom(desk, lambda: self._commands.values())  # noqa: PLW0108 - they are there later
        self._team = TeamRoom(services, desk, self._help.listed)
        self._inquiries = InquiryRoom(services, desk)
        self._bulk = BulkRoom(services, desk)
        rooms: tuple[Room, ...] = (
            OverviewRoom(desk),
            BooksRoom(desk),
            ReconcileRoom(desk),
            PaymentRoom(desk),
            CustomerRoom(desk),
            AttentionRoom(services, desk),
            AlertRoom(services, desk),
            PauseRoom(desk),
            TariffRoom(desk),
            CheckRoom(desk),
            OrderRoom(desk),
            TransferRoom(desk),
            MendRoom(desk),
            HouseRoom(desk),
            self._bulk,
            self._inquiries,
            BroadcastRoom(desk),
            MaintenanceRoom(desk),
            self._team,
            self._help,
        )
        self._commands = MappingProxyType({one.name: one for room in rooms for one in room.commands()})
        self._presses = MappingProxyType({(one.kind, one.action): one for room in rooms for one in room.presses()})
        self._answers = MappingProxyType({one.action: one for room in rooms for one in room.answers()})
        by_words = frozenset(one.action for one in self._answers.values() if one.by_words)
        self._questions = Questions(desk.operators, by_words)
        if self._commands.keys() != COMMANDS:
            raise ValueError("the rooms and the entrance do not name the same commands")

    def listed(self, role: Role) -> Sequence[Listed]:
        """Every command that somebody of this role may use."""
        return self._help.listed(role)

    async def message(self, update: Update, context: TurnContext) -> None:
        """A command, an invitation that is opened, or the words that an operator was asked for."""
        turn, message = getattr(context, "turn", None), update.message
        if turn is None or message is None or not message.text:
            return
        if not is_own(message):
            await self._forwarded(turn, message)
            return
        name = command_of(message, self._services.bot_username())
        taken = await self._message(update, turn, name, message.text)
        if taken or turn.operator is not None:  # nothing of the operators' group is for the handlers of customers
            raise ApplicationHandlerStop

    async def _forwarded(self, turn: Turn, message: Message) -> None:
        """A command that an operator forwards does nothing, and they are told why; anybody else learns nothing by it."""
        name = None if message.forward_origin is None else command_of(message, self._services.bot_username())
        if name not in COMMANDS or name in CUSTOMERS or await self._who(turn) is None:
            return
        turn.say(note(turn.texts("ops.forwarded")))
        raise ApplicationHandlerStop

    async def document(self, update: Update, context: TurnContext) -> None:
        """A file: of an operator's it is taken for payments, whatever it is; of anybody else's it is left alone."""
        turn, message = getattr(context, "turn", None), update.message
        if turn is None or message is None or message.document is None or not is_own(message):
            return
        operator = await self._who(turn)
        if operator is None:
            return
        shift = Shift(turn, operator)
        if self._allowed(shift, Role.OPERATOR):
            await self._questions.end(turn)
            await self._bulk.receive(shift, message.document)
        raise ApplicationHandlerStop

    async def tap(self, update: Update, context: TurnContext) -> None:
        """A button of the desk. Of somebody without a role it is left alone, as an unknown one."""
        query, turn = update.callback_query, getattr(context, "turn", None)
        tap = read_tap((query.data if query is not None else None) or "")
        if turn is None:
            return
        if not isinstance(tap, OperatorTap):  # a button of customers' cards, whoever presses it
            await self._questions.end(turn)
            return
        operator = await self._who(turn)
        if operator is None:
            self._disown(turn)
            if await self._operators.was_removed(turn.person.telegram_id):
                turn.answer_tap("ops.no_operator_any_more", alert=True)
                raise ApplicationHandlerStop
            return
        await self._press(Shift(turn, operator), tap, update)
        turn.answer_tap("sorry.outdated", alert=True)  # where nothing else was said
        raise ApplicationHandlerStop

    def _disown(self, turn: Turn) -> None:
        """Have the menu of somebody without a role be that of customers: of who was taken out of the settings, it is not.

        Nobody else tells of them, for the settings do not say who stood there before.
        """
        self._operators.stage_told(turn.effects, turn.person.telegram_id)

    async def _message(self, update: Update, turn: Turn, name: str | None, text: str) -> bool:
        said = what_was_said(update)
        if name == "start" and said.startswith(INVITED) and _is_private(update):
            return await self._team.join(turn, said.removeprefix(INVITED))
        if name is not None and name in COMMANDS:
            operator = await self._who(turn)
            if operator is not None:
                looks, lines = only_looks(name, said), self._commands[name].lines
                if not looks:
                    await self._questions.end(turn)
                await self._command(Shift(turn, operator), name, _with_lines(text) if lines else said)
                if looks:
                    await self._questions.remind(turn)
            elif name not in CUSTOMERS:
                self._disown(turn)
            return operator is not None
        if name is None and await self._reply(update, turn, text):
            return True
        if name is None:
            name = command_of_key(text)
        elif name not in CUSTOMERS and await self._meant(turn, name):
            return True
        asked = await self._operators.question(turn.person.telegram_id, turn.person.chat_id)
        operator = None if asked is None else await self._who(turn)
        if asked is None or operator is None:
            return False
        shift = Shift(turn, operator)
        if name is None:
            return await self._answer(shift, asked, " ".join(text.split()))
        if name == "cancel":
            self._questions.stage_nothing(shift, asked)
            return True
        await self._questions.end(turn)
        return False

    async def _meant(self, turn: Turn, name: str) -> bool:
        """An operator mistyped one of their commands: it is offered, and nothing is done."""
        operator, meant = await self._who(turn), nearest(name, {one: one for one in self._commands})
        if operator is None or meant is None or not operator.role.may(self._commands[meant].needs):
            return False
        await self._questions.end(turn)
        Shift(turn, operator).say(meant_screen(turn.texts, meant))
        return True

    async def _reply(self, update: Update, turn: Turn, text: str) -> bool:
        """Words for a customer: a reply to what they wrote to the team."""
        replied = update.message.reply_to_message if update.message is not None else None
        operator = None if replied is None else await self._who(turn)
        if replied is None or operator is None:
            return False
        shift = Shift(turn, operator)
        inquiry = await self._inquiries.behind(shift, replied.message_id)
        if inquiry is not None and self._allowed(shift, NEEDS):
            await self._inquiries.reply(shift, inquiry, text)
        return inquiry is not None

    async def _command(self, shift: Shift, name: str, said: str) -> None:
        command = self._commands[name]
        least, most = command.words
        if not self._allowed(shift, command.needs):
            return
        words, texts = said.split(), shift.turn.texts
        if len(words) > most:
            wrong = WrongWord(Why.LONG, names={"most": most}) if most >= _TEXT else WrongWord(Why.EXTRA, words[most])
            shift.say(wrong_word(texts, name, wrong))
            return
        if len(words) < least:
            shift.say(wrong_word(texts, name, WrongWord(Why.MISSING, words[-1])) if words else usage(texts, name))
            return
        await command.run(shift, said)

    async def _press(self, shift: Shift, tap: OperatorTap, update: Update) -> None:
        if tap.kind == ASK:
            await self._choice(shift, tap, update)
            return
        verb, dash, _ = tap.action.partition("-")
        press = self._presses.get((tap.kind, verb + dash))
        if press is not None and self._allowed(shift, press.needs):
            await self._questions.end(shift.turn)
            await press.run(shift, tap)

    async def _choice(self, shift: Shift, tap: OperatorTap, update: Update) -> None:
        card, label = card_of(update)
        asked = await self._operators.question(shift.operator.telegram_id, shift.chat)
        if asked is None or asked.id != tap.record:
            await self._questions.tell_over(shift, tap.record, card)
        elif tap.action == _NO:
            self._questions.stage_nothing(shift, asked, card)
        elif (
            (answer := self._answers.get(asked.action)) is not None
            and answer.offers(tap.action)
            and self._allowed(shift, answer.needs)
        ):
            self._questions.stage_answer(shift, asked, label, card)
            await answer.run(shift, asked, tap.action)

    async def _answer(self, shift: Shift, asked: Question, words: str) -> bool:
        answer = self._answers.get(asked.action)
        if answer is None or not answer.by_words:
            return False
        if self._allowed(shift, answer.needs):
            self._questions.stage_answer(shift, asked, words)
            await answer.run(shift, asked, words[:MOST_WORDS])
        return True

    async def _who(self, turn: Turn) -> Operator | None:
        operator = turn.operator or await self._operators.of(turn.person.telegram_id)
        if operator is not None:
            self._operators.owner_names.heard(operator.telegram_id, turn.called)
        return operator

    def _allowed(self, shift: Shift, needs: Role) -> bool:
        """Whether their role is enough; where it is not, they are told which one it takes."""
        if shift.role.may(needs):
            return True
        texts = shift.turn.texts
        names = {"role": texts.plain(f"ops.role.{needs}"), "own": texts.plain(f"ops.role.{shift.role}")}
        if shift.turn.query_id is None:
            shift.tell(texts("ops.needs_role", **names))
        else:
            shift.turn.answer_tap("ops.needs_role", alert=True, **names)
        return False


def _with_lines(text: str) -> str:
    """What stands behind a command, as it was written."""
    parts = text.split(maxsplit=1)
    return parts[1].strip() if len(parts) > 1 else ""


def _is_private(update: Update) -> bool:
    return update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE
