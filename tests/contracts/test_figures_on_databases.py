"""Kept figures equal a recount of the log, whatever happened, by every key and in every zone."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from screening.clock import FakeClock
from screening.decision import Reason
from screening.figures.roll_ups import By, FigureRow
from screening.office.changes import with_changed_service, with_counter
from screening.queue.queue import Order
from screening.queue.tickets import Act
from screening.record.made_history import MadeHistory, write_history
from screening.record.record import Record
from screening.registration.bookings import Place, Registration, Request
from screening.visits import ExitHow
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import SITE, attempt, receipt, refusal
from tests.contracts.test_bookings import NINE, slots
from tests.records import put_new_record

BORDERS = {
    "Asia/Jakarta": datetime(2026, 3, 10, 16, 0, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 10, 24, 21, 0, tzinfo=UTC),
    "America/St_Johns": datetime(2026, 3, 8, 2, 0, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 4, 12, 30, tzinfo=UTC),
}
"""Each an hour or so before a midnight, in the last three of a day on which clocks are changed."""

NUMBERS = ("booked", "came", "admitted", "refused", "referred", "served", "no_show")
GATES, SERVICES = ("utama", "timur"), ("KTP", "LEGALISIR", None)


@dataclass
class Seen:
    """A visit as the log tells it. ``steps`` are (service, counter, end, waited, served) in s."""

    at: datetime
    person: int
    service: str
    gate: str
    reason: str
    receipt: tuple[str, str]
    place: int
    plan: list[str]
    position: int = 0
    is_done: bool = False
    is_annulled: bool = False
    steps: list[tuple[str, str, datetime, float, float]] = field(default_factory=list)
    before: tuple[list[str], int, bool, int] | None = None


class Recount:
    """Everything counted anew from the rows of the log, the slow and simple way."""

    def __init__(self, rows: list[Any], zone: ZoneInfo, today: date) -> None:
        self.zone, self.today = zone, today
        self.visits: dict[int, Seen] = {}
        self.refusals: list[tuple[datetime, str, str, str, str]] = []
        self.bookings: dict[tuple[str, str], tuple[date, str | None, str, int]] = {}
        for row in rows:
            facts = json.loads(row.facts or "{}")
            getattr(self, f"_{row.kind}", lambda *_: None)(row, facts)

    def rows(self, by: By) -> dict[str, dict[str, Any]]:
        """By key, the numbers and the quantiles, without keys that have nothing."""
        numbers: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NUMBERS, 0))
        waits: defaultdict[str, list[float]] = defaultdict(list)
        serves: defaultdict[str, list[float]] = defaultdict(list)
        people: defaultdict[tuple[date, int], list[Seen]] = defaultdict(list)
        for at, service, gate, reason, name in self.refusals:
            self._add(numbers, by, name, at, service, gate, reason)
        for visit in self.visits.values():
            if not visit.is_annulled:
                people[self._day(visit.at), visit.person].append(visit)
        for visits in people.values():
            first = visits[0]
            self._add(numbers, by, "came", first.at, first.service, first.gate, first.reason)
            for visit in visits:
                self._add(
                    numbers, by, "admitted", visit.at, visit.service, visit.gate, visit.reason
                )
                for service, counter, ended, waited, served in visit.steps:
                    end = self._within(visit, ended)
                    key = self._key(by, end, service, visit.gate, visit.reason, counter)
                    waits[key].append(_on_grid(waited))
                    serves[key].append(_on_grid(served))
            done = next((one for one in visits if one.is_done), None)
            if done is not None:
                _, counter, ended, _, _ = done.steps[-1]
                end = self._within(done, ended)
                key = self._key(by, end, done.service, done.gate, done.reason, counter)
                numbers[key]["served"] += 1
        self._count_bookings(numbers, by)
        return {
            key: {
                **numbers[key],
                "wait_minutes": _quantiles(waits[key]),
                "service_minutes": _quantiles(serves[key]),
            }
            for key in {*numbers, *waits}
        }

    def _count_bookings(self, numbers: Any, by: By) -> None:
        if by not in (By.DAY, By.HOUR, By.SERVICE):
            return
        for receipt_key, (day, start, service, people) in self.bookings.items():
            came = {
                visit.place
                for visit in self.visits.values()
                if visit.receipt == receipt_key
                and visit.service == service
                and visit.place > 0
                and not visit.is_annulled
                and self._day(visit.at) == day
            }
            begins = datetime.fromisoformat(f"{day}T{start or '00:00'}").replace(tzinfo=self.zone)
            key = self._key(by, begins, service, "", "", "")
            numbers[key]["booked"] += people
            if day < self.today:
                numbers[key]["no_show"] += max(0, people - len(came))

    def _within(self, visit: Seen, ended: datetime) -> datetime:
        """A step that a wrong clock ends on another day counts in the hour of coming in."""
        return ended if self._day(ended) == self._day(visit.at) else visit.at

    def _add(
        self, numbers: Any, by: By, name: str, at: datetime, service: str, gate: str, reason: str
    ) -> None:
        if by is not By.COUNTER:
            numbers[self._key(by, at, service, gate, reason, "")][name] += 1

    def _key(self, by: By, at: datetime, service: str, gate: str, reason: str, counter: str) -> str:
        local = at.astimezone(self.zone)
        keys = {
            By.DAY: local.date().isoformat(),
            By.HOUR: local.replace(minute=0, second=0, microsecond=0)
            .astimezone(UTC)
            .astimezone(self.zone)
            .isoformat(timespec="minutes"),
        }
        rest = {By.SERVICE: service, By.GATE: gate, By.REASON: reason, By.COUNTER: counter}
        return {**keys, **rest}[by]

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _attempt(self, row: Any, facts: dict[str, Any]) -> None:
        where = (_utc(row.at), row.service or "", row.gate, row.reason)
        if row.decision in ("deny", "refer"):
            self.refusals.append((*where, "refused" if row.decision == "deny" else "referred"))
        if row.decision != "admit":
            return
        at, service, gate, reason = where
        number, before = facts["visit"], self.visits.get(facts["continues"] or 0)
        seen = Seen(
            at=at,
            person=number,
            service=service,
            gate=gate,
            reason=reason,
            receipt=(row.issuer, row.receipt_number),
            place=facts["place"],
            plan=facts["steps"],
        )
        if before is not None:
            if self._day(before.at) == self._day(at):
                seen.person = before.person
            seen.plan, seen.position = before.plan, 0 if before.is_done else before.position
        self.visits[number] = seen

    def _annul(self, _: Any, facts: dict[str, Any]) -> None:
        self.visits[facts["visit"]].is_annulled = True

    def _booked(self, row: Any, facts: dict[str, Any]) -> None:
        if "after" in facts:
            facts = facts["after"]
        if "day" in facts:
            day = date.fromisoformat(facts["day"])
            booking = (day, facts["start"], row.service, facts["people"])
            self.bookings[row.issuer, row.receipt_number] = booking

    _booking_changed = _issued = _booked

    def _revoke(self, row: Any, _: dict[str, Any]) -> None:
        self.bookings.pop((row.issuer, row.receipt_number), None)

    def _queue(self, row: Any, facts: dict[str, Any]) -> None:
        visit = self.visits[facts["visit"]]
        if facts["act"] == "undo":
            assert visit.before is not None
            visit.plan, visit.position, visit.is_done, steps = visit.before
            del visit.steps[steps:]
            return
        visit.before = (visit.plan, visit.position, visit.is_done, len(visit.steps))
        plan, position = visit.plan, visit.position
        if "seconds" in facts:
            spent = facts["seconds"]
            served = spent["serving"] or spent["walking"]
            ended = (_utc(row.at), spent["waiting"], served)
            visit.steps.append((plan[position], facts["counter"], *ended))
        if facts["act"] == "done":
            visit.is_done = position + 1 == len(plan)
            visit.position += not visit.is_done
        elif facts["act"] == "forward":
            is_finished = "seconds" in facts
            visit.plan = [
                *plan[: position + is_finished],
                facts["service"],
                *plan[position + 1 :],
            ]
            visit.position += is_finished


def _utc(at: Any) -> datetime:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _on_grid(seconds: float) -> float:
    minutes = seconds / 60
    for limit, in_a_minute in ((10, 10), (60, 2), (480, 0.2)):
        if minutes < limit:
            return round(minutes * in_a_minute) / in_a_minute
    return 480.0


def _quantiles(values: list[float]) -> tuple[float, float] | None:
    ordered = sorted(values)
    if not ordered:
        return None
    p50, p90 = (ordered[ceil(len(ordered) * share / 10) - 1] for share in (5, 9))
    return (round(p50, 3), round(p90, 3))


def told(rows: list[FigureRow]) -> dict[str, dict[str, Any]]:
    found = {}
    for row in rows:
        values = asdict(row)
        for name in ("wait_minutes", "service_minutes"):
            minutes = values[name]
            values[name] = minutes and tuple(round(one, 3) for one in minutes.values())
        found[values.pop("key")] = values
    return {key: values for key, values in found.items() if any(values.values())}


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes a database that is there and empty."""
    if request.param == "postgresql":
        yield request.getfixturevalue("new_postgresql_database")
        return
    with TemporaryDirectory() as folder:
        numbers = itertools.count()
        yield lambda: put_new_record(Path(folder) / f"{next(numbers)}.db")


