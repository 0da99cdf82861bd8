"""The administrators' page of backups, with a real record behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.backup.archive import verify_backup
from dashboard.backup.folder import BackupFolder, BackupState
from dashboard.backup.jobs import KEPT_FOR, BackupReport
from dashboard.backup.on_demand import OnDemandBackups, Work
from dashboard.backup.workspace import PREFIX
from dashboard.storage import open_record
from dashboard.web.auth import SESSION_COOKIE
from screening.errors import BackupError
from screening.settings import Settings
from tests.dashboard.conftest import send
from tests.dashboard.fakes import NOON, FakeOffice, make_office, open_session

PAGE = "/admin/backup"
WORDS = "empat kata yang panjang"
OTHER = "kata yang lain sekali"


class Site:
    """An office whose backups are made of a real folder; ``browse`` is a person's browser."""

    def __init__(self, folder: Path, *, run: Callable[[Work], BackupReport], **more: Any) -> None:
        backups = folder / "backups"
        backups.mkdir()
        given: dict[str, Any] = {
            "data": folder / "data",
            "backup": {"folder": backups, "passphrase": WORDS},
        }
        self.settings = Settings(_env_file=None, **given | more)
        if self.settings.database_url is None:
            with open_record(self.settings):
                pass
        self.fake: FakeOffice = make_office(settings=self.settings)
        self.folder = BackupFolder(backups, self.settings.site.code, 14)
        facts = self.fake.record.facts
        self.jobs = OnDemandBackups(
            self.settings,
            self.fake.clock,
            note=lambda who, at: facts.note(
                "backup", before=None, after="made", operator=who, at=at
            ),
            run=run,
        )
        state = BackupState(NOON - timedelta(hours=11))
        office = replace(self.fake.office, backup_jobs=self.jobs, backups=lambda: state)
        self.app = create_app(office)

    def browse(self, name: str = "admin") -> TestClient:
        client = TestClient(self.app, follow_redirects=False)
        token = open_session(self.fake, name)
        client.cookies.set(SESSION_COOKIE, token, domain="testserver.local")
        client.cookies.set("gerbang_language", "en")
        return client

    def make(self, client: TestClient, words: str = WORDS, again: str | None = None) -> Any:
        answer = send(
            client, PAGE, f"{PAGE}/make", passphrase=words, again=words if again is None else again
        )
        self.jobs.wait()
        return answer


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, run=lambda work: work())


def test_a_backup_is_made_downloaded_and_opened_by_its_passphrase_alone(
    site: Site, tmp_path: Path
) -> None:
    admin = site.browse()
    assert site.make(admin).status_code == 303
    job = admin.get(PAGE).context["job"]
    assert (job.state, job.headline) == ("done", "A backup is made and verified")
    assert ("Inside", "the record") in job.found

    answer = admin.get(job.file)
    assert answer.headers["content-disposition"].endswith(f'"{job.name}"')
    taken = tmp_path / "taken"
    taken.write_bytes(answer.content)
    report = verify_backup(taken, passphrase=WORDS, beside=tmp_path)
    assert (report.problems, report.site) == ((), site.settings.site.code)
    with pytest.raises(BackupError, match="passphrase"):
        verify_backup(taken, passphrase=OTHER, beside=tmp_path)

    newest = admin.get("/admin/changes").context["lines"][0]
    assert (newest.who, newest.can_undo) == ("admin", False)
    for path in (PAGE, f"{PAGE}/work", "/admin/changes"):
        assert WORDS not in admin.get(path).text


@pytest.mark.parametrize(
    ("words", "again"), [("pendek", "pendek"), (WORDS, OTHER), ("a" * 201, "a" * 201), ("", "")]
)
def test_a_passphrase_is_long_and_typed_twice(site: Site, words: str, again: str) -> None:
    admin = site.browse()
    answer = site.make(admin, words, again)
    assert answer.status_code == 422
    assert answer.context["job"] is None
    assert not words or f'value="{words}"' not in answer.text


def test_nobody_else_gets_it_and_nobody_after_half_an_hour(site: Site) -> None:
    admin = site.browse()
    site.make(admin)
    file = admin.get(PAGE).context["job"].file
    assert site.jobs.file(file.rpartition("/")[2], "rina") is None
    assert site.browse("dewi").get(file).status_code == 403
    assert TestClient(site.app, follow_redirects=False).get(file).status_code == 303

    site.fake.clock.move_to(NOON + KEPT_FOR + timedelta(seconds=1))
    assert admin.get(PAGE).context["job"].file == ""
    assert admin.get(file).status_code == 404
    assert not list(site.settings.data.glob(f"{PREFIX}*"))


