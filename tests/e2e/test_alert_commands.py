"""``gerbang alert``, as somebody at a terminal meets it."""

from __future__ import annotations

from pathlib import Path

from screening.alerts.alerts import AlertKind, Finding, Level
from screening.clock import SystemClock
from screening.record import Record
from screening.settings import Settings
from screening.waiting_room.plan import SeatPlan
from tests.dashboard.alerts.servers import closed_port, mail_server, web_server
from tests.e2e.command import Gerbang

SECRET = "s3cret-of-the-hook"


def configure(folder: Path, *lines: str) -> None:
    (folder / "gerbang.toml").write_text("\n".join(["[alerts]", *lines]))


class TestTest:
    def test_an_office_that_tells_nobody_says_what_to_set(self, gerbang: Gerbang) -> None:
        outcome = gerbang("alert", "test")
        assert (outcome.status, outcome.out) == (1, "")
        assert "mail_to" in outcome.err

    def test_each_channel_gets_a_test(self, gerbang: Gerbang, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text(SECRET)
        with mail_server() as box, web_server() as system:
            configure(
                tmp_path,
                'mail_to = ["it@kota.example"]',
                'mail_host = "127.0.0.1"',
                f"mail_port = {box.port}",
                'mail_security = "none"',
                f'hook_url = "{system.url}"',
                'hook_secret_file = "secret"',
            )
            assert gerbang("config", "check").status == 0
            outcome = gerbang("alert", "test", "--json")
            system.status = 500
            failed = gerbang("alert", "test")
        assert outcome.status == 0
        assert [(one["channel"], one["taken"]) for one in outcome.json["channels"]] == [
            ("mail", True),
            ("hook", True),
        ]
        assert "Uji coba peringatan" in box.mails[0]["Subject"]
        assert b'"type":"alert.test"' in system.posted[0].body
        assert failed.status == 1
        assert "mail: taken" in failed.out
        assert "hook: 127.0.0.1 answered 500" in failed.out
        assert not list((tmp_path / "data").glob("*.sqlite3")), "a test writes no record"

    def test_who_does_not_answer_is_named_and_no_secret(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        url = f"http://127.0.0.1:{closed_port()}/T0KEN"
        configure(tmp_path, f'hook_url = "{url}"', f'hook_secret = "{SECRET}"')
        outcome = gerbang("alert", "test")
        assert outcome.status == 1
        assert "hook: 127.0.0.1" in outcome.out
        for hidden in ("T0KEN", SECRET):
            assert hidden not in outcome.out + outcome.err

    def test_config_check_tells_a_secret_that_is_not_there(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        configure(tmp_path, 'hook_url = "https://h.example/"', 'hook_secret_file = "gone"')
        outcome = gerbang("config", "check")
        assert outcome.status == 1
        assert "alerts.hook_secret_file gone: the secret cannot be read" in outcome.out
        assert gerbang("alert", "test").status == 1


class TestList:
    def test_what_is_open_is_listed_with_who_takes_care_of_it(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        assert gerbang("alert", "list").out == "Nothing needs anybody.\n"
        site, now = Settings(_env_file=None).site, SystemClock().now()
        found = Finding(
            kind=AlertKind.QUEUE_LONG, subject="KTP", level=Level.ABOVE, value=30, limit=25
        )
        file = next((tmp_path / "data").glob("*.sqlite3"))
        with Record.open(file, site=site.code, zone=site.zone, plan=SeatPlan(6, 10)) as record:
            alert = record.alerts.raise_(found, at=now)
            assert alert is not None
            record.alerts.acknowledge(alert.alert_id, by="dewi", at=now)
        (told,) = gerbang("alert", "list", "--json").json["alerts"]
        assert (told["kind"], told["subject"], told["acknowledged_by"]) == (
            "queue_long",
            "KTP",
            "dewi",
        )
        assert "queue_long KTP: 30, limit 25" in gerbang("alert", "list").out
        assert gerbang("log", "verify").status == 0

    def test_limits_are_set_like_other_facts(self, gerbang: Gerbang) -> None:
        assert (
            gerbang("office", "set", "wait_target_minutes=20", "full_alert_percent=none").status
            == 0
        )
        shown = gerbang("office", "show", "--json").json
        assert (shown["wait_target_minutes"], shown["full_alert_percent"]) == (20, None)
        assert gerbang("office", "set", "full_alert_percent=101").status == 2
        assert "wait_target_minutes 20" in gerbang("office", "show").out
