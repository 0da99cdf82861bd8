"""The office's facts in the tables: a value for each key, and the rows of gates and services.

A key without a row was never decided. Until the first ``serve`` takes the configuration's values
over, they stand in for it, and gates that an older version wrote are read as they worked then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from screening.decision import Check
from screening.errors import NotRecorded
from screening.office.changes import (
    ALERT_LIMITS,
    FIRST_START,
    RETENTION,
    Changes,
    in_order,
    plain,
)
from screening.office.counters import Counter, QueueOrder
from screening.office.facts import Mode, OfficeFacts, SecondFactor, WordsAt
from screening.office.hours import Hours, SpecialDay, Week, read_spans, told_spans
from screening.office.services import Booking, Channel, Question, Service
from screening.office.speakers import Speaker
from screening.receipts.keys import TrustedKey, read_key, written_key
from screening.record.chain import canonical
from screening.record.tables import FactRow, GateRow, ServiceRow, SiteRow
from screening.waiting_room.chairs import Chair, Near
from screening.waiting_room.plan import ChosenPlan, Sealed

TAKEN_OVER = "taken_over"
MIGRATED = "migrated"
"""The gates whose checks an older version wrote and nobody changed since."""

GATE_TITLES = "gate_titles"
"""What people call the gates, by name."""

HOURS = "hours"
"""The office's hours, as one value."""
ISSUER_KEYS = "issuer_keys"
IMPORTED = "imported"
"""How many receipts other issuers handed in as lists, by issuer."""
COUNTERS = "counters"
"""All counters, in their order."""
SPEAKERS = "speakers"
"""The browsers that may call aloud, in the order in which they were let."""

WORDS = "words"
"""The office's own words, by place and language."""

SEATS = "seats"
"""The plan of seats that was taken over, as one value."""

NEW_SERVICES_POSITION = 1000
"""Behind those that an office begins with, in order of code."""

_AS_THEY_ARE = (
    "letter",
    "link",
    "slot_minutes",
    "slot_places",
    "priority_quota",
    "lead_days",
    "days_ahead",
    "latest_minutes",
    "gate_checks_hours",
)
"""Of a service's rules, what JSON holds as it is."""

