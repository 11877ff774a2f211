"""what customers ask a person, and what everybody is told"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BROADCAST = sa.text("broadcast_id IS NOT NULL")
_OPEN = sa.text("closed_at IS NULL")
_SENDING = sa.text("state = 'sending'")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "broadcast",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Text(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("unreachable", sa.Integer(), nullable=False),
        sa.Column("shown_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
    )
    with op.batch_alter_table("broadcast", schema=None) as batch_op:
        batch_op.create_index(
            "ix_broadcast_sending", ["state"], unique=True, sqlite_where=_SENDING, postgresql_where=_SENDING
        )
    op.create_table(
        "inquiry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("posted_at", UtcDateTime(), nullable=True),
        sa.Column("waits_since", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_inquiry_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
    )
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.create_index("ix_inquiry_customer", ["customer_id", "opened_at"], unique=False)
        batch_op.create_index(
            "ix_inquiry_open", ["customer_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        )
    op.create_table(
        "inquiry_message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("inquiry_id", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("operator", sa.BigInteger(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["inquiry_id"], ["inquiry.id"], name=op.f("fk_inquiry_message_inquiry_id_inquiry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_message")),
    )
    with op.batch_alter_table("inquiry_message", schema=None) as batch_op:
        batch_op.create_index("ix_inquiry_message_inquiry", ["inquiry_id", "id"], unique=False)
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("talking_until", UtcDateTime(), nullable=True))
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("broadcast_id", sa.Text(), nullable=True))
        batch_op.create_index(
            "ix_notice_broadcast",
            ["broadcast_id", "state"],
            unique=False,
            sqlite_where=_BROADCAST,
            postgresql_where=_BROADCAST,
        )


def downgrade() -> None:
    """Back to the revision before."""
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_broadcast", sqlite_where=_BROADCAST, postgresql_where=_BROADCAST)
        batch_op.drop_column("broadcast_id")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("talking_until")
    op.drop_table("inquiry_message")
    op.drop_table("inquiry")
    op.drop_table("broadcast")
