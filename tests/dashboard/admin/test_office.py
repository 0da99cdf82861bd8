"""Setting the office from a page: look over, change, see the change."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from screening.office.changes import with_settings
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import NOON, FakeOffice

ADDRESS = "/admin/office"


def filled(client: TestClient, **typed: str) -> dict[str, str]:
    """The form as it stands on the page, with this typed over it."""
    html = client.get(ADDRESS).text
    found = re.findall(r'<input id="(\w+)" name="\w+" value="([^"]*)"', html)
    return {"csrf_token": token_in(html), **dict(found), **typed}


@pytest.mark.parametrize("name", ["budi", "dewi", "sari"])
def test_is_for_administrators_alone(logged_in: Browse, name: str) -> None:
    assert logged_in(name).get(ADDRESS).status_code == 403


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
