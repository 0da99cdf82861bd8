"""Bookings: what was booked with a receipt, who registered, places held, and the days' counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("days", sa.Column("bookings", sa.Text(), nullable=False, server_default="{}"))
    for column in (
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("slot_end", sa.Text(), nullable=True),
        sa.Column("is_priority", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("booked_by", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("hold_id", sa.Text(), nullable=True),
    ):
        op.add_column("receipts", column)
    op.create_index("ix_receipts_day", "receipts", ["site", "day"])
    op.create_index("uq_receipts_hold", "receipts", ["site", "hold_id"], unique=True)
    op.create_table(
        "holders",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.Column("priority_group", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "number", name=op.f("pk_holders")),
        sa.ForeignKeyConstraint(
            ["issuer", "number"],
            ["receipts.issuer", "receipts.number"],
            name=op.f("fk_holders_issuer"),
        ),
    )
    op.create_table(
        "holds",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=True),
        sa.Column("slot_end", sa.Text(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("is_priority", sa.Boolean(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "hold_id", name=op.f("pk_holds")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_holds_site")),
    )
    op.create_index("ix_holds_day", "holds", ["site", "day"])
    op.create_index("ix_holds_until", "holds", ["site", "until"])
