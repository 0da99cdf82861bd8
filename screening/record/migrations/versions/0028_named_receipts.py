"""An index of the receipts that still have a name, by which those that are due are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0025"
branch_labels = None
depends_on = None

_HAS_HOLDER = sa.text("holder <> ''")


def upgrade() -> None:
    op.create_index(
        "ix_receipts_named",
        "receipts",
        ["site", "expires"],
        sqlite_where=_HAS_HOLDER,
        postgresql_where=_HAS_HOLDER,
    )
