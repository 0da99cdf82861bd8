"""The administrators' page of data of persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.language import Languages
from dashboard.web.privacy import Activity, PrivacyWords, Processing
from screening.decision import Check
from screening.office.facts import OfficeFacts
from screening.settings import Settings
from tests.dashboard.admin.forms import filled, look_and_change
from tests.dashboard.fakes import NOON, FakeOffice, open_session

PAGE = "/admin/privacy"
NO_HEALTH = frozenset({Check.RECEIPT})
Runs = list[tuple[datetime, Mapping[str, int]]]


@pytest.fixture
def admin(fake: FakeOffice) -> Callable[[Runs], TestClient]:
    def browse(runs: Runs) -> TestClient:
        office = replace(fake.office, retention_runs=lambda: runs)
        client = TestClient(create_app(office), follow_redirects=False)
        client.cookies.set(SESSION_COOKIE, open_session(fake, "admin"), domain="testserver.local")
        client.cookies.set("gerbang_language", "en")
        return client

    return browse


def test_shows_that_the_night_s_work_was_done(admin: Callable[[Runs], TestClient]) -> None:
    runs: Runs = [
        (NOON - timedelta(hours=11), {"names": 12, "readings": 3}),
        (NOON - timedelta(hours=35), {}),
    ]
    page = admin(runs).get(PAGE)

    assert not page.context["is_late"]
    first, second = page.context["runs"]
    assert (first.counts[:2], first.is_empty, second.is_empty) == (("3", "12"), False, True)


@pytest.mark.parametrize("runs", [[], [(NOON - timedelta(hours=13), {"names": 1})]])
def test_says_when_it_was_not(admin: Callable[[Runs], TestClient], runs: Runs) -> None:
    assert admin(runs).get(PAGE).context["is_late"]


def test_tells_how_long_data_is_kept_and_what_the_next_night_erases(
    admin: Callable[[Runs], TestClient],
) -> None:
    kinds = {one.field.name: one for one in admin([]).get(PAGE).context["kept"]}
    assert "26 October" in kinds["names_days"].next_night
    assert "25 November" in kinds["readings_days"].next_night
    assert (kinds["remarks_days"].kept, kinds["readings_days"].kept) == (
        "365 days",
        "until the night",
    )


def test_the_days_are_changed_from_the_page_noted_and_taken_back(
    admin: Callable[[Runs], TestClient], fake: FakeOffice
) -> None:
    client = admin([])
    assert client.post(PAGE, data=filled(client, PAGE)).context["differences"] == ()
    looked = look_and_change(client, PAGE, names_days="14")
    assert [(one.before, one.after) for one in looked.context["differences"]] == [("30", "14")]
    assert "bring it back" in looked.context["notes"][0]
    assert fake.record.facts.current().names_days == 14
    assert "14 days after" in client.get(PAGE).text  # the register says so, too

    newest = client.get("/admin/changes").context["lines"][0]
    assert newest.can_undo
    longer = look_and_change(client, PAGE, names_days="400")
    assert "articles 42 to 44" in " ".join(longer.context["notes"])


@pytest.mark.parametrize("typed", ["3651", "-1", "", "lama"])
def test_days_that_cannot_be_are_refused_and_kept(
    admin: Callable[[Runs], TestClient], fake: FakeOffice, typed: str
) -> None:
    client = admin([])
    answer = client.post(PAGE, data=filled(client, PAGE) | {"remarks_days": typed})
    assert answer.status_code == 422
    assert f'name="remarks_days" value="{typed}"' in answer.text
    assert fake.record.facts.current().remarks_days == 365


def test_the_page_of_before_leads_here(admin: Callable[[Runs], TestClient]) -> None:
    answer = admin([]).get("/admin/retention")
    assert (answer.status_code, answer.headers["location"]) == (308, "/admin/privacy#kept")


def words(facts: OfficeFacts | None = None, **settings: Any) -> PrivacyWords:
    made = Settings(_env_file=None, **settings)
    return PrivacyWords(Languages()["en"], made, facts or OfficeFacts())


def of(found: PrivacyWords, activity: Activity) -> Processing | None:
    return next((one for one in found.register() if one.activity is activity), None)


def test_the_register_follows_the_configuration(tmp_path: Path) -> None:
    everyday = OfficeFacts(everyday_checks=NO_HEALTH, outbreak_checks=NO_HEALTH)
    plain = words(everyday)
    assert of(plain, Activity.TEMPERATURE) is None
    assert of(plain, Activity.MASK) is None
    assert of(plain, Activity.ALERTS) is None
    assert "no gate asks for temperature" in plain.risks()[1].answer

    outbreak = words(OfficeFacts(readings_days=3, names_days=9))
    measured = of(outbreak, Activity.TEMPERATURE)
    assert measured is not None
    assert measured.is_specific
    assert "3 days" in measured.how_long
    registered = of(outbreak, Activity.REGISTRATION)
    assert registered is not None
    assert "9 days" in registered.how_long
    forgets = of(words(), Activity.TEMPERATURE)
    assert forgets is not None
    assert "forgotten" in forgets.how_long
    own_gate = words(replace(everyday, gates={"utama": frozenset({Check.MASK})}))
    assert of(own_gate, Activity.MASK) is not None


def test_it_tells_where_data_go_and_no_secret_of_it(tmp_path: Path) -> None:
    told = words(
        alerts={
            "mail_to": ("dewi@example.id",),
            "mail_host": "mail.example.id",
            "hook_url": "https://hooks.example.id/very/secret",
            "hook_secret": "s",
        },
        backup={"folder": tmp_path, "passphrase": "p"},
    )

    alerts, backup = of(told, Activity.ALERTS), of(told, Activity.BACKUP)
    assert alerts is not None
    assert backup is not None
    assert "dewi@example.id" in alerts.where
    assert "hooks.example.id" in alerts.where
    assert "secret" not in alerts.where
    assert str(tmp_path) in backup.where


def test_guards_are_named_where_they_work_at_the_desk() -> None:
    alone, too = words(), words(OfficeFacts(desk_for_guards=True))
    for found, expected in ((alone, False), (too, True)):
        registered = of(found, Activity.REGISTRATION)
        assert registered is not None
        assert ("guards" in registered.who) is expected
