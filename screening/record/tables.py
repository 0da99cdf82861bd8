"""The tables. Every one carries its site, since one database may serve many offices.

``entries`` is the log: rows are only ever added, and ``hash`` chains each to the row before. What
may be erased (name, remark, degrees) stands apart in ``details``; the log holds salted digests of
it. ``visits``, ``redemptions`` and ``receipts`` are today's state, changed together with a row of
the log.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
    exists,
    false,
    literal_column,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out, with microseconds, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone cannot be recorded")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        read: datetime = value
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


class PlainText(TypeDecorator[str]):
    """Text; a member of a StrEnum is written as its value (psycopg would write its name)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - the name and form SQLAlchemy asks for
        datetime: UtcDateTime,
        date: Date,
        str: PlainText,
        float: Double,
        bytes: LargeBinary,
        int: Integer,
    }


IS_OF_THERMOMETER = "kind IN ('commissioned', 'thermometer_checked')"
"""SQLite uses the index on these rows only where a query says the very same."""
IS_LATER_ABOUT_AN_ATTEMPT = "kind IN ('confirmation', 'clinical', 'annul')"
IS_REFERRAL = "kind = 'attempt' AND decision = 'refer'"
IS_ABOUT_THE_OFFICE = "kind = 'office_changed'"
IS_NO_ATTEMPT = "kind <> 'attempt'"
IS_LOOKED_FOR_BY_REASON = "kind = 'attempt' AND reason <> 'admitted'"
HAS_HOLDER = "holder <> ''"
HAS_OPERATOR = "operator IS NOT NULL"
_OF_A_RECEIPT = ("booked", "issued", "booking_changed", "revoke")
IS_OF_A_RECEIPT = f"kind IN {_OF_A_RECEIPT}"


class SiteRow(Base):
    """An office and the head of its chain; locking this row orders the site's writers.

    ``days_zone`` is the time zone in which the running figures of ``days`` were counted, None
    before they were. ``facts_version`` grows with each change of the office's facts.
    """

    __tablename__ = "sites"

    code: Mapped[str] = mapped_column(primary_key=True)
    head_entry_id: Mapped[int] = mapped_column(BigInteger)
    head_hash: Mapped[str]
    days_zone: Mapped[str | None]
    facts_version: Mapped[int] = mapped_column(default=0)


class FactRow(Base):
    """A fact of the office that somebody decided; ``value`` is canonical JSON."""

    __tablename__ = "office_facts"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class DayRow(Base):
    """A site's running figures of one of its days, kept in the transaction of each row.

    ``inside`` are people who came that day and have not left. ``refusals`` (by reason),
    ``services`` (quota used), ``tickets`` (last number of each queue), ``hours`` (admitted,
    refused, referred of each), ``bookings`` (of each service) and ``leaving`` (head count,
    crossings, visits that were said to go on) are canonical JSON.
    """

    __tablename__ = "days"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    inside: Mapped[int]
    admitted: Mapped[int]
    refused: Mapped[int]
    refusals: Mapped[str]
    services: Mapped[str]
    tickets: Mapped[str]
    hours: Mapped[str] = mapped_column(server_default="{}")
    bookings: Mapped[str] = mapped_column(server_default="{}")
    leaving: Mapped[str] = mapped_column(server_default="{}")

    __table_args__ = (
        Index(
            "ix_days_inside",
            "site",
            "day",
            sqlite_where=text("inside <> 0"),
            postgresql_where=text("inside <> 0"),
        ),
    )


class WaitRow(Base):
    """Somebody told to wait who is not done: the attempt that said so, until another one ends it.

    ``party_size`` is what the receipt says, whoever issued it. ``line`` is the place in the line
    outside as canonical JSON; the receipt's newest row tells it.
    """

    __tablename__ = "waits"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    issuer: Mapped[str | None]
    receipt_number: Mapped[str | None]
    party_size: Mapped[int]
    line: Mapped[str | None]


