"""What of a payout balance is promised already: it is there still, and goes to payments that are approved and not sent yet.

The provider tells what a balance holds now. Whoever decides on another payment needs to know what is left of it after those
that were decided on before, of which a file may have many that wait for their turn.
"""

import asyncio
from decimal import Decimal

from sqlmodel import Session

from bot.engine.operators.bulk_rows import destination_of
from bot.engine.packing import unpack_request
from bot.engine.planning import LEG_DETAILS
from bot.engine.results import PayoutRequest, SendRequest
from bot.payments.money import Money
from storage import promised as queries
from storage.crypto import Keyring
from storage.database import Database


async def promised(database: Database, keyring: Keyring, currency: str, country: str, *, environment: str) -> Money:
    """What is to leave the payout balance of a currency and country (ISO-2) and was not sent; the provider's fees not counted."""

    def read(session: Session) -> tuple[list[queries.Sealed], list[queries.Sealed]]:
        payouts = queries.payouts_to_send(session, currency, environment=environment)
        return payouts, queries.rows_to_come(session, currency, environment=environment)

    payouts, rows = await database.read(read)

    def total() -> Decimal:
        sent = [amount for amount, sealed in payouts if _country(keyring, sealed) == country]
        begun = [amount for amount, sealed in rows if destination_of(keyring, sealed).country == country]
        return sum(sent + begun, Decimal(0))

    return Money(await asyncio.to_thread(total), currency)


def _country(keyring: Keyring, sealed: bytes) -> str | None:
    request = unpack_request(keyring.open_json(sealed, context=LEG_DETAILS))
    return request.destination.country if isinstance(request, PayoutRequest | SendRequest) else None
