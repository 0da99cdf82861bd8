"""Indexes by which rows of the log are found: by kind, reason, person on duty, and attempt.

The one by receipt begins with the number, so that a number is found whoever issued it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0020"
branch_labels = None
depends_on = None

_NO_ATTEMPT = "kind <> 'attempt'"
_NEW = {
    "ix_entries_kind": (["site", "kind", "at"], _NO_ATTEMPT),
    "ix_entries_reason": (["site", "reason", "at"], "kind = 'attempt' AND reason <> 'admitted'"),
    "ix_entries_operator": (["site", "operator", "at"], "operator IS NOT NULL"),
    "ix_entries_about": (["site", "attempt_id"], _NO_ATTEMPT),
}


def upgrade() -> None:
    op.drop_index("ix_entries_receipt", "entries")
    op.create_index("ix_entries_receipt", "entries", ["site", "receipt_number", "issuer"])
    for name, (columns, where) in _NEW.items():
        op.create_index(
            name,
            "entries",
            columns,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
