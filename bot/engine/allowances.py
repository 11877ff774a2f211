"""Limits, fees and prompts, held against what is about to be confirmed: early with words, and once more when it is written.

`refusal` and `left` read, so that somebody is told before their yes. `hold` runs inside the transaction that opens the
payment: it reads the rules as they are then, and counts what moves by updates that the database guards. Where it finds
that something does not hold, nothing is written, and the update is handled from the start: now `refusal` says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.customers import Person
from bot.engine.operators.tariffs import Tariffs
from bot.engine.results import (
    BuyOffer,
    BuyRequest,
    Offer,
    OpenedPayment,
    Request,
    SellOffer,
    SellRequest,
    SendOffer,
    SendRequest,
)
from bot.payments.allowances import (
    EVERYBODY,
    MOST_OWN_PROMPTS,
    MOST_PROMPTS,
    Allowance,
    FeeChanged,
    LimitScope,
    TooManyPrompts,
    amount_of,
    day_over_at,
    hour_over_at,
    units_of,
    utc_day,
    utc_hour,
)
from bot.payments.fees import NO_FEE, Fee
from bot.payments.limits import Limit, LimitProblem, check
from bot.payments.money import Money
from bot.payments.states import PaymentKind
from storage import limits as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.limits import Rule, Taking, country_total, customer_total, phone_total
from storage.payments import LostRace

Refusal = LimitProblem | Allowance | TooManyPrompts | FeeChanged
_PROMPTED: Final = "prompt.phone"  # the context of a phone's digest
_PROMPTS: Final = ""  # what stands for the currency where prompts are counted


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a payment would use: `counted` of a day in `country`, a prompt to `phone`, under the fee `charged`."""

    kind: PaymentKind
    country: str
    counted: Money
    bounded: tuple[Money, ...]  # each is held against the limit of one payment
    phone: str | None = field(default=None, repr=False)
    charged: str | None = None


@dataclass(frozen=True, slots=True)
class _Rules:
    """What holds for one customer, country and currency now."""

    payment: dict[str, Limit]
    days: dict[LimitScope, Money]


