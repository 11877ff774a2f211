"""How operators want to be called: each kind on, silent or off, and below which balances. Changed by them, recorded."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.alert_results import Alert, AlertKind, AlertMode, Floor, Rule
from bot.engine.operators.alerting import told_alerts
from bot.engine.operators.results import Operator
from bot.engine.operators.roles import Operators
from bot.payments.money import Money
from bot.payments.wrong_words import Why, WrongWord, amount_of, fiat_of
from storage import alerts as queries
from storage.database import Database
from storage.payments import LostRace

_SHOWN: Final = 8
_LOOK_NOW: Final = AlertKind.LOW_BALANCE  # the watch that has something to look at once a balance is chosen


class AlertRules:
    """What is told and how. `floors` are the balances of the settings, by currency."""

    def __init__(
        self, database: Database, clock: Clock, operators: Operators, *, floors: Mapping[str, Decimal]
    ) -> None:
        self._database = database
        self._clock = clock
        self._operators = operators
        self._set = floors

    async def all(self) -> tuple[Rule, ...]:
        """Every kind, in the order of `AlertKind`."""

        def read(session: Session) -> tuple[dict[str, str], dict[str, int]]:
            return {row.kind: row.mode for row in queries.rules(session)}, queries.count_lasting(session)

        modes, counts = await self._database.read(read)
        return tuple(Rule(kind, AlertMode(modes.get(kind, AlertMode.ON)), counts.get(kind, 0)) for kind in AlertKind)

    async def lasting(self, kind: AlertKind) -> tuple[tuple[Alert, ...], int]:
        """The newest alerts of a kind that last, and how many there are."""
        now = self._clock()
        return await self._database.read(lambda session: told_alerts(session, kind, since=now, limit=_SHOWN))

    async def floors(self) -> tuple[Floor, ...]:
        """The balances below which operators are called, by currency."""
        chosen = await self._database.read(
            lambda session: {row.currency: row.amount for row in queries.floors(session)}
        )
        return tuple(
            Floor(Money(amount, currency), ours=currency in chosen)
            for currency, amount in sorted({**self._set, **chosen}.items())
            if amount > 0
        )

    def floors_in(self, session: Session) -> dict[str, Decimal]:
        """The same for whoever looks at the balances."""
        chosen = {row.currency: row.amount for row in queries.floors(session)}
        return {currency: amount for currency, amount in {**self._set, **chosen}.items() if amount > 0}

    def stage_mode(self, effects: Effects, operator: Operator, rule: Rule, mode: AlertMode) -> None:
        """Have a kind told in another way. The transaction raises `LostRace` when somebody else changed that first."""
        now = self._clock()

        def change(session: Session) -> None:
            if not queries.change_mode(session, rule.kind, was=rule.mode, mode=mode):
                raise LostRace
            queries.tell_by(session, rule.kind, now)  # what lasts and was not told

        self._operators.stage_act(
            effects, operator, "alerts", target=f"alerts:{rule.kind}", before={"mode": rule.mode}, after={"mode": mode}
        )
        effects.add(change)

    def stage_floor(self, effects: Effects, operator: Operator, floor: Money, was: Money | None) -> None:
        """Choose the balance below which operators are called; 0: nobody is. It is looked at anew within seconds."""
        now = self._clock()

        def change(session: Session) -> None:
            queries.put_floor(session, {"currency": floor.currency, "amount": floor.amount})
            look_at(session, now)

        self._operators.stage_act(
            effects,
            operator,
            "alerts",
            target=f"alerts:{AlertKind.LOW_BALANCE}",
            before=None if was is None else {"below": was},
            after={"below": floor},
        )
        effects.add(change)


def look_at(session: Session, now: datetime) -> None:
    """Have the balances looked at now."""
    queries.begin_watch(session, _LOOK_NOW, now)
    queries.put_watch(session, _LOOK_NOW, now)


def read_floor(amount: str, currency: str) -> Money | WrongWord:
    """The money in `20000` and `KES`, in either order, which may be nothing; else the word that is wrong."""
    if not currency.isalpha():
        amount, currency = currency, amount
    known = fiat_of(currency)
    if isinstance(known, WrongWord):
        return known
    if amount.strip("0") == "":
        return Money(Decimal(0), known)
    return amount_of(amount, known) if amount.isascii() else WrongWord(Why.AMOUNT, amount)
