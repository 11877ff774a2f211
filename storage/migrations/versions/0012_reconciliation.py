"""reconciliation"""

import sqlalchemy as sa
from alembic import op

from storage.types import ExactDecimal, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("ended_at IS NULL")
_OF_LEG = sa.text("leg_id IS NOT NULL")
_SENT = sa.text("submitted_at IS NOT NULL")
_ORPHAN = sa.text("outcome = 'orphan'")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("cursor_at", UtcDateTime(), nullable=True),
        sa.Column("cursor_id", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("balances", sa.Text(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
        sa.UniqueConstraint("origin", name=op.f("uq_reconciliation_origin")),
    )
    op.create_index(
        "uq_reconciliation_unfinished",
        "reconciliation",
        ["environment", "day"],
        unique=True,
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_index(
        "ix_reconciliation_due",
        "reconciliation",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "reconciliation_item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("leg_id", sa.Text(), nullable=True),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("theirs", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("ours_amount", ExactDecimal(places=18), nullable=True),
        sa.Column("theirs_amount", ExactDecimal(places=18), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_run", sa.Text(), nullable=False),
        sa.Column("last_run", sa.Text(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_item")),
        sa.UniqueConstraint("environment", "kind", "key", name=op.f("uq_reconciliation_item_environment_kind_key")),
    )
    op.create_index("ix_reconciliation_item_state", "reconciliation_item", ["environment", "state", "kind", "id"])
    op.create_index(
        "ix_reconciliation_item_leg",
        "reconciliation_item",
        ["leg_id"],
        sqlite_where=_OF_LEG,
        postgresql_where=_OF_LEG,
    )
    op.create_index("ix_leg_submitted", "leg", ["submitted_at", "id"], sqlite_where=_SENT, postgresql_where=_SENT)
    op.create_index(
        "ix_callback_received_orphan",
        "callback_received",
        ["received_at", "id"],
        sqlite_where=_ORPHAN,
        postgresql_where=_ORPHAN,
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_callback_received_orphan", table_name="callback_received")
    op.drop_index("ix_leg_submitted", table_name="leg")
    op.drop_table("reconciliation_item")
    op.drop_table("reconciliation")