class EntryRow(Base):
    """A row of the log. ``entry_id`` counts from 1 without gaps for each site.

    ``results``, ``facts`` and ``digests`` are canonical JSON: the checks' outcomes, what belongs to
    the kind of row (seat, ticket, how somebody left, what was erased), and the digest of each
    detail.
    """

    __tablename__ = "entries"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    at: Mapped[datetime]
    gate: Mapped[str | None]
    operator: Mapped[str | None]
    decision: Mapped[str | None]
    reason: Mapped[str | None]
    attempt_id: Mapped[str | None]
    nonce: Mapped[str | None]
    issuer: Mapped[str | None]
    receipt_number: Mapped[str | None]
    service: Mapped[str | None]
    ready_at: Mapped[datetime | None]
    resumes: Mapped[str | None]
    results: Mapped[str | None]
    facts: Mapped[str | None]
    digests: Mapped[str | None]
    previous_hash: Mapped[str]
    hash: Mapped[str]

    __table_args__ = (
        Index(
            "uq_entries_attempt",
            "site",
            "attempt_id",
            unique=True,
            sqlite_where=text("kind = 'attempt'"),
            postgresql_where=text("kind = 'attempt'"),
        ),
        UniqueConstraint("site", "gate", "nonce", name="uq_entries_nonce"),
        Index("ix_entries_at", "site", "at"),
        Index("ix_entries_receipt", "site", "receipt_number", "issuer"),
        # An ordinary admission is in none of the next four: it stays as quick as without them.
        Index(
            "ix_entries_kind",
            "site",
            "kind",
            "at",
            sqlite_where=text(IS_NO_ATTEMPT),
            postgresql_where=text(IS_NO_ATTEMPT),
        ),
        Index(
            "ix_entries_reason",
            "site",
            "reason",
            "at",
            sqlite_where=text(IS_LOOKED_FOR_BY_REASON),
            postgresql_where=text(IS_LOOKED_FOR_BY_REASON),
        ),
        Index(
            "ix_entries_operator",
            "site",
            "operator",
            "at",
            sqlite_where=text(HAS_OPERATOR),
            postgresql_where=text(HAS_OPERATOR),
        ),
        Index(
            "ix_entries_receipt_acts",
            "site",
            "operator",
            "at",
            "entry_id",
            sqlite_where=text(IS_OF_A_RECEIPT),
            postgresql_where=text(IS_OF_A_RECEIPT),
        ),
        Index(
            "ix_entries_about",
            "site",
            "attempt_id",
            sqlite_where=text(IS_NO_ATTEMPT),
            postgresql_where=text(IS_NO_ATTEMPT),
        ),
        Index(
            "ix_entries_thermometer",
            "site",
            "gate",
            "entry_id",
            sqlite_where=text(IS_OF_THERMOMETER),
            postgresql_where=text(IS_OF_THERMOMETER),
        ),
        Index("ix_entries_gate", "site", "gate", "entry_id"),
        Index(
            "ix_entries_later",
            "site",
            "attempt_id",
            sqlite_where=text(IS_LATER_ABOUT_AN_ATTEMPT),
            postgresql_where=text(IS_LATER_ABOUT_AN_ATTEMPT),
        ),
        Index(
            "ix_entries_referral",
            "site",
            "at",
            sqlite_where=text(IS_REFERRAL),
            postgresql_where=text(IS_REFERRAL),
        ),
        Index(
            "ix_entries_office",
            "site",
            "entry_id",
            sqlite_where=text(IS_ABOUT_THE_OFFICE),
            postgresql_where=text(IS_ABOUT_THE_OFFICE),
        ),
    )


class DetailRow(Base):
    """Something about a row of the log that may be erased; ``content`` is canonical JSON."""

    __tablename__ = "details"

    site: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    salt: Mapped[bytes]
    content: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["site", "entry_id"], ["entries.site", "entries.entry_id"]),
        Index("ix_details_kind_at", "site", "kind", "at"),
    )


