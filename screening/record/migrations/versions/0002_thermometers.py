"""An index on what the log says of thermometers: a gate asks for the newest of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_of_thermometer = sa.text("kind IN ('commissioned', 'thermometer_checked')")
    op.create_index(
        "ix_entries_thermometer",
        "entries",
        ["site", "gate", "entry_id"],
        unique=False,
        sqlite_where=is_of_thermometer,
        postgresql_where=is_of_thermometer,
    )
