"""the ledger"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import allow_changes, refuse_changes
from storage.types import ExactDecimal, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "ledger_entry",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("leg_id", sa.Text(), nullable=True),
        sa.Column("movement", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", ExactDecimal(places=18), nullable=False),
        sa.CheckConstraint("amount <> '0'", name=op.f("ck_ledger_entry_amount")),
        sa.CheckConstraint("line >= 0", name=op.f("ck_ledger_entry_line")),
        sa.PrimaryKeyConstraint("event_id", "line", name=op.f("pk_ledger_entry")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_entry_payment",
            ["payment_id"],
            unique=False,
            sqlite_where=sa.text("payment_id IS NOT NULL"),
            postgresql_where=sa.text("payment_id IS NOT NULL"),
        )

    with op.batch_alter_table("leg", schema=None) as batch_op:
        batch_op.add_column(sa.Column("provider_fee", ExactDecimal(places=18), nullable=True))

    refuse_changes("ledger_entry")


def downgrade() -> None:
    """Back to the revision before."""
    allow_changes("ledger_entry", last=False)
    with op.batch_alter_table("leg", schema=None) as batch_op:
        batch_op.drop_column("provider_fee")

    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ledger_entry_payment",
            sqlite_where=sa.text("payment_id IS NOT NULL"),
            postgresql_where=sa.text("payment_id IS NOT NULL"),
        )

    op.drop_table("ledger_entry")
