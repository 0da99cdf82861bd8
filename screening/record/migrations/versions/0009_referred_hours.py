"""Each day's hours tell the referred apart from the refused."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Days that were counted without it are counted anew when a site is next opened."""
    op.execute("UPDATE days SET hours = '{}'")
    op.execute("UPDATE sites SET days_zone = '' WHERE days_zone IS NOT NULL")
