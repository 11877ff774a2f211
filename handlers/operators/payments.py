"""/payment, /find and /poll: one payment with all that happened to it, and the way to it from whatever is at hand."""

from collections.abc import Iterable

from bot.engine.operators.results import Dealings, Found, FoundOfHouse, FoundPayment, PaymentFile, Role
from bot.payments.references import read_payment_code
from bot.payments.wrong_words import Why, WrongWord
from bot.screens.foreign import Html
from bot.screens.operators.customer import customer_screen
from bot.screens.operators.found import dealings_screen, found_screen
from bot.screens.operators.parts import NAMELESS, wrong_word
from bot.screens.operators.payment import payment_screen, payment_unknown
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, page_of
from handlers.operators.services import DeskServices

_MOST_WORDS = 8  # a phone number may be written in groups


class PaymentRoom:
    """Everything about payments."""

    def __init__(self, desk: DeskServices) -> None:
        self._inspecting = desk.inspecting
        self._clientele = desk.clientele
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (
            Command("payment", Role.VIEWER, self._payment, words=(1, 2)),
            Command("find", Role.VIEWER, self._find, words=(1, _MOST_WORDS)),
            Command("poll", Role.OPERATOR, self._poll, words=(1, 2)),
        )

    def presses(self) -> Iterable[Press]:
        return (
            Press("payment", "show", Role.VIEWER, self._show),
            Press("payment", "page-", Role.VIEWER, self._show),
            Press("payment", "poll", Role.OPERATOR, self._poll_it),
            Press("payment", "raw", Role.OWNER, self._raw),
            Press("found", "page-", Role.VIEWER, self._further),
        )

    def answers(self) -> Iterable[Answer]:
        return ()

    async def _payment(self, shift: Shift, said: str) -> None:
        if read_payment_code(said) is None:
            shift.say(wrong_word(shift.turn.texts, "payment", WrongWord(Why.REFERENCE, said)))
            return
        file = await self._file(said)
        if file is None:
            shift.say(payment_unknown(shift.turn.texts))
        else:
            await self._put(shift, file)

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        file = await self._file(tap.record, page_of(tap))
        if file is None:
            shift.say(payment_unknown(shift.turn.texts))
        else:
            await self._put(shift, file)

    async def _find(self, shift: Shift, said: str) -> None:
        found = await self._clientele.find(said)
        texts = shift.turn.texts
        match found:
            case (
                Found(payments=[FoundPayment(view=view)], customers=[], house=[])
                | Found(payments=[], customers=[], house=[Dealings(items=[FoundOfHouse(view=view)])])
            ) if (file := await self._file(view.code)) is not None:
                await self._put(shift, file)
            case Found(payments=[], customers=[one], house=[]) if (
                person := await self._clientele.file(one.id)
            ) is not None:
                if person.phone is not None:
                    self._operators.stage_look(shift.turn.effects, shift.operator, f"customer:{person.telegram_id}")
                shift.say(customer_screen(texts, person, shift.role), slot=f"o:c:{person.id}")
            case Found(payments=[], customers=[], house=[one]):
                shift.say(found_screen(texts, said, found), slot=_slot(one.key))
            case _:
                shift.say(found_screen(texts, said, found))

    async def _further(self, shift: Shift, tap: OperatorTap) -> None:
        """Another page of what passed between the house and a number."""
        found = await self._clientele.dealings(tap.record, page_of(tap))
        if found is None:
            shift.say(payment_unknown(shift.turn.texts))
        else:
            shift.say(dealings_screen(shift.turn.texts, found), slot=_slot(tap.record))

    async def _poll(self, shift: Shift, said: str) -> None:
        if read_payment_code(said) is None:
            shift.say(wrong_word(shift.turn.texts, "poll", WrongWord(Why.REFERENCE, said)))
            return
        file = await self._file(said)
        if file is None:
            shift.say(payment_unknown(shift.turn.texts))
        else:
            await self._ask(shift, file)

    async def _poll_it(self, shift: Shift, tap: OperatorTap) -> None:
        file = await self._file(tap.record)
        if file is None:
            shift.say(payment_unknown(shift.turn.texts))
        else:
            await self._ask(shift, file)

    async def _ask(self, shift: Shift, file: PaymentFile) -> None:
        texts = shift.turn.texts
        if "poll" not in file.can:
            await self._put(shift, file, lead=texts("ops.nothing_to_ask"))
            return
        self._inspecting.stage_poll(shift.turn.effects, shift.operator, file.view)
        await self._put(shift, file, lead=texts("ops.asked"))

    async def _raw(self, shift: Shift, tap: OperatorTap) -> None:
        """The callbacks as they came, to the owner alone: whoever is in the group should not read them."""
        file = await self._file(tap.record)
        if file is None or await self._inspecting.raw(file.view.id) is None:
            shift.turn.answer_tap("ops.no_raw", alert=True)
            return
        self._operators.stage_act(shift.turn.effects, shift.operator, "raw", target=f"payment:{file.view.code}")
        payload = {"language": shift.turn.texts.language, "payment": file.view.id, "code": file.view.code}
        shift.turn.show("operator_raw", payload, chat_id=shift.operator.telegram_id)
        shift.turn.answer_tap("ops.raw_sent")

    async def _file(self, code: str, page: int = 1) -> PaymentFile | None:
        canonical = read_payment_code(code)
        payment_id = None if canonical is None else await self._inspecting.id_of(canonical)
        return None if payment_id is None else await self._inspecting.file(payment_id, page)

    async def _put(self, shift: Shift, file: PaymentFile, *, lead: Html | None = None) -> None:
        names = await self._operators.names() if file.view.house is not None else NAMELESS
        look, effects, code = self._operators.stage_look, shift.turn.effects, file.view.code
        if file.view.house is not None:
            look(effects, shift.operator, f"payment:{code}", daily=True)
        elif file.phones:
            look(effects, shift.operator, f"customer:{file.customer}", payment=code, daily=True)
        screen = payment_screen(shift.turn.texts, file, shift.role, lead=lead, names=names)
        shift.say(screen, slot=f"o:p:{file.view.id}")


def _slot(key: str) -> str:
    """The slot of what passed between the house and a number."""
    return f"o:found:{key}"
