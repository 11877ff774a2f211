"""/transfer: moving collected money from the deposit to the payout balance at the provider."""

from collections.abc import Iterable
from decimal import Decimal

from bot.engine.operators.order_results import OrderRefused, OrderState
from bot.engine.operators.results import Balance, Question, Role
from bot.engine.operators.transferring import KIND
from bot.payments.money import Money, to_plain
from bot.payments.wrong_words import Why, WrongWord, amount_of, fiat_of
from bot.screens.formats import money
from bot.screens.operators.orders import refused_names
from bot.screens.operators.parts import wrong_word
from bot.screens.operators.transfers import sure_to_transfer, wallet_name, why_transfer
from handlers.operators.room import Answer, Command, Press, Shift, question_slot
from handlers.operators.services import DeskServices

_BREAK = "\n"  # between the parts of what a question is about
_MOST_WORDS = 100


class TransferRoom:
    """Transfers between our balances. The card asks first, and what is above the limit goes to a second operator."""

    def __init__(self, desk: DeskServices) -> None:
        self._approvals = desk.approvals
        self._transferring = desk.transferring
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (Command("transfer", Role.OPERATOR, self._transfer, words=(2, _MOST_WORDS)),)

    def presses(self) -> Iterable[Press]:
        return ()

    def answers(self) -> Iterable[Answer]:
        return (
            Answer("transfer_why", Role.OPERATOR, self._why),
            Answer("transfer", Role.OPERATOR, self._order, by_words=False),
        )

    async def _transfer(self, shift: Shift, said: str) -> None:
        texts = shift.turn.texts
        read = _read(said.split())
        if isinstance(read, WrongWord):
            shift.say(wrong_word(texts, "transfer", read))
            return
        amount, country, reason = read
        about = _BREAK.join((to_plain(amount.amount), amount.currency, country or ""))
        if reason:
            await self._sure(shift, about, reason)
        elif await self._wallet(shift, amount, country) is not None:
            asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "transfer_why", about)
            shift.say(why_transfer(texts, asked.id, amount))

    async def _why(self, shift: Shift, asked: Question, words: str) -> None:
        if shift.turn.query_id is None:
            await self._sure(shift, asked.target, words)

    async def _sure(self, shift: Shift, about: str, reason: str) -> None:
        amount, country, _ = _about(about)
        texts = shift.turn.texts
        balance = await self._wallet(shift, amount, country)
        if balance is None:
            return
        # the wallet that is named is the one that is moved in
        about = _BREAK.join((to_plain(amount.amount), amount.currency, balance.country or "", reason))
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "transfer", about)
        second = await self._approvals.second(shift.operator.telegram_id, [amount])
        shift.say(sure_to_transfer(texts, asked.id, amount, balance, second=second))

    async def _wallet(self, shift: Shift, amount: Money, country: str | None) -> Balance | None:
        """The wallet, if its deposit balance covers it; where not, it is said what can be moved."""
        texts = shift.turn.texts
        try:
            balance = await self._transferring.wallet(amount.currency, country)
            self._transferring.refuse_short(balance, amount)
        except OrderRefused as refused:
            shift.tell(texts(refused.text_key, **refused_names(texts, refused)))
            return None
        return balance

    async def _order(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        texts, effects = shift.turn.texts, shift.turn.effects
        amount, country, reason = _about(asked.target)
        self._operators.stage_answered(effects, asked)
        about = {"country": country or "", "wallet": wallet_name(texts, country)}
        try:
            order = await self._approvals.stage_order(
                effects, shift.operator, shift.chat, KIND, money=[amount], about=about, reason=reason
            )
        except OrderRefused as refused:
            shift.tell(texts(refused.text_key, **refused_names(texts, refused)))
            return
        if order.state is OrderState.CARRIED_OUT:
            shift.tell(texts("ops.transfer_begins", amount=money(amount, texts.language)))
        else:  # its card comes in place of the question
            self._approvals.stage_in_place(effects, order, shift.chat, question_slot(asked.id))
            shift.turn.answered()
            shift.turn.answer_tap()


def _read(words: list[str]) -> tuple[Money, str | None, str] | WrongWord:
    """Amount, country and reason from `KES 5000 reason`, `5000 KES reason` or `XOF CI 5000 reason`; else what is wrong."""
    country: str | None = None
    if words[0][0].isdigit():
        words[0], words[1] = words[1], words[0]
    named, *rest = words
    currency = fiat_of(named)
    if isinstance(currency, WrongWord):
        return currency
    if len(rest[0]) == 2 and rest[0].isalpha() and rest[0].isascii():
        country, *rest = rest[0].upper(), *rest[1:]
        if not rest:
            return WrongWord(Why.MISSING, words[1])
    amount = amount_of(rest[0], currency)
    return amount if isinstance(amount, WrongWord) else (amount, country, " ".join(rest[1:]))


def _about(target: str) -> tuple[Money, str | None, str]:
    amount, currency, country, *reason = target.split(_BREAK, 3)
    return Money(Decimal(amount), currency), country or None, "".join(reason)
