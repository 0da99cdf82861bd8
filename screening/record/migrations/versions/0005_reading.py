"""Indexes for whatever pages ask of the log, and each day's hours among its running figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_IS_LATER = sa.text("kind IN ('confirmation', 'clinical', 'annul')")
_IS_REFERRAL = sa.text("kind = 'attempt' AND decision = 'refer'")


def upgrade() -> None:
    """Days that were counted without their hours are counted anew when a site is next opened."""
    op.add_column("days", sa.Column("hours", sa.Text(), nullable=False, server_default="{}"))
    op.execute("UPDATE sites SET days_zone = '' WHERE days_zone IS NOT NULL")
    op.create_index("ix_entries_gate", "entries", ["site", "gate", "entry_id"])
    op.create_index(
        "ix_entries_later",
        "entries",
        ["site", "attempt_id"],
        sqlite_where=_IS_LATER,
        postgresql_where=_IS_LATER,
    )
    op.create_index(
        "ix_entries_referral",
        "entries",
        ["site", "at"],
        sqlite_where=_IS_REFERRAL,
        postgresql_where=_IS_REFERRAL,
    )
