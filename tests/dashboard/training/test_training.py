"""Pages of lessons: who has which, what is told meanwhile, and how it went."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.training.words import DEEDS, LESSON_WORDS, MARKS, STEP_WORDS
from screening.training.classroom import Stage
from screening.training.judging import Judged, Mark, Progress
from screening.training.lessons import (
    GUARDS_LESSONS,
    LESSONS,
    OFFICERS_LESSONS,
    Deed,
    Lesson,
)
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import FakeOffice
from tests.fakes.classroom import FakeClassroom

PAGES = ("/training", "/training/now", "/training/said")


@pytest.fixture
def classroom(fake: FakeOffice) -> FakeClassroom:
    classroom = FakeClassroom()
    object.__setattr__(fake.office, "training", classroom)
    object.__setattr__(fake.office, "is_demo", True)
    return classroom


def codes(answer: object) -> list[str]:
    groups = answer.context["groups"]  # type: ignore[attr-defined]
    return [lesson.code for group in groups for lesson in group.lessons]


@pytest.mark.parametrize("name", ["budi", "rina", "admin"])
def test_a_real_office_has_no_lessons(logged_in: Browse, name: str) -> None:
    trainee = logged_in(name)
    assert [trainee.get(page).status_code for page in PAGES] == [404] * 3
    assert send(trainee, "/account/second-factor", "/training/forged").status_code == 404


@pytest.mark.parametrize(
    ("name", "lessons"),
    [
        ("budi", GUARDS_LESSONS),
        ("rina", OFFICERS_LESSONS),
        ("admin", (*GUARDS_LESSONS, *OFFICERS_LESSONS)),
    ],
)
def test_everybody_sees_the_lessons_of_their_work(
    logged_in: Browse, classroom: FakeClassroom, name: str, lessons: tuple[Lesson, ...]
) -> None:
    assert codes(logged_in(name).get("/training")) == [lesson.code for lesson in lessons]


def test_a_lesson_that_waits_for_a_pause_says_that_it_takes_longer(
    guard: TestClient, classroom: FakeClassroom
) -> None:
    groups = guard.get("/training").context["groups"]
    minutes = {lesson.code: lesson.minutes for lesson in groups[0].lessons}
    assert minutes["fever"] == "sekitar 6 menit"
    assert minutes["forged"] == "sekitar 1 menit"


def test_to_start_one_leads_where_it_is_taken(
    logged_in: Browse, guard: TestClient, classroom: FakeClassroom
) -> None:
    assert send(guard, "/training", "/training/forged").headers["location"] == "/gate/utama"
    classroom.leave("budi")
    officer = logged_in("rina")
    assert send(officer, "/training", "/training/help").headers["location"] == "/counter/3"


@pytest.mark.parametrize("code", ["help", "nonsense"])
def test_what_is_no_lesson_of_ones_work_is_not_found(
    guard: TestClient, classroom: FakeClassroom, code: str
) -> None:
    assert send(guard, "/training", f"/training/{code}").status_code == 404
    assert classroom.attendance is None


def test_only_one_at_a_time_and_the_page_says_who(
    logged_in: Browse, guard: TestClient, classroom: FakeClassroom
) -> None:
    send(guard, "/training", "/training/forged")
    refused = send(logged_in("rina"), "/training", "/training/help")
    assert refused.status_code == 409
    assert refused.context["notice"].startswith("budi")


def test_every_page_is_marked_while_a_lesson_is_taken(
    logged_in: Browse,
    guard: TestClient,
    client: TestClient,
    fake: FakeOffice,
    classroom: FakeClassroom,
) -> None:
    pages = {guard: "/gate/utama", logged_in("dewi"): "/dashboard", client: "/"}
    assert not any("ribbon lesson" in browser.get(page).text for browser, page in pages.items())
    assert 'href="/training"' in guard.get("/gate/utama").text
    send(guard, "/training", "/training/forged")
    fake.clock.move_to(fake.clock.now() + timedelta(minutes=1))  # the public page is drawn anew
    assert all("ribbon lesson" in browser.get(page).text for browser, page in pages.items())
    mine, others = guard.get("/gate/utama").text, client.get("/").text
    assert "/static/training.js" in mine
    assert "/static/training.js" not in others
    assert "budi sedang berlatih" in others


def test_what_happens_is_told_step_by_step(guard: TestClient, classroom: FakeClassroom) -> None:
    progress = Progress(lesson=LESSONS["party"])
    assert guard.get("/training/said").text == ""
    classroom.put("budi", progress, Stage.PREPARED)
    assert "disiapkan" in guard.get("/training/said").text
    classroom.put("budi", progress.begin_step(5), Stage.RUNNING)
    assert guard.get("/training/said").text.startswith("Siti <b>Aminah</b> dan dua orang lain")
    page = guard.get("/training/now")
    assert "Siti &lt;b&gt;Aminah" in page.text
    assert page.context["place"] == "/gate/utama"


def test_in_the_end_each_step_has_its_mark_and_its_rule(
    guard: TestClient, classroom: FakeClassroom
) -> None:
    lesson = LESSONS["fever"]
    judged = (
        Judged(step=lesson.steps[0], mark=Mark.LATE, took_s=61.4, deed=Deed.SENT_ASIDE),
        Judged(step=lesson.steps[1], mark=Mark.WRONG, took_s=7, deed=Deed.OVERRIDDEN),
    )
    classroom.put("budi", Progress(lesson=lesson, judged=judged), Stage.OVER)
    page = guard.get("/training/now").context
    assert [(one.mark, one.took) for one in page["steps"]] == [
        ("late", "61 dtk"),
        ("wrong", "7 dtk"),
    ]
    assert page["steps"][1].rule.startswith("Dua kali hangat adalah urusan petugas")
    assert page["steps"][1].did == "Anda mengizinkan masuk melawan gerbang"
    assert page["result"].startswith("1 dari 2 langkah benar")
    assert guard.get("/training").context["last"] == "Dua kali hangat"
    assert "selesai" in guard.get("/training/said").text


def test_whoever_stops_is_back_at_the_list(guard: TestClient, classroom: FakeClassroom) -> None:
    send(guard, "/training", "/training/forged")
    assert send(guard, "/training", "/training/end").headers["location"] == "/training"
    assert classroom.attendance is None
    assert guard.get("/training/now").headers["location"] == "/training"


def test_everything_has_words() -> None:
    assert set(LESSON_WORDS) == set(LESSONS)
    assert set(STEP_WORDS) == {step.code for one in LESSONS.values() for step in one.steps}
    assert set(DEEDS) == set(Deed)
    assert set(MARKS) == set(Mark)


def test_the_interface_says_nothing_of_lessons(app: FastAPI) -> None:
    assert not any(path.startswith("/training") for path in app.openapi()["paths"])
