"""What a transfer costs: in one currency our fee on top, across two the provider's rate and fee as well."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

from bot.engine.balances import Wallets, must_cover
from bot.engine.clock import Clock
from bot.engine.quotes import QUOTE_LIFE, QuoteUnusable
from bot.engine.results import SendOffer, SendRequest
from bot.kotani.results import FiatQuote
from bot.payments.fees import NO_FEE, Fees, fee_on
from bot.payments.money import Money
from bot.payments.states import PaymentKind

OFFER_LIFE: Final = timedelta(minutes=10)  # in one currency no price runs out, but our balance is looked at again
_ASKS: Final = 4
_CLOSE: Final = Decimal("1.01")  # what a payer is charged may be so much above what arrives: rounding, nothing else


class FiatQuotes(Wallets, Protocol):
    """The part of the provider's client that quotes one currency in another."""

    async def quote_fiat(self, *, source: str, target: str, amount: Decimal) -> FiatQuote:
        """What an amount in one currency pays out in another."""
        ...


class SendQuotes:
    """Works out offers for transfers, with live quotes across currencies. Reads only: nothing moves."""

    def __init__(self, kotani: FiatQuotes, clock: Clock, fees: Fees) -> None:
        self._kotani = kotani
        self._clock = clock
        self._fees = fees

    async def send(self, request: SendRequest) -> SendOffer:
        """What is collected, our fee and the provider's, and what arrives.

        Raises a `PaymentError` that says what the customer can do: `NoPayoutBalance` before anything is charged when
        what must arrive could not be paid out.
        """
        kind = PaymentKind.SEND if request.request_id is None else PaymentKind.REQUEST
        source, target = request.payer.currency, request.destination.currency
        if request.amount.currency not in (source, target) or request.amount.amount <= 0:
            raise ValueError("the amount is in neither currency, or is none")
        asked_at = self._clock()
        if source == target:
            sent = receive = request.amount
            provider_fee = Money(Decimal(0), source)
            expires_at = asked_at + OFFER_LIFE
        else:
            asked_at, sent, provider_fee, receive = await self._across(request.amount, source, target)
            expires_at = asked_at + QUOTE_LIFE
        if receive.quantize_down() != receive:
            raise QuoteUnusable
        charged = self._fees.get((kind, source), NO_FEE)
        pay = (sent + provider_fee + fee_on(sent, kind, {(kind, source): charged})).quantize_up()
        await must_cover(self._kotani, receive, request.destination.country)
        return SendOffer(pay=pay, fee=pay - sent, receive=receive, expires_at=expires_at, charged=charged.written)

    async def worth(self, amount: Money, currency: str) -> Money:
        """What is sent of `currency` so that an amount of the recipient's money arrives. Raises `PaymentError`."""
        _, sent, _, _ = await self._across(amount, currency, amount.currency)
        return sent

    async def _across(self, amount: Money, source: str, target: str) -> tuple[datetime, Money, Money, Money]:
        """When it was asked, what is sent, the provider's fee on it, and what arrives.

        The provider quotes from what is sent only (Kotani docs, fiat rates): for an amount that must arrive, what is
        sent is scaled from its own figures until it is enough.
        """
        if amount.currency == source:
            asked_at, quote = await self._ask(source, target, amount.amount)
            receive = Money(quote.withdrawal_amount, target).quantize_down()
            return asked_at, amount, Money(quote.deposit_fee, source), receive
        sent = Money(amount.amount, source).quantize_up()
        for _ in range(_ASKS):
            asked_at, quote = await self._ask(source, target, sent.amount)
            if amount.amount <= quote.withdrawal_amount <= amount.amount * _CLOSE + _one_unit(quote):
                return asked_at, sent, Money(quote.deposit_fee, source), amount
            scaled = Money(sent.amount * amount.amount / quote.withdrawal_amount, source).quantize_up()
            sent = scaled if scaled != sent else (sent + Money(Decimal(1), source))
        raise QuoteUnusable

    async def _ask(self, source: str, target: str, sent: Decimal) -> tuple[datetime, FiatQuote]:
        asked_at = self._clock()
        quote = await self._kotani.quote_fiat(source=source, target=target, amount=sent)
        if not _adds_up(quote, sent):
            raise QuoteUnusable
        return asked_at, quote


def _adds_up(quote: FiatQuote, sent: Decimal) -> bool:
    """Whether a quote answers the question and its sums are right; whether a fee is on top or within is not documented."""
    deposit, deposit_fee = quote.deposit_amount, quote.deposit_fee
    payout, payout_fee = quote.withdrawal_amount, quote.withdrawal_fee
    return (
        deposit == sent
        and payout > 0
        and deposit_fee >= 0
        and payout_fee >= 0
        and quote.deposit_transaction_amount in (deposit + deposit_fee, deposit - deposit_fee)
        and quote.withdrawal_transaction_amount in (payout + payout_fee, payout - payout_fee)
    )


def _one_unit(quote: FiatQuote) -> Decimal:
    """What one unit of the payer's currency is in the other, rounded up: less cannot be sent more exactly."""
    return quote.withdrawal_amount / quote.deposit_amount + 1
