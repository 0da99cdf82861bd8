"""The first tables: log with chain and salted details, visits, receipts, accounts, services."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only where the key is INTEGER.
_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("token_id", sa.LargeBinary(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("issuer", "number", name=op.f("pk_receipts")),
    )
    op.create_table(
        "sites",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("head_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_sites")),
    )
    op.create_table(
        "entries",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gate", sa.Text(), nullable=True),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("receipt_number", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumes", sa.Text(), nullable=True),
        sa.Column("results", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("digests", sa.Text(), nullable=True),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_entries_site")),
        sa.PrimaryKeyConstraint("site", "entry_id", name=op.f("pk_entries")),
        sa.UniqueConstraint("site", "gate", "nonce", name="uq_entries_nonce"),
    )
    op.create_index("ix_entries_at", "entries", ["site", "at"], unique=False)
    op.create_index(
        "ix_entries_receipt", "entries", ["site", "issuer", "receipt_number"], unique=False
    )
    op.create_index(
        "uq_entries_attempt",
        "entries",
        ["site", "attempt_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'attempt'"),
        postgresql_where=sa.text("kind = 'attempt'"),
    )
    op.create_table(
        "gates",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("checks", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_gates_site")),
        sa.PrimaryKeyConstraint("site", "name", name=op.f("pk_gates")),
    )
    op.create_table(
        "services",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name_id", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("daily_quota", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_services_site")),
        sa.PrimaryKeyConstraint("site", "code", name=op.f("pk_services")),
    )
    op.create_table(
        "temperature_series",
        sa.Column("series_id", _id, autoincrement=False, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw_celsius", sa.Double(), nullable=False),
        sa.Column("corrected_celsius", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_temperature_series_site")),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_temperature_series")),
    )
    op.create_index("ix_series_hour", "temperature_series", ["site", "gate", "hour"], unique=False)
    op.create_table(
        "users",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_users_site")),
        sa.PrimaryKeyConstraint("site", "name", name=op.f("pk_users")),
    )
    op.create_table(
        "visits",
        sa.Column("visit_id", _id, autoincrement=True, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("receipt_number", sa.Text(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=False),
        sa.Column("returned_from", _id, nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_how", sa.Text(), nullable=True),
        sa.Column("annulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["returned_from"], ["visits.visit_id"], name=op.f("fk_visits_returned_from")
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_visits_site")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visits")),
        sa.UniqueConstraint("site", "attempt_id", name="uq_visits_attempt"),
    )
    op.create_index(
        "ix_visits_inside", "visits", ["site", "left_at", "annulled_at", "entered_at"], unique=False
    )
    op.create_index("ix_visits_entered", "visits", ["site", "entered_at"], unique=False)
    op.create_index("ix_visits_receipt", "visits", ["issuer", "receipt_number"], unique=False)
    op.create_index(
        "uq_visits_seat",
        "visits",
        ["site", "seat"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL AND annulled_at IS NULL AND seat IS NOT NULL"),
        postgresql_where=sa.text("left_at IS NULL AND annulled_at IS NULL AND seat IS NOT NULL"),
    )
    op.create_index(
        "uq_visits_ticket",
        "visits",
        ["site", "day", "queue", "ticket_number"],
        unique=True,
        sqlite_where=sa.text("returned_from IS NULL"),
        postgresql_where=sa.text("returned_from IS NULL"),
    )
    op.create_table(
        "web_sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_web_sessions_site")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_sessions")),
    )
    op.create_table(
        "details",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site", "entry_id"], ["entries.site", "entries.entry_id"], name=op.f("fk_details_site")
        ),
        sa.PrimaryKeyConstraint("site", "entry_id", "kind", name=op.f("pk_details")),
    )
    op.create_index("ix_details_kind_at", "details", ["site", "kind", "at"], unique=False)
    op.create_table(
        "redemptions",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("visit_id", _id, nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_redemptions_site")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.visit_id"], name=op.f("fk_redemptions_visit_id")
        ),
        sa.PrimaryKeyConstraint("issuer", "receipt_number", "place", name=op.f("pk_redemptions")),
    )