_NEEDS_A_DEVICE = frozenset({Check.TEMPERATURE, Check.MASK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the tables hold of one site. ``values`` are decoded, by key."""

    version: int
    values: Mapping[str, Any]
    gates: Mapping[str, frozenset[Check] | None]
    services: Mapping[str, Service]

    def plain(self) -> dict[str, Any]:
        """What was decided, in the form that changes are compared in."""
        decided = OfficeFacts(
            gates=self.gates,
            gate_titles=self.values.get(GATE_TITLES, {}),
            services=self.services,
            hours=hours_of(self.values.get(HOURS, {})),
            issuer_keys=_issuer_keys(self.values),
            imported=self.values.get(IMPORTED, {}),
            chosen=plan_of(self.values.get(SEATS)),
            counters=_counters(self.values),
            speakers=speakers_of(self.values.get(SPEAKERS, ())),
            words=_words(self.values),
        )
        all_of_it = plain(decided)
        if HOURS not in self.values:
            all_of_it = {k: v for k, v in all_of_it.items() if not k.startswith(f"{HOURS}.")}
        return {
            key: value
            for key, value in {**all_of_it, **self.values}.items()
            if "." in key or (key in self.values and key in all_of_it)
        }

    def facts(self, first: OfficeFacts) -> OfficeFacts:
        """What holds, where ``first`` are the configuration's values."""
        values = self.values
        is_taken_over = TAKEN_OVER in values
        facts = OfficeFacts(
            version=self.version,
            mode=Mode(values.get("mode", first.mode)),
            set_capacity=values.get("capacity", first.set_capacity),
            daily_quota=values.get("daily_quota", first.daily_quota),
            rows=values.get("rows", first.rows),
            columns=values.get("columns", first.columns),
            sealed=Sealed(values.get("sealed", first.sealed)),
            chosen=plan_of(values.get(SEATS)),
            everyday_checks=_checks(values.get("everyday_checks"), first.everyday_checks),
            outbreak_checks=_checks(values.get("outbreak_checks"), first.outbreak_checks),
            gates=self.gates,
            gate_titles=values.get(GATE_TITLES, {}),
            services=self.services,
            hours=hours_of(values.get(HOURS, {})),
            name=values.get("name", first.name),
            address=values.get("address", first.address),
            telephone=values.get("telephone", first.telephone),
            map_link=values.get("map_link", first.map_link),
            slot_early_minutes=values.get("slot_early_minutes", first.slot_early_minutes),
            slot_late_minutes=values.get("slot_late_minutes", first.slot_late_minutes),
            hold_minutes=values.get("hold_minutes", first.hold_minutes),
            desk_for_guards=values.get("desk_for_guards", first.desk_for_guards),
            second_factor=SecondFactor(values.get("second_factor", first.second_factor)),
            issuer_keys=_issuer_keys(self.values),
            imported=values.get(IMPORTED, {}),
            counters=_counters(values),
            speakers=speakers_of(values.get(SPEAKERS, ())),
            queue_order=QueueOrder(values.get("queue_order", first.queue_order)),
            queue_overtakes=values.get("queue_overtakes", first.queue_overtakes),
            walking_minutes=values.get("walking_minutes", first.walking_minutes),
            stay_minutes=values.get("stay_minutes", first.stay_minutes),
            call_in_minutes=values.get("call_in_minutes", first.call_in_minutes),
            message=values.get("message", first.message),
            quiet_hours=read_spans(values["quiet_hours"]) if values.get("quiet_hours") else (),
            **{key: values.get(key, getattr(first, key)) for key in (*ALERT_LIMITS, *RETENTION)},
            words=_words(values),
            first_start=values.get(FIRST_START, first.first_start),
            is_taken_over=is_taken_over,
        )
        if is_taken_over:
            return facts
        gates = {
            name: self._gate_before(name, own, facts.outbreak_checks, first)
            for name, own in self.gates.items()
        }
        facts = replace(facts, gates=gates)
        if "mode" in values or not values.get(MIGRATED):
            return facts
        asked = (facts.outbreak_checks if own is None else own for own in gates.values())
        needs_device = any(checks & _NEEDS_A_DEVICE for checks in asked)
        return replace(facts, mode=Mode.OUTBREAK if needs_device else Mode.EVERYDAY)

    def _gate_before(
        self,
        name: str,
        own: frozenset[Check] | None,
        of_the_policy: frozenset[Check],
        first: OfficeFacts,
    ) -> frozenset[Check] | None:
        """A gate's own checks before the configuration was taken over."""
        if name not in self.values.get(MIGRATED, ()):
            return first.gates.get(name) if own is None else own
        if name in first.gates:  # until then the file ruled the gates that it named
            own = first.gates[name]
        return None if own == of_the_policy else own


def load_stored(connection: Connection | Session, site: str) -> Stored:
    """In three statements. Raises NotRecorded where there is no such site."""
    is_of_site = and_(FactRow.site == SiteRow.code, SiteRow.code == site)
    values = connection.execute(
        select(SiteRow.facts_version, FactRow.key, FactRow.value)
        .join_from(SiteRow, FactRow, is_of_site, isouter=True)
        .where(SiteRow.code == site)
    ).all()
    if not values:
        raise NotRecorded(f"the database has no site {site!r}")
    gates = connection.execute(
        select(GateRow.name, GateRow.checks).where(GateRow.site == site).order_by(GateRow.name)
    )
    services = connection.execute(
        select(
            ServiceRow.code,
            ServiceRow.channel,
            ServiceRow.name_id,
            ServiceRow.name_en,
            ServiceRow.names,
            ServiceRow.daily_quota,
            ServiceRow.rules,
        )
        .where(ServiceRow.site == site)
        .order_by(ServiceRow.position, ServiceRow.code)
    )
    return Stored(
        version=values[0].facts_version,
        values={row.key: json.loads(row.value) for row in values if row.key is not None},
        gates={row.name: checks_of(row.checks) for row in gates},
        services={
            row.code: Service(
                code=row.code,
                channel=Channel(row.channel),
                names=names_of(row.names, row.name_id, row.name_en),
                daily_quota=row.daily_quota,
                **_rules_of(row.rules),
            )
            for row in services
        },
    )


def load_facts(connection: Connection | Session, site: str, first: OfficeFacts) -> OfficeFacts:
    """What holds at this site, in three statements; ``first`` are the configuration's values."""
    return load_stored(connection, site).facts(first)


def store(
    connection: Connection, site: str, stored: Stored, after: OfficeFacts, changes: Changes
) -> int:
    """Write what changed, and that somebody did; the new version. The site must be locked."""
    values = {key: new for key, (_, new) in changes.items() if "." not in key}
    if after.is_taken_over:
        values[TAKEN_OVER] = True
    touched: dict[str, set[str]] = {"gates": set(), "services": set()}
    for key in changes:
        table, _, rest = key.partition(".")
        if table in touched and not rest.endswith(".title"):
            touched[table].add(rest.rpartition(".")[0])
        elif table in _TOGETHER:
            name, written = _TOGETHER[table]
            values[name] = written(after)
    old = frozenset(stored.values.get(MIGRATED, ()))
    if old & touched["gates"]:
        values[MIGRATED] = sorted(old - touched["gates"])
    for key, value in values.items():
        _put_value(connection, site, key, value, is_new=key not in stored.values)
    for name in sorted(touched["gates"]):
        _put_gate(connection, site, name, after, is_new=name not in stored.gates)
    for code in sorted(touched["services"]):
        _put_service(connection, site, code, after, is_new=code not in stored.services)
    version = stored.version + 1
    connection.execute(update(SiteRow).where(SiteRow.code == site).values(facts_version=version))
    return version


def checks_of(column: str | None) -> frozenset[Check] | None:
    """A gate's own checks as its row holds them."""
    if column is None:
        return None
    return frozenset(Check(code) for code in column.split(",") if code)


def checks_column(checks: frozenset[Check] | None) -> str | None:
    """The same, to be written."""
    return None if checks is None else ",".join(in_order(checks))


def names_of(column: str | None, name_id: str, name_en: str) -> dict[str, str]:
    """A service's names as its row holds them, by language."""
    if column is None:
        return {"id": name_id, "en": name_en}
    names: dict[str, str] = json.loads(column)
    return names


def service_columns(service: Service) -> dict[str, Any]:
    """What its row holds but for where it stands; older versions read two names only."""
    return {
        "channel": service.channel.value,
        "name_id": service.name("id", default="en"),
        "name_en": service.name("en", default="id"),
        "names": canonical(dict(service.names)),
        "daily_quota": service.daily_quota,
        "rules": canonical(
            {
                **{name: getattr(service, name) for name in _AS_THEY_ARE},
                "booking": service.booking.value,
                "steps": list(service.steps),
                "brings": dict(service.brings),
                "hours": hours_values(service.hours),
                **_asked_of(service),
                **_closed_as(service),
            }
        ),
    }


def _asked_of(service: Service) -> dict[str, Any]:
    """Its questions, where it has any."""
    asked = [
        {"code": one.code, "texts": dict(one.texts), "is_required": one.is_required}
        for one in service.questions
    ]
    return {"questions": asked} if asked else {}


def _closed_as(service: Service) -> dict[str, Any]:
    """Since when and why it is closed, where somebody said."""
    told: dict[str, Any] = {}
    if service.closed_since is not None:
        told["closed_since"] = service.closed_since.isoformat()
    return {**told, "closed_why": dict(service.closed_why)} if service.closed_why else told


def hours_values(hours: Hours) -> dict[str, Any]:
    """Hours as plain JSON; weekdays by number from Monday, 0."""
    week = hours.week
    return {
        "week": None if week is None else {str(day): told_spans(week[day]) for day in week},
        "days": {
            day.isoformat(): {
                "hours": told_spans(special.spans),
                "note": special.note,
                **({"notes": dict(special.notes)} if special.notes else {}),
            }
            for day, special in hours.days.items()
        },
        "leave": sorted(day.isoformat() for day in hours.leave),
    }


def hours_of(values: Mapping[str, Any]) -> Hours:
    """The hours that these values were made of."""
    week: Week | None = None
    if values.get("week") is not None:
        week = {int(day): read_spans(spans) for day, spans in values["week"].items()}
    days = {
        date.fromisoformat(day): SpecialDay(
            read_spans(special["hours"]), special["note"], special.get("notes", {})
        )
        for day, special in values.get("days", {}).items()
    }
    return Hours(
        week=week, days=days, leave=frozenset(map(date.fromisoformat, values.get("leave", ())))
    )


def plan_values(plan: ChosenPlan | None) -> dict[str, Any] | None:
    """A plan of seats as plain JSON; of a chair only what is not usual."""
    if plan is None:
        return None
    return {
        "distance_m": plan.distance_m,
        "open": [chair.label for chair in plan.chairs if chair.label in plan.open_labels],
        "chairs": [_unusual(chair) for chair in plan.chairs],
    }


def _unusual(chair: Chair) -> dict[str, Any]:
    usual = Chair(label="", x=0, y=0)
    values = {field.name: getattr(chair, field.name) for field in fields(Chair)}
    return {name: value for name, value in values.items() if value != getattr(usual, name)}


def plan_of(values: Mapping[str, Any] | None) -> ChosenPlan | None:
    """The plan of seats that these values were made of."""
    if values is None:
        return None
    chairs = [{"x": 0.0, "y": 0.0, **chair} for chair in values["chairs"]]
    return ChosenPlan(
        chairs=tuple(
            Chair(**{**chair, "near": Near(chair["near"]) if "near" in chair else None})
            for chair in chairs
        ),
        open_labels=frozenset(values["open"]),
        distance_m=values["distance_m"],
    )


def told_change(facts: Mapping[str, Any]) -> str:
    """A row about changed facts in one line: each key, what was and what is, and why."""
    before, after = facts["before"], facts["after"]
    told = "; ".join(f"{key}: {_told(before[key])} → {_told(after[key])}" for key in after)
    return f"{told} ({facts['why']})" if facts.get("why") else told


def _told(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return "+".join(value) or "–"
    return "; ".join(value.splitlines()) if isinstance(value, str) else str(value)


def _checks(written: list[str] | None, first: frozenset[Check]) -> frozenset[Check]:
    return first if written is None else frozenset(Check(code) for code in written)


def _rules_of(column: str | None) -> dict[str, Any]:
    """A service's fields as its row holds them; one that is not there is as nobody set it."""
    rules: dict[str, Any] = {} if column is None else json.loads(column)
    return {
        **{name: rules[name] for name in (*_AS_THEY_ARE, "brings") if name in rules},
        **({"steps": tuple(rules["steps"])} if "steps" in rules else {}),
        **({"booking": Booking(rules["booking"])} if "booking" in rules else {}),
        **({"hours": hours_of(rules["hours"])} if "hours" in rules else {}),
        "questions": tuple(Question(**one) for one in rules.get("questions", ())),
        "closed_since": _day_of(rules.get("closed_since")),
        "closed_why": rules.get("closed_why", {}),
    }


def _day_of(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)


_TOGETHER: Mapping[str, tuple[str, Callable[[OfficeFacts], Any]]] = {
    "gates": (GATE_TITLES, lambda facts: dict(facts.gate_titles)),
    "issuers": (ISSUER_KEYS, lambda facts: [written_key(one) for one in facts.issuer_keys]),
    COUNTERS: (COUNTERS, lambda facts: [_written_counter(c) for c in facts.counters.values()]),
    SPEAKERS: (SPEAKERS, lambda facts: [written_speaker(*one) for one in facts.speakers.items()]),
    WORDS: (WORDS, lambda facts: {where: dict(texts) for where, texts in facts.words.items()}),
    "imported": (IMPORTED, lambda facts: dict(facts.imported)),
    HOURS: (HOURS, lambda facts: hours_values(facts.hours)),
    SEATS: (SEATS, lambda facts: plan_values(facts.chosen)),
}
"""Where changes of single keys are kept as one value."""


def _issuer_keys(values: Mapping[str, Any]) -> tuple[TrustedKey, ...]:
    return tuple(read_key(written) for written in values.get(ISSUER_KEYS, ()))


def _words(values: Mapping[str, Any]) -> dict[WordsAt, dict[str, str]]:
    """Those of places that this version knows."""
    known = set(WordsAt)
    return {
        WordsAt(where): texts for where, texts in values.get(WORDS, {}).items() if where in known
    }


def _counters(values: Mapping[str, Any]) -> dict[str, Counter]:
    return {
        written["name"]: Counter(**{**written, "services": tuple(written["services"])})
        for written in values.get(COUNTERS, ())
    }


def _written_counter(counter: Counter) -> dict[str, Any]:
    return {**asdict(counter), "services": list(counter.services)}


def speakers_of(values: Sequence[Mapping[str, Any]]) -> dict[str, Speaker]:
    """Browsers that may speak, by name, of what ``written_speaker`` wrote."""
    return {
        written["name"]: Speaker(
            place=written["place"],
            by=written["by"],
            since=datetime.fromisoformat(written["since"]),
        )
        for written in values
    }


def written_speaker(name: str, speaker: Speaker) -> dict[str, str]:
    """A browser that may speak, as plain JSON."""
    since = speaker.since.isoformat()
    return {"name": name, "place": speaker.place, "by": speaker.by, "since": since}


def _put_value(connection: Connection, site: str, key: str, value: Any, *, is_new: bool) -> None:
    text = canonical(value)
    if is_new:
        connection.execute(insert(FactRow).values(site=site, key=key, value=text))
    else:
        connection.execute(
            update(FactRow).where(FactRow.site == site, FactRow.key == key).values(value=text)
        )


def _put_gate(
    connection: Connection, site: str, name: str, after: OfficeFacts, *, is_new: bool
) -> None:
    is_it = (GateRow.site == site, GateRow.name == name)
    if name not in after.gates:
        connection.execute(delete(GateRow).where(*is_it))
        return
    checks = checks_column(after.gates[name])
    if is_new:
        connection.execute(insert(GateRow).values(site=site, name=name, checks=checks))
    else:
        connection.execute(update(GateRow).where(*is_it).values(checks=checks))


def _put_service(
    connection: Connection, site: str, code: str, after: OfficeFacts, *, is_new: bool
) -> None:
    is_it = (ServiceRow.site == site, ServiceRow.code == code)
    service = after.services.get(code)
    if service is None:
        connection.execute(delete(ServiceRow).where(*is_it))
        return
    columns = service_columns(service)
    if is_new:
        where = {"site": site, "code": code, "position": NEW_SERVICES_POSITION}
        connection.execute(insert(ServiceRow).values(**where, **columns))
    else:
        connection.execute(update(ServiceRow).where(*is_it).values(**columns))
