"""Exchange rates, units and fees of the simulated market, and the 60-second quotes made from them.

Kotani docs, rates: a quote names an id that one order may use; on an onramp the fee comes on top of the amount, on an
offramp it is taken from it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Literal

from bot.simulator.kotani.catalogue import RATE_TOKENS, words
from bot.simulator.kotani.core import Core
from bot.simulator.kotani.refusals import Refused, missing, refused

Direction = Literal["onramp", "offramp"]

_WHOLE = frozenset(words("KES UGX TZS RWF XOF XAF CDF MWK GNF"))
_TOKEN_UNIT = Decimal("0.000001")
_PER_DOLLAR = tuple(
    (pair[:3], Decimal(pair[4:]))
    for pair in words(
        "USD:1 KES:129.20 GHS:11.40 UGX:3585 TZS:2460 ZMW:22.90 RWF:1452 XAF:565.50 XOF:565.50 CDF:2240 ZAR:17.25 "
        "NGN:1448 MWK:1735 MZN:63.90 SLE:23.10 ETB:152.40 EGP:47.60 LSL:17.25 GNF:8690"
    )
)
_SPREAD = Decimal("0.005")


def unit(currency: str) -> Decimal:
    """The smallest amount of a fiat currency that mobile money moves."""
    return Decimal(1) if currency in _WHOLE else Decimal("0.01")


def to_unit(amount: Decimal, currency: str, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Round an amount to its currency's unit."""
    return amount.quantize(unit(currency), rounding=rounding)


@dataclass(slots=True)
class Quote:
    """A promise of amounts. `fiat` is before the fee; `transaction` is what is paid (onramp) or arrives (offramp)."""

    id: str
    direction: Direction
    source: str
    target: str
    value: Decimal
    fiat: Decimal
    crypto: Decimal
    transaction: Decimal
    fee: Decimal
    expires: datetime
    used: bool = False

    @property
    def currency(self) -> str:
        return self.source if self.direction == "onramp" else self.target

    @property
    def token(self) -> str:
        return self.target if self.direction == "onramp" else self.source


