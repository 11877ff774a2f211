"""Making the create call of a leg, and reading what its outcome means.

The call is made only after "submitting" was committed. What comes back is turned into one `Finding`: accepted, refused,
not sent, or unknown. Nothing here retries; the leg's next step does, after asking the provider what it has.
"""

from datetime import datetime, timedelta
from typing import Final

from bot.engine.asking import ask
from bot.engine.calls import (
    CreateCall,
    checkout_call,
    deposit_call,
    is_south_african_payout,
    offramp_call,
    onramp_call,
    payout_call,
    phone_payout,
)
from bot.engine.findings import Cause, Finding
from bot.engine.packing import unpack_request
from bot.engine.planning import LEG_DETAILS, payer_of
from bot.engine.proving import stands_there
from bot.engine.results import AnyRequest, BuyRequest, PayoutRequest, SellRequest, SendRequest
from bot.kotani.client import Kotani
from bot.kotani.errors import (
    CustomerSuspended,
    DuplicateReference,
    Forbidden,
    InsufficientFunds,
    KotaniError,
    NotFound,
    NotSent,
    RateExpired,
    RateLimited,
    Refused,
    ServiceNotEnabled,
    Unauthorised,
    Unknown,
)
from bot.kotani.requests import CheckoutRequest, DepositRequest, OfframpRequest, OnrampRequest
from bot.kotani.results import Wallet
from bot.payments.decide import Decision
from bot.payments.parties import Payer, Way
from bot.payments.reasons import PAYOUT_FAILED, QUOTE_EXPIRED, UNAVAILABLE, reason_for
from bot.payments.reports import Report
from bot.payments.schedule import Patience
from bot.payments.states import Concern, LegKind, LegState
from storage.crypto import Keyring
from storage.payments import LegKey
from storage.tables import Leg

_SHORT: Final = {LegKind.REFUND: Concern.REFUND_BLOCKED, LegKind.PAYOUT: Concern.PAYOUT_BLOCKED}


class Blocked(Exception):
    """The call cannot be prepared now for a reason that a person must mend; nothing was sent."""

    def __init__(self, concern: Concern, note: str) -> None:
        super().__init__(note)
        self.concern = concern
        self.note = note


