"""A new office is set up by browser: from an address that is good once to its first visitor."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.app import create_app
from dashboard.bootstrap import RunningOffice
from dashboard.web.guessing import FAILURE_WINDOW_S, FAILURES_ALLOWED
from screening.accounts import NO_PASSWORD, Role, User
from screening.clock import FakeClock
from screening.decision import Check, DecisionKind
from screening.gate.commands import Scan
from screening.office.facts import Mode
from screening.office.hours import Span
from screening.office.services import Booking, Channel
from screening.office.undoing import can_undo
from screening.readings import CodeSource
from screening.settings import Settings
from tests.dashboard.conftest import Browse, log_in, send, token_in
from tests.dashboard.fakes import NOON, FakeOffice

PASSWORD = "sepeda biru di atap"
GUARD = User("budi", Role.GUARD, NO_PASSWORD, NOON)


class NewOffice:
    """An office that nobody has set up, and its process."""

    def __init__(self, running: RunningOffice) -> None:
        self.running = running
        self.facts = running.record.facts
        self.app = create_app(running.office())
        self.path = running.first_token.renew()

    @property
    def address(self) -> str:
        assert self.path is not None
        return self.path

    def browser(self) -> TestClient:
        return TestClient(self.app, follow_redirects=False)

    def told(self) -> list[tuple[str | None, str | None]]:
        return [(row.operator, row.remark) for row in self.running.record.visits.export()]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path / "data")


def opened(settings: Settings, clock: FakeClock) -> AbstractContextManager[RunningOffice]:
    return RunningOffice.open(settings, clock=clock)


@pytest.fixture
def new(settings: Settings, clock: FakeClock) -> Iterator[NewOffice]:
    with opened(settings, clock) as running:
        yield NewOffice(running)


def begin(new: NewOffice, client: TestClient, name: str = "rina", **typed: str) -> Response:
    fields = {"password": PASSWORD, "again": PASSWORD, **typed}
    return send(client, new.address, new.address, name=name, **fields)


@pytest.fixture
def rina(new: NewOffice) -> TestClient:
    """The browser of whoever has just become administrator."""
    client = new.browser()
    assert begin(new, client).headers["location"] == "/setup/office"
    return client


def step(client: TestClient, at: str, **typed: str) -> Response:
    return send(client, f"/setup/{at}", f"/setup/{at}", **typed)


def at(client: TestClient) -> str:
    """The page at which the walk goes on."""
    return client.get("/setup").headers["location"]


def as_proposed(client: TestClient, *names: str) -> None:
    """Keep what stands there."""
    for name in names:
        page = client.get(f"/setup/{name}")
        typed = {
            "office": lambda c: {"name": c["name"]},
            "hours": lambda c: {day.name: day.typed for day in c["week"]},
            "services": lambda c: {"service": ",".join(one.code for one in c["services"])},
            "seats": lambda c: {key: c[key] for key in ("rows", "columns", "distance")},
            "gates": lambda c: {f"title_{one.name}": one.title for one in c["gates"]},
        }[name](page.context)
        answer = client.post(f"/setup/{name}", data={"csrf_token": token_in(page.text), **typed})
        assert answer.headers["location"] == "/setup", answer.text


def test_whoever_has_the_address_becomes_administrator_and_is_logged_in(new: NewOffice) -> None:
    client = new.browser()
    assert client.get(new.address).headers["referrer-policy"] == "no-referrer"
    assert begin(new, client).headers["location"] == "/setup/office"
    assert client.get("/setup/office").context["shell"].user == "rina"
    assert client.get("/admin/people").status_code == 200
    (rina,) = new.running.record.accounts.users()
    assert (rina.name, rina.role) == ("rina", Role.ADMINISTRATOR)
    assert new.told()[-2:] == [
        ("rina", "users.rina.role: – → administrator"),
        ("rina", "first_start: – → office"),
    ]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("", {}),
        ("budi", {}),
        ("key:x", {}),
        ("rina", {"password": "kurz", "again": "kurz"}),
        ("rina", {"again": "another one"}),
        ("rina", {"password": "password", "again": "password"}),
    ],
    ids=["no name", "taken", "of a key", "short", "not the same", "common"],
)
def test_what_cannot_be_is_told_and_the_address_stays_good(
    new: NewOffice, name: str, typed: dict[str, str]
) -> None:
    new.running.record.accounts.add_user(GUARD)
    client = new.browser()
    answer = begin(new, client, name, **typed)
    assert answer.status_code == 422
    assert answer.context["problem"]
    assert answer.context["name"] == name
    assert begin(new, client).status_code == 303


def test_the_address_is_good_once(new: NewOffice, rina: TestClient) -> None:
    stranger = new.browser()
    assert stranger.get(new.address).status_code == 404
    page = stranger.get("/login")
    form = {"csrf_token": token_in(page.text), "name": "x", "password": PASSWORD}
    again = stranger.post(new.address, data={**form, "again": PASSWORD})
    assert again.status_code == 404
    assert len(new.running.record.accounts.users()) == 1


def test_a_forged_address_opens_nothing_and_is_tried_a_few_times_only(
    new: NewOffice, clock: FakeClock
) -> None:
    stranger = new.browser()
    for number in range(FAILURES_ALLOWED):
        assert stranger.get(f"/setup/guess{number}").status_code == 404
    refused = stranger.get("/setup/guess")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= FAILURE_WINDOW_S + 1
    assert stranger.get(new.address).status_code == 200  # nobody shuts the installer out
    clock.move_to(NOON + timedelta(seconds=FAILURE_WINDOW_S + 1))
    assert stranger.get("/setup/guess").status_code == 404


def test_another_start_tells_another_address(settings: Settings, clock: FakeClock) -> None:
    with opened(settings, clock) as running:
        before = NewOffice(running).address
    with opened(settings, clock) as running:
        now = NewOffice(running)
        assert now.address != before
        assert now.browser().get(before).status_code == 404
        assert now.browser().get(now.address).status_code == 200


def test_an_administrator_who_was_added_elsewhere_ends_it(new: NewOffice) -> None:
    client = new.browser()
    assert client.get("/login").context["is_new"]
    new.running.record.accounts.add_user(
        User("dewi", Role.ADMINISTRATOR, NO_PASSWORD, NOON), operator="root"
    )
    assert not client.get("/login").context["is_new"]
    assert client.get(new.address).status_code == 404
    assert client.get("/setup").headers["location"] == "/login?following=/setup"
    assert new.running.first_token.renew() is None


def test_a_person_of_another_role_does_not_end_it(new: NewOffice) -> None:
    new.running.record.accounts.add_user(GUARD)
    assert new.running.first_token.renew() is not None


def test_of_several_browsers_at_once_one_becomes_administrator(new: NewOffice) -> None:
    clients = [new.browser() for _ in range(3)]
    forms = [
        {
            "csrf_token": token_in(client.get(new.address).text),
            "name": f"person{number}",
            "password": PASSWORD,
            "again": PASSWORD,
        }
        for number, client in enumerate(clients)
    ]
    with ThreadPoolExecutor(len(clients)) as threads:
        answers = list(
            threads.map(
                lambda one: one[0].post(new.address, data=one[1]), zip(clients, forms, strict=True)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404]
    assert len(new.running.record.accounts.users()) == 1
    welcome = [client.get("/admin/people").status_code == 200 for client in clients]
    assert welcome == [answer.status_code == 303 for answer in answers]


def test_before_anybody_is_there_gates_interface_and_public_pages_work(new: NewOffice) -> None:
    stranger = new.browser()
    for path in ("/", "/register", "/kiosk/utama", "/display/utama", "/api/v1/status", "/readyz"):
        assert stranger.get(path).status_code in {200, 503}, path
    assert stranger.get("/").status_code == 200
    assert stranger.get("/kiosk/utama").status_code == 200
    assert stranger.get("/setup").status_code == 404
    assert new.running.gates.get("utama").view().gate == "utama"


def test_the_log_in_page_says_that_the_office_is_new_as_long_as_it_is(new: NewOffice) -> None:
    stranger = new.browser()
    assert stranger.get("/login").context["is_new"]
    begin(new, new.browser())
    assert not stranger.get("/login").context["is_new"]


def test_the_walk_leads_from_nothing_to_the_first_visitor(new: NewOffice, rina: TestClient) -> None:
    step(
        rina,
        "office",
        name="Balai Kota Sukamaju",
        address="Jl. Pajajaran 1",
        telephone="0251 8321075",
    )
    assert at(rina) == "/setup/hours"
    step(rina, "hours", mon="08:00-12:00, 13:00-15:00", tue="08:00-14:00")
    assert at(rina) == "/setup/services"
    step(rina, "services", service="KTP,LEGALISIR", others="Izin usaha\n\nIzin keramaian\n")
    assert at(rina) == "/setup/seats"
    drawn = step(rina, "seats", rows="3", columns="4", distance="1", act="draw")
    assert drawn.status_code == 200
    assert len(drawn.context["drawing"].rooms[0].seats) == 12
    assert new.facts.current().chosen is None
    step(rina, "seats", rows="3", columns="4", distance="1")
    assert at(rina) == "/setup/gates"
    step(rina, "gates", title_utama="Pintu depan", mode="everyday")
    assert at(rina) == "/setup/receipt"

    facts = new.facts.current()
    assert (facts.name, facts.address) == ("Balai Kota Sukamaju", "Jl. Pajajaran 1")
    assert facts.hours.week is not None
    assert facts.hours.week[0] == (Span(time(8), time(12)), Span(time(13), time(15)))
    assert [*facts.services] == ["KTP", "LEGALISIR", "IZIN", "IZIN2"]
    izin = facts.services["IZIN2"]
    assert (izin.names, izin.channel) == ({"id": "Izin keramaian"}, Channel.COLLECTION)
    assert izin.booking is Booking.DAY
    assert len(facts.plan.seats) == 12
    assert (facts.gate_titles, facts.mode) == ({"utama": "Pintu depan"}, Mode.EVERYDAY)
    assert facts.checks_of("utama") == {Check.RECEIPT}

    step(rina, "receipt", act="issue")
    page = rina.get("/setup/receipt")
    card = page.context["card"]
    assert card.qr_size > 0
    assert not page.context["has_come"]
    answer = new.running.gates.get("utama").do(Scan(code=card.number, source=CodeSource.TYPED))
    assert answer.decision is DecisionKind.ADMIT
    assert rina.get("/setup/receipt").context["has_come"]
    step(rina, "receipt", act="end")
    assert at(rina) == "/setup/done"
    paths = {one.path for one in rina.get("/setup/done").context["doors"]}
    assert {"/gate/utama", "/kiosk/utama", "/display/utama", "/desk"} <= paths
    for path in paths:
        assert rina.get(path).status_code == 200, path
    assert {operator for operator, _ in new.told()[3:]} <= {"rina", None}
    assert new.running.record.visits.verify().is_intact


def test_one_press_a_step_keeps_what_is_proposed(new: NewOffice, rina: TestClient) -> None:
    before = new.facts.current()
    as_proposed(rina, "office", "hours", "services", "seats", "gates")
    assert at(rina) == "/setup/receipt"
    facts = new.facts.current()
    assert facts.services == before.services
    assert facts.mode is before.mode
    assert len(facts.plan.seats) == len(before.plan.seats)
    newest = new.facts.changed(limit=1)[0]
    assert newest.operator == "rina"
    assert newest.changes["first_start"] == ("gates", "receipt")
    step(rina, "receipt", act="issue")
    step(rina, "receipt", act="issue")
    given = new.running.registrar.acts("rina")
    assert len(given) == 1


def test_a_step_can_be_walked_again_and_none_can_be_skipped(
    new: NewOffice, rina: TestClient
) -> None:
    assert rina.get("/setup/seats").headers["location"] == "/setup"
    as_proposed(rina, "office", "hours")
    step(rina, "office", name="Balai Kota")
    assert at(rina) == "/setup/services"
    assert new.facts.current().name == "Balai Kota"
    assert rina.get("/setup/hours").status_code == 200


def test_what_was_taken_away_can_be_ticked_again(new: NewOffice, rina: TestClient) -> None:
    as_proposed(rina, "office", "hours")
    step(rina, "services", service="KTP")
    ticked = {one.code: one.is_ticked for one in rina.get("/setup/services").context["services"]}
    assert ticked["KTP"]
    assert not ticked["KK"]
    step(rina, "services", service="KTP,KK")
    assert {*new.facts.current().services} == {"KTP", "KK"}


@pytest.mark.parametrize(
    ("walked", "name", "typed"),
    [
        ((), "office", {"name": "x", "telephone": "call us"}),
        (("office",), "hours", {"mon": "early"}),
        (("office", "hours"), "services", {"others": "  "}),
        (("office", "hours", "services"), "seats", {"rows": "many", "columns": "3"}),
        (("office", "hours", "services", "seats"), "gates", {"title_utama": "x" * 90}),
    ],
    ids=["telephone", "hours", "no service", "rows", "title"],
)
def test_a_step_that_cannot_be_kept_says_why_and_keeps_what_was_typed(
    new: NewOffice, rina: TestClient, walked: tuple[str, ...], name: str, typed: dict[str, str]
) -> None:
    as_proposed(rina, *walked)
    before = new.facts.current()
    answer = step(rina, name, **typed)
    assert answer.status_code == 422
    assert answer.context["walk"].problem
    for text in filter(None, map(str.strip, typed.values())):
        assert text in answer.text
    assert new.facts.current() == before


def test_each_step_can_be_taken_back_like_every_change(new: NewOffice, rina: TestClient) -> None:
    step(rina, "office", name="Balai Kota", telephone="0251 8321075")
    change = new.facts.changed(limit=1)[0]
    assert (change.operator, can_undo(change.changes, new.facts.current())) == ("rina", True)


def test_it_goes_on_after_a_restart_and_by_log_in(settings: Settings, clock: FakeClock) -> None:
    with opened(settings, clock) as running:
        new = NewOffice(running)
        client = new.browser()
        begin(new, client)
        as_proposed(client, "office", "hours")
        cookies = client.cookies
    with opened(settings, clock) as running:
        again = NewOffice(running)
        assert again.path is None
        client = again.browser()
        client.cookies = cookies
        assert at(client) == "/setup/services"
        stranger = again.browser()
        assert stranger.get("/setup/services").headers["location"].startswith("/login")
        answer = log_in(stranger, "rina", PASSWORD)
        assert answer.headers["location"] == "/setup"
        assert at(stranger) == "/setup/services"
        assert "/setup" in stranger.get("/admin/office").text
        as_proposed(stranger, "services", "seats", "gates")
        step(stranger, "receipt", act="end")
        assert log_in(again.browser(), "rina", PASSWORD).headers["location"] == "/dashboard"
        assert stranger.get("/setup/office").headers["location"] == "/setup"


def test_a_receipt_that_lets_in_later_says_from_which_day(new: NewOffice, rina: TestClient) -> None:
    as_proposed(rina, "office", "hours")
    step(rina, "services", service="KTP")
    as_proposed(rina, "seats", "gates")
    step(rina, "receipt", act="issue")
    page = rina.get("/setup/receipt")
    assert "Rabu, 25 November" in page.context["advice"]
    (act,) = new.running.registrar.acts("rina")
    booking = new.running.registrar.booking(act.number)
    assert booking is not None
    assert booking.place.day == date(2026, 11, 25)


def test_where_nobody_can_register_the_walk_ends_without_a_receipt(
    new: NewOffice, rina: TestClient
) -> None:
    as_proposed(rina, "office", "hours")
    step(rina, "services", service="REKAM")
    as_proposed(rina, "seats", "gates")
    answer = step(rina, "receipt", act="issue")
    assert answer.status_code == 409
    assert answer.context["walk"].problem
    step(rina, "receipt", act="end")
    assert at(rina) == "/setup/done"


def test_an_office_that_was_set_up_otherwise_has_no_walk(
    logged_in: Browse, fake: FakeOffice, app: FastAPI
) -> None:
    admin = logged_in("admin")
    assert at(admin) == "/setup/done"
    assert admin.get("/setup/done").status_code == 200
    for name in ("office", "hours", "services", "seats", "gates", "receipt"):
        assert admin.get(f"/setup/{name}").headers["location"] == "/setup"
        before = fake.record.facts.current()
        token = token_in(admin.get("/setup/done").text + admin.get("/account").text)
        assert admin.post(f"/setup/{name}", data={"csrf_token": token}).status_code == 303
        assert fake.record.facts.current() == before
    assert logged_in("dewi").get("/setup").status_code == 403