class Office:
    """An office to which things happen; ``now`` only goes on, unless somebody sets the clock."""

    def __init__(self, where: str | Path, zone: ZoneInfo, now: datetime) -> None:
        self.where, self.zone, self.clock = where, zone, FakeClock(now)
        self.record = self.open()
        self.admitted: list[str] = []
        self.receipts: list[Any] = []
        self.booked: list[Registration] = []
        self.record.services.put(slots(slot_places=50))
        for name in ("1", "2"):
            add = with_counter(name, {"services": "all"})
            self.record.facts.change(add, operator="siti", at=now)
        edit = with_changed_service("LEGALISIR", {"steps": "LEGALISIR,KTP"})
        self.record.facts.change(edit, operator="siti", at=now)

    def open(self) -> Record:
        plan = SeatPlan(4, 5)
        return Record.open(
            self.where, site=SITE, zone=self.zone, plan=plan, capacity=50, clock=self.clock
        )

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def come(self, a: int, b: int) -> None:
        self._write(attempt(service=SERVICES[b % 3], gate=GATES[a % 2], at=self.now))

    def come_with_receipt(self, a: int, b: int) -> None:
        if self.receipts:
            claims = self.receipts[b % len(self.receipts)]
            self._write(attempt(receipt=claims, gate=GATES[a % 2], at=self.now))

    def come_anew(self, a: int, b: int) -> None:
        claims = receipt(
            not_before=self.now - timedelta(days=1),
            expires=self.now + timedelta(days=3),
            party_size=1 + b % 2,
        )
        self.receipts.append(claims)
        self._write(attempt(receipt=claims, gate=GATES[a % 2], at=self.now))

    def come_back(self, a: int, b: int) -> None:
        if self.receipts:
            claims = self.receipts[-1 - b % min(3, len(self.receipts))]
            self.record.visits.leave(
                receipt=claims, how=ExitHow.SCAN, gate="timur", operator=None, at=self.now
            )
            self._write(attempt(receipt=claims, gate=GATES[a % 2], at=self.now))

    def refuse(self, a: int, b: int) -> None:
        reason = (Reason.GUARD_REFUSED, Reason.EXPIRED, Reason.ELEVATED_TWICE)[b % 3]
        self._write(refusal(reason, gate=GATES[a % 2], service=SERVICES[(a + b) % 3], at=self.now))

    def _write(self, one: Any) -> None:
        written = self.record.visits.write(one)
        if written.visit is not None:
            self.admitted.append(written.attempt_id)

    def annul(self, a: int, _: int) -> None:
        if self.admitted:
            which = self.admitted[a % len(self.admitted)]
            self.record.visits.annul(which, operator="ani", remark="x", at=self.now)

    def leave(self, a: int, b: int) -> None:
        claims = self.receipts[b % len(self.receipts)] if self.receipts and a % 2 else None
        self.record.visits.leave(
            receipt=claims, how=ExitHow.BUTTON, gate="utama", operator=None, at=self.now
        )

    def act(self, a: int, b: int) -> None:
        acts = (Act.CALL_NEXT, Act.ARRIVED, Act.DONE, Act.DONE, Act.CALL_NEXT, Act.FORWARD)
        others = (Act.UNDO, Act.PARK, Act.MISSED)
        what = (acts * 2 + others)[a % 15]
        order = Order(act=what, counter="12"[b % 2], by="rina", service="KTP")
        self.record.queue.act(order, at=self.now)

    def book(self, a: int, b: int) -> None:
        day = self.today + timedelta(days=a % 3)
        offered = slots(slot_places=50)
        start = (8 + b % 4) * 60
        begins = datetime.combine(day, datetime.min.time(), self.zone).astimezone(UTC)
        slot = f"{start // 60:02d}:00"
        claims = receipt(
            not_before=begins,
            expires=begins + timedelta(days=3),
            party_size=1 + a % 3,
            slot=slot,
            service="KTP",
        )
        asked = Request(
            service=offered.code,
            day=day,
            start=datetime.strptime(slot, "%H:%M").replace(tzinfo=UTC).time(),
            name="Sari",
            party_size=1 + a % 3,
        )
        found = self.record.bookings.register(claims, asked, by="", hold_id=None, at=self.now)
        if isinstance(found, Registration):
            self.booked.append(found)
            self.receipts.append(claims)

    def cancel(self, a: int, _: int) -> None:
        if self.booked:
            claims = self.booked[a % len(self.booked)].claims
            self.record.bookings.cancel(claims.issuer, claims.number, by="", at=self.now)

    def move(self, a: int, b: int) -> None:
        if self.booked:
            claims = self.booked[a % len(self.booked)].claims
            day = self.today + timedelta(days=b % 3)
            place = Place(service="KTP", day=day, start=NINE)
            self.record.bookings.change(
                replace(claims, slot="09:00"), place, by="", hold_id=None, at=self.now
            )

    def erase(self, a: int, _: int) -> None:
        self.record.retention.forget(self.now + timedelta(days=40 * (a % 2)))

    def pass_time(self, a: int, b: int) -> None:
        minutes = (1, 7, 25, 55, 70, 60 * 13)[a % 6] + b % 3
        self.clock.move_to(self.now + timedelta(minutes=minutes))

    def set_back(self, a: int, _: int) -> None:
        self.clock.set_wall(self.now - timedelta(minutes=(3, 60, 60 * 26)[a % 3]))

    def look(self, a: int, _: int) -> None:
        first = self.today - timedelta(days=5)
        self.record.roll_ups.rows(first, self.today + timedelta(days=3), tuple(By)[a % 6])

    def night(self, a: int, _: int) -> None:
        if a % 2:
            self.record.roll_ups.keep_up()
        run = self.record.roll_ups.run(self.now)
        assert run.differing == 0

    def start_anew(self, *_: int) -> None:
        self.record.close()
        self.record = self.open()

    def log(self) -> list[Any]:
        with self.record._database._engine.begin() as connection:
            columns = "kind, at, gate, decision, reason, issuer, receipt_number, service, facts"
            query = f"SELECT {columns} FROM entries ORDER BY entry_id"
            return list(connection.execute(text(query)))

    def check(self) -> None:
        first, last = self.today - timedelta(days=40), self.today + timedelta(days=40)
        recount = Recount(self.log(), self.zone, self.today)
        sums = []
        for by in By:
            rows = self.record.roll_ups.rows(first, last, by)
            assert told(rows) == recount.rows(by), by
            sums.append({name: sum(getattr(row, name) for row in rows) for name in NUMBERS})
        assert sums[0] == sums[1] == sums[2]
        total = self.record.roll_ups.total(first, last)
        assert {name: getattr(total, name) for name in NUMBERS} == sums[0]


