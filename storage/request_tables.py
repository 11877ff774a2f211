"""The shape of the data: payment requests, every use that is made of them, and where their cards stand.

Apart from `storage.tables` only for its length; that module brings this one in, so that one metadata knows all tables.
The two counters of a request are its whole truth about uses: they change by guarded updates only, together with the
row of the use that changes, and the table itself refuses more uses than the maker allowed.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field

from storage.tables import Table
from storage.types import ExactDecimal, UtcDateTime

_OPEN = text("due_at IS NOT NULL")


class PaymentRequest(Table, table=True):
    """Somebody asks for money: how much, how often, until when, and where it goes.

    `pricing` says which of the amounts are set: `amount` (fixed), `minimum` and `maximum` (range), none (open), or
    `packages`. `uses_reserved` are payments under way, `uses_paid` those whose money came in.
    """

    __tablename__ = "payment_request"
    __table_args__ = (
        CheckConstraint("uses_reserved >= 0", name="uses_reserved"),
        CheckConstraint("uses_paid >= 0", name="uses_paid"),
        CheckConstraint("most_uses IS NULL OR uses_reserved + uses_paid <= most_uses", name="most_uses"),
        CheckConstraint("revision >= 1", name="revision"),
        Index("ix_payment_request_customer_created", "customer_id", "created_at"),
        Index("ix_payment_request_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    code: str = Field(unique=True, sa_type=Text)  # what a link to it carries: unguessable
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)  # who made it
    chat_id: int = Field(sa_type=BigInteger)  # their private chat
    environment: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    pricing: str = Field(sa_type=Text)
    currency: str = Field(sa_type=Text)
    amount: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    minimum: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    maximum: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    packages: str | None = Field(default=None, sa_type=Text)  # JSON: pairs of a name and an amount as text
    most_uses: int | None = Field(default=None)
    uses_reserved: int = Field(default=0)
    uses_paid: int = Field(default=0)
    methods: str = Field(sa_type=Text)  # with commas between
    words_sealed: bytes = Field(sa_type=LargeBinary)  # title, note, and what the maker calls themselves
    destination_sealed: bytes = Field(sa_type=LargeBinary)
    shows_payers: bool = Field(default=True)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    link_token: str = Field(unique=True, sa_type=Text)  # in the callback address of the provider's page
    link_state: str = Field(sa_type=Text)
    link_id: str | None = Field(default=None, index=True, sa_type=Text)
    link_code: str | None = Field(default=None, index=True, sa_type=Text)
    link_url: str | None = Field(default=None, sa_type=Text)
    failures: int = Field(default=0)  # steps in a row that the provider did not answer
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # a step with the page, or the expiry
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str | None = Field(default=None, sa_type=Text)
    revision: int = Field(default=1)  # grows with every change that a card shows
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class RequestUse(Table, table=True):
    """One payment on a request. `state` is reserved, paid, released, late or returned: the last two go back."""

    __tablename__ = "request_use"
    __table_args__ = (Index("ix_request_use_request", "request_id", "state"),)

    payment_id: str = Field(primary_key=True, foreign_key="payment.id", sa_type=Text)
    request_id: str = Field(foreign_key="payment_request.id", sa_type=Text)
    way: str = Field(sa_type=Text)  # chat, page or push
    state: str = Field(sa_type=Text)
    payer_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)  # the name to be shown, if they agreed
    payer_digest: str | None = Field(default=None, index=True, sa_type=Text)  # the phone, to count what it is asked
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class RequestCard(Table, table=True):
    """A place where a request's card stands and lives: a chat, or a message that was posted in inline mode.

    For the latter `chat_id` is a number of ours outside of Telegram's, so that its edits have a queue of their own.
    """

    __tablename__ = "request_card"
    __table_args__ = (UniqueConstraint("request_id", "chat_id"),)

    id: str = Field(primary_key=True, sa_type=Text)
    request_id: str = Field(foreign_key="payment_request.id", sa_type=Text)
    chat_id: int = Field(sa_type=BigInteger)
    role: str = Field(sa_type=Text)  # maker, payer, group or inline
    language: str = Field(sa_type=Text)
    inline_message_id: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