class Submitter:
    """Prepares and makes create calls, one kind of leg at a time, and asks what became of them."""

    def __init__(self, kotani: Kotani, keyring: Keyring, patience: Patience, *, callback_url: str | None) -> None:
        """`callback_url`: where callbacks arrive, without the leg's token; None where the provider cannot reach us."""
        self._kotani = kotani
        self._keyring = keyring
        self._patience = patience
        self._callback_url = callback_url

    async def prepare(self, leg: Leg) -> CreateCall:
        """Everything the create call needs, read beforehand. `KotaniError` or `Blocked` when it cannot be had."""
        request = unpack_request(self._keyring.open_json(leg.details_sealed, context=LEG_DETAILS))
        callback_url = f"{self._callback_url}/{leg.callback_token}" if self._callback_url is not None else None
        match LegKind(leg.kind):
            case LegKind.ONRAMP:
                assert isinstance(request, BuyRequest)
                return onramp_call(leg, request, callback_url)
            case LegKind.OFFRAMP:
                assert isinstance(request, SellRequest)
                return offramp_call(leg, request, callback_url)
            case LegKind.COLLECT:
                return await self._collection(leg, payer_of(request), callback_url)
            case LegKind.PAYOUT:
                return await self._payout(leg, request, callback_url)
            case LegKind.REFUND if isinstance(request, PayoutRequest):  # to where an operator named
                return await self._payout(leg, request, callback_url)
            case LegKind.REFUND:
                payer = payer_of(request)
                wallet = await self._covering(leg, payer.country)
                key = await self._customer_of(payer)
                return phone_payout(leg, wallet_id=wallet.id, customer_key=key, callback_url=callback_url)

    async def _collection(self, leg: Leg, payer: Payer, callback_url: str | None) -> CreateCall:
        if payer.method == "bank":
            return checkout_call(leg, payer, callback_url)
        wallet = await self._kotani.wallet_for(leg.currency, payer.country)
        key = await self._customer_of(payer)
        return deposit_call(leg, wallet_id=wallet.id, customer_key=key, callback_url=callback_url)

    async def _payout(self, leg: Leg, request: AnyRequest, callback_url: str | None) -> CreateCall:
        assert isinstance(request, SendRequest | PayoutRequest)
        to = request.destination
        wallet = await self._covering(leg, to.country)
        key: str | None = None
        if to.way in (Way.PHONE, Way.BANK) and not is_south_african_payout(request):
            assert to.phone is not None
            customer = await self._kotani.ensure_customer(
                phone=to.phone, country=to.country, network=to.network, name=to.name
            )
            key = customer.key
        return payout_call(leg, to, wallet_id=wallet.id, customer_key=key, callback_url=callback_url)

    async def _covering(self, leg: Leg, country: str) -> Wallet:
        """The wallet that a payout spends. `Blocked` while its balance does not cover it."""
        wallet = await self._kotani.wallet_for(leg.currency, country)
        if wallet.balance < leg.amount:
            raise Blocked(
                _SHORT[LegKind(leg.kind)],
                f"the payout balance holds {wallet.balance} {leg.currency}, the {leg.kind} needs {leg.amount}",
            )
        return wallet

    async def _customer_of(self, payer: Payer) -> str:
        customer = await self._kotani.ensure_customer(
            phone=payer.phone, country=payer.country, network=payer.network, name=payer.account_name
        )
        return customer.key

    async def send(self, call: CreateCall) -> Report:
        """Make the create call. Raises a `KotaniError`."""
        match call:
            case OnrampRequest():
                return (await self._kotani.create_onramp(call)).report
            case OfframpRequest():
                return (await self._kotani.create_offramp(call)).report
            case DepositRequest():
                return (await self._kotani.create_deposit(call)).report
            case CheckoutRequest():
                return (await self._kotani.create_checkout(call)).report
            case _:
                return (await self._kotani.create_withdrawal(call)).report

    async def ask(self, leg: Leg) -> Report:
        """The provider's own record of a leg. Raises a `KotaniError`."""
        return await ask(self._kotani, self._keyring, leg)

    async def stands_there(self, leg: Leg) -> LegState | None:
        """Where what was sent out before stands by the provider's own record. Raises a `KotaniError`, but no `NotFound`."""
        return await stands_there(self._kotani, self._keyring, leg)

    def accepted(self, key: LegKey, report: Report) -> Finding:
        """The provider has it."""
        return Finding(key=key, cause=Cause.SUBMIT, report=report)

    def unprepared(self, key: LegKey, leg: Leg, error: KotaniError, now: datetime) -> Finding | None:
        """What it means that a call could not be prepared; None to try again. A refund is always tried again."""
        lasting = isinstance(error, Refused | CustomerSuspended | ServiceNotEnabled | NotFound)
        return self.refused(key, leg, error, now) if lasting and leg.kind != LegKind.REFUND else None

    def refused(self, key: LegKey, leg: Leg, error: KotaniError, now: datetime) -> Finding:
        """What an error of the create call means for the leg: over, to be sent again, or unknown."""
        kind = LegKind(leg.kind)
        long = Concern.OVERDUE if now - leg.created_at >= self._patience.overdue_after else None
        match error:
            case NotSent():
                due_at = now + self._patience.backoff(leg.submissions)
                return _again(key, "the provider could not be reached", due_at, long)
            case RateLimited():
                due_at = now + timedelta(seconds=error.retry_after)
                return _again(key, "the provider asked to slow down", due_at, long)
            case RateExpired():
                return _over(key, kind, "the quote ran out", (QUOTE_EXPIRED, None), state=LegState.EXPIRED)
            case DuplicateReference():
                return _unknown(key, "the provider knows the reference already", now + self._patience.ask_again)
            case InsufficientFunds() if kind in _SHORT:
                note = f"the payout balance does not cover the {kind}"
                return _again(key, note, now + self._patience.poll_last, _SHORT[kind])
            case InsufficientFunds() if kind is LegKind.OFFRAMP:
                note = "the payout balance does not cover the sale"
                return _over(key, kind, note, (UNAVAILABLE, None), Concern.PAYOUT_BLOCKED)
            case CustomerSuspended():
                return _over(key, kind, "the customer is suspended", ("reason.suspended", None))
            case ServiceNotEnabled() if kind is not LegKind.REFUND:
                note = "the service is not enabled for our account"
                return _over(key, kind, note, (UNAVAILABLE, None), Concern.SUBMIT_BLOCKED)
            case Unauthorised() | Forbidden():
                # the account as a whole: `bot.engine.standing` has one case for it, not one for each payment
                return _again(key, f"the provider refuses us: {type(error).__name__}", now + self._patience.blocked)
            case NotFound():
                return _again(
                    key,
                    f"the provider refuses us: {type(error).__name__}",
                    now + self._patience.blocked,
                    Concern.SUBMIT_BLOCKED,
                )
            case Refused():
                said = "; ".join(error.reasons) or error.message
                return _over(key, kind, f"refused: {said[:200]}", reason_for(said))
            case Unknown():
                return _unknown(key, "no usable answer", now + self._patience.ask_again)
            case _:
                return _unknown(key, f"an answer of kind {type(error).__name__}", now + self._patience.ask_again)


def _again(key: LegKey, note: str, due_at: datetime, concern: Concern | None = None) -> Finding:
    return Finding(key=key, cause=Cause.SUBMIT, decision=Decision(LegState.READY, concern, note), due_at=due_at)


def _unknown(key: LegKey, note: str, due_at: datetime) -> Finding:
    return Finding(key=key, cause=Cause.SUBMIT, decision=Decision(LegState.UNKNOWN, None, note), due_at=due_at)


def _over(
    key: LegKey,
    kind: LegKind,
    note: str,
    reason: tuple[str, str | None],
    concern: Concern | None = None,
    *,
    state: LegState = LegState.FAILED,
) -> Finding:
    """The leg is over, and nothing was done. What a payout was refused for is not for the payer to mend."""
    if kind is LegKind.REFUND:
        concern = Concern.REFUND_FAILED
    if kind is LegKind.PAYOUT:
        reason = (PAYOUT_FAILED, None)
    return Finding(key=key, cause=Cause.SUBMIT, decision=Decision(state, concern, note), reason=reason)
