"""Offers for sales and transfers from a provider that answers as it likes: exact sums or no offer at all."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.clock import utc_now
from bot.engine.quotes import QuoteUnusable
from bot.engine.sale_quotes import SaleQuotes
from bot.engine.send_quotes import SendQuotes
from bot.kotani.results import FiatQuote, Quote, Wallet
from bot.payments.money import Money

from .conftest import sale_request, send_request
from .test_sending import UGANDAN

PLENTY = Wallet("w", "w", "KES", "KE", balance=Decimal(10**9), deposit_balance=Decimal(0))
MICRO, CENT, WHOLE = Decimal("0.000001"), Decimal("0.01"), Decimal(1)


@dataclass
class Market:
    """A provider at 129 to the dollar; `heeds` says whether it understands an amount in fiat."""

    heeds: bool = True
    unit: Decimal = WHOLE
    spoil: Callable[[Quote], Quote] = lambda quote: quote
    asked: int = 0

    async def wallet_for(self, currency: str, country: str | None = None) -> Wallet:
        return PLENTY

    async def quote_offramp(
        self, *, token: str, currency: str, crypto_amount: Decimal | None = None, fiat_amount: Decimal | None = None
    ) -> Quote:
        self.asked += 1
        if fiat_amount is not None and self.heeds:
            fiat = (fiat_amount / Decimal("0.975")).quantize(self.unit, ROUND_UP)
            crypto, fee = (fiat / 129).quantize(MICRO, ROUND_UP), fiat - fiat_amount
        else:
            crypto = crypto_amount if crypto_amount is not None else fiat_amount
            assert crypto is not None
            fiat = (crypto * 129).quantize(self.unit, ROUND_DOWN)
            fee = (fiat * Decimal("0.025")).quantize(self.unit, ROUND_DOWN)
        return self.spoil(Quote("q", token, currency, fiat, crypto, fiat - fee, fee))

    async def quote_fiat(self, *, source: str, target: str, amount: Decimal) -> FiatQuote:
        self.asked += 1
        arrives = (amount * Decimal("27.747678")).quantize(CENT, ROUND_DOWN)
        fee, payout_fee = (amount * Decimal("0.025")).quantize(CENT), (arrives * CENT).quantize(CENT)
        return FiatQuote(source, target, None, amount, fee, amount - fee, arrives, payout_fee, arrives + payout_fee)


@given(wanted=st.integers(100, 100_000), heeds=st.booleans())
async def test_a_seller_who_wants_an_amount_gets_it_whether_the_provider_heeds_it_or_not(
    wanted: int, heeds: bool
) -> None:
    market = Market(heeds=heeds)
    offer = await SaleQuotes(market, utc_now).sell(sale_request(crypto_amount=None, fiat_amount=Decimal(wanted)))

    assert wanted <= offer.receive.amount <= wanted * Decimal("1.01") + 1
    assert offer.receive == offer.fiat_amount - offer.fee
    assert offer.pay.quantize_down() == offer.pay
    assert market.asked <= 3


@given(crypto=st.decimals(1, 2000, places=6), heeds=st.booleans())
async def test_a_seller_of_an_amount_of_crypto_never_pays_more_of_it(crypto: Decimal, heeds: bool) -> None:
    market = Market(heeds=heeds, unit=CENT)
    offer = await SaleQuotes(market, utc_now).sell(sale_request(crypto_amount=crypto))

    assert crypto / Decimal("1.01") <= offer.pay.amount <= crypto
    assert offer.receive == offer.fiat_amount - offer.fee
    if heeds:
        assert offer.receive.quantize_down() == offer.receive


@pytest.mark.parametrize(
    "spoil",
    [
        lambda q: Quote(q.id, q.source, q.target, q.fiat_amount, q.crypto_amount, q.transaction_amount + 1, q.fee),
        lambda q: Quote(q.id, q.source, q.target, q.fiat_amount, q.crypto_amount + 1, q.transaction_amount, q.fee),
        lambda q: Quote(q.id, q.source, q.target, q.fiat_amount, q.crypto_amount, q.fiat_amount + 5, Decimal(-5)),
        lambda q: Quote(q.id, q.source, q.target, Decimal(0), q.crypto_amount, Decimal(0), Decimal(0)),
    ],
)
async def test_a_quote_for_a_sale_that_does_not_add_up_is_not_offered(spoil: Callable[[Quote], Quote]) -> None:
    with pytest.raises(QuoteUnusable):
        await SaleQuotes(Market(spoil=spoil), utc_now).sell(sale_request())


@given(arrives=st.integers(5_000, 5_000_000))
async def test_a_sender_who_wants_an_amount_to_arrive_pays_just_enough_for_it(arrives: int) -> None:
    market = Market()
    wanted = Money(Decimal(arrives), "UGX")

    offer = await SendQuotes(market, utc_now, {}).send(send_request(destination=UGANDAN, amount=wanted))

    assert offer.receive == wanted
    assert offer.pay.quantize_up() == offer.pay
    sent = offer.pay - offer.fee
    assert wanted.amount <= sent.amount * Decimal("27.747678") <= wanted.amount * Decimal("1.01") + 60
    assert market.asked <= 4


@given(sent=st.integers(10, 250_000))
async def test_what_is_sent_across_currencies_is_shown_with_every_fee(sent: int) -> None:
    amount = Money(Decimal(sent), "KES")

    offer = await SendQuotes(Market(), utc_now, {}).send(send_request(destination=UGANDAN, amount=amount))

    assert offer.pay - offer.fee == amount
    assert offer.fee.amount >= (amount.amount * Decimal("0.025")).quantize(CENT)
    assert offer.receive.quantize_down() == offer.receive
    assert offer.receive.amount <= amount.amount * Decimal("27.747678")