class VisitRow(Base):
    """Somebody who was let in; ``returned_from`` is the visit that this one continues."""

    __tablename__ = "visits"

    visit_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    site: Mapped[str] = mapped_column(ForeignKey("sites.code"))
    attempt_id: Mapped[str]
    gate: Mapped[str]
    entered_at: Mapped[datetime]
    day: Mapped[date]
    service: Mapped[str | None]
    issuer: Mapped[str | None]
    receipt_number: Mapped[str | None]
    place: Mapped[int]
    seat: Mapped[str | None]
    queue: Mapped[str]
    ticket_number: Mapped[int]
    returned_from: Mapped[int | None] = mapped_column(ForeignKey("visits.visit_id"))
    left_at: Mapped[datetime | None]
    left_how: Mapped[str | None]
    annulled_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("site", "attempt_id", name="uq_visits_attempt"),
        Index(
            "uq_visits_seat",
            "site",
            "seat",
            unique=True,
            sqlite_where=text("left_at IS NULL AND annulled_at IS NULL AND seat IS NOT NULL"),
            postgresql_where=text("left_at IS NULL AND annulled_at IS NULL AND seat IS NOT NULL"),
        ),
        Index(
            "uq_visits_ticket",
            "site",
            "day",
            "queue",
            "ticket_number",
            unique=True,
            sqlite_where=text("returned_from IS NULL"),
            postgresql_where=text("returned_from IS NULL"),
        ),
        # Not a partial index: without statistics SQLite would take the next one instead.
        Index("ix_visits_inside", "site", "left_at", "annulled_at", "entered_at"),
        Index("ix_visits_entered", "site", "entered_at"),
        Index("ix_visits_receipt", "issuer", "receipt_number"),
    )


class TicketRow(Base):
    """Where a visit stands in the queue; ``ended_at`` is when the visit ended, None until then.

    ``ticket`` is canonical JSON of all but ``overtaken``.
    """

    __tablename__ = "tickets"

    visit_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    site: Mapped[str] = mapped_column(ForeignKey("sites.code"))
    ended_at: Mapped[datetime | None]
    overtaken: Mapped[int]
    ticket: Mapped[str]

    __table_args__ = (Index("ix_tickets_ended", "site", "ended_at"),)


class CounterActRow(Base):
    """What was done last at a counter, for undoing it: on which visit, and whom it overtook.

    ``overtook`` is canonical JSON of their visits. No row where there is nothing to undo.
    """

    __tablename__ = "counter_acts"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    counter: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(BigInteger)
    overtook: Mapped[str]


class RedemptionRow(Base):
    """One place of a receipt, taken. The primary key is what makes redeeming exactly-once."""

    __tablename__ = "redemptions"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    receipt_number: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    site: Mapped[str] = mapped_column(ForeignKey("sites.code"))
    visit_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), ForeignKey("visits.visit_id")
    )


class ReceiptRow(Base):
    """A receipt issued or registered here. ``holder`` is empty once forgotten.

    ``day`` is what was booked with it, if anything; the time is ``slot``, until ``slot_end``. The
    booking is over once the receipt is revoked. ``hold_id`` is of the place that was held before:
    whoever registers with it again gets this receipt again.
    """

    __tablename__ = "receipts"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str]
    token_id: Mapped[bytes]
    service: Mapped[str]
    party_size: Mapped[int]
    holder: Mapped[str]
    issued_at: Mapped[datetime]
    not_before: Mapped[datetime]
    expires: Mapped[datetime]
    slot: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    day: Mapped[date | None]
    slot_end: Mapped[str | None]
    is_priority: Mapped[bool] = mapped_column(default=False, server_default=false())
    booked_by: Mapped[str | None]
    language: Mapped[str | None]
    hold_id: Mapped[str | None]

    __table_args__ = (
        Index("ix_receipts_day", "site", "day"),
        Index("uq_receipts_hold", "site", "hold_id", unique=True),
        Index(
            "ix_receipts_named",
            "site",
            "expires",
            sqlite_where=text(HAS_HOLDER),
            postgresql_where=text(HAS_HOLDER),
        ),
    )


