"""A database as an earlier version of the program left it."""

from __future__ import annotations

from sqlalchemy import text

from screening.record import Record

UNDONE = {
    "0032": ("DROP INDEX ix_entries_receipt_acts",),
    "0031": ("ALTER TABLE former_facts DROP COLUMN speakers",),
    "0030": (
        "DROP TABLE former_facts",
        "DROP TABLE taken_challenges",
        "DROP TABLE passkeys",
    ),
    "0028": ("DROP INDEX ix_receipts_named",),
    "0025": ("DROP TABLE closing_moves", "DROP TABLE closings"),
    "0024": (
        "DROP TABLE survey_answers",
        "DROP TABLE surveyed_visits",
        "DROP TABLE survey_follow_ups",
        "DROP TABLE retention_runs",
    ),
    "0023": (
        "DROP INDEX ix_entries_kind",
        "DROP INDEX ix_entries_reason",
        "DROP INDEX ix_entries_operator",
        "DROP INDEX ix_entries_about",
        "DROP INDEX ix_entries_receipt",
        "CREATE INDEX ix_entries_receipt ON entries (site, issuer, receipt_number)",
    ),
    "0020": (
        "DROP TABLE recovery_codes",
        "DROP TABLE invitations",
        "ALTER TABLE web_sessions DROP COLUMN seen_at",
        "ALTER TABLE web_sessions DROP COLUMN browser",
        "ALTER TABLE users DROP COLUMN code_step",
        "ALTER TABLE users DROP COLUMN code_secret",
        "ALTER TABLE users DROP COLUMN last_login_at",
        "ALTER TABLE users DROP COLUMN locked_at",
    ),
    "0018": ("ALTER TABLE waits DROP COLUMN line",),
    "0017": ("DROP TABLE alert_messages", "DROP TABLE alerts"),
    "0016": ("ALTER TABLE days DROP COLUMN leaving",),
    "0015": ("DROP TABLE roll_ups", "DROP TABLE rolled_days", "DROP TABLE roll_up_runs"),
    "0014": ("DROP INDEX ix_entries_office",),
    "0013": ("DROP TABLE counter_acts", "DROP TABLE tickets"),
    "0012": ("DROP TABLE kept_answers", "DROP TABLE system_keys"),
    "0011": (
        "DROP TABLE holds",
        "DROP TABLE holders",
        "DROP INDEX ix_receipts_day",
        "DROP INDEX uq_receipts_hold",
        "ALTER TABLE receipts DROP COLUMN day",
        "ALTER TABLE receipts DROP COLUMN slot_end",
        "ALTER TABLE receipts DROP COLUMN is_priority",
        "ALTER TABLE receipts DROP COLUMN booked_by",
        "ALTER TABLE receipts DROP COLUMN language",
        "ALTER TABLE receipts DROP COLUMN hold_id",
        "ALTER TABLE days DROP COLUMN bookings",
    ),
    "0010": ("ALTER TABLE services DROP COLUMN rules",),
    "0009": (
        "UPDATE days SET hours = '{\"0\":[1,2]}'",
        "UPDATE sites SET days_zone = 'Asia/Jakarta' WHERE days_zone IS NOT NULL",
    ),
    "0008": ("ALTER TABLE services DROP COLUMN names",),
    "0007": ("DROP TABLE gate_owners",),
    "0006": ("DROP TABLE office_facts", "ALTER TABLE sites DROP COLUMN facts_version"),
    "0005": (
        "DROP INDEX ix_entries_gate",
        "DROP INDEX ix_entries_later",
        "DROP INDEX ix_entries_referral",
        "ALTER TABLE days DROP COLUMN hours",
    ),
    "0004": ("DROP TABLE days", "DROP TABLE waits", "ALTER TABLE sites DROP COLUMN days_zone"),
    "0003": ("ALTER TABLE temperature_series DROP COLUMN unshifted_celsius",),
    "0002": ("DROP INDEX ix_entries_thermometer",),
}
"""What undoes each migration, newest first."""


def set_back(record: Record, version: str) -> None:
    """The tables as they were with that version."""
    with record._database._engine.begin() as connection:
        newer = [one for undone, one in UNDONE.items() if undone > version]
        for statements in newer:
            for statement in statements:
                connection.execute(text(statement))
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
