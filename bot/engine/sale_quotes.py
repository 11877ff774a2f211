"""Quotes for sales: the crypto that must arrive, every fee, and the fiat that is paid out for it."""

from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

from bot.engine.balances import Wallets, must_cover
from bot.engine.clock import Clock
from bot.engine.quotes import QUOTE_LIFE, QuoteUnusable
from bot.engine.results import SellOffer, SellRequest
from bot.kotani.wire import Quote
from bot.payments.money import Money
from bot.payments.parties import Way

_CLOSE: Final = Decimal("1.01")  # how much more than was asked for may be sold, since amounts are rounded on the way


class OfframpQuotes(Wallets, Protocol):
    """The part of the provider's client that quotes a sale."""

    async def quote_offramp(
        self, *, token: str, currency: str, crypto_amount: Decimal | None = None, fiat_amount: Decimal | None = None
    ) -> Quote:
        """One quote; exactly one of the amounts is given."""
        ...


class SaleQuotes:
    """Asks the provider for live quotes. Reads only: nothing moves."""

    def __init__(self, kotani: OfframpQuotes, clock: Clock) -> None:
        self._kotani = kotani
        self._clock = clock

    async def sell(self, request: SellRequest) -> SellOffer:
        """A quote for a sale, or a `PaymentError` that says what the customer can do.

        The provider takes its fee out of the fiat (Kotani docs, rates): `receive` is what is left. The figures of the
        answer are held against the question and against each other; the offer's life is counted from before the call.
        """
        if request.crypto_amount is not None:
            asked_at, quote = await self._for_crypto(request, request.crypto_amount)
        else:
            assert request.fiat_amount is not None
            asked_at, quote = await self._for_fiat(request, request.fiat_amount)
        currency = request.destination.currency
        offer = SellOffer(
            quote_id=quote.id,
            pay=Money(quote.crypto_amount, request.token),
            fee=Money(quote.fee, currency),
            receive=Money(quote.transaction_amount, currency),
            fiat_amount=Money(quote.fiat_amount, currency),
            expires_at=asked_at + QUOTE_LIFE,
        )
        if not (_adds_up(quote) and _can_be_sent(offer.pay) and _answers(request, quote)):
            raise QuoteUnusable
        await must_cover(self._kotani, offer.fiat_amount, request.destination.country)
        return offer

    async def worth(self, amount: Money, currency: str) -> Money:
        """About what is paid out for this much crypto, after the fee; by one quote. Raises `PaymentError`."""
        quote = await self._kotani.quote_offramp(token=amount.currency, currency=currency, crypto_amount=amount.amount)
        return Money(quote.transaction_amount, currency)

    async def _for_crypto(self, request: SellRequest, given: Decimal) -> tuple[datetime, Quote]:
        """A quote for exactly `given` tokens; a little less where that makes an amount that a phone can be paid.

        Whether the provider rounds by itself is not documented: where no round amount can be had, it is as quoted.
        """
        asked_at, quote = await self._ask(request, crypto=given)
        round_amount = _round(request, quote.transaction_amount)
        if quote.transaction_amount == round_amount or round_amount <= 0:
            return asked_at, quote
        again_at, again = await self._ask(request, fiat=round_amount)
        fits = again.transaction_amount == round_amount and again.crypto_amount <= given
        if fits and _adds_up(again) and _can_be_sent(Money(again.crypto_amount, request.token)):
            return again_at, again
        return asked_at, quote

    async def _for_fiat(self, request: SellRequest, wanted: Decimal) -> tuple[datetime, Quote]:
        """A quote that pays out `wanted` or barely more, for an amount of tokens that can be sent.

        Whether the provider heeds an amount in fiat is not certain (Kotani docs, rates): where it does not, the tokens
        are scaled from its own figures, twice at most.
        """
        asked_at, quote = await self._ask(request, fiat=wanted)
        for _ in range(2):
            if _close(quote, wanted) and _can_be_sent(Money(quote.crypto_amount, request.token)):
                break
            if quote.crypto_amount <= 0 or quote.transaction_amount <= 0:
                raise QuoteUnusable
            scaled = Money(quote.crypto_amount * wanted / quote.transaction_amount, request.token).quantize_up()
            asked_at, quote = await self._ask(request, crypto=scaled.amount)
        return asked_at, quote

    async def _ask(
        self, request: SellRequest, *, crypto: Decimal | None = None, fiat: Decimal | None = None
    ) -> tuple[datetime, Quote]:
        asked_at = self._clock()
        quote = await self._kotani.quote_offramp(
            token=request.token, currency=request.destination.currency, crypto_amount=crypto, fiat_amount=fiat
        )
        return asked_at, quote


def _adds_up(quote: Quote) -> bool:
    positive = quote.crypto_amount > 0 and quote.transaction_amount > 0 and quote.fee >= 0
    return positive and quote.fiat_amount - quote.fee == quote.transaction_amount


def _can_be_sent(tokens: Money) -> bool:
    """Whether the amount has no more places than a wallet sends and a card shows."""
    return tokens.quantize_down() == tokens


def _close(quote: Quote, wanted: Decimal) -> bool:
    return wanted <= quote.transaction_amount <= wanted * _CLOSE + 1


def _answers(request: SellRequest, quote: Quote) -> bool:
    if request.fiat_amount is not None:
        return _close(quote, request.fiat_amount)
    assert request.crypto_amount is not None
    return request.crypto_amount / _CLOSE <= quote.crypto_amount <= request.crypto_amount


def _round(request: SellRequest, fiat: Decimal) -> Decimal:
    """What can be paid out of an amount: whole units to phones where the currency has no smaller ones."""
    if request.destination.way is not Way.PHONE:
        return fiat
    return Money(fiat, request.destination.currency).quantize_down().amount
