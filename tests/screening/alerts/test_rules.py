"""What the rules find of an office, and that each thing is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from screening.alerts.alerts import Alert, AlertKind, AlertState, Finding, Level
from screening.alerts.rules import AFTER_S, FINE_FOR_S, BackupAge, Situation, findings
from screening.alerts.settling import Settling
from screening.alerts.unusual import GROUPS, REFERRALS, DayCounts, compare
from screening.decision import Reason
from screening.gate.view import DeviceView, GateMode, GateView
from screening.office.counters import Counter
from screening.office.facts import OfficeFacts
from screening.queue.queue import QueueView
from screening.queue.tickets import FinishedStep, Seconds, Ticket, TicketState, new_ticket
from screening.readings import DeviceKind
from screening.visits import DayFigures

NINE = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Jakarta")
NOBODY = QueueView(waiting=(), called=(), parked=(), missed=(), done=(), counters=())


def figures(**changes: Any) -> DayFigures:
    values = {"occupancy": 10, "capacity": 100, "admitted": 10, "refused": 0, **changes}
    return DayFigures(since=NINE, updated_at=NINE, **values)


def situation(**changes: Any) -> Situation:
    values: dict[str, Any] = {
        "at": NINE,
        "zone": ZONE,
        "facts": OfficeFacts(),
        "figures": figures(),
        "queue": NOBODY,
        "machine": "counter-pc",
        **changes,
    }
    return Situation(**values)


def waiting(number: int, *, ago: float = 0, service: str = "KTP", **more: Any) -> Ticket:
    at = NINE - timedelta(minutes=ago)
    return new_ticket(visit_id=number, label=f"K-{number:03d}", steps=(service,), at=at, **more)


def line(*tickets: Ticket, **more: Any) -> QueueView:
    return replace(NOBODY, waiting=tickets, **more)


def step(number: int, state: TicketState, *, ago: float = 10) -> FinishedStep:
    ended = NINE - timedelta(minutes=ago)
    return FinishedStep(
        service="KTP",
        counter=None if state is TicketState.GONE else "1",
        began=ended - timedelta(minutes=5 + number),
        ended=ended,
        seconds=Seconds(),
        state=state,
    )


def view(*devices: DeviceView, clock: str | None = None) -> GateView:
    return GateView(
        gate="utama",
        version=1,
        at=NINE,
        mode=GateMode.AUTOMATIC,
        checks_required=(),
        devices=devices,
        visitor=None,
        checks=(),
        temperature=None,
        verdict=None,
        aside=(),
        occupancy=0,
        capacity=1,
        clock_warning=clock,
    )


def device(*, is_available: bool, is_configured: bool = True) -> DeviceView:
    return DeviceView(
        kind=DeviceKind.SCANNER,
        is_configured=is_configured,
        is_available=is_available,
        since=NINE - timedelta(minutes=7),
        last_error=None if is_available else "unplugged",
    )


def found(now: Situation, kind: AlertKind, subject: str = "") -> Finding | None:
    those = [one for one in findings(now) if (one.kind, one.subject) == (kind, subject)]
    assert len(those) <= 1
    return those[0] if those else None


def level(now: Situation, kind: AlertKind, subject: str = "") -> Level | None:
    one = found(now, kind, subject)
    return None if one is None else one.level


@pytest.mark.parametrize(
    ("count", "expected"),
    [(25, Level.ABOVE), (24, Level.BETWEEN), (21, Level.BETWEEN), (20, Level.FINE)],
)
def test_a_line_is_told_at_its_limit_and_fine_only_well_below(count: int, expected: Level) -> None:
    tickets = [waiting(n) for n in range(count)] + [waiting(99, service="KK")]
    now = situation(queue=line(*tickets))
    assert level(now, AlertKind.QUEUE_LONG, "KTP") is expected
    assert level(now, AlertKind.QUEUE_LONG, "KK") is Level.FINE


@pytest.mark.parametrize(
    ("percent", "expected"), [(90, Level.ABOVE), (89, Level.BETWEEN), (85, Level.FINE)]
)
def test_a_room_is_told_at_ninety_per_cent(percent: int, expected: Level) -> None:
    assert level(situation(figures=figures(occupancy=percent)), AlertKind.NEARLY_FULL) is expected


def test_who_waits_outside_is_counted_against_the_offices_own_limit() -> None:
    now = situation(figures=figures(waiting_outside=8), facts=OfficeFacts(outside_alert_waiting=8))
    assert level(now, AlertKind.OUTSIDE_LONG) is Level.ABOVE


def test_a_limit_that_is_none_is_never_told() -> None:
    facts = OfficeFacts(
        queue_alert_waiting=None,
        outside_alert_waiting=None,
        full_alert_percent=None,
        wait_target_minutes=None,
        abandoned_alert_minutes=None,
    )
    now = situation(
        facts=facts,
        figures=figures(occupancy=100, waiting_outside=500),
        queue=line(
            *(waiting(n, ago=200) for n in range(500)), counters=((Counter(name="1"), None),)
        ),
    )
    assert [one for one in findings(now) if one.level is Level.ABOVE] == []


def test_a_wait_counts_from_the_booked_time_of_who_came_early() -> None:
    facts = OfficeFacts(wait_target_minutes=30)
    early = waiting(1, ago=40, booked_for=NINE - timedelta(minutes=5))
    now = situation(facts=facts, queue=line(early))
    assert level(now, AlertKind.WAIT_LONG, "KTP") is Level.FINE
    now = situation(facts=facts, queue=line(early, waiting(2, ago=31)))
    one = found(now, AlertKind.WAIT_LONG, "KTP")
    assert one is not None
    assert (one.level, one.value, one.limit) == (Level.ABOVE, 31, 30)


def test_a_queue_is_abandoned_when_a_free_counter_calls_nobody() -> None:
    counters = ((Counter(name="1"), None),)
    assert (
        level(
            situation(queue=line(waiting(1, ago=14), counters=counters)), AlertKind.QUEUE_ABANDONED
        )
        is Level.FINE
    )
    assert (
        level(
            situation(queue=line(waiting(1, ago=15), counters=counters)), AlertKind.QUEUE_ABANDONED
        )
        is Level.ABOVE
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"is_open": False},
        {"finished": [step(1, TicketState.DONE, ago=3)]},
        {"queue": line(waiting(1, ago=60), counters=((Counter(name="1", is_open=False), None),))},
        {
            "queue": line(
                waiting(1, ago=60), counters=((Counter(name="1", services=("KK",)), None),)
            )
        },
        {"queue": line(counters=((Counter(name="1"), None),))},
    ],
    ids=["closed", "somebody was just done", "no counter open", "not its service", "nobody waits"],
)
def test_a_queue_is_not_abandoned(changes: dict[str, Any]) -> None:
    usual = {"queue": line(waiting(1, ago=60), counters=((Counter(name="1"), None),))}
    now = situation(**{**usual, **changes})
    assert level(now, AlertKind.QUEUE_ABANDONED) in (None, Level.FINE)


def test_a_counter_that_serves_somebody_long_gets_twice_the_time() -> None:
    called = replace(
        waiting(9, ago=60),
        state=TicketState.SERVING,
        counter="1",
        called_at=NINE - timedelta(minutes=29),
        recalled_at=NINE - timedelta(minutes=29),
    )
    queue = line(waiting(1, ago=60), called=(called,), counters=((Counter(name="1"), called),))
    assert level(situation(queue=queue), AlertKind.QUEUE_ABANDONED) is Level.FINE
    later = situation(queue=queue, at=NINE + timedelta(minutes=1))
    assert level(later, AlertKind.QUEUE_ABANDONED) is Level.ABOVE


def test_many_who_leave_unserved_are_told() -> None:
    gone = [step(n, TicketState.GONE) for n in range(5)]
    served = [step(n, TicketState.DONE) for n in range(10)]
    one = found(situation(finished=gone + served), AlertKind.LEFT_UNSERVED)
    assert one is not None
    assert (one.level, one.value) == (Level.ABOVE, 33.3)
    served += [step(n, TicketState.DONE) for n in range(4)]
    assert level(situation(finished=gone + served), AlertKind.LEFT_UNSERVED) is Level.BETWEEN
    old = [step(n, TicketState.GONE, ago=61) for n in range(5)]
    assert level(situation(finished=old), AlertKind.LEFT_UNSERVED) is Level.FINE


def test_a_device_that_is_away_is_told_by_its_gate() -> None:
    gates = {"utama": view(device(is_available=False)), "samping": None}
    one = found(situation(gates=gates), AlertKind.DEVICE_DOWN, "utama/scanner")
    assert one is not None
    assert (one.level, one.value, one.detail) == (Level.ABOVE, 7, "unplugged")
    by_hand = {"utama": view(device(is_available=False, is_configured=False))}
    assert found(situation(gates=by_hand), AlertKind.DEVICE_DOWN, "utama/scanner") is None


def test_a_clock_and_a_backup_are_told() -> None:
    backup = BackupAge(machine="counter-pc", newest=NINE - timedelta(hours=40), is_old=True)
    wrong = situation(gates={"utama": view(clock="behind")})
    assert level(wrong, AlertKind.CLOCK_WRONG, "utama") is Level.ABOVE
    now = situation(gates={"utama": view()}, backup=backup)
    one = found(now, AlertKind.BACKUP_OLD, "counter-pc")
    assert one is not None
    assert (one.level, one.value) == (Level.ABOVE, 40)
    fine = replace(now, backup=replace(backup, is_old=False))
    assert level(fine, AlertKind.CLOCK_WRONG, "utama") is Level.FINE
    assert level(fine, AlertKind.BACKUP_OLD, "counter-pc") is Level.FINE


def test_a_clock_that_jumped_makes_nobody_wait_longer() -> None:
    facts = OfficeFacts(wait_target_minutes=30)
    late = situation(facts=facts, queue=line(waiting(1, ago=500)))
    assert level(late, AlertKind.WAIT_LONG, "KTP") is Level.ABOVE
    jumped = replace(late, gates={"utama": view(clock="jumped")})
    assert level(jumped, AlertKind.WAIT_LONG, "KTP") is Level.BETWEEN
    assert level(jumped, AlertKind.CLOCK_WRONG, "utama") is Level.ABOVE


def day(ago: int, admitted: int, referred: int = 0, revoked: int = 0) -> DayCounts:
    counts = {Reason.ELEVATED_TWICE: referred, Reason.REVOKED: revoked}
    return DayCounts(date(2026, 3, 10) - timedelta(days=ago), admitted, counts)


USUAL = [day(ago, 97, referred=3) for ago in range(3, 10)]


def test_c2_compares_with_seven_days_that_end_two_days_before() -> None:
    # The two newest days are full of it already, and do not hide what begins.
    days = [*USUAL, day(1, 50, referred=50), day(2, 50, referred=50)]
    compared = compare(days, day(0, 180, referred=20), REFERRALS)
    assert compared is not None
    assert compared.mean == pytest.approx(0.03)
    assert compared.share == pytest.approx(0.1)
    # All seven days are alike: what is left is chance, sqrt(0.03 × 0.97 / 200).
    assert compared.threshold == pytest.approx(0.03 + 3 * 0.012062, abs=1e-5)


def test_c2_takes_three_deviations_of_the_baseline() -> None:
    spread = [day(ago, 1000 - 10 * n, referred=10 * n) for n, ago in enumerate(range(3, 10))]
    compared = compare(spread, day(0, 1000), REFERRALS)
    assert compared is not None
    # Shares 0, 1, … 6 %: mean 3 %, standard deviation 2.1602 %.
    assert compared.threshold == pytest.approx(0.03 + 3 * 0.021602, abs=1e-5)


@pytest.mark.parametrize(
    ("days", "today"),
    [
        (USUAL[1:], day(0, 180, referred=20)),
        ([*USUAL[1:], day(10, 10, referred=9)], day(0, 180, referred=20)),
        ([*USUAL[1:], day(40, 97, referred=3)], day(0, 180, referred=20)),
        (USUAL, day(0, 10, referred=9)),
    ],
    ids=["six days", "a day of few visitors", "a day of long ago", "few visitors today"],
)
def test_c2_says_nothing_of_too_little(days: list[DayCounts], today: DayCounts) -> None:
    assert compare(days, today, REFERRALS) is None


def test_closed_days_are_no_part_of_the_baseline() -> None:
    days = [day(ago, 97 if ago % 2 else 0, referred=3 if ago % 2 else 0) for ago in range(3, 16)]
    compared = compare(days, day(0, 180, referred=20), REFERRALS)
    assert compared is not None
    assert compared.mean == pytest.approx(0.03)


def test_an_unusual_share_is_told_by_its_group() -> None:
    refused = {Reason.REVOKED: 12, Reason.ELEVATED_TWICE: 3}
    now = situation(days=USUAL, figures=figures(admitted=85, refused=15, refused_by_reason=refused))
    assert level(now, AlertKind.UNUSUAL_REFUSALS, "receipts") is Level.ABOVE
    assert level(now, AlertKind.UNUSUAL_REFUSALS, REFERRALS) is Level.FINE


def test_four_cases_are_no_alert_whatever_their_share() -> None:
    now = situation(
        days=USUAL,
        figures=figures(admitted=16, refused=4, refused_by_reason={Reason.REVOKED: 4}),
    )
    assert level(now, AlertKind.UNUSUAL_REFUSALS, "receipts") is Level.BETWEEN


def test_each_reason_is_in_one_group_at_most() -> None:
    every = [reason for group in GROUPS.values() for reason in group]
    assert len(every) == len(set(every))


# Telling each once


FULL = situation(figures=figures(occupancy=95))
CALM = situation()


def alert(kind: AlertKind, subject: str = "", **more: Any) -> Alert:
    values: dict[str, Any] = {"value": 1, "limit": 1, "raised_at": NINE, **more}
    return Alert(alert_id=7, kind=kind, subject=subject, **values)


def raised(
    settling: Settling, now: Situation, now_s: float, *open_alerts: Alert
) -> tuple[list[AlertKind | str], list[int]]:
    settled = settling.settle(findings(now), open_alerts, now, now_s)
    return [one.kind for one in settled.raised], [one.alert_id for one in settled.over]


def test_what_lasts_is_raised_once() -> None:
    settling, wait_s = Settling(), AFTER_S[AlertKind.NEARLY_FULL]
    assert raised(settling, FULL, 0) == ([], [])
    assert raised(settling, FULL, wait_s - 1) == ([], [])
    assert raised(settling, FULL, wait_s) == ([AlertKind.NEARLY_FULL], [])
    open_alert = alert(AlertKind.NEARLY_FULL)
    assert raised(settling, FULL, wait_s + 5, open_alert) == ([], [])
    assert raised(settling, FULL, wait_s + 3600, open_alert) == ([], [])


def test_what_passes_is_never_told() -> None:
    settling = Settling()
    raised(settling, FULL, 0)
    raised(settling, CALM, 25)
    assert raised(settling, FULL, 35) == ([], [])


def test_it_is_over_after_it_was_fine_for_a_while() -> None:
    settling, open_alert = Settling(), alert(AlertKind.NEARLY_FULL)
    between = situation(figures=figures(occupancy=87))
    assert raised(settling, CALM, 0, open_alert) == ([], [])
    assert raised(settling, between, 60, open_alert) == ([], [])
    assert raised(settling, CALM, FINE_FOR_S, open_alert) == ([], [])
    assert raised(settling, CALM, 2 * FINE_FOR_S - 1, open_alert) == ([], [])
    assert raised(settling, CALM, 2 * FINE_FOR_S, open_alert) == ([], [7])


def test_a_rule_that_is_switched_off_ends_its_alert() -> None:
    settling, open_alert = Settling(), alert(AlertKind.NEARLY_FULL)
    off = replace(FULL, facts=OfficeFacts(full_alert_percent=None))
    raised(settling, off, 0, open_alert)
    assert raised(settling, off, FINE_FOR_S, open_alert) == ([], [7])


@pytest.mark.parametrize(
    ("open_alert", "gates", "is_over"),
    [
        (alert(AlertKind.DEVICE_DOWN, "utama/scanner"), {"utama": None}, False),
        (alert(AlertKind.DEVICE_DOWN, "utama/scanner"), {"utama": view()}, True),
        (alert(AlertKind.DEVICE_DOWN, "utama/scanner"), {}, True),
        (alert(AlertKind.CLOCK_WRONG, "utama"), {"utama": None}, False),
        (alert(AlertKind.BACKUP_OLD, "counter-pc"), {}, True),
        (alert(AlertKind.BACKUP_OLD, "other-pc"), {}, False),
        (alert(AlertKind.QUEUE_LONG, "KTP"), {}, True),
    ],
    ids=[
        "gate of another process",
        "device not configured any more",
        "gate removed",
        "clock of another process",
        "backup not made here any more",
        "backup of another machine",
        "nobody waits there",
    ],
)
def test_only_who_knows_ends_an_alert(
    open_alert: Alert, gates: dict[str, GateView | None], is_over: bool
) -> None:
    settling, now = Settling(), situation(gates=gates)
    raised(settling, now, 0, open_alert)
    assert raised(settling, now, FINE_FOR_S, open_alert) == ([], [7] if is_over else [])


def test_an_alert_is_told_then_taken_then_over() -> None:
    told = alert(AlertKind.NEARLY_FULL)
    taken = replace(told, acknowledged_by="dewi", acknowledged_at=NINE)
    assert [told.state, taken.state, replace(taken, over_at=NINE).state] == list(AlertState)
