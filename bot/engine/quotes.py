"""Quotes for the review card: what the customer pays, every fee, what arrives, and until when."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from bot.engine.clock import Clock
from bot.engine.results import BuyOffer, BuyRequest
from bot.kotani.wire import Quote
from bot.payments.errors import PaymentError
from bot.payments.money import Money

# the provider keeps a quote for 60 seconds; ours ends earlier, so that the order can still be created under it
QUOTE_LIFE = timedelta(seconds=50)


class OnrampQuotes(Protocol):
    """The part of the provider's client that quotes a buy."""

    async def quote_onramp(
        self, *, currency: str, token: str, fiat_amount: Decimal | None = None, crypto_amount: Decimal | None = None
    ) -> Quote:
        """One quote; exactly one of the amounts is given."""
        ...


class QuoteUnusable(PaymentError):
    """The provider's quote does not add up or answers another question: it is not shown."""

    text_key = "error.quote_unusable"
    money_may_have_moved = False
    retry_safe = True


class Quotes:
    """Asks the provider for live quotes. Reads only: nothing moves."""

    def __init__(self, kotani: OnrampQuotes, clock: Clock) -> None:
        self._kotani = kotani
        self._clock = clock

    async def buy(self, request: BuyRequest) -> BuyOffer:
        """A quote for a buy, or a `PaymentError` that says what the customer can do.

        The provider adds its fee on top (Kotani docs, rates): `pay` is the sum. The figures of the answer are held
        against the question and against each other; the offer's life is counted from before the call.
        """
        if request.fiat_amount is not None:
            asked_at, quote = await self._ask(request, fiat_amount=request.fiat_amount)
        else:
            assert request.crypto_amount is not None
            asked_at, quote = await self._for_crypto(request, request.crypto_amount)
        pay, fee = Money(quote.transaction_amount, request.currency), Money(quote.fee, request.currency)
        fiat = Money(quote.fiat_amount, request.currency)
        receive = Money(quote.crypto_amount, request.token)
        adds_up = fiat.amount > 0 and receive.amount > 0 and fee.amount >= 0 and fiat.amount + fee.amount == pay.amount
        answers = (request.fiat_amount is None or fiat.amount == request.fiat_amount) and (
            request.crypto_amount is None or receive.amount >= request.crypto_amount
        )
        if not (adds_up and answers):
            raise QuoteUnusable
        return BuyOffer(
            quote_id=quote.id,
            pay=pay,
            fee=fee,
            receive=receive,
            fiat_amount=fiat,
            expires_at=asked_at + QUOTE_LIFE,
        )

    async def worth(self, amount: Money, currency: str) -> Money:
        """About what is spent to receive this much crypto, before the fee; by one quote. Raises `PaymentError`."""
        quote = await self._kotani.quote_onramp(currency=currency, token=amount.currency, crypto_amount=amount.amount)
        return Money(quote.fiat_amount, currency)

    async def _for_crypto(self, request: BuyRequest, wanted: Decimal) -> tuple[datetime, Quote]:
        """A quote that brings at least `wanted` tokens for a fiat amount that mobile money can take.

        Whether the provider heeds an amount in crypto is not certain, and its fiat may carry fractions that phones
        cannot pay (Kotani docs, rates): then the fiat is scaled up from its own figures and quoted in fiat, twice at
        most.
        """
        asked_at, quote = await self._ask(request, crypto_amount=wanted)
        for _ in range(2):
            whole = Money(quote.fiat_amount, request.currency).quantize_up().amount
            if quote.crypto_amount >= wanted and quote.fiat_amount == whole:
                break
            if quote.crypto_amount <= 0 or quote.fiat_amount <= 0:
                raise QuoteUnusable
            short = max(wanted / quote.crypto_amount, Decimal(1))
            scaled = Money(quote.fiat_amount * short, request.currency).quantize_up()
            asked_at, quote = await self._ask(request, fiat_amount=scaled.amount)
        return asked_at, quote

    async def _ask(
        self, request: BuyRequest, *, fiat_amount: Decimal | None = None, crypto_amount: Decimal | None = None
    ) -> tuple[datetime, Quote]:
        asked_at = self._clock()
        quote = await self._kotani.quote_onramp(
            currency=request.currency, token=request.token, fiat_amount=fiat_amount, crypto_amount=crypto_amount
        )
        return asked_at, quote
