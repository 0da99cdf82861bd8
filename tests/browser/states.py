"""An office full of things to look at: one gate for each state, and a morning's visitors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import cv2
import numpy as np

from screening.decision import DecisionKind, Reason
from screening.events import RoomChanged
from screening.gate.view import AsideView, CheckState, GateMode, GateView, TemperatureView
from screening.queue.tickets import Act
from screening.readings import DeviceKind
from screening.survey.book import FollowUp
from screening.survey.index import Answer, Element, Marks, Quarter, Source
from screening.training.classroom import Stage
from screening.training.judging import Judged, Mark, Progress
from screening.training.lessons import LESSONS, Deed
from screening.visits import Attempt, ExitHow, MeasuredTemperature
from tests.dashboard.fakes import (
    NOON,
    VISITOR,
    FakeOffice,
    checks,
    devices,
    make_office,
    verdict,
    view_of,
)
from tests.dashboard.tickets import act, come_in, open_counters
from tests.fakes.classroom import FakeClassroom

PASSED = CheckState.PASSED
TEMPERATURE = TemperatureView(
    raw_celsius=34.62,
    corrections=(("offset", 1.81),),
    corrected_celsius=36.43,
    threshold_celsius=37.3,
)
ASIDE = (
    AsideView(
        attempt_id="aside-1",
        receipt_number="P3RT-77AA",
        service="AKTA",
        ready_at=NOON + timedelta(seconds=194),
        until_ready_s=194,
    ),
    AsideView(
        attempt_id="aside-2", receipt_number=None, service="DARURAT", ready_at=NOON, until_ready_s=0
    ),
)


def states() -> dict[str, GateView]:
    """A gate for each state, by its name."""
    alone = replace(VISITOR, place=1, party_size=1)
    return {
        "kosong": view_of("kosong"),
        "masuk": view_of(
            "masuk",
            visitor=VISITOR,
            checks=checks(receipt=PASSED, hands=PASSED, temperature=PASSED, mask=PASSED),
            temperature=TEMPERATURE,
            verdict=verdict(
                DecisionKind.ADMIT,
                Reason.ADMITTED,
                seat="B7",
                ticket="KTP-014",
                can_annul=True,
                barrier_opened=True,
            ),
            aside=ASIDE,
        ),
        "tangan": view_of(
            "tangan",
            visitor=alone,
            checks=checks(receipt=PASSED),
            verdict=verdict(DecisionKind.FIX, Reason.CLEAN_HANDS),
        ),
        "perbaiki": view_of(
            "perbaiki",
            visitor=alone,
            checks=checks(receipt=PASSED, hands=PASSED, temperature=PASSED, mask=CheckState.FAILED),
            temperature=TEMPERATURE,
            verdict=verdict(DecisionKind.FIX, Reason.COVER_NOSE),
        ),
        "tunggu": view_of(
            "tunggu",
            visitor=alone,
            checks=checks(receipt=PASSED, hands=PASSED, temperature=CheckState.FAILED),
            temperature=replace(TEMPERATURE, raw_celsius=36.1, corrected_celsius=37.91),
            verdict=verdict(DecisionKind.WAIT, Reason.SECOND_READING_PAUSE, until_ready_s=287.0),
            aside=ASIDE,
        ),
        "rujuk": view_of(
            "rujuk",
            visitor=alone,
            checks=checks(receipt=PASSED, hands=PASSED, temperature=CheckState.FAILED, mask=PASSED),
            temperature=replace(TEMPERATURE, raw_celsius=36.3, corrected_celsius=38.11),
            verdict=verdict(DecisionKind.REFER, Reason.ELEVATED_TWICE, needs_confirmation=True),
        ),
        "tolak": view_of(
            "tolak",
            visitor=alone,
            checks=checks(receipt=CheckState.FAILED),
            verdict=verdict(DecisionKind.DENY, Reason.NOT_YET_VALID),
        ),
        "manual": view_of(
            "manual",
            mode=GateMode.MANUAL,
            devices=devices(DeviceKind.THERMOMETER, DeviceKind.CAMERA),
            visitor=alone,
            checks=checks(
                receipt=PASSED,
                temperature=CheckState.NEEDS_GUARD,
                mask=CheckState.NEEDS_GUARD,
            ),
            verdict=verdict(DecisionKind.FIX, Reason.GUARD_MEASURES),
            clock_warning="behind",
            occupancy=30,
        ),
    }


def picture() -> bytes:
    """A grey stand-in for the camera with a box drawn on it."""
    image = np.full((480, 640, 3), (96, 88, 74), np.uint8)
    cv2.ellipse(image, (320, 230), (95, 125), 0, 0, 360, (150, 178, 205), -1)
    cv2.rectangle(image, (205, 85), (435, 375), (110, 200, 120), 3)
    cv2.rectangle(image, (235, 240), (405, 340), (220, 214, 190), -1)
    return bytes(cv2.imencode(".jpg", image)[1])


def busy_morning(made: FakeOffice) -> None:
    """Visitors since eight o'clock, some refused, some gone."""
    refusals = (
        (DecisionKind.DENY, Reason.NOT_YET_VALID),
        (DecisionKind.DENY, Reason.ALREADY_USED),
        (DecisionKind.REFER, Reason.ELEVATED_TWICE),
        (DecisionKind.DENY, Reason.BAD_SIGNATURE),
        (DecisionKind.DENY, Reason.NOT_YET_VALID),
        (DecisionKind.DENY, Reason.MASK_DECLINED),
    )
    services = ("KTP", "KK", "AKTA", "PINDAH", "LEGALISIR", "DARURAT")
    start = NOON - timedelta(hours=4)
    log = made.record.visits
    for number in range(74):
        at = start + timedelta(minutes=number * 3 + (number % 5))
        decision, reason = (
            refusals[number // 7 % len(refusals)]
            if number % 7 == 6
            else (DecisionKind.ADMIT, Reason.ADMITTED)
        )
        log.write(
            Attempt(
                attempt_id=f"morning-{number}",
                gate=("masuk", "perbaiki")[number % 2],
                at=at,
                decision=decision,
                reason=reason,
                service=services[number % len(services)],
                operator="budi" if number % 9 == 0 else None,
                remark="Identitas diperiksa, alat keliru" if number % 18 == 0 else None,
            )
        )
        if number % 3 != 0 and number > 8:
            log.leave(receipt=None, how=ExitHow.BUTTON, gate="masuk", operator="budi", at=at)
    log.write(
        Attempt(
            attempt_id="aside-1",
            gate="masuk",
            at=NOON - timedelta(minutes=2),
            decision=DecisionKind.WAIT,
            reason=Reason.SECOND_READING_PAUSE,
            service="AKTA",
            temperatures=(
                MeasuredTemperature(raw_celsius=36.1, corrections=(), corrected_celsius=37.9),
            ),
            ready_at=NOON + timedelta(minutes=3),
        )
    )


def make_example() -> FakeOffice:
    """The whole of it."""
    shown = states()
    made = make_office(*shown)
    jpeg = picture()
    for name, view in shown.items():
        made.gates.controls[name].shown = view
        if name != "manual":
            made.gates.controls[name].jpeg = jpeg
    busy_morning(made)
    busy_counters(made)
    surveyed(made)
    practised(made)
    return made


def practised(made: FakeOffice) -> None:
    """The guard's last lesson ended badly, the officer has none yet."""
    lesson = LESSONS["fever"]
    judged = (
        Judged(step=lesson.steps[0], mark=Mark.LATE, took_s=61.4, deed=Deed.SENT_ASIDE),
        Judged(step=lesson.steps[1], mark=Mark.WRONG, took_s=7.0, deed=Deed.OVERRIDDEN),
    )
    classroom = FakeClassroom()
    classroom.put("budi", Progress(lesson=lesson, judged=judged), Stage.OVER)
    object.__setattr__(made.office, "training", classroom)


def surveyed(made: FakeOffice) -> None:
    """What some people said of two quarters, and what is done about it."""
    survey = made.record.survey
    for of, service, marks in (
        (Quarter(2026, 3), "KTP", "332232233"),
        (Quarter(2026, 3), "KK", "343334434"),
        (Quarter(2026, 4), "KTP", "443443344"),
        (Quarter(2026, 4), "KTP", "342333434"),
        (Quarter(2026, 4), None, "444344443"),
    ):
        survey.answer_unnamed(
            Answer(
                marks=Marks.parse(marks),
                quarter=of,
                service=service,
                source=Source.RECEIPT,
                was_refused=service is None,
            )
        )
    for until in (date(2026, 11, 20), date(2026, 12, 20)):
        follow_up = FollowUp(
            quarter=Quarter(2026, 3),
            element=Element.TIME,
            service="KTP",
            found="waits of two hours on Mondays",
            action="a second counter on Mondays",
            who="Rina",
            until=until,
        )
        survey.note_follow_up(follow_up, by="dewi", at=NOON)


def busy_counters(made: FakeOffice) -> None:
    """Somebody on the way to one counter, somebody served at another, and others who wait."""
    open_counters(made, "1", "2", "3")
    open_counters(made, "foto", place="Ruang Foto")
    come_in(made, "B-001", "B-002", "B-003", receipt=("BGR", "K7M2-9QXD"))
    come_in(made, "K-120", service="KK", is_priority=True)
    for counter in ("1", "2", "3", "foto"):
        act(made, Act.CALL_NEXT, counter)
    act(made, Act.ARRIVED, "2")
    act(made, Act.MISSED, "3")
    act(made, Act.CALL_NEXT, "3")
    act(made, Act.PARK, "3")
    waiting = made.record.queue.view(at=made.clock.now()).waiting
    act(made, Act.CALL_AHEAD, "3", ticket=waiting[0].label)


def let_one_in(made: FakeOffice, number: int) -> None:
    """One more visitor, as the gate would tell it."""
    log = made.record.visits
    now = made.clock.now()
    written = log.write(
        Attempt(
            attempt_id=f"live-{number}",
            gate="masuk",
            at=now,
            decision=DecisionKind.ADMIT,
            reason=Reason.ADMITTED,
            service="KTP",
        )
    )
    entry = log.entries(after=written.entry_id - 1, limit=1)[0]
    made.tell(entry)
    since = NOON - timedelta(hours=12)
    made.hub.publish(RoomChanged(log.figures(since=since, at=now), tuple(log.seats())))
