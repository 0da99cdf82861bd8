"""A day planned on the managers' page: what is assumed, the job beside the office, the quota."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.manager.plan_jobs import LEFT_S, Job, PlanJobs, lines_of_process
from dashboard.manager.plan_lessons import PlanLessons
from screening.clock import FakeClock
from screening.errors import RecordError
from screening.figures.planned_day import asked
from screening.figures.planner import Plan, Question, plan
from screening.figures.planner_process import PLAN
from screening.figures.roll_ups import By, FigureRow, Figures
from screening.office.changes import with_changed_service, with_counter
from screening.office.counters import CounterSwitch
from screening.queue.book import QueueBook
from screening.queue.tickets import FinishedStep
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import NOON, FakeOffice

DAY = date(2026, 11, 25)
ENDS_S = 60.0


def small(question: Question) -> Question:
    """As little to play as there can be."""
    return replace(question, chairs=())


class Planner:
    """Says what a test tells it to; ``may_end`` lets it go on to the plan."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.may_end = threading.Event()
        self.was_given_up = threading.Event()
        self.fails = False

    def __call__(self, question: Question, job: Job) -> Generator[dict[str, Any], None, None]:
        self.asked.append(question)
        try:
            yield {"done": 0.25}
            while not self.may_end.wait(0.01):
                yield {"done": 0.4}
            if not self.fails:
                yield {"plan": PLAN.dump_python(plan(small(question)), mode="json")}
        finally:
            self.was_given_up.set()


@pytest.fixture
def planner(app: FastAPI, fake: FakeOffice) -> Iterator[Planner]:
    planner = Planner()
    app.state.plan_jobs = PlanJobs(fake.office.clock, planner)
    yield planner
    app.state.plan_jobs.close()


