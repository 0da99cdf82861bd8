"""Changes of the office's facts are found without reading the whole log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_about_the_office = sa.text("kind = 'office_changed'")
    op.create_index(
        "ix_entries_office",
        "entries",
        ["site", "entry_id"],
        sqlite_where=is_about_the_office,
        postgresql_where=is_about_the_office,
    )
