"""Sheets of the survey typed in at the desk."""

from __future__ import annotations

from httpx2 import Response

from screening.survey.index import Quarter, Source, SurveyResult
from screening.visits import EntryKind
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import FakeOffice

PAGE = "/desk/survey"


def add(logged_in: Browse, **fields: str) -> Response:
    officer = logged_in("rina")
    token = token_in(officer.get(PAGE).text)
    return officer.post(PAGE, data={"csrf_token": token, **fields})


def test_adds_a_line_for_each_sheet(logged_in: Browse, fake: FakeOffice) -> None:
    done = add(
        logged_in,
        sheets="344334434\r\n1,2,3,4,1,2,3,4,1\r\n",
        service="KK",
        quarter="2026-Q3",
        is_refused="true",
    )

    assert done.headers["location"] == "/desk/survey?added=2"
    found = fake.record.survey.counted(Quarter(2026, 3), Quarter(2026, 3))
    assert SurveyResult.of(found).n == 2
    assert {(one.answer.service, one.answer.source, one.answer.was_refused) for one in found} == {
        ("KK", Source.PAPER, True)
    }
    (row,) = [one for one in fake.record.visits.entries() if one.kind is EntryKind.SURVEY]
    assert (row.operator, row.remark) == ("rina", "paper: 2, 2026-Q3")


def test_a_wrong_line_adds_nothing_and_stays_typed(logged_in: Browse, fake: FakeOffice) -> None:
    page = add(logged_in, sheets="344334434\n34433443\n344334435")

    assert page.status_code == 422
    assert [line.split(":")[0] for line in page.context["lines"]] == ["line 2", "line 3"]
    assert page.context["sheets"].startswith("344334434")
    assert fake.record.survey.counted(Quarter(2026, 1), Quarter(2026, 4)) == []
    assert add(logged_in, sheets=" ").status_code == 422


def test_a_quarter_that_is_not_offered_is_this_one(logged_in: Browse, fake: FakeOffice) -> None:
    add(logged_in, sheets="344334434", quarter="2031-Q1", service="nowhere")

    (only,) = fake.record.survey.counted(Quarter(2026, 4), Quarter(2026, 4))
    assert only.answer.service is None


def test_guards_do_it_only_where_they_work_at_the_desk(logged_in: Browse) -> None:
    assert logged_in("budi").get(PAGE).status_code == 403