class HolderRow(Base):
    """Who registered, as they told it; the whole row is deleted when the name is forgotten.

    ``answers`` is canonical JSON; ``searched`` is the name as it is looked for.
    """

    __tablename__ = "holders"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str]
    name: Mapped[str]
    searched: Mapped[str]
    priority_group: Mapped[str | None]
    contact: Mapped[str | None]
    answers: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["issuer", "number"], ["receipts.issuer", "receipts.number"]),
    )


class HoldRow(Base):
    """A place kept for whoever types; it counts until ``until`` and is deleted some time after."""

    __tablename__ = "holds"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    hold_id: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str]
    day: Mapped[date]
    slot: Mapped[str | None]
    slot_end: Mapped[str | None]
    people: Mapped[int]
    is_priority: Mapped[bool]
    until: Mapped[datetime]

    __table_args__ = (
        Index("ix_holds_day", "site", "day"),
        Index("ix_holds_until", "site", "until"),
    )


class ClosingRow(Base):
    """Days that were closed to those who had booked them.

    ``from_time`` is since when on a single day, ``service`` None for all; ``reasons`` are by
    language as canonical JSON, the office's own first. ``entry_id`` is the row of the log that
    changed the hours, None where they were closed before.
    """

    __tablename__ = "closings"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    closing_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[date]
    last: Mapped[date]
    from_time: Mapped[str | None]
    service: Mapped[str | None]
    reasons: Mapped[str]
    at: Mapped[datetime]
    operator: Mapped[str]
    entry_id: Mapped[int | None] = mapped_column(BigInteger)
    reopened_at: Mapped[datetime | None]


class ClosingMoveRow(Base):
    """What a closing did with a booking: where it was, and where it is. Columns beginning with
    ``new_`` are None where no place was found; ``entry_id`` is the row of the log that moved it.

    ``told`` is how the holder was told. ``position``: whoever booked first is first.
    """

    __tablename__ = "closing_moves"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    closing_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    issuer: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    service: Mapped[str]
    day: Mapped[date]
    slot: Mapped[str | None]
    slot_end: Mapped[str | None]
    new_day: Mapped[date | None]
    new_slot: Mapped[str | None]
    new_slot_end: Mapped[str | None]
    entry_id: Mapped[int | None] = mapped_column(BigInteger)
    told: Mapped[str | None]
    told_at: Mapped[datetime | None]
    told_by: Mapped[str | None]

    __table_args__ = (Index("ix_closing_moves_receipt", "issuer", "number"),)


class SeriesRow(Base):
    """A temperature without a name. ``series_id`` is random, so that the order tells nothing.

    ``unshifted_celsius`` is a device's first reading of a visitor with every correction but the
    rolling baseline; empty for any other, and before it was kept.
    """

    __tablename__ = "temperature_series"

    series_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    site: Mapped[str] = mapped_column(ForeignKey("sites.code"))
    gate: Mapped[str]
    hour: Mapped[datetime]
    raw_celsius: Mapped[float]
    corrected_celsius: Mapped[float]
    unshifted_celsius: Mapped[float | None]

    __table_args__ = (Index("ix_series_hour", "site", "gate", "hour"),)


class RollUpRow(Base):
    """A cell of the figures of a day that is over; ``grain`` is what it is by.

    ``key`` is the code, an hour in minutes from the start of the day, or empty. ``waits`` and
    ``services`` are packed times.
    """

    __tablename__ = "roll_ups"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    grain: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    booked: Mapped[int]
    came: Mapped[int]
    admitted: Mapped[int]
    refused: Mapped[int]
    referred: Mapped[int]
    served: Mapped[int]
    no_show: Mapped[int]
    waits: Mapped[bytes]
    services: Mapped[bytes]


class RolledDayRow(Base):
    """A day whose cells are kept: as of which row of the log, and in which time zone.

    ``checked_at`` is when they were last compared with the log.
    """

    __tablename__ = "rolled_days"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    zone: Mapped[str]
    entry_id: Mapped[int] = mapped_column(BigInteger)
    checked_at: Mapped[datetime | None]


class RollUpRunRow(Base):
    """How far a site's log was looked through for what it changes of earlier days, and what the
    newest nightly run did."""

    __tablename__ = "roll_up_runs"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None]
    rolled: Mapped[int]
    checked: Mapped[int]
    differing: Mapped[int]


