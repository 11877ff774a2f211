"""limits and fees by command"""

import sqlalchemy as sa
from alembic import op

from storage.types import ExactDecimal, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "limit_rule",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("least", ExactDecimal(places=18), nullable=True),
        sa.Column("most", ExactDecimal(places=18), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("most > '0'", name=op.f("ck_limit_rule_most")),
        sa.PrimaryKeyConstraint("subject", "scope", "currency", name=op.f("pk_limit_rule")),
    )
    op.create_table(
        "fee_rule",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("percent", ExactDecimal(places=18), nullable=False),
        sa.Column("fixed", ExactDecimal(places=18), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("percent >= '0'", name=op.f("ck_fee_rule_percent")),
        sa.CheckConstraint("fixed >= '0'", name=op.f("ck_fee_rule_fixed")),
        sa.PrimaryKeyConstraint("kind", "currency", name=op.f("pk_fee_rule")),
    )
    op.create_table(
        "usage_total",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("whose", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_usage_total_used")),
        sa.PrimaryKeyConstraint("period", "whose", "currency", name=op.f("pk_usage_total")),
    )
    op.create_table(
        "usage_count",
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("given_back_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("units > 0", name=op.f("ck_usage_count_units")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_usage_count")),
    )


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_table("usage_count")
    op.drop_table("usage_total")
    op.drop_table("fee_rule")
    op.drop_table("limit_rule")
