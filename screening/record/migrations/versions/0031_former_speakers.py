"""Who had let a screen speak that may not any more: so that it can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("former_facts", sa.Column("speakers", sa.Text(), nullable=True))
