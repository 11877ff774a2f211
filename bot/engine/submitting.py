"""Making the create call of a leg, and reading what its outcome means.

The call is made only after "submitting" was committed. What comes back is turned into one `Finding`: accepted, refused,
not sent, or unknown. Nothing here retries; the leg's next step does, after asking the provider what it has.
"""

from datetime import datetime, timedelta

from bot.engine.findings import Cause, Finding
from bot.engine.planning import LEG_DETAILS, unpack_request
from bot.engine.results import BuyRequest
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
from bot.kotani.requests import BankCheckout, MobileMoneyPayer, OnrampRequest, WithdrawalRequest
from bot.kotani.wire import Created
from bot.payments.decide import Decision
from bot.payments.reasons import QUOTE_EXPIRED, UNAVAILABLE, reason_for
from bot.payments.schedule import Patience
from bot.payments.states import Concern, LegKind, LegState
from storage.crypto import Keyring
from storage.payments import LegKey
from storage.tables import Leg


class Blocked(Exception):
    """The call cannot be prepared now for a reason that a person must mend; nothing was sent."""

    def __init__(self, concern: Concern, note: str) -> None:
        super().__init__(note)
        self.concern = concern
        self.note = note


class Submitter:
    """Prepares and makes create calls, one kind of leg at a time."""

    def __init__(self, kotani: Kotani, keyring: Keyring, patience: Patience, *, callback_url: str | None) -> None:
        """`callback_url`: where callbacks arrive, without the leg's token; None where the provider cannot reach us."""
        self._kotani = kotani
        self._keyring = keyring
        self._patience = patience
        self._callback_url = callback_url

    async def prepare(self, leg: Leg) -> OnrampRequest | WithdrawalRequest:
        """Everything the create call needs, read beforehand. `KotaniError` or `Blocked` when it cannot be had."""
        request = unpack_request(self._keyring.open_json(leg.details_sealed, context=LEG_DETAILS))
        callback_url = f"{self._callback_url}/{leg.callback_token}" if self._callback_url is not None else None
        if leg.kind == LegKind.ONRAMP:
            return _onramp(leg, request, callback_url)
        wallet = await self._kotani.wallet_for(leg.currency, request.country)
        if wallet.balance < leg.amount:
            raise Blocked(
                Concern.REFUND_BLOCKED,
                f"the payout balance holds {wallet.balance} {leg.currency}, the refund needs {leg.amount}",
            )
        customer = await self._kotani.ensure_customer(
            phone=request.phone, country=request.country, network=request.network, name=request.account_name
        )
        return WithdrawalRequest(
            customer_key=customer.key,
            amount=leg.amount,
            wallet_id=wallet.id,
            reference=leg.reference,
            callback_url=callback_url,
        )

    async def send(self, leg: Leg, call: OnrampRequest | WithdrawalRequest) -> Created:
        """Make the create call. Raises a `KotaniError`."""
        if isinstance(call, OnrampRequest):
            return await self._kotani.create_onramp(call)
        return await self._kotani.create_withdrawal(call)

    def accepted(self, key: LegKey, created: Created) -> Finding:
        """The provider has it."""
        return Finding(key=key, cause=Cause.SUBMIT, report=created.report)

    def refused(self, key: LegKey, leg: Leg, error: KotaniError, now: datetime) -> Finding:
        """What an error of the create call means for the leg: over, to be sent again, or unknown."""
        refund = leg.kind == LegKind.REFUND
        match error:
            case NotSent():
                return _again(key, "the provider could not be reached", now + self._patience.backoff(leg.submissions))
            case RateLimited():
                return _again(key, "the provider asked to slow down", now + timedelta(seconds=error.retry_after))
            case RateExpired():
                return _over(key, LegState.EXPIRED, "the quote ran out", (QUOTE_EXPIRED, None))
            case DuplicateReference():
                return _unknown(key, "the provider knows the reference already", now + self._patience.ask_again)
            case InsufficientFunds() if refund:
                return _again(
                    key,
                    "the payout balance does not cover the refund",
                    now + self._patience.poll_last,
                    Concern.REFUND_BLOCKED,
                )
            case CustomerSuspended():
                return _over(
                    key, LegState.FAILED, "the customer is suspended", ("reason.suspended", None), refund=refund
                )
            case ServiceNotEnabled() if not refund:
                return _over(
                    key,
                    LegState.FAILED,
                    "the service is not enabled for our account",
                    (UNAVAILABLE, None),
                    concern=Concern.SUBMIT_BLOCKED,
                )
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
                return _over(key, LegState.FAILED, f"refused: {said[:200]}", reason_for(said), refund=refund)
            case Unknown():
                return _unknown(key, "no usable answer", now + self._patience.ask_again)
            case _:
                return _unknown(key, f"an answer of kind {type(error).__name__}", now + self._patience.ask_again)


def _onramp(leg: Leg, request: BuyRequest, callback_url: str | None) -> OnrampRequest:
    assert leg.token is not None
    assert leg.chain is not None
    if request.method == "bank":
        payer: MobileMoneyPayer | BankCheckout = BankCheckout(full_name=request.account_name, phone=request.phone)
    else:
        assert request.network is not None
        payer = MobileMoneyPayer(phone=request.phone, account_name=request.account_name, network=request.network)
    return OnrampRequest(
        payer=payer,
        fiat_amount=leg.amount,
        currency=leg.currency,
        chain=leg.chain,
        token=leg.token,
        receiver_address=request.address,
        reference=leg.reference,
        callback_url=callback_url,
        rate_id=leg.quote_id,
    )


def _again(key: LegKey, note: str, due_at: datetime, concern: Concern | None = None) -> Finding:
    return Finding(key=key, cause=Cause.SUBMIT, decision=Decision(LegState.READY, concern, note), due_at=due_at)


def _unknown(key: LegKey, note: str, due_at: datetime) -> Finding:
    return Finding(key=key, cause=Cause.SUBMIT, decision=Decision(LegState.UNKNOWN, None, note), due_at=due_at)


def _over(
    key: LegKey,
    state: LegState,
    note: str,
    reason: tuple[str, str | None],
    *,
    refund: bool = False,
    concern: Concern | None = None,
) -> Finding:
    if refund:
        concern = Concern.REFUND_FAILED
    return Finding(key=key, cause=Cause.SUBMIT, decision=Decision(state, concern, note), reason=reason)
