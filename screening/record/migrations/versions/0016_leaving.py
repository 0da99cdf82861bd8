"""How many people were counted inside, and what else is known of leaving besides the visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("days", sa.Column("leaving", sa.Text(), nullable=False, server_default="{}"))