class ServiceRow(Base):
    """``rules`` is canonical JSON of what is not told by the other columns; NULL: as nobody set."""

    __tablename__ = "services"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    channel: Mapped[str]
    name_id: Mapped[str]
    name_en: Mapped[str]
    names: Mapped[str | None]
    daily_quota: Mapped[int | None]
    rules: Mapped[str | None]


class UserRow(Base):
    """``code_secret`` makes the codes of the second factor, ``code_step`` is the last one used."""

    __tablename__ = "users"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    code_secret: Mapped[str | None]
    code_step: Mapped[int | None]


class InvitationRow(Base):
    """A link by which a person chooses a password; one a person."""

    __tablename__ = "invitations"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    user: Mapped[str] = mapped_column("user_name", primary_key=True)
    token_hash: Mapped[str]
    expires_at: Mapped[datetime]


class RecoveryCodeRow(Base):
    """A code that stands in for the second factor once."""

    __tablename__ = "recovery_codes"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    user: Mapped[str] = mapped_column("user_name", primary_key=True)
    code_hash: Mapped[str] = mapped_column(primary_key=True)


class FormerFactsRow(Base):
    """What a change of the office's facts replaced and its row of the log has no room for, as JSON:
    so that it can be taken back."""

    __tablename__ = "former_facts"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    plan: Mapped[str]
    issuer_keys: Mapped[str]
    speakers: Mapped[str | None]


class PasskeyRow(Base):
    """A key of a person's device; ``transports`` are joined by commas."""

    __tablename__ = "passkeys"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    credential_id: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column("user_name")
    public_key: Mapped[bytes]
    label: Mapped[str]
    site_name: Mapped[str]
    created_at: Mapped[datetime]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[str]
    used_at: Mapped[datetime | None]
    copied_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_passkeys_user", "site", "user_name"),)


class TakenChallengeRow(Base):
    """A question to a passkey that was answered: until it would have expired, not a second time."""

    __tablename__ = "taken_challenges"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class GateRow(Base):
    """``checks`` are the codes of its own, joined by commas; NULL takes the mode's."""

    __tablename__ = "gates"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    checks: Mapped[str | None]
    token_hash: Mapped[str | None]


class GateOwnerRow(Base):
    """Who runs a gate, or ran it last and did not say that it ended; an advisory lock decides."""

    __tablename__ = "gate_owners"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    gate: Mapped[str] = mapped_column(primary_key=True)
    machine: Mapped[str]
    address: Mapped[str | None]
    since: Mapped[datetime]


class WebSessionRow(Base):
    __tablename__ = "web_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("sites.code"))
    user: Mapped[str] = mapped_column("user_name")
    role: Mapped[str]
    csrf_token: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    browser: Mapped[str | None]
    seen_at: Mapped[datetime | None]


class SystemKeyRow(Base):
    """Another system's key; ``scopes`` are joined by commas."""

    __tablename__ = "system_keys"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str]
    scopes: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class KeptAnswerRow(Base):
    """What another system was answered to a write, in case it asks for the same once more.

    ``idempotency_key`` is its own name for the request, ``digest`` the SHA-256 hex of what it sent.
    """

    __tablename__ = "kept_answers"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    caller: Mapped[str] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    status: Mapped[int]
    body: Mapped[bytes]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_kept_answers_at", "site", "at"),)


class AlertRow(Base):
    """What needs somebody; ``alert_id`` is the row of the log that raised it. One subject has one
    open alert of a kind at most."""

    __tablename__ = "alerts"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    alert_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    subject: Mapped[str]
    value: Mapped[float]
    limit_value: Mapped[float]
    detail: Mapped[str]
    raised_at: Mapped[datetime]
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_alerts_open",
            "site",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("over_at IS NULL"),
            postgresql_where=text("over_at IS NULL"),
        ),
    )