class Allowances:
    """Says what may still be moved, and counts what is."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, tariffs: Tariffs) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._tariffs = tariffs

    async def refusal(self, person: Person, request: Request, offer: Offer) -> Refusal | None:
        """Why this may not be confirmed now; None when it may. Everything is read anew."""
        claim, now = _claim(request, offer), self._clock()
        return await self._database.read(lambda session: self._refusal(session, person, claim, now))

    async def left(self, person: Person, country: str, currency: str) -> Allowance | None:
        """The limit of the day that leaves somebody the least; None where there is none. Free where no limit is set."""
        if not self._tariffs.counts_days(currency):
            return None
        now = self._clock()

        def look(session: Session) -> Allowance | None:
            rules = self._rules(session, person.id, country, (currency,), currency)
            return min(self._days(session, rules, person.id, country, now), key=_what_is_left, default=None)

        return await self._database.read(look)

    async def refresh(self) -> None:
        """Have what is told early be as it is now. Raises `StorageUnavailable`."""
        await self._tariffs.refresh()

    def hold(
        self, session: Session, person: Person, opened: OpenedPayment, request: Request, offer: Offer, now: datetime
    ) -> None:
        """Count what a payment that is opened in this transaction uses. Raises `LostRace` where it may not be confirmed."""
        if not opened.fresh:
            return
        claim = _claim(request, offer)
        rules = self._rules(session, person.id, claim.country, _currencies(claim), claim.counted.currency)
        if self._payment_problem(rules, claim) is not None or self._fee_changed(session, claim):
            raise LostRace
        units, period, currency = units_of(claim.counted.amount), utc_day(now), claim.counted.currency
        own = rules.days.get(LimitScope.CUSTOMER, rules.days.get(LimitScope.DAY))
        totals = (country_total(claim.country), rules.days.get(LimitScope.COUNTRY)), (customer_total(person.id), own)
        takings = [
            Taking(period, whose, currency, units, None if most is None else units_of(most.amount))
            for whose, most in totals
        ]
        if claim.phone is not None:
            whose, most_prompts = self._phone(person, claim.phone)
            takings.append(Taking(utc_hour(now), whose, _PROMPTS, 1, most_prompts))
        if not queries.take(session, takings):
            raise LostRace
        queries.note_count(
            session,
            {
                "payment_id": opened.payment_id,
                "customer_id": person.id,
                "country": claim.country,
                "currency": currency,
                "period": period,
                "units": units,
                "given_back_at": None,
            },
        )

    def _refusal(self, session: Session, person: Person, claim: _Claim, now: datetime) -> Refusal | None:
        rules = self._rules(session, person.id, claim.country, _currencies(claim), claim.counted.currency)
        problem = self._payment_problem(rules, claim)
        if problem is not None:
            return problem
        if self._fee_changed(session, claim):
            return FeeChanged()
        days = self._days(session, rules, person.id, claim.country, now)
        units = units_of(claim.counted.amount)
        full = [one for one in days if units_of(one.used.amount) + units > units_of(one.most.amount)]
        if full:
            return min(full, key=_what_is_left)
        if claim.phone is None:
            return None
        whose, most = self._phone(person, claim.phone)
        (prompts,) = queries.used(session, [(utc_hour(now), whose, _PROMPTS)]).values()
        return TooManyPrompts(hour_over_at(now)) if prompts >= most else None

    def _rules(
        self, session: Session, customer_id: str, country: str, currencies: Sequence[str], counted: str
    ) -> _Rules:
        """The rules as the database has them, on top of the settings'."""
        found = queries.rules_about(session, (EVERYBODY, country, customer_id), currencies)
        payment = {one: self._tariffs.default_limits[one] for one in currencies if one in self._tariffs.default_limits}
        days: dict[LimitScope, Money] = {}
        for rule in found:
            if rule.scope == LimitScope.PAYMENT:
                payment |= _limit(rule)
            elif rule.currency == counted:
                days[LimitScope(rule.scope)] = Money(rule.most, rule.currency)
        return _Rules(payment, days)

    def _payment_problem(self, rules: _Rules, claim: _Claim) -> LimitProblem | None:
        problems = (check(amount, rules.payment) for amount in claim.bounded)
        return next((problem for problem in problems if problem is not None), None)

    def _fee_changed(self, session: Session, claim: _Claim) -> bool:
        """Whether our fee is another one now than that of the offer (which may not name it, when it is an old one)."""
        if claim.charged is None:
            return False
        key = (claim.kind, claim.counted.currency)
        row = queries.fee_rule(session, str(claim.kind), claim.counted.currency)
        fee = self._tariffs.default_fees.get(key, NO_FEE) if row is None else Fee(*row)
        return fee.written != claim.charged

    def _days(self, session: Session, rules: _Rules, customer_id: str, country: str, now: datetime) -> list[Allowance]:
        """The limits of the day that bear on a customer in a country, with what is used of them."""
        day, over = utc_day(now), day_over_at(now)
        mine = LimitScope.CUSTOMER if LimitScope.CUSTOMER in rules.days else LimitScope.DAY
        wanted = {
            whose: (day, name, rules.days[whose].currency)
            for whose, name in ((mine, customer_total(customer_id)), (LimitScope.COUNTRY, country_total(country)))
            if whose in rules.days
        }
        used = queries.used(session, wanted.values())
        return [
            Allowance(whose, rules.days[whose], Money(amount_of(used[key]), key[2]), over)
            for whose, key in wanted.items()
        ]

    def _phone(self, person: Person, phone: str) -> tuple[str, int]:
        """The name of a phone's total, and how many prompts an hour it may have from this person."""
        own = person.phone is not None and person.phone.e164 == phone
        return phone_total(self._keyring.digest(phone, context=_PROMPTED)), MOST_OWN_PROMPTS if own else MOST_PROMPTS


def _claim(request: Request, offer: Offer) -> _Claim:
    match request, offer:
        case BuyRequest(), BuyOffer():
            asked = () if request.crypto_amount is None else (Money(request.crypto_amount, request.token),)
            phone = request.phone if request.method == "mobile_money" else None
            counted = offer.fiat_amount
            return _Claim(PaymentKind.BUY, request.country, counted, (counted, *asked), phone)
        case SellRequest(), SellOffer():
            country, receive = request.destination.country, offer.receive
            fiat = offer.fiat_amount if request.fiat_amount is None else Money(request.fiat_amount, receive.currency)
            return _Claim(PaymentKind.SELL, country, receive, (offer.pay, fiat))
        case SendRequest(), SendOffer():
            sent, payer = offer.pay - offer.fee, request.payer
            phone = payer.phone if payer.method == "mobile_money" else None
            if request.request_id is not None:  # whoever asks for money says how much, within limits of their own
                return _Claim(PaymentKind.REQUEST, payer.country, sent, (), phone, offer.charged)
            return _Claim(PaymentKind.SEND, payer.country, sent, (sent, offer.receive), phone, offer.charged)
        case _:
            raise TypeError("the offer is not one for this request")


def _currencies(claim: _Claim) -> tuple[str, ...]:
    return tuple(sorted({claim.counted.currency, *(amount.currency for amount in claim.bounded)}))


def _limit(rule: Rule) -> dict[str, Limit]:
    return {} if rule.least is None else {rule.currency: Limit(rule.least, rule.most)}


def _what_is_left(one: Allowance) -> tuple[object, bool]:
    return one.left.amount, one.whose is LimitScope.COUNTRY
