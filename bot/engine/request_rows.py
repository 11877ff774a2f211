"""Payment requests between row and view: what is sealed, what is exact text, and the words of the maker."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, get_args

from bot.engine.customers import Person
from bot.payments.identifiers import new_id
from bot.payments.money import to_plain
from bot.payments.parties import Destination
from bot.payments.requests import LinkState, Method, Pricing, RequestState, RequestView, Terms
from storage.crypto import Keyring
from storage.request_tables import PaymentRequest
from storage.requests import RequestRecord

WORDS = "payment_request.words"
DESTINATION = "payment_request.destination"
PAYER = "request_use.payer"
PAYER_PHONE = "request_use.phone"  # the digest of a phone that was asked
INLINE_CHATS: Final = -(2**61)  # numbers of our own, far outside of Telegram's chats
_METHODS: Final[frozenset[str]] = frozenset(get_args(Method))


def request_row(
    keyring: Keyring,
    person: Person,
    terms: Terms,
    destination: Destination,
    *,
    code: str,
    maker: str,
    environment: str,
    link_wanted: bool,
    now: datetime,
) -> dict[str, Any]:
    """A new request, open. `maker` is what the maker calls themselves to payers."""
    expires_at = None if terms.life is None else now + terms.life
    return {
        "id": new_id(),
        "code": code,
        "customer_id": person.id,
        "chat_id": person.chat_id,
        "environment": environment,
        "state": RequestState.OPEN,
        "pricing": terms.pricing,
        "currency": terms.currency,
        "amount": terms.amount,
        "minimum": terms.minimum,
        "maximum": terms.maximum,
        "packages": packed_packages(terms.packages),
        "most_uses": terms.most_uses,
        "uses_reserved": 0,
        "uses_paid": 0,
        "methods": ",".join(terms.methods),
        "words_sealed": keyring.seal_json({"title": terms.title, "note": terms.note, "maker": maker}, context=WORDS),
        "destination_sealed": keyring.seal_json(destination.to_json(), context=DESTINATION),
        "shows_payers": terms.shows_payers,
        "expires_at": expires_at,
        "link_token": secrets.token_urlsafe(24),
        "link_state": LinkState.WANTED if link_wanted else LinkState.NONE,
        "failures": 0,
        "due_at": now if link_wanted else expires_at,
        "revision": 1,
        "created_at": now,
        "updated_at": now,
    }


def view_from(record: RequestRecord, keyring: Keyring) -> RequestView:
    """A request as its cards show it."""
    row = record.request
    words = keyring.open_json(row.words_sealed, context=WORDS)
    return RequestView(
        id=row.id,
        code=row.code,
        customer_id=row.customer_id,
        chat_id=row.chat_id,
        state=RequestState(row.state),
        terms=terms_from(row, words),
        maker=words["maker"],
        destination=Destination.from_json(keyring.open_json(row.destination_sealed, context=DESTINATION)),
        uses_reserved=row.uses_reserved,
        uses_paid=row.uses_paid,
        expires_at=row.expires_at,
        link_url=row.link_url if row.link_state == LinkState.MADE else None,
        link_state=LinkState(row.link_state),
        language=record.language,
        revision=row.revision,
        created_at=row.created_at,
        payers=tuple(keyring.open(sealed, context=PAYER) for sealed in record.payers_sealed)
        if row.shows_payers
        else (),
    )


def terms_from(row: PaymentRequest, words: Mapping[str, Any]) -> Terms:
    """What a request asks for; `life` is as long as it was given in all."""
    return Terms(
        currency=row.currency,
        pricing=Pricing(row.pricing),
        amount=row.amount,
        minimum=row.minimum,
        maximum=row.maximum,
        packages=unpacked_packages(row.packages),
        most_uses=row.most_uses,
        methods=tuple(method for method in row.methods.split(",") if method in _METHODS),  # type: ignore[misc]
        title=words["title"],
        note=words["note"],
        shows_payers=row.shows_payers,
        life=None if row.expires_at is None else row.expires_at - row.created_at,
    )


def packed_packages(packages: tuple[tuple[str, Decimal], ...]) -> str | None:
    """Packages as text, amounts in their one canonical form."""
    return json.dumps([[name, to_plain(amount)] for name, amount in packages]) if packages else None


def unpacked_packages(packed: str | None) -> tuple[tuple[str, Decimal], ...]:
    """The other way round."""
    return () if packed is None else tuple((name, Decimal(amount)) for name, amount in json.loads(packed))


def inline_chat(keyring: Keyring, inline_message_id: str) -> int:
    """The number under which a message that was posted in inline mode has its own queue of edits."""
    return INLINE_CHATS - int(keyring.digest(inline_message_id, context="inline_message")[:12], 16)
