"""The managers' page of the survey: index, tables, workbook, and the register."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from screening.survey.book import FollowUp
from screening.survey.index import Answer, Element, Marks, Quarter, Source
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import NOON, FakeOffice

PAGE = "/dashboard/survey"
Q3, Q4 = Quarter(2026, 3), Quarter(2026, 4)


def say(fake: FakeOffice, marks: str, of: Quarter = Q4, service: str | None = "KTP") -> None:
    answer = Answer(marks=Marks.parse(marks), quarter=of, service=service, source=Source.RECEIPT)
    for _ in range(5):
        fake.record.survey.answer_unnamed(answer)


@pytest.fixture
def manager(logged_in: Browse, fake: FakeOffice) -> TestClient:
    client = logged_in("dewi")
    client.cookies.set("gerbang_language", "en")
    say(fake, "444444444")
    say(fake, "333233333")
    say(fake, "222222222", service="KK")
    say(fake, "111111111", Q3, None)
    return client


def note(client: TestClient, **fields: str) -> Response:
    values = {
        "element": "time",
        "found": "waits of two hours",
        "action": "a second counter",
        "who": "Rina",
        "until": "2026-12-31",
    }
    token = token_in(client.get(PAGE).text)
    return client.post(f"{PAGE}/follow-ups", data={"csrf_token": token, **values, **fields})


def test_tells_index_and_grade_of_the_quarters_that_were_asked_for(manager: TestClient) -> None:
    year = manager.get(PAGE).context
    last = manager.get(f"{PAGE}?from=2026-Q4&to=2026-Q4").context

    assert (year["first"], year["last"], year["total"].n) == ("2026-Q1", "2026-Q4", "20")
    assert (last["total"].index, last["total"].grade) == ("74.07", "C")
    assert [(one.n, one.index) for one in last["services"]] == [("5", "50.00"), ("10", "86.11")]
    assert [one.name for one in year["by_quarter"]] == ["2026-Q3", "2026-Q4"]
    assert [one.number for one in last["elements"] if one.is_weak] == [1, 2, 4]


@pytest.mark.parametrize("query", ["", "?from=x&to=y", "?from=2027-Q1&to=2020-Q1", "?to=0000-Q1"])
def test_strange_quarters_break_nothing(manager: TestClient, query: str) -> None:
    assert manager.get(PAGE + query).status_code == 200


def test_the_workbook_has_the_numbers_of_the_page(manager: TestClient, fake: FakeOffice) -> None:
    note(manager)
    page = manager.get(PAGE).context
    answer = manager.get(f"{PAGE}/results.xlsx")

    assert "skm-2026-Q1-2026-Q4.xlsx" in answer.headers["content-disposition"]
    with zipfile.ZipFile(BytesIO(answer.content)) as book:
        result, answers, register = (
            book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 4, 5)
        )
        texts = book.read("xl/sharedStrings.xml").decode()
        assert len([name for name in book.namelist() if "worksheets/sheet" in name]) == 5
    numbers = [float(one) for one in re.findall(r'<c r="[B-Z]2"><v>([^<]+)</v>', result)]
    total = page["total"]
    assert [numbers[0], *numbers[1:2]] == [20, float(total.index)]
    assert [f"{mean:.2f}" for mean in numbers[4:]] == list(total.elements)
    assert "-".join(f"{end:.2f}" for end in numbers[2:4]) == total.interval.replace("–", "-")
    assert f"<t>{total.grade}</t>" in texts
    people = [int(one) for one in re.findall(r'<c r="E[2-9]"><v>([^<]+)</v>', answers)]
    assert sum(people) == 20
    assert "<t>a second counter</t>" in texts
    assert f"<v>{(date(2026, 12, 31) - date(1899, 12, 30)).days}</v>" in register


def test_the_only_visitor_of_a_service_is_not_told_apart(
    manager: TestClient, fake: FakeOffice
) -> None:
    alone = Answer(marks=Marks.parse("111111111"), quarter=Q4, service="AKTA", source=Source.PAPER)
    fake.record.survey.answer_unnamed(alone)

    assert [one.n for one in manager.get(PAGE).context["services"]] == ["5", "10", "6"]


def test_nobody_has_answered_yet(logged_in: Browse) -> None:
    page = logged_in("dewi").get(PAGE)

    assert (page.status_code, page.context["total"].index) == (200, "")
    assert logged_in("dewi").get(f"{PAGE}/results.xlsx").status_code == 200


def test_something_is_noted_and_done(manager: TestClient, fake: FakeOffice) -> None:
    assert note(manager, service="KTP").status_code == 303
    (noted,) = fake.record.survey.follow_ups()
    assert (noted.noted_by, noted.service, noted.element) == ("dewi", "KTP", Element.TIME)

    page = manager.get(PAGE)
    assert [one.state for one in page.context["follow_ups"]] == ["open"]
    path = f"{PAGE}/follow-ups/{noted.follow_up_id}/done"
    form = {"csrf_token": token_in(page.text), "result": "waits of 40 minutes"}
    assert manager.post(path, data=form).status_code == 303
    assert manager.post(path, data=form).status_code == 409

    (line,) = manager.get(PAGE).context["follow_ups"]
    assert (line.state, line.result) == ("done", "waits of 40 minutes")


def test_what_is_overdue_says_so(manager: TestClient, fake: FakeOffice) -> None:
    late = FollowUp(
        quarter=Q3,
        element=Element.COST,
        service=None,
        found="x",
        action="y",
        who="z",
        until=date(2026, 11, 23),
    )
    fake.record.survey.note_follow_up(late, by="dewi", at=NOON)

    assert [one.state for one in manager.get(PAGE).context["follow_ups"]] == ["late"]


@pytest.mark.parametrize("fields", [{"found": " "}, {"until": "soon"}, {"who": ""}])
def test_half_a_note_is_not_kept(
    manager: TestClient, fake: FakeOffice, fields: dict[str, str]
) -> None:
    page = note(manager, **fields)

    assert page.status_code == 422
    assert page.context["problem"]
    assert page.context["typed"]["action"] == "a second counter"
    assert fake.record.survey.follow_ups() == []
