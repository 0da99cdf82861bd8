"""The line outside a full room: where each wait stands in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("waits", sa.Column("line", sa.Text(), nullable=True))
