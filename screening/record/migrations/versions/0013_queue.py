"""Tickets: where each visit stands in the queue, and what was done last at each counter.

Whoever is inside already gets a ticket that waits for the service they came for.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overtaken", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_tickets")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_tickets_site")),
    )
    op.create_index("ix_tickets_ended", "tickets", ["site", "ended_at"])
    op.create_table(
        "counter_acts",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("overtook", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "counter", name=op.f("pk_counter_acts")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_counter_acts_site")),
    )
    inside = sa.text(
        "SELECT visit_id, site, service, issuer, receipt_number, queue, ticket_number, entered_at"
        " FROM visits WHERE left_at IS NULL AND annulled_at IS NULL"
    ).columns(entered_at=sa.DateTime(timezone=True))
    tickets = sa.table(
        "tickets",
        sa.column("visit_id"),
        sa.column("site"),
        sa.column("overtaken"),
        sa.column("ticket"),
    )
    rows = [
        {"visit_id": row.visit_id, "site": row.site, "overtaken": 0, "ticket": _ticket(row)}
        for row in op.get_bind().execute(inside)
    ]
    if rows:
        op.bulk_insert(tickets, rows)


def _ticket(row: sa.Row[Any]) -> str:
    came = _written(row.entered_at)
    values = {
        "label": f"{row.queue}-{row.ticket_number:03d}",
        "steps": [row.service or ""],
        "since": came,
        "step_since": came,
        "state_since": came,
    }
    if row.receipt_number is not None:
        values["receipt"] = [row.issuer, row.receipt_number]
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _written(at: datetime) -> str:
    in_utc = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds")
