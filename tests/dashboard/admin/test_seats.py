"""The plan of the seats from a page: drawn, proposed, marked and taken over."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from screening.office.changes import with_settings
from screening.waiting_room.chairs import Near
from screening.waiting_room.plan import Sealed
from tests.dashboard.admin.forms import filled, look_and_change
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import NOON, FakeOffice

PAGE, PROPOSE = "/admin/seats", "/admin/seats/propose"
TABLE = "label,x,y,room\nA1,0,0,atas\nA2,0.6,0,atas\nB1,0,0,bawah\n"


@pytest.fixture
def admin(logged_in: Browse, fake: FakeOffice) -> TestClient:
    edit = with_settings({"rows": "3", "columns": "4"})
    fake.record.facts.change(edit, operator="dewi", at=NOON)
    return logged_in("admin")


def proposed(client: TestClient, **typed: Any) -> Any:
    return client.post(PROPOSE, data=filled(client, PAGE) | typed)


def is_open(context: Any) -> list[str]:
    return [one.label for row in context["rows"] for one in row.chairs if one.is_open]


def test_the_plan_that_holds_is_drawn_as_an_outbreak_has_it(admin: TestClient) -> None:
    context = admin.get(PAGE).context
    assert is_open(context) == ["A1", "A3", "B2", "B4", "C1", "C3"]
    assert (context["drawing"].free, context["drawing"].sealed) == (6, 6)


def test_the_most_seats_are_proposed_and_nothing_is_changed(
    admin: TestClient, fake: FakeOffice
) -> None:
    before = fake.record.facts.current()
    answer = proposed(admin, distance="1,2")
    assert len(is_open(answer.context)) == 4
    assert "4" in answer.context["told"]
    assert answer.context["crowded"] == ""
    assert fake.record.facts.current() == before


def test_what_is_ticked_and_marked_is_taken_over(admin: TestClient, fake: FakeOffice) -> None:
    looked = look_and_change(
        admin,
        PAGE,
        open=["A1", "A4", "C1"],
        pin="A1",
        wheelchair="C4",
        near_counter="A4",
        family="B2, B3; C1, C2",
        distance="1,5",
    )
    facts = fake.record.facts.current()
    assert facts.chosen is not None
    assert (facts.sealed, facts.rows, facts.columns) == (Sealed.CHOSEN, 3, 4)
    assert facts.chosen.open_labels == {"A1", "A4", "B2", "B3", "C1", "C2", "C4"}
    chairs = {one.label: one for one in facts.chosen.chairs}
    assert (chairs["A1"].is_pinned, chairs["C4"].is_wheelchair) == (True, True)
    assert (chairs["A4"].near, chairs["B2"].family) == (Near.COUNTER, chairs["B3"].family)
    assert chairs["C1"].family not in (None, chairs["B2"].family)
    assert any("B2–C1" in note or "B2–C2" in note for note in looked.context["notes"])
    again = admin.post(PAGE, data=filled(admin, PAGE))
    assert again.context["differences"] == ()


def test_marks_are_taken_away_again(admin: TestClient, fake: FakeOffice) -> None:
    look_and_change(admin, PAGE, pin="A1", family="B2,B3")
    look_and_change(admin, PAGE, pin="", family="", near_door="C1")
    assert fake.record.facts.current().chosen is not None
    chairs = {one.label: one for one in fake.record.facts.current().chosen.chairs}  # type: ignore[union-attr]
    assert not chairs["A1"].is_pinned
    assert (chairs["B2"].family, chairs["C1"].near) == (None, Near.DOOR)


def test_several_rooms_come_as_a_table(admin: TestClient, fake: FakeOffice) -> None:
    answer = proposed(admin, source="table", table=TABLE)
    assert [room.name for room in answer.context["drawing"].rooms] == ["atas", "bawah"]
    opened = is_open(answer.context)
    assert len(opened) == 2
    look_and_change(admin, PAGE, source="table", table=TABLE, open=opened)
    chosen = fake.record.facts.current().chosen
    assert chosen is not None
    assert list(chosen.rooms_by_name) == ["atas", "bawah"]
    assert admin.get(PAGE).context["source"] == "now"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"distance": "weit"}, "weit"),
        ({"rows": "41"}, "40"),
        ({"pin": "Z9"}, "Z9"),
        ({"source": "table", "table": "x,y\n1,2"}, "label"),
        ({"pin": "A1,A2"}, "0.55"),
    ],
    ids=["no metres", "too many rows", "no such seat", "no labels", "pinned too near"],
)
def test_what_cannot_be_is_told_and_kept(
    admin: TestClient, typed: dict[str, str], told: str
) -> None:
    answer = proposed(admin, **typed)
    assert answer.status_code == 422
    assert told in answer.context["around"].problem


def test_a_plan_without_an_open_seat_is_refused(admin: TestClient) -> None:
    form = {key: value for key, value in filled(admin, PAGE).items() if key != "open"}
    assert admin.post(PAGE, data=form).status_code == 422
