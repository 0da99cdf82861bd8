"""What the log says of a site's thermometers: what was found, checked, and later seen of visitors.

Both kinds of row are as permanent as the rest of the log: no person's temperature can be told from
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, select, text
from sqlalchemy.orm import Session, aliased

from screening.decision import Check, DecisionKind, Reason
from screening.record.chain import canonical
from screening.record.engine import Database
from screening.record.office import RecordedOffice
from screening.record.rows import read_results, write_results
from screening.record.tables import (
    IS_OF_THERMOMETER,
    EntryRow,
    SeriesRow,
    is_later_about_an_attempt,
)
from screening.record.text import clean
from screening.record.writer import Transaction, Writer
from screening.temperature.cases import ClinicalCase, ClinicalOutcome, Decided, Found, cases_of
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.commissioning import (
    CheckOutcome,
    Commissioning,
    FirstReading,
    ThermometerCheck,
)
from screening.visits import CheckResult, EntryKind, EvidenceSource

_OF_COLUMNS = ("gate", "at", "by")
_MAY_BE_MISSING = ("distance", "draft_key", "value_key")
_ENDS_A_VISIT = (DecisionKind.ADMIT, DecisionKind.REFER, DecisionKind.DENY)
_OUTCOMES = {outcome.value: outcome for outcome in ClinicalOutcome}


class SqlThermometerLog:
    """ThermometerLog on a database; safe to use from any thread."""

    def __init__(self, database: Database, office: RecordedOffice, writer: Writer) -> None:
        self._database = database
        self._office = office
        self._writer = writer

    def write_commissioning(self, commissioning: Commissioning) -> None:
        """Append it to the log; it holds from then on."""
        self._append(_columns(EntryKind.COMMISSIONED, commissioning))

    def write_check(self, check: ThermometerCheck) -> None:
        """Append it to the log."""
        columns = _columns(EntryKind.THERMOMETER_CHECKED, check)
        found = CheckResult(
            check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome=check.outcome.value
        )
        self._append({**columns, "results": write_results([found])})

    def commissioning(self, gate: str) -> Commissioning | None:
        """The newest of that gate."""
        query = self._newest(gate).where(EntryRow.kind == EntryKind.COMMISSIONED)
        with self._database.reading() as session:
            row = session.scalars(query).first()
            return _commissioning(row) if row is not None else None

    def newest_check(self, gate: str) -> ThermometerCheck | None:
        """The newest of that gate, if there was one after its newest commissioning."""
        with self._database.reading() as session:
            row = session.scalars(self._newest(gate)).first()
            if row is None or row.kind != EntryKind.THERMOMETER_CHECKED:
                return None
            return _check(row)

    def cases(self, *, since: datetime, until: datetime) -> list[ClinicalCase]:
        """Every visitor whom a device's temperature decided in [since, until), oldest first.

        Not decided are a pause (its second reading is), a visit that was given up, and an override
        before the second reading.
        """
        day_began = self._office.day_began(since)  # a referral of that morning may be continued
        with self._database.reading() as session:
            cases = self._cases(session, day_began, until)
        return sorted((case for case in cases if case.at >= since), key=lambda case: case.at)

    def first_readings(
        self, gate: str, *, since: datetime, until: datetime, limit: int
    ) -> list[FirstReading]:
        """The newest of that gate, of whole hours that began in [since, until]."""
        query = (
            select(SeriesRow.raw_celsius, SeriesRow.unshifted_celsius)
            .where(
                SeriesRow.site == self._database.site,
                SeriesRow.gate == clean(gate),
                SeriesRow.hour >= since,
                SeriesRow.hour <= until,
                SeriesRow.unshifted_celsius.is_not(None),
            )
            .order_by(SeriesRow.hour.desc(), SeriesRow.series_id)
            .limit(limit)
        )
        with self._database.reading() as session:
            found = [
                FirstReading(raw, unshifted)
                for raw, unshifted in session.execute(query)
                if unshifted is not None
            ]
        return found[::-1]

    def _append(self, columns: dict[str, Any]) -> None:
        def append(transaction: Transaction) -> None:
            transaction.look(columns["at"])
            transaction.append(columns)

        self._writer.do(append)

    def _newest(self, gate: str) -> Select[EntryRow]:
        return (
            select(EntryRow)
            .where(
                EntryRow.site == self._database.site,
                EntryRow.gate == clean(gate),
                text(IS_OF_THERMOMETER),
            )
            .order_by(EntryRow.entry_id.desc())
            .limit(1)
        )

    def _cases(self, session: Session, since: datetime, until: datetime) -> list[ClinicalCase]:
        """Of attempts in [since, until), with what was found of them whenever that was.

        What came later is found by its attempt: a month of long ago costs no more than a new one,
        and a clock that was set back in between does not matter.
        """
        decided, found, annulled = dict[int, Decided](), list[Found](), list[str]()
        for row in session.execute(self._decisions(since, until)):
            is_referred = _is_referred(row.reason, row.results)
            if is_referred is None:
                continue
            if row.entry_id not in decided:
                decided[row.entry_id] = self._decided(row, is_referred=is_referred)
            if row.later_kind == EntryKind.ANNUL:
                annulled.append(row.attempt_id)
            elif row.later_kind == EntryKind.CLINICAL:
                found += _found(row.later_id, row.attempt_id, row.later_results)
        in_order = (decided[entry_id] for entry_id in sorted(decided))
        return cases_of(in_order, found=found, annulled=annulled)

    def _decisions(self, since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
        """Each attempt that ended a visit by its checks, with every later row about it, or none."""
        later = aliased(EntryRow)
        return (
            select(
                EntryRow.entry_id,
                EntryRow.gate,
                EntryRow.at,
                EntryRow.attempt_id,
                EntryRow.issuer,
                EntryRow.receipt_number,
                EntryRow.decision,
                EntryRow.reason,
                EntryRow.results,
                later.kind.label("later_kind"),
                later.entry_id.label("later_id"),
                later.results.label("later_results"),
            )
            .outerjoin(
                later,
                and_(
                    later.site == EntryRow.site,
                    later.attempt_id == EntryRow.attempt_id,
                    is_later_about_an_attempt(later),
                ),
            )
            .where(
                EntryRow.site == self._database.site,
                EntryRow.at >= since,
                EntryRow.at < until,
                EntryRow.kind == EntryKind.ATTEMPT,
                EntryRow.decision.in_(_ENDS_A_VISIT),
                EntryRow.results.is_not(None),
            )
        )

    def _decided(self, row: Any, *, is_referred: bool) -> Decided:
        visitor = (row.issuer, row.receipt_number, self._office.local_day(row.at))
        return Decided(
            order=row.entry_id,
            attempt_id=row.attempt_id,
            visitor=visitor if row.receipt_number is not None else None,
            is_admitted=row.decision == DecisionKind.ADMIT,
            case=ClinicalCase(
                gate=row.gate or "", at=row.at, is_referred=is_referred, outcome=None
            ),
        )


def _found(order: int, attempt_id: str, results: str | None) -> Iterator[Found]:
    for result in read_results(results):
        if result.outcome in _OUTCOMES:
            yield Found(order=order, attempt_id=attempt_id, outcome=_OUTCOMES[result.outcome])


# A month has many rows of few kinds.
@lru_cache(maxsize=256)
def _is_referred(reason: str | None, results: str | None) -> bool | None:
    """What a device's temperature decided; None where it decided nothing."""
    for result in read_results(results):
        if result.check is not Check.TEMPERATURE or result.source is not EvidenceSource.DEVICE:
            continue
        if reason == Reason.ELEVATED_TWICE:
            return True
        if result.outcome == "passed":
            return False
    return None


