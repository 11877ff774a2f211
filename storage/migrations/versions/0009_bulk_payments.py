"""bulk payments"""

import sqlalchemy as sa
from alembic import op

from storage.types import ExactDecimal, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OPEN = sa.text("due_at IS NOT NULL")
_TO_PAY = sa.text("payment_id IS NULL AND left_out = false")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "bulk_batch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("file_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("file_digest", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("pay_again", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("stopped_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("tellings", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("rows > 0", name=op.f("ck_bulk_batch_rows")),
        sa.ForeignKeyConstraint(["parent_id"], ["bulk_batch.id"], name=op.f("fk_bulk_batch_parent_id_bulk_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_bulk_batch_code")),
    )
    with op.batch_alter_table("bulk_batch", schema=None) as batch_op:
        batch_op.create_index("ix_bulk_batch_created", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_bulk_batch_due", ["due_at"], unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN)
        batch_op.create_index("ix_bulk_batch_file", ["file_digest"], unique=False)

    op.create_table(
        "bulk_row",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("amount", ExactDecimal(places=18), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("destination_digest", sa.Text(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("again_of", sa.Text(), nullable=True),
        sa.CheckConstraint("amount > '0'", name=op.f("ck_bulk_row_amount")),
        sa.ForeignKeyConstraint(["again_of"], ["bulk_row.id"], name=op.f("fk_bulk_row_again_of_bulk_row")),
        sa.ForeignKeyConstraint(["batch_id"], ["bulk_batch.id"], name=op.f("fk_bulk_row_batch_id_bulk_batch")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_bulk_row_payment_id_payment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_row")),
        sa.UniqueConstraint("again_of", name=op.f("uq_bulk_row_again_of")),
        sa.UniqueConstraint("batch_id", "line", name=op.f("uq_bulk_row_batch_id_line")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_bulk_row_payment_id")),
    )
    with op.batch_alter_table("bulk_row", schema=None) as batch_op:
        batch_op.create_index("ix_bulk_row_destination", ["destination_digest"], unique=False)
        batch_op.create_index(
            "ix_bulk_row_to_pay", ["batch_id", "line"], unique=False, sqlite_where=_TO_PAY, postgresql_where=_TO_PAY
        )


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_table("bulk_row")
    op.drop_table("bulk_batch")
