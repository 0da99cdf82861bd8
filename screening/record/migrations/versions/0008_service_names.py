"""Names of services in any language, as JSON; ``name_id`` and ``name_en`` stay for older versions.

A row without ``names`` was written by one of those: its two columns hold.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("services", sa.Column("names", sa.Text(), nullable=True))