def _columns(kind: EntryKind, found: Commissioning | ThermometerCheck) -> dict[str, Any]:
    facts = {
        name: clean(value) if isinstance(value, str) else value
        for name, value in asdict(found).items()
        if name not in _OF_COLUMNS and not (name in _MAY_BE_MISSING and value is None)
    }
    return {
        "kind": kind,
        "at": found.at,
        "gate": clean(found.gate),
        "operator": clean(found.by),
        "facts": canonical(facts),
    }


def _commissioning(row: EntryRow) -> Commissioning:
    """Also of what was written before distance tables were."""
    facts = json.loads(row.facts or "{}")
    written = facts.pop("distance", None)
    return Commissioning(
        gate=row.gate or "",
        at=row.at,
        by=row.operator or "",
        **facts,
        distance=None if written is None else _distance(**written),
    )


def _distance(
    fills_picture_cm: float, reference_cm: float, points: list[tuple[float, float]]
) -> DistanceTable:
    return DistanceTable(
        fills_picture_cm=fills_picture_cm,
        reference_cm=reference_cm,
        points=tuple((cm, celsius) for cm, celsius in points),
    )


def _check(row: EntryRow) -> ThermometerCheck:
    facts = json.loads(row.facts or "{}")
    return ThermometerCheck(
        gate=row.gate or "",
        at=row.at,
        by=row.operator or "",
        room_celsius=facts["room_celsius"],
        difference_celsius=facts["difference_celsius"],
        outcome=CheckOutcome(facts["outcome"]),
        value_key=facts.get("value_key"),
    )
