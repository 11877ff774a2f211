"""payments by where they go

What was paid to a number, or collected from it, is found by the digest of that number.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KNOWN = sa.text("destination_digest IS NOT NULL")


def upgrade() -> None:
    """Forward."""
    op.create_index(
        "ix_leg_destination_digest", "leg", ["destination_digest"], sqlite_where=_KNOWN, postgresql_where=_KNOWN
    )


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_index("ix_leg_destination_digest", table_name="leg")
