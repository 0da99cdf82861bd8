"""Booking from the command line, and by another system whose office is killed meanwhile."""

from __future__ import annotations

import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2
import pytest

from tests.e2e.command import Gerbang
from tests.e2e.served import gerbang as prepared
from tests.e2e.served import served

KILLED_BEFORE_THE_ANSWER = """
import os, signal, sys
from dashboard.__main__ import run
from dashboard.api import registrations

registrations.written = lambda answer: os.kill(os.getpid(), signal.SIGKILL)
run(sys.argv[1:])
"""


def coming(*weekdays: int) -> str:
    """The next such day (0 is Monday) from the day after tomorrow on."""
    today = datetime.datetime.now(ZoneInfo("Asia/Jakarta")).date()
    days = (today + datetime.timedelta(days=after) for after in range(2, 9))
    return next(day.isoformat() for day in days if day.weekday() in weekdays)


@pytest.fixture
def day(gerbang: Gerbang) -> str:
    """One on which the office is open whatever the calendar says, with one place a time."""
    found = coming(0, 1, 2, 3, 4)
    assert gerbang("hours", "day", found, "hours=08:00-15:00").status == 0
    rules = ("booking=slot", "slot_minutes=30", "slot_places=1")
    assert gerbang("service", "set", "KK", *rules).status == 0
    return found


class TestTheCommand:
    def test_books_and_finds_and_cancels(self, gerbang: Gerbang, day: str) -> None:
        asked = ("service=kk", f"date={day}", "start=09:00", "name=Siti Aminah")
        told = gerbang("register", *asked, "priority=elderly", "answer_family=5", "--json").json
        assert list(told) == ["number", "token", "link", "valid_from", "expires", "slot"]
        assert told["slot"] == {"date": day, "start": "09:00", "end": "09:30"}
        (found,) = gerbang("registration", "list", "aminah", "--day", day, "--json").lines
        assert (found["number"], found["state"]) == (told["number"], "booked")
        assert (found["start"], found["priority"]) == ("09:00", True)
        refused = gerbang("register", *asked)
        assert (refused.status, refused.out) == (1, "")
        assert refused.err.count("\n") == 1
        assert "(slot_full)" in refused.err
        assert f"{day} 09:30" in refused.err
        assert gerbang("registration", "cancel", told["number"]).status == 0
        (found,) = gerbang("registration", "list", "aminah", "--json").lines
        assert found["state"] == "cancelled"
        assert gerbang("register", *asked).status == 0
        assert gerbang("log", "verify").status == 0

    def test_gives_a_receipt_where_nothing_is_booked(self, gerbang: Gerbang) -> None:
        told = gerbang("register", "service=LEGALISIR", "name=Budi", "--json").json
        assert told["slot"] is None
        assert gerbang("receipt", "verify", told["token"]).status == 1  # from tomorrow on
        assert "LEGALISIR" in gerbang("registration", "list").out

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            (["service=KTP", "name=Siti"], "date: This is needed"),
            (["service=KTP", "date=tomorrow", "name=Siti"], "'tomorrow' is not a day"),
            (["service=KTP", "date=2026-12-01", "start=nine", "name=Siti"], "'nine' is not a time"),
            (["service=KTP", "date=2026-12-01"], "name: This is needed"),
            (["service=PASPOR", "date=2026-12-01", "name=Siti"], "service: This is not known"),
            (["service=LEGALISIR", "name=Siti", "party_size=-1"], "'-1' is not a number"),
            (["service=LEGALISIR", "name=Siti", "party_size=21"], "party_size: These are too many"),
            (["service=LEGALISIR", "name=Siti", "priority=rich"], "unknown priority 'rich'"),
            (["service=LEGALISIR", "name=Siti", "nik=1"], "unknown key nik"),
            (["Siti"], "'Siti' is not KEY=VALUE"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_says_in_one_line_what_cannot_be_meant(
        self, gerbang: Gerbang, typed: list[str], told: str
    ) -> None:
        gerbang("office", "show")  # whose folder is told of when it is new
        outcome = gerbang("register", *typed)
        assert (outcome.status, outcome.out) == (2, "")
        assert outcome.err.count("\n") == 1
        assert told in outcome.err

    def test_asks_what_the_office_needs_to_know(self, gerbang: Gerbang, day: str) -> None:
        question = ("question_no_id=Nomor pengajuan", "question_no_required=yes")
        assert gerbang("service", "set", "KK", *question).status == 0
        asked = ("service=KK", f"date={day}", "start=09:00", "name=Siti Aminah")
        refused = gerbang("register", *asked)
        assert (refused.status, refused.err.count("\n")) == (2, 1)
        assert "answer_no: This is needed" in refused.err
        assert gerbang("register", *asked, "answer_no=12").status == 0

    def test_cancels_nothing_that_is_not_there(self, gerbang: Gerbang) -> None:
        gerbang("office", "show")
        outcome = gerbang("registration", "cancel", "7KQ2M-9XV4T")
        assert (outcome.status, outcome.err.count("\n")) == (1, 1)


def test_a_request_that_was_booked_but_not_answered_is_answered_when_sent_again(
    tmp_path: Path,
) -> None:
    data, day = tmp_path / "data", coming(0, 1, 2, 3, 4)
    prepared("hours", "day", day, "hours=08:00-15:00", data=data)
    key = prepared("key", "add", "portal", "--scope", "registrations", data=data)["key"]
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "siti-1"}
    body = {"service": "KTP", "date": day, "name": "Siti Aminah"}
    with (
        served(["serve"], data=data, code=KILLED_BEFORE_THE_ANSWER) as office,
        httpx2.Client(base_url=office.base, timeout=60) as client,
    ):
        with pytest.raises(httpx2.TransportError):
            client.post("/api/v1/registrations", json=body, headers=headers)
        assert office.process.wait(60) == -9
    with (
        served(["serve"], data=data) as office,
        httpx2.Client(base_url=office.base, timeout=60) as client,
    ):
        answers = [
            client.post("/api/v1/registrations", json=body, headers=headers) for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].content == answers[1].content
        slots = client.get("/api/v1/services/KTP/slots", params={"from": day, "days": 1}).json()
        booked = prepared("registration", "list", "aminah", data=data)
    assert booked["number"] == answers[0].json()["number"]
    assert slots["slots"][0]["date"] == day