ACTS = (
    *("come",) * 4,
    *("come_with_receipt",) * 2,
    *("come_anew",) * 3,
    *("come_back",) * 3,
    *("act",) * 20,
    *("pass_time",) * 5,
    *("book",) * 3,
    *("annul", "leave", "refuse", "cancel", "move", "erase", "set_back", "look", "night"),
    *("leave", "refuse", "look", "start_anew"),
)
sequences = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 59), st.integers(0, 59)),
    min_size=50,
    max_size=90,
)


@pytest.mark.parametrize("zone", BORDERS)
def test_figures_equal_a_recount_of_the_log_whatever_happened(
    where: Any, zone: str, request: pytest.FixtureRequest
) -> None:
    is_slow = "postgresql" in request.node.name

    @settings(
        max_examples=1 if is_slow else 3,
        phases=[Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(sequences)
    def holds(acts: list[tuple[str, int, int]]) -> None:
        office = Office(where(), ZoneInfo(zone), BORDERS[zone])
        try:
            for name, a, b in acts:
                getattr(office, name)(a, b)
            office.check()
            office.clock.move_to(office.now + timedelta(days=1))
            office.check()
            assert office.record.visits.verify().problem is None
        finally:
            office.record.close()

    holds()


@pytest.fixture
def office(where: Any) -> Iterator[Office]:
    """An office on a day in March, near its midnight."""
    made = Office(where(), ZoneInfo("Asia/Jakarta"), BORDERS["Asia/Jakarta"])
    yield made
    made.record.close()


def sql(office: Office, statement: str) -> None:
    with office.record._database._engine.begin() as connection:
        connection.execute(text(statement))


def came(office: Office) -> dict[str, int]:
    first = office.today - timedelta(days=3)
    rows = office.record.roll_ups.rows(first, office.today, By.DAY)
    return {row.key: row.came for row in rows if row.came}


def test_figures_that_somebody_changed_are_found_and_counted_anew(office: Office) -> None:
    office.come(0, 0)
    office.clock.move_to(office.now + timedelta(days=1))
    first = office.record.roll_ups.run(office.now)
    assert (first.rolled, first.checked, first.differing) == (1, 1, 0)
    assert office.record.visits.verify().problem is None
    sql(office, "UPDATE roll_ups SET came = 7")
    assert came(office) == {"2026-03-10": 7}
    found = office.record.visits.verify()
    assert found.problem == "the kept figures of 2026-03-10 are not what the log says"
    second = office.record.roll_ups.run(office.now)
    assert (second.rolled, second.checked, second.differing) == (0, 1, 1)
    assert office.record.roll_ups.newest_run() == second
    assert came(office) == {"2026-03-10": 1}
    assert office.record.roll_ups.run(office.now).differing == 0


def test_a_day_that_is_over_is_read_once_until_it_is_counted_anew(office: Office) -> None:
    office.come(0, 0)
    office.clock.move_to(office.now + timedelta(days=1))
    assert came(office) == {"2026-03-10": 1}
    sql(office, "UPDATE roll_ups SET came = 7")
    assert came(office) == {"2026-03-10": 1}
    office.annul(0, 0)
    assert came(office) == {}
    assert office.record.visits.verify().problem is None


def test_days_between_two_without_visitors_are_read_once_too(office: Office) -> None:
    first = office.today
    for number in range(6):
        if number in (0, 4):  # the days behind them hold a booking that was cancelled
            office.booked.clear()
            office.book(1, 0)
            office.cancel(0, 0)
        if number not in (1, 5):
            office.come(0, 0)
        office.clock.move_to(office.now + timedelta(days=1))
    before = office.record.roll_ups.rows(first, office.today, By.HOUR)
    asked: list[str] = []
    event.listen(
        office.record._database._engine,
        "before_cursor_execute",
        lambda _, __, statement, *___: asked.append(statement),
    )
    assert office.record.roll_ups.rows(first, office.today, By.HOUR) == before
    assert [row.came for row in before] == [1, 1, 1, 1]
    assert asked
    assert not [one for one in asked if "FROM roll_ups" in one]


def test_what_another_process_counted_anew_is_read_again(office: Office) -> None:
    office.come(0, 0)
    office.clock.move_to(office.now + timedelta(days=1))
    assert came(office) == {"2026-03-10": 1}
    sql(office, "UPDATE roll_ups SET came = 7")
    office.clock.move_to(office.now + timedelta(minutes=1))
    with office.open() as other:
        assert other.roll_ups.run(office.now).differing == 1
    sql(office, "UPDATE roll_ups SET came = 8")
    assert came(office) == {"2026-03-10": 8}


def test_a_day_is_counted_once_and_again_only_after_a_late_row(office: Office) -> None:
    office.come(0, 0)
    office.come(0, 0)
    office.clock.move_to(office.now + timedelta(days=1))
    assert office.record.roll_ups.run(office.now).rolled == 1
    office.come(0, 0)
    assert office.record.roll_ups.run(office.now).rolled == 0
    office.annul(0, 0)
    assert came(office) == {"2026-03-10": 1, "2026-03-11": 1}
    assert office.record.roll_ups.run(office.now).rolled == 0  # it was, by the look before
    assert office.record.visits.verify().problem is None


def test_a_late_row_is_noticed_by_a_process_that_starts_after_it(office: Office) -> None:
    office.come(0, 0)
    office.clock.move_to(office.now + timedelta(days=1))
    office.record.roll_ups.run(office.now)
    office.annul(0, 0)
    office.start_anew()
    assert came(office) == {}


def test_of_two_processes_neither_undoes_what_the_other_has_counted(office: Office) -> None:
    office.come(0, 0)
    office.come(0, 0)
    office.clock.move_to(office.now + timedelta(days=1))
    with office.open() as other:
        assert other.roll_ups.run(office.now).rolled == 1
        office.annul(0, 0)
        assert office.record.roll_ups.run(office.now).rolled == 1
        first = office.today - timedelta(days=1)
        (row,) = other.roll_ups.rows(first, first, By.DAY)
        assert row.came == 1
        assert other.roll_ups.run(office.now).differing == 0


def test_another_zone_s_days_are_counted_anew(office: Office) -> None:
    office.come(0, 0)
    office.clock.move_to(office.now + timedelta(days=1))
    office.record.roll_ups.run(office.now)
    office.zone = ZoneInfo("Asia/Jayapura")
    office.start_anew()
    assert came(office) == {"2026-03-11": 1}
    assert office.record.visits.verify().problem is None


def test_a_night_that_is_broken_off_goes_on_where_it_stopped(office: Office) -> None:
    for _ in range(3):
        office.come(0, 0)
        office.clock.move_to(office.now + timedelta(days=1))
    assert office.record.roll_ups.run(office.now, pause=lambda _: True).rolled == 1
    assert office.record.roll_ups.run(office.now).rolled == 2
    assert office.record.roll_ups.run(office.now, check_s=-1).checked == 0


def test_a_made_history_is_a_sound_log_with_figures(tmp_path: Path) -> None:
    zone = ZoneInfo("Asia/Jakarta")
    office = Office(put_new_record(tmp_path / "made.db"), zone, BORDERS["Asia/Jakarta"])
    made = MadeHistory(
        visits=120,
        days=3,
        until=office.today,
        gates=GATES,
        counters=("1", "2"),
        services=("KTP", "LEGALISIR"),
    )
    write_history(office.record, made)
    assert office.record.roll_ups.run(office.now).rolled == 3
    assert office.record.visits.verify().problem is None
    office.check()
    total = office.record.roll_ups.total(office.today - timedelta(days=3), office.today)
    assert (total.came, total.served) == (120, 120)
    assert total.booked > total.no_show > 0
    office.record.close()
