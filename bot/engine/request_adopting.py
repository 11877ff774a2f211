"""Payments that were made on the provider's page become payments of ours, once each, by the provider's own reference.

Nothing is believed but that there is such a deposit: its leg is written as one that the provider has, and is followed
like every other. It takes a use of the request where one is left; where none is, it will be paid back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.opening import Confirmed, open_placed
from bot.engine.request_rows import view_from
from bot.engine.request_uses import note_late, take_use
from bot.engine.results import SendOffer, SendRequest
from bot.engine.wakes import Wakes
from bot.kotani.results import Created, Customer
from bot.payments.decisions import Decision
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.parties import Payer
from bot.payments.phones import network_of, phone_from_e164
from bot.payments.reports import Report
from bot.payments.requests import RequestView, UseWay, payable
from bot.payments.states import Concern
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import find_by_reference, open_cases
from storage.requests import request_by_id, request_record

_LONG_ENOUGH: Final = timedelta(minutes=5)  # the offer of a payment that is made already


class Adopter:
    """Writes payments that were found on a page."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes, *, environment: str) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._environment = environment

    async def unknown(self, payments: Sequence[Created]) -> list[Created]:
        """Those of `payments` that are no payments of ours yet; one without a reference can never be one."""
        wanted = [made.report.reference for made in payments if made.report.reference is not None]
        known = await self._database.read(lambda session: find_by_reference(session, wanted)) if wanted else {}
        return [made for made in payments if made.report.reference not in known]

    async def adopt(self, request_id: str, made: Created, customer: Customer | None) -> None:
        """Write a payment on a request that the provider has already. One of other money is a case for a person."""
        now = self._clock()
        reference = made.report.reference

        def write(session: Session) -> None:
            record = request_record(session, request_by_id(session, request_id))
            assert record is not None
            view = view_from(record, self._keyring)
            odd = _odd(made.report, view.terms.currency)
            if odd is not None:
                open_cases(session, [_case(view, made.report, odd, now)])
                return
            assert reference is not None
            assert made.report.gross is not None
            amount = Money(made.report.gross, view.terms.currency)
            request = SendRequest(_payer(view, customer), view.destination, amount, request_id=request_id)
            offer = SendOffer(
                pay=amount, fee=Money(amount.amount * 0, amount.currency), receive=amount, expires_at=now + _LONG_ENOUGH
            )
            yes = Confirmed(
                customer_id=view.customer_id,
                chat_id=view.chat_id,
                confirm_key=f"page:{reference}",
                environment=self._environment,
                now=now,
            )
            opened = open_placed(session, self._keyring, yes, request=request, offer=offer, reference=reference)
            if not opened.fresh:
                return
            phone = request.payer.phone or None
            taken = take_use(
                session,
                self._keyring,
                request_id=request_id,
                payment_id=opened.payment_id,
                way=UseWay.PAGE,
                phone=phone,
                named=None,
                now=now,
            )
            if not taken:
                note_late(
                    session, self._keyring, request_id=request_id, payment_id=opened.payment_id, phone=phone, now=now
                )

        await self._database.write(write)
        self._wakes.legs.set()
        self._wakes.notices.set()


def _odd(report: Report, currency: str) -> Decision | None:
    """Why a payment on a page cannot be one of ours by itself; None when it can."""
    if report.reference is None:
        return Decision(
            concern=Concern.CONTRADICTION, note=f"it names no reference to follow it by, only {report.gross}"
        )
    if report.currency is not None and report.currency.upper() != currency:
        return Decision(concern=Concern.CURRENCY_DIFFERS, note=f"{report.currency[:16]} instead of {currency}")
    gross = report.gross
    if gross is None or gross <= 0 or not payable(gross, currency):
        return Decision(concern=Concern.AMOUNT_DIFFERS, note=f"an amount of {gross} {currency}")
    return None


def _case(view: RequestView, report: Report, odd: Decision, now: datetime) -> dict[str, Any]:
    name = (report.reference or report.provider_id or "no name at all")[:64]
    return {
        "id": new_id(),
        "dedupe_key": f"page:{view.id}:{name}:{odd.concern}",
        "concern": str(odd.concern),
        "payment_id": None,
        "leg_id": None,
        "detail": f"paid on the page of request {view.code[:8]} under {name}: {odd.note}",
        "opened_at": now,
    }


def _payer(view: RequestView, customer: Customer | None) -> Payer:
    """Who paid, as far as the provider tells. Without a phone the money can be paid back by a person only."""
    country, currency = view.destination.country, view.terms.currency
    if customer is None or customer.phone is None:
        return Payer(country=country, currency=currency, method="bank", phone="", account_name="")
    try:
        phone = phone_from_e164("+" + customer.phone.lstrip("+"))
    except ValueError:
        return Payer(country=country, currency=currency, method="bank", phone="", account_name="")
    return Payer(
        country=phone.country,
        currency=currency,
        method="mobile_money",
        phone=phone.e164,
        account_name=customer.account_name or "",
        network=customer.network or network_of(phone),
    )
