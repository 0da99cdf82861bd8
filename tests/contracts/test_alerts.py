"""What every record promises of alerts, and of what is to be sent about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from screening.alerts.alerts import AlertKind, AlertState, Finding, Level
from screening.alerts.book import CLAIMED_FOR, KEPT_FOR, AlertMessage, MessageChannel, Occasion
from screening.decision import Reason
from screening.record import Record
from screening.visits import EntryKind
from tests.contracts.builders import NOON, attempt, refusal
from tests.records import AnyRecord
from tests.records import OpenRecord as Open

EVERY_KIND = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)
DATABASES = pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)

MAIL, HOOK = MessageChannel.MAIL, MessageChannel.HOOK
FULL = Finding(kind=AlertKind.NEARLY_FULL, subject="", level=Level.ABOVE, value=92.5, limit=90)
LINE = Finding(kind=AlertKind.QUEUE_LONG, subject="KTP", level=Level.ABOVE, value=30, limit=25)
LOST = Finding(
    kind=AlertKind.DEVICE_DOWN,
    subject="utama/scanner",
    level=Level.ABOVE,
    value=1,
    limit=1,
    detail="/dev/ttyUSB0: unplugged\n\u202e",
)
SOON = NOON + timedelta(minutes=5)
LATER = NOON + timedelta(hours=2)


def rows(record: AnyRecord) -> list[tuple[str, str | None, str | None]]:
    found = record.visits.entries(limit=1000)
    return [
        (str(one.kind), one.operator, one.remark) for one in found if one.kind is EntryKind.ALERT
    ]


@EVERY_KIND
def test_an_alert_is_told_taken_and_over_each_with_a_row(open_record: Open) -> None:
    record = open_record()
    raised = record.alerts.raise_(LINE, at=NOON)
    assert raised is not None
    assert (raised.kind, raised.subject, raised.value, raised.limit) == (
        AlertKind.QUEUE_LONG,
        "KTP",
        30,
        25,
    )
    assert record.alerts.open_alerts() == [raised]
    taken = record.alerts.acknowledge(raised.alert_id, by="dewi", at=SOON)
    assert taken == replace(raised, acknowledged_by="dewi", acknowledged_at=SOON)
    assert record.alerts.open_alerts() == [taken]
    over = record.alerts.end(raised.alert_id, at=LATER)
    assert over == replace(taken, over_at=LATER)
    assert over.state is AlertState.OVER
    assert record.alerts.open_alerts() == []
    assert record.alerts.alert(raised.alert_id) == over
    assert rows(record) == [
        ("alert", None, "raised: queue_long KTP"),
        ("alert", "dewi", "acknowledged: queue_long KTP"),
        ("alert", None, "over: queue_long KTP"),
    ]


@EVERY_KIND
def test_the_same_is_told_once_while_it_lasts(open_record: Open) -> None:
    record = open_record()
    first = record.alerts.raise_(FULL, at=NOON)
    assert first is not None
    assert record.alerts.raise_(replace(FULL, value=97), at=SOON) is None
    assert record.alerts.raise_(LINE, at=SOON) is not None
    assert record.alerts.raise_(replace(LINE, subject="KK"), at=SOON) is not None
    assert len(record.alerts.open_alerts()) == 3
    record.alerts.end(first.alert_id, at=SOON)
    again = record.alerts.raise_(FULL, at=LATER)
    assert again is not None
    assert again.alert_id != first.alert_id


@EVERY_KIND
def test_who_took_it_first_keeps_it_and_what_is_over_cannot_be_taken(open_record: Open) -> None:
    record = open_record()
    raised = record.alerts.raise_(FULL, at=NOON)
    assert raised is not None
    record.alerts.acknowledge(raised.alert_id, by="dewi", at=NOON)
    second = record.alerts.acknowledge(raised.alert_id, by="rina", at=SOON)
    assert second is not None
    assert (second.acknowledged_by, second.acknowledged_at) == ("dewi", NOON)
    record.alerts.end(raised.alert_id, at=SOON)
    assert record.alerts.acknowledge(raised.alert_id, by="rina", at=LATER) is None
    assert record.alerts.end(raised.alert_id, at=LATER) is None
    assert record.alerts.acknowledge(987654321, by="rina", at=LATER) is None
    assert len(rows(record)) == 3


def told(messages: list[AlertMessage]) -> list[tuple[int, Occasion, MessageChannel, int]]:
    return [(one.alert.alert_id, one.occasion, one.channel, one.tries) for one in messages]


@EVERY_KIND
def test_a_message_is_claimed_by_one_and_sent_once(open_record: Open) -> None:
    record = open_record()
    raised = record.alerts.raise_(FULL, at=NOON, channels={HOOK, MAIL})
    assert raised is not None
    number = raised.alert_id
    assert told(record.alerts.claim({MAIL}, at=NOON)) == [(number, Occasion.RAISED, MAIL, 1)]
    assert record.alerts.claim({MAIL}, at=SOON - timedelta(minutes=3)) == []
    (hook,) = record.alerts.claim({HOOK, MAIL}, at=NOON + timedelta(minutes=1))
    assert (hook.channel, hook.at) == (HOOK, NOON)
    record.alerts.settle(hook, at=NOON)
    # Whoever had the mail was killed: it is somebody else's turn.
    (mail,) = record.alerts.claim({HOOK, MAIL}, at=NOON + CLAIMED_FOR)
    assert (mail.channel, mail.tries) == (MAIL, 2)
    record.alerts.settle(mail, at=SOON)
    assert record.alerts.claim({HOOK, MAIL}, at=LATER) == []


@EVERY_KIND
def test_what_was_put_off_comes_again_and_over_comes_after_raised(open_record: Open) -> None:
    record = open_record()
    raised = record.alerts.raise_(FULL, at=NOON, channels={MAIL})
    assert raised is not None
    (mail,) = record.alerts.claim({MAIL}, at=NOON)
    record.alerts.put_off(mail, until=NOON + timedelta(minutes=30))
    record.alerts.end(raised.alert_id, at=SOON, channels={MAIL})
    assert record.alerts.claim({MAIL}, at=NOON + timedelta(minutes=29)) == []
    (mail,) = record.alerts.claim({MAIL}, at=NOON + timedelta(minutes=30))
    assert (mail.occasion, mail.tries) == (Occasion.RAISED, 2)
    record.alerts.settle(mail, at=NOON + timedelta(minutes=30))
    (over,) = record.alerts.claim({MAIL}, at=NOON + timedelta(minutes=31))
    assert (over.occasion, over.at, over.alert.state) == (Occasion.OVER, SOON, AlertState.OVER)


@EVERY_KIND
def test_a_clock_that_was_ahead_puts_no_message_off_for_long(open_record: Open) -> None:
    record = open_record()
    record.alerts.raise_(FULL, at=NOON, channels={MAIL})
    (mail,) = record.alerts.claim({MAIL}, at=NOON)
    record.alerts.put_off(mail, until=NOON + timedelta(days=400))
    assert len(record.alerts.claim({MAIL}, at=SOON)) == 1


@EVERY_KIND
def test_a_device_that_says_odd_things_is_told_in_one_line(open_record: Open) -> None:
    record = open_record()
    record.alerts.raise_(LOST, at=NOON)
    (found,) = record.alerts.open_alerts()
    assert found.gate == "utama"
    if isinstance(record, Record):
        assert found.detail == "/dev/ttyUSB0: unplugged "


@EVERY_KIND
def test_days_are_counted_by_reason(open_record: Open) -> None:
    record = open_record()
    yesterday = NOON - timedelta(days=1)
    record.visits.write(attempt(at=yesterday))
    for _ in range(2):
        record.visits.write(refusal(Reason.RECEIPT_UNREADABLE, at=yesterday))
    record.visits.write(attempt())
    today = NOON.date()
    (day,) = record.alerts.day_counts(today - timedelta(days=28), today)
    assert (day.day, day.admitted) == (today - timedelta(days=1), 1)
    assert day.by_reason == {Reason.RECEIPT_UNREADABLE: 2}
    assert (day.visitors, day.cases("receipts"), day.cases("referrals")) == (3, 2, 0)


@DATABASES
def test_alerts_outlive_a_restart_and_the_chain_holds(open_record: Open) -> None:
    first = open_record()
    raised = first.alerts.raise_(FULL, at=NOON, channels={MAIL})
    assert raised is not None
    first.alerts.acknowledge(raised.alert_id, by="dewi", at=SOON)
    first.close()
    second = open_record()
    assert [one.acknowledged_by for one in second.alerts.open_alerts()] == ["dewi"]
    assert second.alerts.raise_(FULL, at=LATER) is None
    assert len(second.alerts.claim({MAIL}, at=LATER)) == 1
    assert second.visits.verify().is_intact


@DATABASES
def test_what_was_over_long_ago_is_forgotten(open_record: Open) -> None:
    record = open_record()
    old = record.alerts.raise_(FULL, at=NOON, channels={MAIL})
    assert old is not None
    record.alerts.end(old.alert_id, at=SOON)
    record.alerts.raise_(LINE, at=SOON + KEPT_FOR)
    assert record.alerts.alert(old.alert_id) is not None
    record.alerts.raise_(LOST, at=SOON + KEPT_FOR + timedelta(seconds=1))
    assert record.alerts.alert(old.alert_id) is None
    assert record.alerts.claim({MAIL}, at=SOON + KEPT_FOR) == []


def at_once(*acts: Callable[[], object]) -> None:
    """All of them in the same moment."""
    barrier = Barrier(len(acts))

    def do(act: Callable[[], object]) -> None:
        barrier.wait()
        act()

    threads = [Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@DATABASES
def test_two_processes_raise_once_and_send_once(open_record: Open) -> None:
    records = [open_record(), open_record()]
    found: list[object] = []
    at_once(
        *(
            lambda record=record: found.append(record.alerts.raise_(FULL, at=NOON, channels={MAIL}))
            for record in records
            for _ in range(3)
        )
    )
    assert len([one for one in found if one is not None]) == 1
    claimed: list[AlertMessage] = []
    at_once(
        *(
            lambda record=record: claimed.extend(record.alerts.claim({MAIL}, at=NOON))
            for record in records
            for _ in range(3)
        )
    )
    assert len(claimed) == 1
