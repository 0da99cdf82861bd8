"""Running figures of each day and open waits, so that nothing is counted while somebody waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_HAS_INSIDE = sa.text("inside <> 0")


def upgrade() -> None:
    """Both tables begin empty: each site fills them in its own zone when it is next opened."""
    op.add_column("sites", sa.Column("days_zone", sa.Text(), nullable=True))
    op.create_table(
        "days",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("inside", sa.Integer(), nullable=False),
        sa.Column("admitted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Text(), nullable=False),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("tickets", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "day", name=op.f("pk_days")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_days_site")),
    )
    op.create_index(
        "ix_days_inside",
        "days",
        ["site", "day"],
        sqlite_where=_HAS_INSIDE,
        postgresql_where=_HAS_INSIDE,
    )
    op.create_table(
        "waits",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("receipt_number", sa.Text(), nullable=True),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", "attempt_id", name=op.f("pk_waits")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_waits_site")),
    )