class Market:
    """Rates and quotes. Rates are fiat per US dollar; a setting overrides any of them."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.quotes: dict[str, Quote] = {}

    def onramp(self, currency: str, token: str, amount: Decimal, *, exact_crypto: bool) -> Quote:
        """Quote fiat for crypto; `amount` is fiat before the fee, or with `exact_crypto` the crypto to receive."""
        price = self._price(currency, token) * (1 + _SPREAD)
        if exact_crypto:
            crypto, fiat = amount, to_unit(amount * price, currency, ROUND_UP)
        else:
            fiat = amount
            crypto = (fiat / price).quantize(_TOKEN_UNIT, rounding=ROUND_DOWN)
        fee = self.fee(fiat, currency)
        return self._quote("onramp", currency, token, 1 / price, fiat, crypto, fiat + fee, fee)

    def offramp(self, token: str, currency: str, amount: Decimal, *, exact_fiat: bool) -> Quote:
        """Quote crypto for fiat; `amount` is crypto, or with `exact_fiat` the fiat that must arrive."""
        price = self._price(currency, token) * (1 - _SPREAD)
        if exact_fiat:
            fiat = to_unit(amount / (1 - self._core.settings.fee_percent / 100), currency, ROUND_UP)
            crypto = (fiat / price).quantize(_TOKEN_UNIT, rounding=ROUND_UP)
            fee = fiat - amount
        else:
            crypto = amount
            fiat = to_unit(crypto * price, currency, ROUND_DOWN)
            fee = self.fee(fiat, currency)
        if fiat - fee <= 0:
            raise refused("Amount is too small")
        return self._quote("offramp", token, currency, price, fiat, crypto, fiat - fee, fee)

    def plain(self, source: str, target: str) -> Decimal:
        """How much of `target` one `source` is. Raises a 404 refusal for an unknown pair."""
        return (self._per_dollar(target) / self._per_dollar(source)).normalize()

    def pairs(self) -> list[tuple[str, str]]:
        """Every pair that `plain` can answer, tokens to fiat and dollars to fiat."""
        fiat = [name for name, _ in _PER_DOLLAR if name != "USD"]
        return [(source, target) for source in ("USD", "USDC", "USDT", "CUSD") for target in fiat]

    def fee(self, amount: Decimal, currency: str) -> Decimal:
        """The provider's fee on a collection or a conversion."""
        return to_unit(amount * self._core.settings.fee_percent / 100, currency)

    def withdrawal_fee(self, amount: Decimal, currency: str) -> Decimal:
        """The provider's fee on a payout."""
        return to_unit(amount * self._core.settings.withdrawal_fee_percent / 100, currency)

    def take(self, quote_id: str | None, direction: Direction, currency: str, token: str, amount: Decimal) -> Quote:
        """The quote an order is made on, marked used; without an id one is made on the spot.

        `amount` is fiat for an onramp and crypto for an offramp and must be the quote's. Refusals: unknown, expired,
        used or different quotes.
        """
        if quote_id is None:
            if direction == "onramp":
                quote = self.onramp(currency, token, amount, exact_crypto=False)
            else:
                quote = self.offramp(token, currency, amount, exact_fiat=False)
            quote.used = True
            return quote
        known = self.quotes.get(quote_id)
        if known is None or known.direction != direction:
            raise refused("Rate not found")
        if known.expires <= self._core.clock.now():
            raise refused("Rate Expired")
        if known.used:
            raise refused("Rate has already been used")
        quoted = known.fiat if direction == "onramp" else known.crypto
        if (known.currency, known.token, quoted) != (currency, token, amount):
            raise refused("Rate does not match the transaction")
        known.used = True
        return known

    def give_back(self, quote: Quote) -> None:
        """Let a quote be used again, after an order that was refused for another reason."""
        quote.used = False

    def _quote(
        self,
        direction: Direction,
        source: str,
        target: str,
        value: Decimal,
        fiat: Decimal,
        crypto: Decimal,
        transaction: Decimal,
        fee: Decimal,
    ) -> Quote:
        core = self._core
        if crypto <= 0:
            raise refused("Amount is too small")
        expires = core.clock.now() + timedelta(seconds=core.settings.quote_ttl)
        quote = Quote(core.ids.uuid(), direction, source, target, value, fiat, crypto, transaction, fee, expires)
        self.quotes[quote.id] = quote
        return quote

    def _price(self, currency: str, token: str) -> Decimal:
        if token not in RATE_TOKENS or currency in RATE_TOKENS:
            raise refused(f"Exchange rate not available for {token}")
        return self._per_dollar(currency) / self._per_dollar(token)

    def _per_dollar(self, name: str) -> Decimal:
        changed = self._core.settings.rates.get(name)
        if changed is not None:
            return changed
        match name:
            case "USDC" | "USDT" | "CUSD" | "USDGLO":
                return Decimal(1)
            case "CKES" | "CGHS":
                return self._per_dollar(name[1:])
            case "MSAT":
                return Decimal(1_050_000)
        known = next((rate for currency, rate in _PER_DOLLAR if currency == name), None)
        if known is None:
            raise missing("Exchange rate not available")
        return known


def check_amount(core: Core, amount: Decimal, currency: str) -> None:
    """Refuse a mobile-money amount with fractions its currency does not have, or above the network's maximum."""
    if amount % unit(currency) != 0:
        decimals = "a whole number" if unit(currency) == 1 else "a number with at most 2 decimal places"
        raise Refused(400, f"amount must be {decimals} for {currency}")
    maximum = core.settings.maximum.get(currency)
    if maximum is not None and amount > maximum:
        raise Refused(400, f"Amount exceeds the maximum of {maximum} {currency} per transaction")


def enabled(core: Core, iso2: str, service: str) -> bool:
    """Whether DEPOSIT or WITHDRAW is enabled in a country for this integrator."""
    return not {iso2, f"{iso2}:{service}"} & set(core.settings.disabled_countries)


def check_country(core: Core, iso2: str, service: str) -> None:
    """Refuse mobile money in a country where the integrator may not collect or pay out."""
    if not enabled(core, iso2, service):
        name = "deposits" if service == "DEPOSIT" else "withdrawals"
        text = f"Service {name} is not enabled for your account in {iso2}"
        raise Refused(403, text, {"service": name, "countryCode": iso2, "integratorEnabled": False})
