"""Alerts arrive by e-mail and at another system, each once, and stop nothing where they cannot."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.alerts.channels import channels_of
from dashboard.alerts.credentials import alert_problems
from dashboard.alerts.messenger import (
    FIRST_PAUSE,
    GIVEN_UP_AFTER,
    LONGEST_PAUSE,
    Messenger,
    pause,
)
from dashboard.bootstrap import RunningOffice
from screening.alerts import live
from screening.alerts.alerts import AlertKind, Finding, Level
from screening.alerts.book import CLAIMED_FOR, AlertMessage, MessageChannel, Occasion
from screening.clock import FakeClock
from screening.errors import DeliveryError, SettingsError
from screening.office.changes import with_settings
from screening.settings import AlertSettings, Settings, load_settings
from screening.visits import ExitHow
from tests.contracts.builders import attempt
from tests.dashboard.alerts.servers import (
    HookSystem,
    MailBox,
    closed_port,
    mail_server,
    web_server,
)
from tests.dashboard.fakes import FakeOffice

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
MAIL, HOOK = MessageChannel.MAIL, MessageChannel.HOOK
SECRET = "s3cret-of-the-hook"
PASSWORD = "kata-sandi-surat"
FULL = Finding(kind=AlertKind.NEARLY_FULL, subject="", level=Level.ABOVE, value=92.5, limit=90)
PATIENCE_S = 60


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def system() -> Iterator[HookSystem]:
    with web_server() as system:
        yield system


def mail_settings(port: int, **more: Any) -> dict[str, Any]:
    return {
        "mail_to": ("kepala@kota.example", "it@kota.example"),
        "mail_from": "gerbang@kota.example",
        "mail_host": "127.0.0.1",
        "mail_port": port,
        "mail_security": "none",
        **more,
    }


def settings_of(folder: Path = Path("nowhere"), **alerts: Any) -> Settings:
    web = {"public_url": "https://gerbang.kota.example"}
    return Settings(_env_file=None, data=folder, alerts=AlertSettings(**alerts), web=web)


class Sending:
    """An office in memory whose alerts are sent on one channel."""

    def __init__(self, fake: FakeOffice, channel: MessageChannel, **alerts: Any) -> None:
        self.fake, self.clock, self.book = fake, fake.clock, fake.record.alerts
        found = channels_of(settings_of(**alerts), fake.record.facts.current, fake.clock.now)
        self.channel = channel
        self.send = found[channel].send  # a test may put another one in its place
        self.messenger = self.another()

    def another(self) -> Messenger:
        """The same in another process."""

        def send(message: AlertMessage) -> None:
            self.send(message)

        return Messenger(self.book, self.channel, send, self.clock)

    def raise_(self, finding: Finding = FULL) -> int:
        alert = self.book.raise_(finding, at=self.clock.now(), channels={self.channel})
        assert alert is not None
        return alert.alert_id

    def later(self, after: timedelta) -> int:
        """So much later, how many are taken then."""
        self.clock.move_to(self.clock.now() + after)
        return self.messenger.send_due()


def test_a_mail_says_what_to_do_and_the_next_that_it_is_over(
    fake: FakeOffice, box: MailBox
) -> None:
    sending = Sending(fake, MAIL, **mail_settings(box.port))
    number = sending.raise_()
    assert sending.messenger.send_due() == 1
    (mail,) = box.mails
    assert box.recipients == [["kepala@kota.example", "it@kota.example"]]
    assert mail["Subject"] == "[Disdukcapil Kota Bogor] Ruang terisi 92 %"
    assert mail["Message-ID"] == f"<BGR-{number}-raised@kota.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    for visible in (
        "Periksa apakah yang sudah selesai masih duduk",
        "Diberitahukan mulai 90 % dari kapasitas.",
        "24 Nov 2026, 12.00",
        "https://gerbang.kota.example/dashboard",
    ):
        assert visible in text
    sending.book.acknowledge(number, by="dewi", at=NOON)
    sending.book.end(number, at=NOON + timedelta(minutes=40), channels={MAIL})
    assert sending.later(timedelta(minutes=40)) == 1
    over = box.mails[1]
    assert over["Subject"] == "[Disdukcapil Kota Bogor] Sudah teratasi: Ruang terisi 92 %"
    assert "Mulai 24 Nov 2026, 12.00, teratasi 24 Nov 2026, 12.40." in over.get_content()
    assert "Ditangani oleh dewi." in over.get_content()
    assert sending.later(timedelta(hours=2)) == 0


def test_a_mail_server_that_asks_gets_the_password_of_the_file(
    fake: FakeOffice, box: MailBox, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\nnot this\n")
    user = {"mail_user": "gerbang", "mail_password_file": file}
    sending = Sending(fake, MAIL, **mail_settings(box.port, **user))
    sending.raise_()
    assert sending.messenger.send_due() == 1
    assert base64.b64decode(box.logins[0]).split(b"\0")[1:] == [b"gerbang", PASSWORD.encode()]


def test_one_address_that_is_refused_keeps_the_mail_from_nobody_else(
    fake: FakeOffice, box: MailBox, caplog: pytest.LogCaptureFixture
) -> None:
    box.refuses = {"it@kota.example"}
    sending = Sending(fake, MAIL, **mail_settings(box.port))
    sending.raise_()
    with caplog.at_level(logging.WARNING):
        assert sending.messenger.send_due() == 1
    assert box.recipients == [["kepala@kota.example"]]
    assert "refused it@kota.example" in caplog.text
    box.refuses.add("kepala@kota.example")
    sending.raise_(Finding(**{**_fields(FULL), "subject": "2"}))
    assert sending.messenger.send_due() == 0


def _fields(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in Finding.__slots__}


def test_another_system_gets_json_that_it_can_trust(fake: FakeOffice, system: HookSystem) -> None:
    sending = Sending(fake, HOOK, hook_url=system.url, hook_secret=SECRET)
    number = sending.raise_()
    assert sending.messenger.send_due() == 1
    (posted,) = system.posted
    assert posted.path == "/hooks/T0KEN?office=1"
    assert posted.headers["content-type"] == "application/json"
    name, stamp = posted.headers["webhook-id"], posted.headers["webhook-timestamp"]
    assert (name, int(stamp)) == (f"BGR-{number}-raised", int(fake.clock.now().timestamp()))
    signed = f"{name}.{stamp}.".encode() + posted.body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert posted.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    body = json.loads(posted.body)
    assert (body["type"], body["timestamp"]) == ("alert.raised", "2026-11-24T05:00:00+00:00")
    told = body["data"]
    assert (told["site"], told["id"], told["kind"]) == ("BGR", number, "nearly_full")
    assert (told["state"], told["value"], told["limit"]) == ("told", 92.5, 90)
    assert told["what"] == "Ruang terisi 92 %."


def test_a_secret_of_standard_webhooks_is_read_as_such(
    fake: FakeOffice, system: HookSystem
) -> None:
    # The example of https://www.standardwebhooks.com has its key in base64 behind whsec_.
    key = base64.b64encode(b"0123456789abcdef01234567").decode()
    sending = Sending(fake, HOOK, hook_url=system.url, hook_secret=f"whsec_{key}")
    sending.raise_()
    assert sending.messenger.send_due() == 1
    (posted,) = system.posted
    signed = b".".join(
        (
            posted.headers["webhook-id"].encode(),
            posted.headers["webhook-timestamp"].encode(),
            posted.body,
        )
    )
    digest = hmac.new(b"0123456789abcdef01234567", signed, hashlib.sha256).digest()
    assert posted.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_is_not_taken_is_sent_again_under_the_same_id(
    fake: FakeOffice, system: HookSystem, status: int
) -> None:
    system.status = status
    sending = Sending(fake, HOOK, hook_url=system.url, hook_secret=SECRET)
    sending.raise_()
    assert sending.messenger.send_due() == 0
    assert sending.later(FIRST_PAUSE - timedelta(seconds=1)) == 0
    assert len(system.posted) == 1
    system.status = 204
    assert sending.later(timedelta(seconds=1)) == 1
    assert [one.headers["webhook-id"] for one in system.posted[1:]] == [
        system.posted[0].headers["webhook-id"]
    ]
    assert {one.path for one in system.posted} == {"/hooks/T0KEN?office=1"}
    assert sending.later(timedelta(hours=2)) == 0


def test_pauses_grow_to_half_an_hour() -> None:
    pauses = [pause(tries) for tries in (1, 2, 3, 50)]
    assert pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, LONGEST_PAUSE]


def test_a_dead_mail_server_is_told_once_without_its_secrets_and_given_up_after_a_day(
    fake: FakeOffice, caplog: pytest.LogCaptureFixture
) -> None:
    user = {"mail_user": "gerbang", "mail_password": PASSWORD}
    sending = Sending(fake, MAIL, **mail_settings(closed_port(), **user))
    sending.raise_()
    tries = 0
    real = sending.send

    def counted(message: AlertMessage) -> None:
        nonlocal tries
        tries += 1
        real(message)

    sending.send = counted
    with caplog.at_level(logging.INFO):
        for _ in range(60):
            sending.later(timedelta(minutes=30))
    assert caplog.text.count("alerts cannot be sent by mail") == 1
    assert caplog.text.count("is given up") == 1
    assert 40 < tries < 60
    assert PASSWORD not in caplog.text
    assert sending.clock.now() - NOON > GIVEN_UP_AFTER


def test_a_hook_that_is_away_tells_neither_its_address_nor_its_secret(
    fake: FakeOffice, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"http://127.0.0.1:{closed_port()}/T0KEN"
    sending = Sending(fake, HOOK, hook_url=url, hook_secret=SECRET)
    sending.raise_()
    with caplog.at_level(logging.DEBUG):
        assert sending.messenger.send_due() == 0
    assert "alerts cannot be sent by hook" in caplog.text
    for hidden in ("T0KEN", SECRET):
        assert hidden not in caplog.text
        assert hidden not in repr(settings_of(hook_url=url, hook_secret=SECRET))


def test_two_processes_send_once_and_a_killed_one_is_replaced(
    fake: FakeOffice, system: HookSystem
) -> None:
    sending = Sending(fake, HOOK, hook_url=system.url, hook_secret=SECRET)
    sending.raise_()
    other = sending.another()
    assert [sending.messenger.send_due(), other.send_due()] == [1, 0]
    sending.raise_(Finding(**{**_fields(FULL), "subject": "2"}))
    sending.book.claim({HOOK}, at=sending.clock.now())  # whoever had it was killed
    assert other.send_due() == 0
    sending.clock.move_to(sending.clock.now() + CLAIMED_FOR)
    assert [other.send_due(), sending.messenger.send_due()] == [1, 0]
    assert len(system.posted) == 2


def test_the_one_server_that_is_down_is_asked_once_for_all_that_is_due(fake: FakeOffice) -> None:
    sending = Sending(fake, MAIL, **mail_settings(closed_port()))
    asked: list[AlertMessage] = []

    def fail(message: AlertMessage) -> None:
        asked.append(message)
        raise DeliveryError("down")

    sending.send = fail
    for number in range(4):
        sending.raise_(Finding(**{**_fields(FULL), "subject": str(number)}))
    sending.messenger.send_due()
    assert [one.occasion for one in asked] == [Occasion.RAISED]
    assert sending.later(timedelta(seconds=1)) == 0
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("alerts", "told"),
    [
        ({"mail_to": ["a@b.example"]}, "mail_to needs mail_host"),
        ({"mail_to": ["kepala"], "mail_host": "post.example"}, "no e-mail address"),
        ({"mail_to": ["a@b.example\r\nBcc: x@y.example"], "mail_host": "p"}, "no e-mail address"),
        ({"mail_user": "gerbang"}, "mail_user needs mail_password_file"),
        (
            {
                "mail_user": "g",
                "mail_password": PASSWORD,
                "mail_host": "post.example",
                "mail_security": "none",
            },
            "in clear",
        ),
        ({"hook_url": "https://hook.example/T0KEN"}, "hook_url needs hook_secret_file"),
        ({"hook_url": "ftp://T0KEN.example", "hook_secret": SECRET}, "https://name/path"),
        ({"hook_url": ["T0KEN"], "hook_secret": SECRET}, "hook_url"),
    ],
)
def test_what_cannot_work_is_told_when_it_is_read(alerts: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(None, alerts=alerts)
    assert told in str(refused.value)
    for hidden in ("T0KEN", SECRET, PASSWORD):
        assert hidden not in str(refused.value)


def test_a_secret_that_cannot_be_read_is_told_before_it_is_needed(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    alerts = AlertSettings(
        **mail_settings(25, mail_user="gerbang", mail_password_file=tmp_path / "gone"),
        hook_url="https://hook.example/",
        hook_secret_file=empty,
    )
    missing, nothing = alert_problems(alerts)
    assert "alerts.mail_password_file" in missing
    assert "No such file" in missing
    assert "alerts.hook_secret_file" in nothing
    assert alert_problems(AlertSettings()) == []


@pytest.mark.usefixtures("_quick")
def test_a_running_office_tells_by_mail_and_hook_and_a_restart_tells_nothing_again(
    tmp_path: Path, box: MailBox, system: HookSystem
) -> None:
    settings = settings_of(
        tmp_path, **mail_settings(box.port), hook_url=system.url, hook_secret=SECRET
    )
    clock = FakeClock(NOON)
    with RunningOffice.open(settings, clock=clock) as running:
        running.record.alerts.raise_(FULL, at=NOON, channels={MAIL, HOOK})
        _wait(lambda: len(box.mails) == 1 and len(system.posted) == 1)
        _wait(lambda: [one.kind for one in running.alerts.current()] == ["nearly_full"])
    with RunningOffice.open(settings, clock=clock) as running:
        _wait(lambda: [one.kind for one in running.alerts.current()] == ["nearly_full"])
        running.record.alerts.raise_(
            Finding(**{**_fields(FULL), "subject": "2"}), at=NOON, channels={MAIL, HOOK}
        )
        _wait(lambda: len(box.mails) == 2 and len(system.posted) == 2)
    assert len({mail["Message-ID"] for mail in box.mails}) == 2


@pytest.mark.usefixtures("_quick")
def test_a_room_that_fills_is_told_by_mail_and_its_end_too(tmp_path: Path, box: MailBox) -> None:
    settings, clock = settings_of(tmp_path, **mail_settings(box.port)), FakeClock(NOON)
    with RunningOffice.open(settings, clock=clock) as running:
        office = running.record
        office.facts.change(with_settings({"capacity": "2"}), operator="dewi", at=NOON)
        for _ in range(2):
            office.visits.write(attempt(at=NOON))

        def later(mails: int) -> None:
            def is_told() -> bool:
                clock.move_to(clock.now() + timedelta(seconds=1))
                return len(box.mails) == mails

            _wait(is_told)

        later(1)
        for _ in range(2):
            office.visits.leave(
                receipt=None, how=ExitHow.BUTTON, gate="utama", operator=None, at=clock.now()
            )
        later(2)
        assert office.visits.verify().is_intact
    raised, over = (mail["Subject"] for mail in box.mails)
    assert raised == "[Disdukcapil Kota Bogor] Ruang terisi 100 %"
    assert over == "[Disdukcapil Kota Bogor] Sudah teratasi: Ruang terisi 100 %"


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_S", 0.02)
    monkeypatch.setattr("dashboard.alerts.messenger.LOOK_S", 0.02)


def _wait(is_done: Any) -> None:
    moment = threading.Event()
    for _ in range(PATIENCE_S * 50):
        if is_done():
            return
        moment.wait(0.02)
    raise AssertionError("it did not happen")
