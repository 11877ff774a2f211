"""alerts"""

import sqlalchemy as sa
from alembic import op

from storage.types import ExactDecimal, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_LASTS = sa.text("over_at IS NULL")
_UNDELIVERED = sa.text("state IN ('parked', 'refused')")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "alert",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("over_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_alert")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(
            "ix_alert_lasting", ["kind", "key"], unique=False, sqlite_where=_LASTS, postgresql_where=_LASTS
        )
    op.create_table(
        "alert_rule",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("rang_at", UtcDateTime(), nullable=True),
        sa.Column("said_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_alert_rule")),
    )
    op.create_table(
        "forum_topic",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "name", name=op.f("pk_forum_topic")),
    )
    op.create_table(
        "balance_floor",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", ExactDecimal(places=18), nullable=False),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_balance_floor")),
    )
    op.create_table(
        "watch",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_watch")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_undelivered",
            ["created_at"],
            unique=False,
            sqlite_where=_UNDELIVERED,
            postgresql_where=_UNDELIVERED,
        )


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_undelivered", sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED)
    for table in ("watch", "balance_floor", "forum_topic", "alert_rule"):
        op.drop_table(table)
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index("ix_alert_lasting", sqlite_where=_LASTS, postgresql_where=_LASTS)
    op.drop_table("alert")
