"""Ordering a transfer from the deposit to the payout balance. Only a row is written here; `moving` carries it out."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.order_results import Order, OrderRefused, Transfer, TransferState
from bot.engine.operators.results import Balance, Operator
from bot.engine.wakes import Wakes
from bot.kotani.errors import KotaniError
from bot.kotani.results import Wallet
from bot.payments.catalogue import COUNTRIES
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from storage.database import Database
from storage.order_tables import WalletTransfer
from storage.transfers import add_transfer, transfer_by_id

KIND: Final = "transfer"


class WalletList(Protocol):
    """The part of the provider's client that lists our wallets."""

    async def wallets(self) -> tuple[Wallet, ...]:
        """All fiat wallets, with fresh balances. Raises `KotaniError`."""
        ...


class Transferring:
    """Carries out orders of kind `transfer`: a row for the worker that moves the money."""

    def __init__(
        self, database: Database, wallets: WalletList, clock: Clock, wakes: Wakes, *, environment: str
    ) -> None:
        self._database = database
        self._wallets = wallets
        self._clock = clock
        self._wakes = wakes
        self._environment = environment

    async def wallet(self, currency: str, country: str | None) -> Balance:
        """The one wallet of a currency (and country). Raises `OrderRefused` for none, for several, or without an answer."""
        found = [one for one in await self._all() if one.currency == currency]
        if country is not None:
            found = [one for one in found if one.country == country]
        if not found:
            named = currency if country is None else f"{currency} ({country})"
            raise OrderRefused("ops.transfer_no_wallet", currency=named)
        if len(found) > 1:
            raise OrderRefused("ops.transfer_which_wallet", currency=currency, examples=_examples(found))
        one = found[0]
        return Balance(one.currency, one.country, one.deposit_balance, one.balance, one.status)

    def refuse_short(self, balance: Balance, amount: Money) -> None:
        """Raises `OrderRefused` when the deposit balance does not hold so much."""
        deposit = Money(balance.deposit, amount.currency)
        if deposit.amount >= amount.amount:
            return
        if deposit.amount <= 0:
            raise OrderRefused("ops.transfer_empty", deposit=deposit, amount=amount)
        raise OrderRefused(
            "ops.transfer_short", deposit=deposit, amount=amount, transfer=transfer_line(deposit, balance.country)
        )

    async def stage(self, effects: Effects, order: Order, by: Operator) -> None:
        """Stage the transfer of an order, if the deposit balance holds it now."""
        (amount,) = order.money
        country = order.about["country"] or None
        self.refuse_short(await self.wallet(amount.currency, country), amount)
        now = self._clock()
        row: dict[str, Any] = {
            "id": new_id(),
            "order_id": order.id,
            "environment": self._environment,
            "amount": amount.amount,
            "currency": amount.currency,
            "country": country,
            "state": str(TransferState.READY),
            "chat_id": order.chat_id,
            "failures": 0,
            "due_at": now,
            "created_at": now,
            "updated_at": now,
        }
        effects.add(lambda session: add_transfer(session, row))
        effects.after_commit(self._wake)

    async def transfer(self, transfer_id: str) -> Transfer | None:
        """One transfer, as it stands."""
        row = await self._database.read(lambda session: transfer_by_id(session, transfer_id))
        return None if row is None else transfer_from(row)

    async def _all(self) -> Sequence[Wallet]:
        try:
            return await self._wallets.wallets()
        except KotaniError:
            raise OrderRefused("ops.provider_mute") from None

    async def _wake(self) -> None:
        self._wakes.transfers.set()


def transfer_line(amount: Money, country: str | None) -> str:
    """What stands behind the command that moves this: with the country where a currency has wallets in several."""
    several = sum(one.currency == amount.currency for one in COUNTRIES.values()) > 1
    named = f" {country}" if several and country is not None else ""
    return f"{amount.currency}{named} {amount.to_plain()}"


def transfer_from(row: WalletTransfer) -> Transfer:
    """The transfer of a row."""
    return Transfer(
        id=row.id,
        order_id=row.order_id,
        money=Money(row.amount, row.currency),
        country=row.country,
        state=TransferState(row.state),
        detail=row.detail,
        deposit_before=row.deposit_before,
        payout_before=row.payout_before,
        deposit_after=row.deposit_after,
        payout_after=row.payout_after,
    )


def _examples(wallets: Sequence[Wallet]) -> tuple[str, ...]:
    return tuple(f"/transfer {one.currency} {one.country} 5000" for one in wallets if one.country is not None)
