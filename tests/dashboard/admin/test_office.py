"""Setting the office from a page: look over, change, see the change."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from screening.office.changes import with_chosen_plan, with_settings
from screening.office.issuers import with_issuer_key
from screening.waiting_room.chairs import in_rows
from screening.waiting_room.plan import ChosenPlan
from tests.contracts.builders import attempt
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import NOON, FakeOffice
from tests.screening.receipts.builders import THEIRS

ADDRESS = "/admin/office"


def filled(client: TestClient, **typed: str) -> dict[str, str]:
    """The form as it stands on the page, with this typed over it."""
    html = client.get(ADDRESS).text
    found = re.findall(r'<input id="(\w+)" name="\w+" value="([^"]*)"', html)
    return {"csrf_token": token_in(html), **dict(found), **typed}


def test_a_change_is_looked_over_before_it_is_done(logged_in: Browse, fake: FakeOffice) -> None:
    client = logged_in("admin")
    form = filled(client, capacity="12", telephone="0251 8321075")
    looked = client.post(ADDRESS, data=form)
    told = {one.what: (one.before, one.after) for one in looked.context["differences"]}
    assert told == {
        "Paling banyak di dalam": ("belum diatur", "12"),
        "Telepon": ("belum diatur", "0251 8321075"),
    }
    assert fake.record.facts.current().set_capacity is None
    done = client.post(ADDRESS, data=form | {"step": "change", "seen": looked.context["seen"]})
    assert done.status_code == 303
    facts = fake.record.facts.current()
    assert (facts.set_capacity, facts.telephone) == (12, "0251 8321075")
    changes = client.get("/admin/changes")
    newest = changes.context["lines"][0]
    assert newest.who == "admin"
    assert {one.after for one in newest.differences} == {"12", "0251 8321075"}
    assert done.headers["location"] == f"{ADDRESS}?changed={newest.entry_id}"


def test_the_office_is_called_by_its_name_on_every_page(
    logged_in: Browse, client: TestClient, fake: FakeOffice
) -> None:
    admin = logged_in("admin")
    form = filled(admin, name="Balai Kota Sukamaju")
    seen = admin.post(ADDRESS, data=form).context["seen"]
    admin.post(ADDRESS, data=form | {"step": "change", "seen": seen})
    assert client.get("/").context["shell"].site == "Balai Kota Sukamaju"
    fake.record.facts.change(with_settings({"name": "none"}), operator="admin", at=NOON)
    assert client.get("/").context["shell"].site == fake.office.settings.site.name


def test_what_somebody_else_changed_meanwhile_is_looked_over_again(
    logged_in: Browse, fake: FakeOffice
) -> None:
    client = logged_in("admin")
    form = filled(client, capacity="12")
    seen = client.post(ADDRESS, data=form).context["seen"]
    fake.record.facts.change(with_settings({"capacity": "20"}), operator="dewi", at=NOON)
    again = client.post(ADDRESS, data=form | {"step": "change", "seen": seen})
    assert again.context["is_late"]
    assert fake.record.facts.current().set_capacity == 20
    assert [one.before for one in again.context["differences"]] == ["20"]


def test_what_cannot_be_is_told_and_what_was_typed_is_kept(
    logged_in: Browse, fake: FakeOffice
) -> None:
    client = logged_in("admin")
    answer = client.post(ADDRESS, data=filled(client, capacity="viele", address="Jl. Juanda 10"))
    assert answer.status_code == 422
    told = "Paling banyak di dalam: “viele” bukan bilangan bulat dari 1 sampai 100000."
    assert answer.context["around"].problem == told
    assert "Jl. Juanda 10" in answer.text
    assert fake.record.facts.current().address is None


def seats(rows: int) -> ChosenPlan:
    chairs = tuple(in_rows(rows, 2, pitch_x=1.0, pitch_y=1.0))
    return ChosenPlan(chairs=chairs, open_labels=frozenset({"A1"}), distance_m=1.0)


def action_of(looked: Response) -> str:
    found = re.search(r'action="(/admin/changes/\d+/undo)"', looked.text)
    assert found is not None
    return found[1]


class TestTakingBack:
    @pytest.fixture
    def client(self, logged_in: Browse) -> TestClient:
        return logged_in("admin")

    def newest(self, client: TestClient) -> Response:
        """Press "take it back" at the newest change."""
        page = client.get("/admin/changes")
        (line, *_) = page.context["lines"]
        assert line.can_undo
        form = {"csrf_token": token_in(page.text)}
        return client.post(f"/admin/changes/{line.entry_id}/undo", data=form)

    def do(self, client: TestClient, looked: Response) -> None:
        form = {"csrf_token": token_in(looked.text), "seen": looked.context["seen"]}
        client.post(action_of(looked), data=form | {"step": "change"})

    def test_brings_chairs_back_to_where_they_stood(
        self, client: TestClient, fake: FakeOffice
    ) -> None:
        for rows in (2, 3):
            fake.record.facts.change(with_chosen_plan(seats(rows)), operator="admin", at=NOON)
        self.do(client, self.newest(client))
        assert fake.record.facts.current().chosen == seats(2)

    def test_takes_no_seat_from_under_anybody(self, client: TestClient, fake: FakeOffice) -> None:
        facts = fake.record.facts
        facts.change(with_chosen_plan(seats(1)), operator="admin", at=NOON)
        opened = replace(seats(2), open_labels=frozenset({"B2"}))
        facts.change(with_chosen_plan(opened), operator="admin", at=NOON)
        fake.record.visits.write(attempt(at=NOON))
        refused = self.newest(client)
        assert refused.status_code == 409
        assert "B2" in refused.context["around"].problem
        assert facts.current().chosen == opened

    def test_takes_back_a_key_that_nobody_came_in_with(
        self, client: TestClient, fake: FakeOffice
    ) -> None:
        facts, theirs = fake.record.facts, THEIRS.trusted()
        facts.change(with_issuer_key(theirs), operator="admin", at=NOON)
        facts.accepted = lambda issuer, entry_id: issuer == theirs.issuer
        refused = self.newest(client)
        assert refused.status_code == 409
        assert theirs.issuer in refused.context["around"].problem
        facts.accepted = lambda issuer, entry_id: False
        self.do(client, self.newest(client))
        assert facts.current().issuer_keys == ()
        self.do(client, self.newest(client))
        assert facts.current().issuer_keys == (theirs,)


def test_older_changes_are_a_page_away(logged_in: Browse, fake: FakeOffice) -> None:
    for number in range(1, 61):
        fake.record.facts.change(with_settings({"capacity": str(number)}), operator="dewi", at=NOON)
    client = logged_in("admin")
    first = client.get("/admin/changes").context
    second = client.get(f"/admin/changes?before={first['older']}").context
    numbers = [line.entry_id for page in (first, second) for line in page["lines"]]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) == 60
    assert second["older"] == 0


def test_a_change_is_taken_back_after_a_look_unless_it_was_changed_since(
    logged_in: Browse, fake: FakeOffice
) -> None:
    client = logged_in("admin")
    for capacity in ("12", "20"):
        fake.record.facts.change(with_settings({"capacity": capacity}), operator="dewi", at=NOON)
    lines = client.get("/admin/changes").context["lines"]
    assert [line.can_undo for line in lines] == [True, False]
    newest, older = (f"/admin/changes/{line.entry_id}/undo" for line in lines)
    form = {"csrf_token": token_in(client.get("/admin/changes").text)}
    refused = client.post(older, data=form)
    assert (refused.status_code, fake.record.facts.current().set_capacity) == (409, 20)
    looked = client.post(newest, data=form)
    assert [(one.before, one.after) for one in looked.context["differences"]] == [("20", "12")]
    client.post(newest, data=form | {"step": "change", "seen": looked.context["seen"]})
    assert fake.record.facts.current().set_capacity == 12
    assert client.get("/admin/changes").context["lines"][0].who == "admin"
    assert client.post("/admin/changes/999999/undo", data=form).status_code == 404
