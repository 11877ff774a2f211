"""orders of an environment

Which environment an order was made in was not written down before. What of it still waits for a second operator ends here:
it is marked as unknown, which no process carries out, and its time is over now, so that the next process ends it and tells
whoever saw it that nothing was done. Ended wrongly it is asked for once more; carried out wrongly it would move real money.
What an older process writes while this one runs beside it is unknown as well, by the default of the database.

What was moved alone before counts in each environment: too much is asked about rather than too little.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ORDER = sa.table(
    "operator_order",
    sa.column("state", sa.Text()),
    sa.column("expires_at", UtcDateTime()),
    sa.column("due_at", UtcDateTime()),
)


def upgrade() -> None:
    """Forward."""
    op.add_column("operator_order", sa.Column("environment", sa.Text(), nullable=False, server_default="unknown"))
    now = datetime.now(UTC)
    op.execute(_ORDER.update().where(_ORDER.c.state == "proposed").values(expires_at=now, due_at=now))
    op.create_index("ix_operator_order_alone", "operator_order", ["asked_by", "decided_at"], unique=False)


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_index("ix_operator_order_alone", table_name="operator_order")
    op.drop_column("operator_order", "environment")
