"""What a person did with receipts is found without what they did at a counter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_IS_OF_A_RECEIPT = sa.text("kind IN ('booked', 'issued', 'booking_changed', 'revoke')")


def upgrade() -> None:
    op.create_index(
        "ix_entries_receipt_acts",
        "entries",
        ["site", "operator", "at", "entry_id"],
        sqlite_where=_IS_OF_A_RECEIPT,
        postgresql_where=_IS_OF_A_RECEIPT,
    )
