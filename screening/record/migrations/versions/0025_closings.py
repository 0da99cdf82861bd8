"""Days that were closed to those who had booked them, and where these go instead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closings",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("closing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("from_time", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site", "closing_id", name=op.f("pk_closings")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_closings_site")),
    )
    op.create_table(
        "closing_moves",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("closing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=True),
        sa.Column("slot_end", sa.Text(), nullable=True),
        sa.Column("new_day", sa.Date(), nullable=True),
        sa.Column("new_slot", sa.Text(), nullable=True),
        sa.Column("new_slot_end", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "site", "closing_id", "issuer", "number", name=op.f("pk_closing_moves")
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_closing_moves_site")),
    )
    op.create_index("ix_closing_moves_receipt", "closing_moves", ["issuer", "number"])
