"""payment requests"""

import sqlalchemy as sa
from alembic import op

from storage.types import ExactDecimal, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "payment_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("pricing", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", ExactDecimal(places=18), nullable=True),
        sa.Column("minimum", ExactDecimal(places=18), nullable=True),
        sa.Column("maximum", ExactDecimal(places=18), nullable=True),
        sa.Column("packages", sa.Text(), nullable=True),
        sa.Column("most_uses", sa.Integer(), nullable=True),
        sa.Column("uses_reserved", sa.Integer(), nullable=False),
        sa.Column("uses_paid", sa.Integer(), nullable=False),
        sa.Column("methods", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("destination_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("shows_payers", sa.Boolean(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("link_token", sa.Text(), nullable=False),
        sa.Column("link_state", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Text(), nullable=True),
        sa.Column("link_code", sa.Text(), nullable=True),
        sa.Column("link_url", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "most_uses IS NULL OR uses_reserved + uses_paid <= most_uses", name=op.f("ck_payment_request_most_uses")
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_payment_request_revision")),
        sa.CheckConstraint("uses_paid >= 0", name=op.f("ck_payment_request_uses_paid")),
        sa.CheckConstraint("uses_reserved >= 0", name=op.f("ck_payment_request_uses_reserved")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_payment_request_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_request")),
        sa.UniqueConstraint("code", name=op.f("uq_payment_request_code")),
        sa.UniqueConstraint("link_token", name=op.f("uq_payment_request_link_token")),
    )
    with op.batch_alter_table("payment_request", schema=None) as batch_op:
        batch_op.create_index("ix_payment_request_customer_created", ["customer_id", "created_at"], unique=False)
        batch_op.create_index(
            "ix_payment_request_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_payment_request_link_code"), ["link_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_request_link_id"), ["link_id"], unique=False)

    op.create_table(
        "request_card",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("inline_message_id", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["payment_request.id"], name=op.f("fk_request_card_request_id_payment_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_card")),
        sa.UniqueConstraint("request_id", "chat_id", name=op.f("uq_request_card_request_id_chat_id")),
    )
    op.create_table(
        "request_use",
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("payer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("payer_digest", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_request_use_payment_id_payment")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["payment_request.id"], name=op.f("fk_request_use_request_id_payment_request")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_request_use")),
    )
    with op.batch_alter_table("request_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_use_payer_digest"), ["payer_digest"], unique=False)
        batch_op.create_index("ix_request_use_request", ["request_id", "state"], unique=False)


def downgrade() -> None:
    """Back to the revision before."""
    with op.batch_alter_table("request_use", schema=None) as batch_op:
        batch_op.drop_index("ix_request_use_request")
        batch_op.drop_index(batch_op.f("ix_request_use_payer_digest"))

    op.drop_table("request_use")
    op.drop_table("request_card")
    with op.batch_alter_table("payment_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_request_link_id"))
        batch_op.drop_index(batch_op.f("ix_payment_request_link_code"))
        batch_op.drop_index(
            "ix_payment_request_due",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_payment_request_customer_created")

    op.drop_table("payment_request")
