"""operators"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import allow_changes, refuse_changes
from storage.types import UtcDateTime

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "operator",
        sa.Column("telegram_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("telegram_id", name=op.f("pk_operator")),
    )
    op.create_table(
        "operator_action",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("operator", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_action")),
    )
    with op.batch_alter_table("operator_action", schema=None) as batch_op:
        batch_op.create_index(
            "ix_operator_action_target",
            ["target", "id"],
            unique=False,
            sqlite_where=sa.text("target IS NOT NULL"),
            postgresql_where=sa.text("target IS NOT NULL"),
        )

    op.create_table(
        "operator_invitation",
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_by", sa.BigInteger(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_operator_invitation")),
    )
    op.create_table(
        "operator_question",
        sa.Column("operator", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("operator", "chat_id", name=op.f("pk_operator_question")),
        sa.UniqueConstraint("id", name=op.f("uq_operator_question_id")),
    )
    op.create_table(
        "service_pause",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("paused_by", sa.BigInteger(), nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_service_pause")),
    )
    with op.batch_alter_table("callback_received", schema=None) as batch_op:
        batch_op.create_index("ix_callback_received_token", ["token"], unique=False)

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("barred_at", UtcDateTime(), nullable=True))

    with op.batch_alter_table("leg", schema=None) as batch_op:
        batch_op.create_index(
            "ix_leg_provider_id",
            ["provider_id"],
            unique=False,
            sqlite_where=sa.text("provider_id IS NOT NULL"),
            postgresql_where=sa.text("provider_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_leg_receipt",
            ["receipt"],
            unique=False,
            sqlite_where=sa.text("receipt IS NOT NULL"),
            postgresql_where=sa.text("receipt IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_leg_refund_tx",
            ["refund_tx"],
            unique=False,
            sqlite_where=sa.text("refund_tx IS NOT NULL"),
            postgresql_where=sa.text("refund_tx IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_leg_tx_hash",
            ["tx_hash"],
            unique=False,
            sqlite_where=sa.text("tx_hash IS NOT NULL"),
            postgresql_where=sa.text("tx_hash IS NOT NULL"),
        )

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_payment_id",
            ["payment_id"],
            unique=False,
            sqlite_where=sa.text("payment_id IS NOT NULL"),
            postgresql_where=sa.text("payment_id IS NOT NULL"),
        )

    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index("ix_payment_created", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_payment_state_created", ["state", "created_at"], unique=False)
        batch_op.drop_index("ix_payment_state")

    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.create_index("ix_recipient_digest", ["digest"], unique=False)

    refuse_changes("operator_action")


def downgrade() -> None:
    """Back to the revision before."""
    allow_changes("operator_action", last=True)
    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.drop_index("ix_recipient_digest")

    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index("ix_payment_state", ["state"], unique=False)
        batch_op.drop_index("ix_payment_state_created")
        batch_op.drop_index("ix_payment_created")

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notice_payment_id",
            sqlite_where=sa.text("payment_id IS NOT NULL"),
            postgresql_where=sa.text("payment_id IS NOT NULL"),
        )

    with op.batch_alter_table("leg", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_leg_tx_hash",
            sqlite_where=sa.text("tx_hash IS NOT NULL"),
            postgresql_where=sa.text("tx_hash IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_leg_refund_tx",
            sqlite_where=sa.text("refund_tx IS NOT NULL"),
            postgresql_where=sa.text("refund_tx IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_leg_receipt",
            sqlite_where=sa.text("receipt IS NOT NULL"),
            postgresql_where=sa.text("receipt IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_leg_provider_id",
            sqlite_where=sa.text("provider_id IS NOT NULL"),
            postgresql_where=sa.text("provider_id IS NOT NULL"),
        )

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("barred_at")

    with op.batch_alter_table("callback_received", schema=None) as batch_op:
        batch_op.drop_index("ix_callback_received_token")

    op.drop_table("service_pause")
    op.drop_table("operator_question")
    op.drop_table("operator_invitation")
    with op.batch_alter_table("operator_action", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_operator_action_target",
            sqlite_where=sa.text("target IS NOT NULL"),
            postgresql_where=sa.text("target IS NOT NULL"),
        )

    op.drop_table("operator_action")
    op.drop_table("operator")
