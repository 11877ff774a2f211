"""orders of operators, and transfers between balances"""

import sqlalchemy as sa
from alembic import op

from storage.types import ExactDecimal, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "operator_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("money", sa.Text(), nullable=False),
        sa.Column("about_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("decided_by IS NULL OR state <> 'proposed'", name=op.f("ck_operator_order_decided")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_order")),
    )
    with op.batch_alter_table("operator_order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_operator_order_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.create_table(
        "wallet_transfer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("amount", ExactDecimal(places=18), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("wallet_id", sa.Text(), nullable=True),
        sa.Column("deposit_before", ExactDecimal(places=18), nullable=True),
        sa.Column("payout_before", ExactDecimal(places=18), nullable=True),
        sa.Column("deposit_after", ExactDecimal(places=18), nullable=True),
        sa.Column("payout_after", ExactDecimal(places=18), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("begun_at", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount > '0'", name=op.f("ck_wallet_transfer_amount")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["operator_order.id"], name=op.f("fk_wallet_transfer_order_id_operator_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_transfer")),
        sa.UniqueConstraint("order_id", name=op.f("uq_wallet_transfer_order_id")),
    )
    with op.batch_alter_table("wallet_transfer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_wallet_transfer_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_wallet_transfer_moving",
            ["wallet_id"],
            unique=True,
            sqlite_where=sa.text("state = 'moving'"),
            postgresql_where=sa.text("state = 'moving'"),
        )

    with op.batch_alter_table("leg", schema=None) as batch_op:
        batch_op.add_column(sa.Column("return_asked_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("return_tries", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Back to the revision before."""
    with op.batch_alter_table("leg", schema=None) as batch_op:
        batch_op.drop_column("return_tries")
        batch_op.drop_column("return_asked_at")

    op.drop_table("wallet_transfer")
    op.drop_table("operator_order")
