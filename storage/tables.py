"""The shape of the data: every table, its keys and its guards.

Amounts are exact decimals and times are aware UTC on both engines (see `storage.types`). Columns that end in `_sealed`
hold personal data encrypted by `storage.crypto.Keyring`; where such a value must be found again, a keyed digest stands
beside it. Whatever must happen later is a row with a `due_at`; a worker that takes it writes `lease_until` and
`lease_owner`. Amounts are compared as NUMERIC on PostgreSQL and as text on SQLite, which for a sign means the same.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, MetaData, Text, UniqueConstraint, text
from sqlalchemy import Table as SqlTable
from sqlmodel import Field, SQLModel

from storage.types import ExactDecimal, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_OPEN = text("due_at IS NOT NULL")  # indexes of what is still to be done stay as small as that is
_REQUESTED = text("request_id IS NOT NULL")
_PARKED = text("state = 'parked'")
_UNDELIVERED = text("state IN ('parked', 'refused')")
_SENT = text("submitted_at IS NOT NULL")
_ORPHAN = text("outcome = 'orphan'")
_BROADCAST = text("broadcast_id IS NOT NULL")


def _findable(table: str, column: str) -> Index:
    """An index of one column, over the rows that have something there."""
    known = text(f"{column} IS NOT NULL")
    return Index(f"ix_{table}_{column}", column, sqlite_where=known, postgresql_where=known)


class Table(SQLModel):
    """Base of all tables: one metadata with one naming convention."""

    metadata = MetaData(naming_convention=NAMING)


class Customer(Table, table=True):
    """A person, known by the numeric Telegram user id."""

    __tablename__ = "customer"

    id: str = Field(primary_key=True, sa_type=Text)
    telegram_id: int = Field(unique=True, sa_type=BigInteger)
    chat_id: int = Field(sa_type=BigInteger)
    language: str = Field(default="en", sa_type=Text)
    country: str | None = Field(default=None, sa_type=Text)
    network: str | None = Field(default=None, sa_type=Text)
    phone_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    phone_digest: str | None = Field(default=None, index=True, sa_type=Text)
    name_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    # what they chose for sending: seconds to stop in, and from where on a new recipient's number is asked for again
    hold: int | None = Field(default=None)
    ask_again_above: str | None = Field(default=None, sa_type=Text)
    blocked_us_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    barred_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # an operator lets them do nothing here
    talking_until: datetime | None = Field(default=None, sa_type=UtcDateTime)  # what they write is for the team


class SavedAddress(Table, table=True):
    """A wallet address that a customer used before."""

    __tablename__ = "saved_address"
    __table_args__ = (UniqueConstraint("customer_id", "chain", "address_digest"),)

    id: str = Field(primary_key=True, sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    chain: str = Field(sa_type=Text)
    address_sealed: bytes = Field(sa_type=LargeBinary)
    address_digest: str = Field(sa_type=Text)
    last_used_at: datetime = Field(sa_type=UtcDateTime)
    uses: int = Field(default=0)
    name_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)  # what the customer calls it, where given


class Dialogue(Table, table=True):
    """The conversation a customer is in. At most one a customer."""

    __tablename__ = "dialogue"
    __table_args__ = (Index("ix_dialogue_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),)

    customer_id: str = Field(primary_key=True, foreign_key="customer.id", sa_type=Text)
    id: str = Field(unique=True, sa_type=Text)  # new with every conversation
    form: str = Field(sa_type=Text)
    question: str = Field(sa_type=Text)
    revision: int
    answers_sealed: bytes = Field(sa_type=LargeBinary)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # a live quote must be renewed then
    expires_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Payment(Table, table=True):
    """What the customer sees: one journey of their money, with the figures that they agreed to."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint("pay_amount > '0'", name="pay_amount"),
        CheckConstraint("fee_amount >= '0'", name="fee_amount"),
        CheckConstraint("receive_amount > '0'", name="receive_amount"),
        Index("ix_payment_customer_created", "customer_id", "created_at"),
        Index("ix_payment_request", "request_id", sqlite_where=_REQUESTED, postgresql_where=_REQUESTED),
        Index("ix_payment_created", "created_at", "id"),
        Index("ix_payment_state_created", "state", "created_at"),
        _findable("payment", "batch_id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    code: str = Field(unique=True, sa_type=Text)  # the reference that people read out: K7F3-9QX2
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    chat_id: int = Field(sa_type=BigInteger)
    environment: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    confirm_key: str = Field(unique=True, sa_type=Text)  # one confirmation opens one payment
    pay_amount: Decimal = Field(sa_type=ExactDecimal)  # all that leaves the customer, fees included
    pay_currency: str = Field(sa_type=Text)
    fee_amount: Decimal = Field(sa_type=ExactDecimal)
    fee_currency: str = Field(sa_type=Text)  # of what is paid: part of pay_amount; of what arrives: taken out before
    receive_amount: Decimal = Field(sa_type=ExactDecimal)
    receive_currency: str = Field(sa_type=Text)
    request_sealed: bytes = Field(sa_type=LargeBinary)  # the answers, to draw cards and to offer it again
    request_id: str | None = Field(default=None, sa_type=Text)  # the payment request that it pays
    hold_until: datetime | None = Field(default=None, sa_type=UtcDateTime)  # nothing is sent before
    reason: str | None = Field(default=None, sa_type=Text)  # text key: why it ended as it did
    reason_detail: str | None = Field(default=None, sa_type=Text)
    receipt: str | None = Field(default=None, sa_type=Text)
    tx_hash: str | None = Field(default=None, sa_type=Text)
    redirect_url: str | None = Field(default=None, sa_type=Text)
    revision: int = Field(default=1)  # grows with every change
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    batch_id: str | None = Field(default=None, sa_type=Text)  # the batch whose row it is: it is told of there alone


class Leg(Table, table=True):
    """One transaction at the provider, under a reference that was chosen before the call."""

    __tablename__ = "leg"
    __table_args__ = (
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("amount > '0'", name="amount"),
        UniqueConstraint("payment_id", "position"),
        Index("ix_leg_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_leg_submitted", "submitted_at", "id", sqlite_where=_SENT, postgresql_where=_SENT),
        *(_findable("leg", name) for name in ("provider_id", "receipt", "tx_hash", "refund_tx", "destination_digest")),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    payment_id: str = Field(foreign_key="payment.id", sa_type=Text)
    position: int
    kind: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    environment: str = Field(sa_type=Text)
    reference: str = Field(unique=True, sa_type=Text)
    callback_token: str = Field(unique=True, sa_type=Text)
    amount: Decimal = Field(sa_type=ExactDecimal)  # fiat as sent to the provider, before its fee
    currency: str = Field(sa_type=Text)
    # fiat with the provider's fee, as quoted: what a buyer pays, what a seller's receiver gets
    to_pay: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    crypto_amount: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    token: str | None = Field(default=None, sa_type=Text)
    chain: str | None = Field(default=None, sa_type=Text)
    destination_digest: str | None = Field(default=None, sa_type=Text)
    details_sealed: bytes = Field(sa_type=LargeBinary)  # phone, names, address: what the call needs
    quote_id: str | None = Field(default=None, sa_type=Text)
    quote_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    provider_id: str | None = Field(default=None, sa_type=Text)
    receipt: str | None = Field(default=None, sa_type=Text)
    tx_hash: str | None = Field(default=None, sa_type=Text)
    redirect_url: str | None = Field(default=None, sa_type=Text)
    escrow_address: str | None = Field(default=None, sa_type=Text)  # where the crypto of a sale must arrive
    pay_by: datetime | None = Field(default=None, sa_type=UtcDateTime)  # and by when
    crypto_seen: Decimal | None = Field(default=None, sa_type=ExactDecimal)  # what arrived there instead of it
    refund_tx: str | None = Field(default=None, sa_type=Text)  # the transaction that brought it back
    cancel_asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the call was begun
    submissions: int = Field(default=0)  # how often the create call was begun
    polls: int = Field(default=0)
    failures: int = Field(default=0)  # steps in a row that could not be done
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    provider_fee: Decimal | None = Field(default=None, sa_type=ExactDecimal)  # what it cost our balance, where told
    # an operator wants the provider to try once more to give a sale's crypto back; and how often it was asked to
    return_asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    return_tries: int | None = Field(default=None)


class LegEvent(Table, table=True):
    """What happened to a leg, in order. Append-only."""

    __tablename__ = "leg_event"
    __table_args__ = (Index("ix_leg_event_payment", "payment_id", "id"),)

    id: str = Field(primary_key=True, sa_type=Text)
    leg_id: str = Field(foreign_key="leg.id", sa_type=Text)
    payment_id: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)
    cause: str = Field(sa_type=Text)  # confirmed, submit, poll, callback, clock, customer, plan, operator
    actor: str = Field(sa_type=Text)  # customer, engine, provider, or an operator's id
    from_state: str | None = Field(default=None, sa_type=Text)
    to_state: str = Field(sa_type=Text)
    words: str | None = Field(default=None, sa_type=Text)  # the provider's own status words
    note: str | None = Field(default=None, sa_type=Text)
    callback_id: str | None = Field(default=None, sa_type=Text)
    raw_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)


