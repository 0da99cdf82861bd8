"""A backup every day by itself: when, how many stay, and what is told when there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from dashboard.app import create_app
from dashboard.backup.archive import BackupSource
from dashboard.backup.daily import DailyBackup
from dashboard.backup.folder import BackupState
from dashboard.backup.jobs import BackupReport
from dashboard.backup.workspace import PREFIX
from dashboard.storage import open_record
from screening.clock import FakeClock
from screening.errors import BackupError
from screening.settings import BackupSettings, Settings
from tests.dashboard.fakes import NOON, FakeOffice, make_office, open_session

DAY = timedelta(days=1)


class FakeMaking:
    """Writes a file of some bytes; ``trouble`` makes it fail, ``problems`` make it damaged."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.problems: tuple[str, ...] = ()
        self.made: list[datetime] = []

    def __call__(
        self, source: BackupSource, file: Path, passphrase: str, at: datetime
    ) -> BackupReport:
        self.made.append(at)
        if self.trouble is not None:
            raise BackupError(self.trouble)
        file.write_bytes(b"sealed")
        return BackupReport(
            at=at,
            site=source.site,
            inside=(),
            configuration=(),
            chain=None,
            key_problems=self.problems,
        )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "backups"
    folder.mkdir()
    (tmp_path / "data").mkdir()
    backup = {"folder": folder, "kept": 3, "passphrase": "empat kata yang panjang"}
    return Settings.model_validate({"data": tmp_path / "data", "backup": backup})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def making() -> FakeMaking:
    return FakeMaking()


@pytest.fixture
def daily(settings: Settings, clock: FakeClock, making: FakeMaking) -> DailyBackup:
    return DailyBackup(settings, clock, make=making)


def names(settings: Settings, ending: str = "") -> list[str]:
    assert settings.backup.folder is not None
    return sorted(file.name for file in settings.backup.folder.glob(f"*{ending}"))


def test_one_is_made_each_day_also_over_a_restart(
    settings: Settings, clock: FakeClock, making: FakeMaking, daily: DailyBackup
) -> None:
    assert [daily.run_if_due(), daily.run_if_due()] == [True, False]
    restarted = DailyBackup(settings, clock, make=making)
    assert not restarted.run_if_due()
    clock.move_to(datetime(2026, 11, 24, 17, 0, tzinfo=UTC))  # midnight in Jakarta
    assert restarted.run_if_due()
    assert names(settings) == [
        "gerbang-BGR-20261124T050000Z.backup",
        "gerbang-BGR-20261124T170000Z.backup",
    ]
    assert restarted.state() == BackupState(newest=clock.now())


def test_only_the_newest_stay_and_other_files_are_left_alone(
    settings: Settings, clock: FakeClock, daily: DailyBackup
) -> None:
    assert settings.backup.folder is not None
    others = ["gerbang-JKT-20200101T000000Z.backup", "notes.txt", "gerbang-BGR-by-hand.backup"]
    for name in others:
        (settings.backup.folder / name).touch()
    for day in range(5):
        clock.move_to(NOON + day * DAY)
        daily.run_if_due()
    kept = [f"gerbang-BGR-202611{24 + day}T050000Z.backup" for day in (2, 3, 4)]
    assert names(settings) == sorted(others + kept)


def test_what_was_begun_and_never_whole_goes_with_a_later_one(
    settings: Settings, daily: DailyBackup
) -> None:
    assert settings.backup.folder is not None
    left = settings.backup.folder / ".gerbang-BGR-20261123T050000Z.backup.4711.part"
    works = settings.backup.folder / ".gerbang-BGR-20261124T045900Z.backup.4712.part"
    for part in (left, works):
        part.touch()
    assert daily.run_if_due()
    assert [left.exists(), works.exists()] == [False, True]


def test_the_start_takes_away_what_a_killed_process_left_open(
    settings: Settings, daily: DailyBackup
) -> None:
    (settings.data / f"{PREFIX}x" / "open").mkdir(parents=True)
    (settings.data / f"{PREFIX}x" / "open" / "gerbang.sqlite3").touch()
    daily.start()
    daily.close()
    assert not list(settings.data.glob(f"{PREFIX}*"))


def test_a_damaged_one_displaces_no_good_one_and_is_told(
    settings: Settings, clock: FakeClock, making: FakeMaking, daily: DailyBackup
) -> None:
    daily.run_if_due()
    making.problems = ("the record: entry 7 was changed",)
    for day in range(1, 6):
        clock.move_to(NOON + day * DAY)
        assert not daily.run_if_due()
    assert names(settings, "T050000Z.backup") == ["gerbang-BGR-20261124T050000Z.backup"]
    assert names(settings, ".damaged-backup") == ["gerbang-BGR-20261129T050000Z.damaged-backup"]
    state = daily.state()
    assert state is not None
    assert "entry 7 was changed" in str(state.problem)
    assert state.is_old(clock.now())