class AlertMessageRow(Base):
    """Something to be sent about an alert. ``due_at`` is also until when a process has it to
    itself; ``settled_at`` is when it was sent or given up."""

    __tablename__ = "alert_messages"

    site: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    occasion: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    tries: Mapped[int]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["site", "alert_id"], ["alerts.site", "alerts.alert_id"]),
        Index(
            "ix_alert_messages_open",
            "site",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )


class SurveyAnswerRow(Base):
    """What somebody said of the service, as nine digits. ``answer_id`` is random, so that the order
    tells nothing; nothing here leads to a visit or to a time within the quarter."""

    __tablename__ = "survey_answers"

    answer_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    site: Mapped[str] = mapped_column(ForeignKey("sites.code"))
    quarter: Mapped[str]
    service: Mapped[str | None]
    source: Mapped[str]
    was_refused: Mapped[bool]
    marks: Mapped[str]

    __table_args__ = (Index("ix_survey_answers_quarter", "site", "quarter"),)


class SurveyedVisitRow(Base):
    """A visit that has answered, by a keyed digest; deleted once it may not answer any more.

    ``until`` is the last day on which it may.
    """

    __tablename__ = "surveyed_visits"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    mark: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[date]

    __table_args__ = ({"sqlite_with_rowid": False},)


class FollowUpRow(Base):
    """What the survey found and what is done about it; ``done_on`` is None while it is open."""

    __tablename__ = "survey_follow_ups"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    quarter: Mapped[str]
    element: Mapped[str]
    service: Mapped[str | None]
    found: Mapped[str]
    action: Mapped[str]
    who: Mapped[str]
    until: Mapped[date]
    noted_by: Mapped[str]
    done_on: Mapped[date | None]
    done_by: Mapped[str]
    result: Mapped[str]


class RetentionRunRow(Base):
    """When what is kept too long was looked for, and how many rows of each kind were erased.

    ``erased`` is canonical JSON.
    """

    __tablename__ = "retention_runs"

    site: Mapped[str] = mapped_column(ForeignKey("sites.code"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    erased: Mapped[str]


# A database uses a partial index only where a query says the very same, with constants in it.


def is_attempt(row: type[EntryRow]) -> ColumnElement[bool]:
    """By ``uq_entries_attempt``."""
    return row.kind == literal_column("'attempt'")


def is_referral(row: type[EntryRow]) -> ColumnElement[bool]:
    """By ``ix_entries_referral``."""
    return and_(is_attempt(row), row.decision == literal_column("'refer'"))


def is_later_about_an_attempt(row: type[EntryRow]) -> ColumnElement[bool]:
    """By ``ix_entries_later``."""
    kinds = ("confirmation", "clinical", "annul")
    return row.kind.in_([literal_column(f"'{kind}'") for kind in kinds])


def is_about_the_office(row: type[EntryRow]) -> ColumnElement[bool]:
    """By ``ix_entries_office``."""
    return row.kind == literal_column("'office_changed'")


def is_of_an_attempt(row: type[EntryRow]) -> ColumnElement[bool]:
    """A later row, which the attempt that it is about finds by ``ix_entries_about``."""
    return row.kind != literal_column("'attempt'")


def is_of_a_receipt(row: type[EntryRow]) -> ColumnElement[bool]:
    """By ``ix_entries_receipt_acts``."""
    return row.kind.in_([literal_column(f"'{kind}'") for kind in _OF_A_RECEIPT])


def is_kind_by_index(row: type[EntryRow]) -> ColumnElement[bool]:
    """Any row but an attempt, by ``ix_entries_kind``."""
    return row.kind != literal_column("'attempt'")


def is_reason_by_index(row: type[EntryRow]) -> ColumnElement[bool]:
    """An attempt that was no ordinary admission, by ``ix_entries_reason``."""
    return and_(is_attempt(row), row.reason != literal_column("'admitted'"))


def has_clinical_reading(row: type[EntryRow]) -> ColumnElement[bool]:
    """Whether an officer has measured the visitor of that attempt."""
    later = aliased(EntryRow)
    return exists().where(
        later.site == row.site,
        later.attempt_id == row.attempt_id,
        is_later_about_an_attempt(later),
        later.kind == "clinical",
    )
