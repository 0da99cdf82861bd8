"""Who runs which gate, for the other processes of one database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gate_owners",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "gate", name=op.f("pk_gate_owners")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_gate_owners_site")),
    )