def begin(client: TestClient, **fields: str) -> str:
    answer = send(client, "/plan", "/plan", **{"date": DAY.isoformat(), **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def number_of(where: str) -> str:
    return where.rsplit("/", 1)[1]


def finish(app: FastAPI, planner: Planner, where: str) -> None:
    planner.may_end.set()
    assert app.state.plan_jobs.look(number_of(where)).ended.wait(ENDS_S)


def fields_of(answer: Any) -> dict[str, Any]:
    return {one.name: one for group in answer.context["form"].groups for one in group.fields}


def test_the_next_open_day_is_shown_with_each_assumption_and_where_it_comes_from(
    logged_in: Browse, planner: Planner
) -> None:
    shown = logged_in("dewi").get("/plan")
    assert shown.context["form"].date == DAY.isoformat()
    fields = fields_of(shown)
    assert fields["no_show"].value == "12"
    assert fields["no_show"].source == "default"
    assert "belum diketahui" in fields["no_show"].told
    assert fields["capacity"].value == "30"


def test_what_is_typed_is_played_and_stays_on_the_page(
    logged_in: Browse, planner: Planner, app: FastAPI
) -> None:
    client = logged_in("dewi")
    where = begin(client, no_show="30", capacity="25")
    running = client.get(where)
    assert (running.context["state"], running.context["answer"]) == ("running", None)
    assert "<progress" in client.get(f"{where}/progress").text
    question = planner.asked[0]
    assert (question.capacity, question.assumptions.no_show.value) == (25, 0.3)
    finish(app, planner, where)
    assert 'data-state="done"' in client.get(f"{where}/progress").text
    shown = client.get(where)
    answer = shown.context["answer"]
    assert sum(bar.count for bar in answer.bars) > 0
    assert fields_of(shown)["no_show"].source == "given"
    assert "30" in shown.text


def test_what_was_not_changed_stays_learnt_in_any_language(
    logged_in: Browse, planner: Planner, app: FastAPI
) -> None:
    client = logged_in("dewi")
    shown = client.get("/plan")
    as_shown = {name: one.value for name, one in fields_of(shown).items()}
    assert as_shown["stay"] == "35,0"
    where = begin(client, **as_shown)
    finish(app, planner, where)
    assert planner.asked[0].assumptions.stay.log_mean.source == "default"
    client.get("/preferences?language=en&back=/plan")
    in_english = fields_of(client.get(where))
    assert (in_english["stay"].value, in_english["stay"].source) == ("35.0", "default")


@pytest.mark.parametrize("typed", ["", "viel", "1e3", "95", "-1"])
def test_what_is_no_number_stands_beside_its_field(
    logged_in: Browse, planner: Planner, typed: str
) -> None:
    client = logged_in("dewi")
    answer = send(client, "/plan", "/plan", date=DAY.isoformat(), no_show=typed)
    assert answer.status_code == 422
    assert fields_of(answer)["no_show"].problem
    assert fields_of(answer)["no_show"].value == typed
    assert not planner.asked


def test_a_day_on_which_the_office_is_closed_is_told(logged_in: Browse, planner: Planner) -> None:
    shown = logged_in("dewi").get("/plan?date=2026-11-29")
    assert shown.status_code == 200
    assert "tutup" in shown.context["form"].problem
    assert not shown.context["form"].groups


class HeldFigures:
    """Figures that nobody gets before ``may_go``; ``rows_asked`` counts how often."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self.may_go = threading.Event()
        self.rows_asked = 0

    def rows(self, first: date, last: date, by: By) -> list[FigureRow]:
        self.rows_asked += 1
        assert self.may_go.wait(ENDS_S)
        return self._figures.rows(first, last, by)


@pytest.fixture
def held(app: FastAPI, fake: FakeOffice) -> Iterator[HeldFigures]:
    """An office with so many visitors that its past days are not read while a page waits."""
    held = HeldFigures(fake.office.roll_ups)
    queue = LongQueue(NOON)
    office = replace(fake.office, roll_ups=cast(Figures, held), queue=cast(QueueBook, queue))
    app.state.plan_lessons = PlanLessons(office)
    yield held
    held.may_go.set()


class LongQueue:
    """More tickets than a page would wait for have ended since ``since``; none is told."""

    def __init__(self, since: datetime) -> None:
        self._since = since

    def ended_since(self, tickets: int) -> datetime:
        return self._since

    def finished(self, *, since: datetime) -> list[FinishedStep]:
        return []

    def switches(self, *, since: datetime) -> list[CounterSwitch]:
        return []


def read_on(app: FastAPI, held: HeldFigures) -> None:
    held.may_go.set()
    assert isinstance(app.state.plan_lessons.question(DAY, waits=True), Question)


def test_many_past_days_are_read_beside_the_page_which_says_how_far_it_is(
    logged_in: Browse, planner: Planner, app: FastAPI, held: HeldFigures
) -> None:
    client = logged_in("dewi")
    for _ in range(3):
        shown = client.get("/plan")
        assert (shown.status_code, shown.context["state"]) == (202, "reading")
        assert "<progress" in shown.text
        assert not fields_of(shown)
    read_on(app, held)
    shown = client.get("/plan")
    assert (shown.status_code, shown.context["state"]) == (200, "none")
    assert fields_of(shown)["no_show"].value == "12"


def test_past_days_are_read_once_for_all_days_that_are_planned(
    logged_in: Browse, planner: Planner, app: FastAPI, held: HeldFigures
) -> None:
    held.may_go.set()
    for day in (DAY, DAY + timedelta(days=1), DAY):
        app.state.plan_lessons.question(day, waits=True)
    assert held.rows_asked == 1
    assert logged_in("dewi").get("/plan").status_code == 200


def test_a_plan_waits_for_the_past_days(
    logged_in: Browse, planner: Planner, app: FastAPI, held: HeldFigures
) -> None:
    held.may_go.set()
    begin(logged_in("dewi"), no_show="30")
    assert planner.asked[0].assumptions.no_show.value == 0.3


def test_past_days_that_cannot_be_read_are_asked_for_again(
    planner: Planner, app: FastAPI, fake: FakeOffice
) -> None:
    fails = [RecordError("gone"), RecordError("gone")]

    class Failing(LongQueue):
        def ended_since(self, tickets: int) -> datetime:
            if fails:
                raise fails.pop()
            return super().ended_since(tickets)

    office = replace(fake.office, queue=cast(QueueBook, Failing(NOON)))
    lessons = PlanLessons(office)
    for _ in range(2):
        with pytest.raises(RecordError):
            lessons.question(DAY)
    assert isinstance(lessons.question(DAY, waits=True), Question)


@pytest.mark.parametrize("day", ["2026-11-23", "2028-01-01", "gestern", "2026-02-30"])
def test_no_other_day_can_be_planned(logged_in: Browse, planner: Planner, day: str) -> None:
    assert logged_in("dewi").get(f"/plan?date={day}").status_code == 404


def test_a_page_that_says_it_is_left_gives_the_plan_up(logged_in: Browse, planner: Planner) -> None:
    client = logged_in("dewi")
    where = begin(client)
    send(client, "/plan", f"{where}/leave")
    assert planner.was_given_up.wait(ENDS_S)


def test_a_page_that_asks_no_more_gives_the_plan_up(
    logged_in: Browse, planner: Planner, fake: FakeOffice
) -> None:
    begin(logged_in("dewi"))
    clock = fake.office.clock
    assert isinstance(clock, FakeClock)
    clock.move_to(clock.now() + timedelta(seconds=LEFT_S + 1))
    assert planner.was_given_up.wait(ENDS_S)


def test_one_day_is_planned_at_a_time(logged_in: Browse, planner: Planner) -> None:
    begin(logged_in("dewi"))
    other = send(logged_in("admin"), "/plan", "/plan", date=DAY.isoformat())
    assert other.status_code == 409
    assert other.context["form"].problem
    begin(logged_in("dewi"), no_show="20")
    assert planner.was_given_up.wait(ENDS_S)


def test_a_planner_that_fails_is_told(
    logged_in: Browse, planner: Planner, app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    planner.fails = True
    client = logged_in("dewi")
    where = begin(client)
    finish(app, planner, where)
    assert client.get(where).context["state"] == "failed"


def test_the_quota_is_taken_over_after_a_look_and_with_its_reason(
    logged_in: Browse, planner: Planner, app: FastAPI, fake: FakeOffice
) -> None:
    edit = with_changed_service("KTP", {"booking": "slot", "slot_minutes": "30"})
    fake.record.facts.change(edit, operator="x", at=NOON)
    client = logged_in("dewi")
    where = begin(client)
    finish(app, planner, where)
    found = app.state.plan_jobs.look(number_of(where)).plan
    asked_first = send(client, "/plan", f"{where}/quota")
    assert asked_first.template.name == "manager/plan_look.html"
    assert fake.record.facts.current().daily_quota is None
    seen = asked_first.context["seen"]
    done = send(client, "/plan", f"{where}/quota", step="change", seen=seen)
    assert done.status_code == 303
    facts = fake.record.facts.current()
    assert facts.daily_quota == found.booked
    assert facts.services["KTP"].slot_places == min(found.quota.values())
    newest = fake.record.facts.changed()[0]
    assert newest.operator == "dewi"
    assert newest.why.startswith("Direncanakan untuk Rabu, 25 November")


def test_a_look_that_is_old_changes_nothing(
    logged_in: Browse, planner: Planner, app: FastAPI, fake: FakeOffice
) -> None:
    client = logged_in("dewi")
    where = begin(client)
    finish(app, planner, where)
    late = send(client, "/plan", f"{where}/quota", step="change", seen="something else")
    assert late.context["is_late"]
    assert fake.record.facts.current().daily_quota is None


def test_what_comes_from_elsewhere_or_leads_nowhere_plans_nothing(logged_in: Browse) -> None:
    manager = logged_in("dewi")
    assert manager.post("/plan", data={"date": DAY.isoformat()}).status_code == 403
    assert manager.get("/plan/unknown").headers["location"] == "/plan"


def test_the_planner_s_own_process_answers_as_the_planner_does(fake: FakeOffice) -> None:
    fake.record.facts.change(with_counter("1", {}), operator="x", at=NOON)
    question = replace(asked(DAY, facts=fake.record.facts.current()), capacity=6, chairs=())
    *steps, last = lines_of_process(question, Job("1", DAY, "dewi", question, 0.0))
    assert [one["done"] for one in steps] == sorted(one["done"] for one in steps)
    found: Plan = PLAN.validate_python(last["plan"])
    assert found == plan(question)