def test_one_at_a_time(tmp_path: Path) -> None:
    may_end, begun = threading.Event(), threading.Event()

    def slow(work: Work) -> BackupReport:
        begun.set()
        may_end.wait()
        return work()

    site = Site(tmp_path, run=slow)
    admin = site.browse()
    fields = {"passphrase": WORDS, "again": WORDS}
    assert send(admin, PAGE, f"{PAGE}/make", **fields).status_code == 303
    begun.wait()
    assert admin.get(PAGE).context["job"].state == "working"
    assert 'data-state="working"' in admin.get(f"{PAGE}/work").text
    assert send(admin, PAGE, f"{PAGE}/make", **fields).status_code == 409
    may_end.set()
    site.jobs.wait()
    assert admin.get(PAGE).context["job"].state == "done"
    site.jobs.close()
    assert not list(site.settings.data.glob(f"{PREFIX}*"))


def test_a_backup_that_cannot_be_made_tells_why_and_leaves_nothing(tmp_path: Path) -> None:
    def full(_: Work) -> BackupReport:
        raise BackupError("/data: No space left on device")

    site = Site(tmp_path, run=full)
    admin = site.browse()
    site.make(admin)
    job = admin.get(PAGE).context["job"]
    assert (job.state, job.problems) == ("failed", ("/data: No space left on device",))
    assert job.file == ""
    assert not list(site.settings.data.glob(f"{PREFIX}*"))
    assert admin.get("/admin/changes").context["lines"] == ()


def test_a_stored_one_is_verified_by_the_configured_passphrase_or_a_typed_one(site: Site) -> None:
    admin = site.browse()
    site.make(admin)
    made = site.jobs.file(admin.get(PAGE).context["job"].file.rpartition("/")[2], "admin")
    assert made is not None
    stored = site.folder.file(NOON - timedelta(hours=11))
    stored.write_bytes(made.read_bytes())
    damaged = site.folder.file(NOON - timedelta(hours=35))
    damaged.write_bytes(made.read_bytes()[:-9])

    def verified(name: str, **more: str) -> Any:
        assert send(admin, PAGE, f"{PAGE}/verify", name=name, **more).status_code == 303
        site.jobs.wait()
        return admin.get(PAGE).context["job"]

    shown = admin.get(PAGE).context
    assert [one.name for one in shown["stored"]] == [stored.name, damaged.name]
    assert (verified(stored.name).state, verified(damaged.name).state) == ("done", "failed")
    wrong = verified(stored.name, passphrase=OTHER)
    assert wrong.state == "failed"
    assert wrong.problems == ("The passphrase does not fit.",)


@pytest.mark.parametrize("name", ["../gerbang.sqlite3", "gerbang-BGR-x.backup", ""])
def test_no_other_file_is_opened(site: Site, name: str) -> None:
    answer = send(site.browse(), PAGE, f"{PAGE}/verify", name=name)
    assert answer.status_code == 422
    assert answer.context["job"] is None


def test_says_that_all_is_well_or_that_none_is_made(site: Site) -> None:
    shown = site.browse().get(PAGE).context
    assert (shown["state"], "11 hours" in shown["standing"]) == ("good", True)
    none = make_office()
    client = TestClient(create_app(none.office), follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, open_session(none, "admin"), domain="testserver.local")
    shown = client.get(PAGE).context
    assert (shown["state"], shown["can_make"]) == ("warn", False)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (BackupState(NOON - timedelta(hours=40)), "2 days"),
        (BackupState(None), "no backup"),
        (BackupState(NOON, "disk: No space left on device"), "No space left"),
    ],
    ids=["old", "none", "failed"],
)
def test_what_is_wrong_with_the_daily_ones_stands_first(
    site: Site, state: BackupState, told: str
) -> None:
    office = replace(site.fake.office, backups=lambda: state)
    client = TestClient(create_app(office), follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, open_session(site.fake, "admin"), domain="testserver.local")
    client.cookies.set("gerbang_language", "en")
    shown = client.get(PAGE).context
    assert shown["state"] == "bad"
    assert told in shown["standing"]


def test_tells_what_copies_a_record_in_postgresql(tmp_path: Path) -> None:
    site = Site(
        tmp_path, run=lambda work: work(), database_url="postgresql://gerbang:rahasia@db/gerbang"
    )
    page = site.browse().get(PAGE)
    assert page.context["server"].startswith("pg_dump")
    assert "rahasia" not in page.text
