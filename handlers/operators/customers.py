"""/customer, /block and /unblock: a customer as operators see them, shut out and let in with a reason."""

from collections.abc import Iterable

from bot.engine.operators.results import CustomerFile, Found, Question, Role
from bot.engine.operators.roles import MOST_WORDS
from bot.screens.operators.customer import customer_screen, customer_unknown, sure_to_bar, their_payments
from bot.screens.operators.found import found_screen
from bot.screens.operators.parts import question
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, page_of
from handlers.operators.services import DeskServices

_MOST_WORDS = 100
_SURE = "_sure"  # behind what is asked about once more
_BREAK = "\n"  # between a customer and the reason, in what a question is about


class CustomerRoom:
    """Everything about customers."""

    def __init__(self, desk: DeskServices) -> None:
        self._clientele = desk.clientele
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (
            Command("customer", Role.VIEWER, self._customer, words=(1, 8)),
            Command("block", Role.OPERATOR, self._block, words=(2, _MOST_WORDS)),
            Command("unblock", Role.OPERATOR, self._unblock, words=(2, _MOST_WORDS)),
        )

    def presses(self) -> Iterable[Press]:
        return (
            Press("customer", "show", Role.VIEWER, self._show),
            Press("customer", "page-", Role.VIEWER, self._payments),
            Press("customer", "block", Role.OPERATOR, self._why),
            Press("customer", "unblock", Role.OPERATOR, self._why),
        )

    def answers(self) -> Iterable[Answer]:
        return (
            Answer("block", Role.OPERATOR, self._reason),
            Answer("unblock", Role.OPERATOR, self._reason),
            Answer(f"block{_SURE}", Role.OPERATOR, self._sure, by_words=False),
            Answer(f"unblock{_SURE}", Role.OPERATOR, self._sure, by_words=False),
        )

    async def _customer(self, shift: Shift, said: str) -> None:
        file = await self._whom(shift, said)
        if file is not None:
            self._put(shift, file)

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        file = await self._clientele.file(tap.record)
        if file is None:
            shift.say(customer_unknown(shift.turn.texts, tap.record))
        else:
            self._put(shift, file)

    async def _payments(self, shift: Shift, tap: OperatorTap) -> None:
        file = await self._clientele.file(tap.record)
        if file is None:
            shift.say(customer_unknown(shift.turn.texts, tap.record))
            return
        views, page = await self._clientele.payments(file.id, page_of(tap))
        shift.say(their_payments(shift.turn.texts, file, views, page), slot=f"o:c:{file.id}")

    async def _why(self, shift: Shift, tap: OperatorTap) -> None:
        """Ask for the reason; nothing is done before it is given."""
        file = await self._clientele.file(tap.record)
        if file is None or not await self._possible(shift, file, tap.action):
            return
        texts = shift.turn.texts
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, tap.action, file.id)
        text = texts(f"ops.ask_{tap.action}", customer=file.telegram_id)
        shift.say(question(texts, asked.id, text, texts("ops.write_reason")))

    async def _reason(self, shift: Shift, asked: Question, words: str) -> None:
        file = await self._clientele.file(asked.target)
        self._operators.stage_answered(shift.turn.effects, asked)
        if file is not None and await self._possible(shift, file, asked.action):
            self._do(shift, file, asked.action, words)

    async def _block(self, shift: Shift, said: str) -> None:
        await self._ask(shift, "block", said)

    async def _unblock(self, shift: Shift, said: str) -> None:
        await self._ask(shift, "unblock", said)

    async def _ask(self, shift: Shift, action: str, said: str) -> None:
        """Ask once more, with who it is: a digit that is wrong would shut out somebody else."""
        who, _, why = said.partition(" ")
        file, why = await self._whom(shift, who), why[:MOST_WORDS]
        if file is not None and await self._possible(shift, file, action):
            about = f"{file.id}{_BREAK}{why}"
            asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, f"{action}{_SURE}", about)
            shift.say(sure_to_bar(shift.turn.texts, asked.id, file, action, why))

    async def _sure(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        record, _, why = asked.target.partition(_BREAK)
        action, file = asked.action.removesuffix(_SURE), await self._clientele.file(record)
        self._operators.stage_answered(shift.turn.effects, asked)
        if file is not None and await self._possible(shift, file, action):
            self._do(shift, file, action, why)

    async def _possible(self, shift: Shift, file: CustomerFile, action: str) -> bool:
        """Whether there is anything to do; why not, is said."""
        texts, barred = shift.turn.texts, file.barred_at is not None
        if action == "block" and await self._operators.of(file.telegram_id) is not None:
            said = texts("ops.no_block_of_operators", customer=file.telegram_id)
        elif action == "block" and barred:
            said = texts("ops.already_blocked", customer=file.telegram_id)
        elif action == "unblock" and not barred:
            said = texts("ops.not_blocked", customer=file.telegram_id)
        else:
            return True
        shift.tell(said)
        return False

    def _do(self, shift: Shift, file: CustomerFile, action: str, reason: str) -> None:
        effects, texts = shift.turn.effects, shift.turn.texts
        if action == "block":
            self._clientele.stage_bar(effects, shift.operator, file, reason)
            shift.tell(texts("ops.blocked", customer=file.telegram_id))
        else:
            self._clientele.stage_unbar(effects, shift.operator, file, reason)
            shift.tell(texts("ops.unblocked", customer=file.telegram_id))

    async def _whom(self, shift: Shift, words: str) -> CustomerFile | None:
        """The one customer who is known by these words, or whose payment is; else it is said what was found."""
        found = await self._clientele.find(words)
        ids = {one.id for one in found.customers} | {
            one.view.customer_id for one in found.payments if one.view.house is None
        }
        if len(ids) == 1 and (file := await self._clientele.file(ids.pop())) is not None:
            return file
        texts = shift.turn.texts
        if not ids:
            shift.say(customer_unknown(texts, words))
            return None
        files = [await self._clientele.file(one) for one in sorted(ids)]
        customers = Found(customers=tuple(file for file in files if file is not None))
        shift.tell(texts("ops.customer_several"))
        shift.say(found_screen(texts, words, customers))
        return None

    def _put(self, shift: Shift, file: CustomerFile) -> None:
        if file.phone is not None:
            self._operators.stage_look(shift.turn.effects, shift.operator, f"customer:{file.telegram_id}")
        shift.say(customer_screen(shift.turn.texts, file, shift.role), slot=f"o:c:{file.id}")