def test_a_disk_that_is_not_there_is_told_once_and_tried_again(
    clock: FakeClock, making: FakeMaking, daily: DailyBackup, caplog: pytest.LogCaptureFixture
) -> None:
    making.trouble = "/media/usb: No space left on device"
    for minute in range(14):
        clock.move_to(NOON + timedelta(minutes=minute))
        daily.run_if_due()
    assert len(making.made) == 1
    assert daily.state() == BackupState(problem=making.trouble)
    clock.move_to(NOON + timedelta(minutes=15))
    daily.run_if_due()
    assert len(making.made) == 2
    assert len(caplog.messages) == 1
    making.trouble = None
    clock.move_to(NOON + timedelta(minutes=31))
    assert daily.run_if_due()
    assert daily.state() == BackupState(newest=clock.now())


def test_a_folder_that_vanished_is_told(settings: Settings, daily: DailyBackup) -> None:
    assert settings.backup.folder is not None
    settings.backup.folder.rmdir()
    assert not daily.run_if_due()
    state = daily.state()
    assert state is not None
    assert f"{settings.backup.folder}: No such file" in str(state.problem)


def test_a_clock_that_was_ahead_hides_no_old_backup(settings: Settings, clock: FakeClock) -> None:
    ahead = DailyBackup(settings, FakeClock(NOON + 400 * DAY), make=FakeMaking())
    assert ahead.run_if_due()
    restarted = DailyBackup(settings, clock, make=FakeMaking())
    assert restarted.run_if_due()
    assert restarted.state() == BackupState(newest=NOON)


def test_nothing_is_made_where_no_folder_is_set(tmp_path: Path, clock: FakeClock) -> None:
    daily = DailyBackup(Settings(data=tmp_path), clock)
    daily.start()
    assert not daily.run_if_due()
    daily.close()
    assert daily.state() is None


def test_a_folder_without_a_passphrase_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="passphrase_file"):
        BackupSettings(folder=tmp_path)


def test_a_process_of_its_own_makes_it(settings: Settings, clock: FakeClock) -> None:
    with open_record(settings):
        daily = DailyBackup(settings, clock)
        assert daily.run_if_due()
    (name,) = names(settings)
    assert name == "gerbang-BGR-20261124T050000Z.backup"
    daily.close()


class TestTold:
    @pytest.fixture
    def fake(self, tmp_path: Path) -> FakeOffice:
        return make_office(folder=tmp_path)

    @pytest.mark.parametrize(
        ("state", "told"),
        [
            (BackupState(newest=NOON - timedelta(hours=35)), None),
            (BackupState(newest=NOON - timedelta(hours=37)), "backup is of Sunday, 22 November"),
            (BackupState(), "no backup yet"),
            (BackupState(newest=NOON, problem="/media/usb: No space left"), "/media/usb: No space"),
            (None, None),
        ],
        ids=["fresh", "old", "never", "failed", "not-wanted"],
    )
    def test_managers_are_told_on_the_dashboard(
        self, fake: FakeOffice, state: BackupState | None, told: str | None
    ) -> None:
        texts = {
            name: page(fake, name, lambda: state).get("/dashboard").text
            for name in ("dewi", "rina")
        }
        if told is None:
            assert "backup" not in texts["dewi"]
        else:
            assert told in texts["dewi"]
        assert "backup" not in texts["rina"]

    def test_a_guard_has_a_line_among_the_devices(self, fake: FakeOffice) -> None:
        old = BackupState(newest=NOON - timedelta(hours=37), problem="/secret/folder: no space")
        told = page(fake, "budi", lambda: old).get("/gate/utama").text
        assert "Tell whoever runs the computer." in told
        assert "/secret" not in told
        fresh = BackupState(newest=NOON)
        for backups in (fresh, None):
            guard = page(fake, "budi", lambda it=backups: it)
            assert "backup" not in guard.get("/gate/utama").text

    def test_collectors_are_told(self, fake: FakeOffice) -> None:
        old = BackupState(newest=NOON - timedelta(hours=37))
        told = {
            family.name: [sample.value for sample in family.samples]
            for family in text_string_to_metric_families(
                page(fake, "dewi", lambda: old).get("/metrics").text
            )
        }
        made_at = NOON.timestamp() - 37 * 3600
        assert told["gerbang_backup_timestamp_seconds"] == [made_at]
        assert told["gerbang_backup_fine"] == [0]
        assert "gerbang_backup" not in page(fake, "dewi", lambda: None).get("/metrics").text


def page(fake: FakeOffice, name: str, backups: Callable[[], BackupState | None]) -> TestClient:
    """A browser of this person in an office whose backups stand so."""
    client = TestClient(create_app(replace(fake.office, backups=backups)), follow_redirects=False)
    client.cookies.set("gerbang_session", open_session(fake, name), domain="testserver.local")
    client.cookies.set("gerbang_language", "en", domain="testserver.local")
    return client
