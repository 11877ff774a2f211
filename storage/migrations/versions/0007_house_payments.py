"""payments of the house: those of one batch are found together"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("batch_id", sa.Text(), nullable=True))
        batch_op.create_index(
            "ix_payment_batch_id",
            ["batch_id"],
            unique=False,
            sqlite_where=sa.text("batch_id IS NOT NULL"),
            postgresql_where=sa.text("batch_id IS NOT NULL"),
        )


def downgrade() -> None:
    """Back to the revision before."""
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_payment_batch_id",
            sqlite_where=sa.text("batch_id IS NOT NULL"),
            postgresql_where=sa.text("batch_id IS NOT NULL"),
        )
        batch_op.drop_column("batch_id")
