"""Figures of days that are over, and how far they were kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counts = ("booked", "came", "admitted", "refused", "referred", "served", "no_show")
    op.create_table(
        "roll_ups",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("waits", sa.LargeBinary(), nullable=False),
        sa.Column("services", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("site", "grain", "day", "key", name=op.f("pk_roll_ups")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_roll_ups_site")),
    )
    op.create_table(
        "rolled_days",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site", "day", name=op.f("pk_rolled_days")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_rolled_days_site")),
    )
    op.create_table(
        "roll_up_runs",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rolled", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_roll_up_runs")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_roll_up_runs_site")),
    )
