"""First readings in the series: a gate that starts again finds its rolling baseline in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("temperature_series", sa.Column("unshifted_celsius", sa.Double(), nullable=True))