class CallbackReceived(Table, table=True):
    """A callback exactly as it arrived, unique by digest for good."""

    __tablename__ = "callback_received"
    __table_args__ = (
        Index("ix_callback_received_due", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_callback_received_token", "token"),
        Index("ix_callback_received_orphan", "received_at", "id", sqlite_where=_ORPHAN, postgresql_where=_ORPHAN),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    digest: bytes = Field(unique=True, sa_type=LargeBinary)
    token: str = Field(sa_type=Text)
    signed: bool
    body_sealed: bytes = Field(sa_type=LargeBinary)
    received_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # empty once applied or parked
    attempts: int = Field(default=0)
    outcome: str | None = Field(default=None, sa_type=Text)  # applied, nothing_new, hint, orphan, parked
    handled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Notice(Table, table=True):
    """Something to say to a person: the outbox. Written with the change that it tells of, sent at least once."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_notice_chat_open", "chat_id", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_notice_chat_parked", "chat_id", sqlite_where=_PARKED, postgresql_where=_PARKED),
        Index("ix_notice_undelivered", "created_at", sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED),
        _findable("notice", "payment_id"),
        Index("ix_notice_broadcast", "broadcast_id", "state", sqlite_where=_BROADCAST, postgresql_where=_BROADCAST),
    )

    id: str = Field(primary_key=True, sa_type=Text)  # sorts by time of writing
    dedupe_key: str = Field(unique=True, sa_type=Text)
    chat_id: int = Field(sa_type=BigInteger)
    kind: str = Field(sa_type=Text)  # screen, payment_card, payment_outcome, ...: who renders it
    slot: str | None = Field(default=None, sa_type=Text)  # edits the message that stands there, if any
    payment_id: str | None = Field(default=None, sa_type=Text)
    payload_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    state: str = Field(default="due", sa_type=Text)  # due, sent, superseded, parked, refused
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # empty unless the state is due
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str | None = Field(default=None, sa_type=Text)
    attempts: int = Field(default=0)
    last_error: str | None = Field(default=None, sa_type=Text)
    message_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    broadcast_id: str | None = Field(default=None, sa_type=Text)  # told to many: never before news of somebody's own


class MessageSlot(Table, table=True):
    """Which message of a chat plays a part: a payment's status card, a conversation's current question."""

    __tablename__ = "message_slot"

    chat_id: int = Field(primary_key=True, sa_type=BigInteger)
    slot: str = Field(primary_key=True, sa_type=Text)
    message_id: int = Field(sa_type=BigInteger)
    picture: bool = Field(default=False)  # a message with a picture cannot become one without, nor the other way round
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ChatPace(Table, table=True):
    """When a chat may next be written to, across replicas. Chat 0 stands for all chats together."""

    __tablename__ = "chat_pace"

    chat_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    message_at: datetime = Field(sa_type=UtcDateTime)
    edit_at: datetime = Field(sa_type=UtcDateTime)


class UpdateReceived(Table, table=True):
    """A Telegram update as it arrived: the inbox. Stored before it is acknowledged, handled once."""

    __tablename__ = "update_received"
    __table_args__ = (
        Index("ix_update_received_due", "due_at", "update_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_update_received_person_open", "person", "update_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    update_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    person: str = Field(sa_type=Text)  # updates of one person are handled one after the other
    body_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    state: str = Field(default="new", sa_type=Text)  # new, done, parked
    received_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # empty once done or parked
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str | None = Field(default=None, sa_type=Text)
    attempts: int = Field(default=0)
    last_error: str | None = Field(default=None, sa_type=Text)
    handled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AttentionCase(Table, table=True):
    """Something that a person must look at. Open until an operator resolves it."""

    __tablename__ = "attention_case"
    __table_args__ = (
        Index("ix_attention_case_open", "resolved_at", "opened_at"),
        Index("ix_attention_case_payment", "payment_id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    dedupe_key: str = Field(unique=True, sa_type=Text)
    concern: str = Field(sa_type=Text)
    payment_id: str | None = Field(default=None, sa_type=Text)
    leg_id: str | None = Field(default=None, sa_type=Text)
    detail: str = Field(sa_type=Text)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resolution: str | None = Field(default=None, sa_type=Text)


def table_of(model: type[Table]) -> SqlTable:
    """The Core table behind a model, for statements on the hot path."""
    return Table.metadata.tables[str(model.__tablename__)]


import storage.alert_tables  # noqa: E402 - for the one metadata to know all tables
import storage.bulk_tables  # noqa: E402 - for the one metadata to know all tables
import storage.ledger_tables  # noqa: E402 - for the one metadata to know all tables
import storage.limit_tables  # noqa: E402 - for the one metadata to know all tables
import storage.operator_tables  # noqa: E402 - for the one metadata to know all tables
import storage.order_tables  # noqa: E402 - for the one metadata to know all tables
import storage.recipient_tables  # noqa: E402 - for the one metadata to know all tables
import storage.reconciliation_tables  # noqa: E402 - for the one metadata to know all tables
import storage.request_tables  # noqa: E402 - for the one metadata to know all tables
import storage.word_tables  # noqa: E402, F401 - for the one metadata to know all tables
