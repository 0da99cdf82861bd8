"""The office's facts on the command line: answers, questions, exit status, rows of the log."""

from __future__ import annotations

import getpass
import shlex
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from screening.office.changes import SETTINGS
from screening.registration.rules import Booked, DayTaken
from tests.e2e.command import Gerbang

ALL_CHECKS = ["receipt", "hands", "temperature", "mask"]


def operators(gerbang: Gerbang) -> list[str]:
    return [row["operator"] for row in gerbang("log", "export", "--json").lines]


def test_shows_what_holds_in_an_office_without_devices(gerbang: Gerbang) -> None:
    shown = gerbang("office", "show", "--json").json
    assert (shown["mode"], shown["capacity"], shown["daily_quota"]) == ("everyday", 60, None)
    assert shown["checks"] == {}
    assert shown["seat_plan"]["open_seats"] == 60
    assert "everyday" in gerbang("office", "show").out


def test_shows_whatever_can_be_set(gerbang: Gerbang) -> None:
    gerbang(
        "office", "set", "names_days=14", "message=Bring the family card", "quiet_hours=12:00-13:00"
    )
    shown = gerbang("office", "show", "--json").json
    assert set(SETTINGS) - shown.keys() == set()
    assert (shown["names_days"], shown["quiet_hours"]) == (14, "12:00-13:00")
    told = gerbang("office", "show").out
    assert all(words in told for words in ("names_days 14", "Bring the family card", "12:00-13:00"))


def test_sets_facts_and_names_who_did(gerbang: Gerbang) -> None:
    changed = gerbang("office", "set", "capacity=50", "daily_quota=350", "--json").json
    assert (changed["capacity"], changed["daily_quota"], changed["changed"]) == (50, 350, True)
    again = gerbang("office", "set", "capacity=50", "--operator", "rina", "--json").json
    assert again["changed"] is False
    gerbang("office", "set", "capacity=seats", "--operator", "rina")
    assert gerbang("office", "show", "--json").json["capacity"] == 60
    assert operators(gerbang) == [getpass.getuser(), "rina"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("office", "set"),
        ("office", "set", "capacity"),
        ("office", "set", "capacity=0"),
        ("office", "set", "capacity=1", "capacity=2"),
        ("office", "set", "colour=red"),
        ("office", "mode", "pandemic"),
        ("service", "add", "PASPOR"),
        ("service", "add", "PASPOR", "channel=air"),
        ("service", "set", "KTP"),
        ("gate", "set", "utama"),
        ("gate", "set", "utama", "checks=blood"),
        ("receipt", "list", "--limit", "0"),
        ("receipt", "list", "--limit", "9" * 20),
        ("registration", "list", "--limit", "9" * 20),
        ("retention", "runs", "--limit", "9" * 20),
        ("hours", "reopen", "9" * 20),
        ("hours", "reopen", "0"),
        ("service", "set", "KTP", "letter=U"),
        ("service", "set", "KTP", "quota=5", "daily_quota=6"),
        ("service", "set", "KTP", "hours_mon=8-15"),
        ("office", "set", "map_link=javascript:alert(1)"),
        ("hours", "set"),
        ("hours", "set", "senin=closed"),
        ("hours", "set", "mon="),
        ("hours", "day", "2026-12-24"),
        ("hours", "day", "", "hours=closed"),
        ("hours", "close", "2026-12-24", "until="),
        ("hours", "close", "2026-12-24", "until=2026-12-23"),
        ("hours", "leave", "2026-12-24=maybe"),
        ("hours", "leave", "2031=yes"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_in_one_line(gerbang: Gerbang, arguments: tuple[str, ...]) -> None:
    outcome = gerbang(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("service", "add", "KTP", "channel=walk_in"),
        ("service", "set", "NIKAH", "daily_quota=3"),
        ("service", "remove", "NIKAH", "--yes"),
        ("service", "set", "KTP", "letter=L"),
        ("service", "set", "KTP", "lead_days=0"),
        ("service", "set", "KTP", "quota=5", "priority_quota=6"),
        ("hours", "show", "--service", "NIKAH"),
        ("hours", "close", "2026-12-24", "--service", "NIKAH"),
        ("gate", "set", "absent", "checks=receipt"),
        ("gate", "remove", "absent", "--yes"),
    ],
    ids=" ".join,
)
def test_what_contradicts_the_office_fails(gerbang: Gerbang, arguments: tuple[str, ...]) -> None:
    gerbang("office", "show")
    outcome = gerbang(*arguments)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1


class TestQuestions:
    def test_without_a_terminal_what_loses_something_needs_yes(self, gerbang: Gerbang) -> None:
        gerbang("office", "mode", "outbreak", "--yes")
        gerbang("gate", "add", "utama")
        for command, lost in (
            (("office", "mode", "everyday"), "hands, temperature, mask"),
            (("gate", "remove", "utama"), "token"),
            (("service", "remove", "KTP"), "KTP"),
        ):
            refused = gerbang(*command, stdin="")
            assert (refused.status, refused.out) == (2, "")
            assert lost in refused.err
            assert "--yes" in refused.err
            assert gerbang(*command, "--yes").status == 0
        gerbang("office", "mode", "outbreak", "--yes")
        assert gerbang("office", "set", "mode=everyday", stdin="").status == 2

    def test_the_capacity_that_shrinks_is_told(self, gerbang: Gerbang) -> None:
        refused = gerbang("office", "mode", "outbreak", stdin="")
        assert "30 instead of 60" in refused.err

    def test_nothing_is_asked_where_nothing_is_lost(self, gerbang: Gerbang) -> None:
        gerbang("office", "set", "capacity=10", stdin="")
        assert gerbang("office", "mode", "outbreak", stdin="").status == 0
        assert gerbang("office", "mode", "outbreak", stdin="").status == 0
        assert gerbang("office", "show", "--json").json["mode"] == "outbreak"

    @pytest.mark.parametrize(("typed", "status"), [("yes\n", 0), ("no\n", 1), ("\n", 1)])
    def test_a_terminal_is_asked(
        self, gerbang: Gerbang, monkeypatch: pytest.MonkeyPatch, typed: str, status: int
    ) -> None:
        gerbang("gate", "add", "utama")

        class Terminal:
            def isatty(self) -> bool:
                return True

            def readline(self) -> str:
                return typed

        monkeypatch.setattr(sys, "stdin", Terminal())
        outcome = gerbang("gate", "remove", "utama")
        assert outcome.status == status
        assert "loses its pages, its station's token" in outcome.err


class TestGates:
    def test_a_gate_takes_the_mode_s_checks_unless_it_has_its_own(self, gerbang: Gerbang) -> None:
        gerbang("gate", "add", "utama")
        gerbang("gate", "add", "dua", "checks=receipt,hands")
        gerbang("gate", "add", "tiga", "--checks", "mask")
        gerbang("office", "mode", "outbreak", "--yes")
        listed = {line["gate"]: line for line in gerbang("gate", "list", "--json").lines}
        assert {name: line["checks"] for name, line in listed.items()} == {
            "dua": ["receipt", "hands"],
            "tiga": ["mask"],
            "utama": ALL_CHECKS,
        }
        assert not listed["utama"]["own_checks"]
        changed = gerbang("gate", "set", "dua", "checks=mode", "--json").json
        assert changed["checks"] == ALL_CHECKS

    def test_a_gate_has_a_name_for_people(self, gerbang: Gerbang) -> None:
        gerbang("gate", "add", "utama", "title=Pintu utama")
        assert gerbang("gate", "list", "--json").json["title"] == "Pintu utama"
        changed = gerbang("gate", "set", "utama", "title=Pintu timur", "checks=receipt", "--json")
        assert (changed.json["title"], changed.json["checks"]) == ("Pintu timur", ["receipt"])
        assert gerbang("gate", "set", "utama", "title=" + "x" * 61).status == 2
        assert "title" not in gerbang("gate", "set", "utama", "title=none", "--json").json
        rows = gerbang("log", "export", "--json").lines
        assert rows[-1]["remark"] == "gates.utama.title: Pintu timur → –"
        assert gerbang("log", "verify").status == 0

    def test_a_gate_without_a_token_is_given_one(self, gerbang: Gerbang, tmp_path: Path) -> None:
        from dashboard.bootstrap import RunningOffice
        from screening.settings import Settings

        with RunningOffice.open(Settings(data=tmp_path / "data")):
            pass
        assert gerbang("gate", "list", "--json").json["has_token"] is False
        added = gerbang("gate", "add", "utama", "--checks", "receipt", "--json").json
        assert len(added["token"]) >= 32
        assert gerbang("gate", "list", "--json").json == {
            "gate": "utama",
            "checks": ["receipt"],
            "own_checks": True,
            "has_token": True,
        }
        assert gerbang("gate", "add", "utama").status == 1

    def test_a_removed_gate_stays_in_the_log(self, gerbang: Gerbang) -> None:
        gerbang("gate", "add", "utama")
        assert gerbang("gate", "remove", "utama", "--yes", "--json").json["removed"]
        assert gerbang("gate", "list", "--json").lines == []
        remarks = [row["remark"] for row in gerbang("log", "export", "--json").lines]
        assert remarks == ["gates.utama.checks: – → mode", "gates.utama.checks: mode → –"]
        assert gerbang("log", "verify").status == 0


class TestServices:
    def test_a_service_is_offered_changed_and_offered_no_more(self, gerbang: Gerbang) -> None:
        add = ("service", "add", "paspor", "channel=collection", "name_id=Paspor", "--json")
        assert gerbang(*add).json["name_en"] == "Paspor"
        assert (
            gerbang("service", "set", "PASPOR", "daily_quota=3", "--json").json["daily_quota"] == 3
        )
        assert gerbang("service", "list", "--json").lines[-1]["service"] == "PASPOR"
        issue = ("receipt", "issue", "--service", "PASPOR", "--name", "Siti Aminah", "--json")
        assert gerbang(*issue).status == 0
        refused = gerbang("service", "remove", "PASPOR", stdin="")
        assert "a receipt not used yet will be refused" in refused.err
        removed = gerbang("service", "remove", "PASPOR", "--yes", "--json").json
        assert removed["receipts_refused"] == 1
        assert gerbang(*issue).status == 1

    def test_a_service_has_a_name_in_each_language_there_is(
        self, gerbang: Gerbang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refused = gerbang("service", "set", "KTP", "name_jv=Kertu KTP")
        assert (refused.status, "name_en, name_id" in refused.err) == (2, True)
        (tmp_path / "gerbang.toml").write_text('[site]\nlanguage = "jv"\n')
        unknown = gerbang("config", "check")
        assert (unknown.status, "language 'jv'; there are en, id" in unknown.out) == (1, True)

        folder = tmp_path / "locale"
        for code in ("en", "id", "jv"):
            path = folder / code / "LC_MESSAGES" / "gerbang.po"
            path.parent.mkdir(parents=True)
            path.write_text('msgid ""\nmsgstr ""\n')
        monkeypatch.setattr("dashboard.web.language.CATALOGUES", folder)
        assert gerbang("config", "check").status == 0
        named = gerbang("service", "set", "KTP", "name_jv=Kertu KTP", "name_en=none", "--json").json
        assert named["names"] == {"id": "KTP elektronik", "jv": "Kertu KTP"}
        names = [named[key] for key in ("name_id", "name_en", "name_jv")]
        assert names == ["KTP elektronik", "Kertu KTP", "Kertu KTP"]
        listed = gerbang("service", "list").out.splitlines()[0]
        assert listed.endswith("Kertu KTP / KTP elektronik")

    def test_a_service_is_booked_by_rules_of_its_own(self, gerbang: Gerbang) -> None:
        typed = ("booking=slot", "slot_minutes=20", "slot_places=4", "quota=80", "letter=kt")
        changed = gerbang("service", "set", "KTP", *typed, "hours_fri=08:00-11:00", "--json").json
        assert {key: changed[key] for key in ("booking", "slot_minutes", "daily_quota")} == {
            "booking": "slot",
            "slot_minutes": 20,
            "daily_quota": 80,
        }
        assert (changed["letter"], changed["hours"]) == ("KT", {"fri": "08:00-11:00"})
        assert changed["kept_days"] == []
        listed = gerbang("service", "list").out.splitlines()[0]
        assert listed.startswith("KTP\tKT\tcollection\tby time: 4 every 20 min\t80 a day\t")
        remark = gerbang("log", "export", "--json").json["remark"]
        assert "services.KTP.slot_minutes: 30 → 20" in remark
        assert "services.KTP.letter: K → KT" in remark

    def test_days_that_are_booked_already_are_told(
        self, gerbang: Gerbang, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        booked = [date(2027, 12, 24), date(2027, 12, 28)]  # a Friday and a Tuesday
        monkeypatch.setattr(
            "screening.record.bookings.SqlBookings.booked_days", lambda *_, **__: booked
        )
        at_nine = DayTaken(booked={"KTP": Booked(people=1, starts={time(9): 1})})
        monkeypatch.setattr(
            "screening.record.bookings.SqlBookings.taken",
            lambda *_, **__: dict.fromkeys(booked, at_nine),
        )
        set_ktp = ("service", "set", "KTP")
        assert gerbang(*set_ktp, "slot_places=4", "--json").json["kept_days"] == [
            "2027-12-24",
            "2027-12-28",
        ]
        assert "booked already: 2027-12-24, 2027-12-28" in gerbang(*set_ktp, "quota=9").out
        assert gerbang(*set_ktp, "name_en=Card", "--json").json["kept_days"] == []
        closed = gerbang("hours", "close", "2027-12-24", "until=2027-12-27", "--json").json
        assert closed["booked_days"] == ["2027-12-24"]
        assert "booked already" in gerbang("hours", "leave", "2027-12-24=yes").out
        day = ("hours", "day", "2027-12-28")
        assert gerbang(*day, "hours=09:00-10:00", "--json").json["booked_days"] == []
        assert gerbang(*day, "hours=08:00-09:00", "--json").json["booked_days"] == ["2027-12-28"]
        gerbang(*day, "hours=usual")
        gerbang("hours", "day", "2027-12-24", "hours=08:00-15:00")
        assert gerbang("hours", "set", "mon=closed", "--json").json["booked_days"] == []
        assert "told: 2027-12-28" in gerbang("hours", "set", "tue=closed").out
        assert "told" not in gerbang(*set_ktp, "quota=8").out
        assert gerbang(*set_ktp, "hours_tue=08:00-10:00", "--json").json["booked_days"] == []
        assert "told: 2027-12-24, 2027-12-28" in gerbang(*set_ktp, "channel=closed").out


class TestHours:
    def test_a_week_is_set_by_its_days_and_the_others_stay(self, gerbang: Gerbang) -> None:
        gerbang("hours", "set", "mon-thu=08:00-12:00,13:00-15:00", "fri=08:00-11:00")
        week = gerbang("hours", "set", "sat=09:00-11:00", "--json").json["week"]
        split = "08:00-12:00,13:00-15:00"
        assert list(week.values()) == [split] * 4 + ["08:00-11:00", "09:00-11:00", "closed"]
        at = ("hours", "show", "--at", "2026-12-03T12:30")
        shown = gerbang(*at, "--json").json
        assert (shown["open"], shown["until"], shown["week"]) == (False, None, week)
        assert shown["opens"] == "2026-12-03T13:00:00+07:00"
        assert shown["days"] == [
            {
                "date": "2026-12-25",
                "hours": "closed",
                "because": "holiday",
                "note": "Hari Raya Natal",
            },
            {
                "date": "2027-01-01",
                "hours": "closed",
                "because": "holiday",
                "note": "Tahun Baru Masehi",
            },
        ]
        assert "closed now; opens next 2026-12-03T13:00" in gerbang(*at).out
        assert "open until 12:00" in gerbang("hours", "show", "--at", "2026-12-03T11:59").out
        own = ("service", "set", "KTP", "hours_thu=closed")
        gerbang(*own)
        of_ktp = gerbang(*at, "--service", "ktp", "--json").json
        assert (of_ktp["week"]["thu"], of_ktp["week"]["fri"]) == ("closed", "08:00-11:00")

    def test_single_days_closures_and_leave_are_set_and_taken_back(self, gerbang: Gerbang) -> None:
        half = ("hours", "day", "2026-12-24", "hours=08:00-12:00", "note=Malam Natal")
        assert "08:00-12:00\tMalam Natal" in gerbang(*half).out
        closed = ("hours", "close", "2026-12-28", "until=2026-12-31", "note=Pindah gedung")
        assert len(gerbang(*closed, "--service", "KTP", "--json").json["days"]) == 4
        gerbang("hours", "day", "2026-12-31", "hours=usual", "--service", "KTP")
        taken = gerbang("hours", "leave", "2026=yes", "2026-12-24=no", "--json").lines
        assert {line["date"]: line["taken"] for line in taken}["2026-12-24"] is False
        assert sum(line["taken"] for line in taken) == len(taken) - 1
        at = ("hours", "show", "--at", "2026-12-20", "--json")
        days = {day["date"]: day["hours"] for day in gerbang(*at).json["days"]}
        assert days["2026-12-24"] == "08:00-12:00"
        assert "2026-12-28" not in days
        of_ktp = {day["date"] for day in gerbang(*at, "--service", "KTP").json["days"]}
        assert "2026-12-30" in of_ktp
        assert "2026-12-31" not in of_ktp
        gerbang("hours", "day", "2026-12-24", "hours=usual")
        rows = gerbang("log", "export", "--json").lines
        assert rows[-1]["remark"] == "hours.2026-12-24: 08:00-12:00 (Malam Natal) → –"
        assert gerbang("log", "verify").status == 0

    def test_the_holidays_of_a_year_are_told(self, gerbang: Gerbang) -> None:
        told = gerbang("hours", "holidays", "--year", "2027", "--json").lines
        assert told[0] == {"date": "2027-01-01", "note": "Tahun Baru Masehi"}
        assert "Cuti Bersama Hari Raya Natal" in gerbang("hours", "leave").out

    def test_the_office_says_where_it_is(self, gerbang: Gerbang) -> None:
        gerbang("office", "set", "address=Jl. Pajajaran 1, Bogor", "telephone=0251-8321075")
        shown = gerbang("office", "show", "--json").json
        assert shown["address"] == "Jl. Pajajaran 1, Bogor"
        assert "0251-8321075" in gerbang("office", "show").out
        assert gerbang("office", "set", "address=none", "--json").json["address"] is None


class TestReceipts:
    def test_lists_receipts_newest_first_with_where_each_stands(self, gerbang: Gerbang) -> None:
        numbers = {}
        for service, day in (("KTP", "2026-11-02"), ("KK", "2026-11-20"), ("KTP", "2026-11-24")):
            issued = gerbang(
                "receipt", "issue", "--service", service, "--name", "Siti Aminah",
                "--issued", day, "--json",
            ).json  # fmt: skip
            numbers[day] = issued["number"]
        revoke = ("receipt", "revoke", numbers["2026-11-20"], "--reason", "x", "--operator", "r")
        gerbang(*revoke)
        at = ("--at", "2026-11-24T12:00")
        listed = gerbang("receipt", "list", *at, "--json").lines
        assert [(line["number"], line["state"]) for line in listed] == [
            (numbers["2026-11-24"], "not_yet_valid"),
            (numbers["2026-11-20"], "revoked"),
            (numbers["2026-11-02"], "expired"),
        ]
        assert listed[0]["valid_from"] == "2026-11-25T00:00:00+07:00"
        assert listed[0]["holder"] == "Siti A."
        good = gerbang("receipt", "list", "--at", "2026-11-26", "--limit", "1", "--json").json
        assert good["state"] == "good"
        assert len(gerbang("receipt", "list", "--service", "ktp", "--json").lines) == 2
        assert numbers["2026-11-24"] in gerbang("receipt", "list").out

    def test_a_receipt_is_for_today_only_where_nobody_has_to_register(
        self, gerbang: Gerbang
    ) -> None:
        issue = ("receipt", "issue", "--name", "Siti", "--issued", "2026-12-01", "--today")
        walk_in = gerbang(*issue, "--service", "LEGALISIR", "--json").json
        assert walk_in["valid_from"] == "2026-12-01T00:00:00+07:00"
        assert walk_in["expires"] == "2026-12-08T00:00:00+07:00"
        verify = ("receipt", "verify", walk_in["token"], "--at")
        assert gerbang(*verify, "2026-12-01T09:00").status == 0
        assert gerbang(*verify, "2026-12-08T09:00").status == 1
        refused = gerbang(*issue, "--service", "KTP")
        assert (refused.status, refused.out) == (1, "")
        assert "never for the same day" in refused.err
        assert gerbang("receipt", "list", "--json").json["service"] == "LEGALISIR"

    def test_a_used_receipt_is_listed_as_used(self, gerbang: Gerbang, tmp_path: Path) -> None:
        from datetime import UTC, datetime

        from dashboard.storage import open_record
        from screening.decision import DecisionKind, Reason
        from screening.settings import Settings
        from screening.visits import Attempt

        gerbang("receipt", "issue", "--service", "KTP", "--name", "Siti", "--party", "2")
        with open_record(Settings(data=tmp_path / "data")) as record:
            for number in range(2):
                (claims, use), *_ = record.receipts.newest(limit=1)
                assert use.places_used == number
                record.visits.write(
                    Attempt(
                        attempt_id=f"a-{number}",
                        gate="utama",
                        at=datetime.now(UTC),
                        decision=DecisionKind.ADMIT,
                        reason=Reason.ADMITTED,
                        receipt=claims,
                    )
                )
        assert gerbang("receipt", "list", "--json").json["state"] == "used"


def test_config_check_tells_where_file_and_record_differ_without_failing(
    gerbang: Gerbang, tmp_path: Path
) -> None:
    from dashboard.bootstrap import RunningOffice
    from screening.settings import load_settings

    file = tmp_path / "gerbang.toml"
    file.write_text("[room]\nrows = 4\n[policy]\nchecks = ['receipt']\n[[gates]]\nname = 'utama'\n")
    with RunningOffice.open(load_settings(file, data=tmp_path / "data")):
        pass
    checked = gerbang("config", "check", "--json")
    assert (checked.status, checked.json["problems"]) == (0, [])
    assert not any("the record" in line for line in checked.json["advice"])
    gerbang("office", "set", "rows=5", "outbreak_checks=receipt,mask")
    gerbang("gate", "remove", "utama", "--yes")
    checked = gerbang("config", "check", "--json")
    assert checked.status == 0
    told = "\n".join(checked.json["advice"])
    assert "room.rows: the file says 4, the record 5" in told
    assert "policy.checks: the file says receipt, the record receipt,mask" in told
    assert "gate utama, checks: the record has no such gate" in told


def test_what_the_page_on_registration_lets_people_type_is_taken(gerbang: Gerbang) -> None:
    page = (Path(__file__).parents[2] / "docs" / "registration.md").read_text(encoding="utf-8")
    typed = [shlex.split(line)[1:] for line in page.splitlines() if line.startswith("gerbang ")]
    assert len(typed) == 7
    for words in typed:
        assert gerbang(*words).status == 0, words
    services = {line["service"]: line for line in gerbang("service", "list", "--json").lines}
    ktp = services["KTP"]
    assert (ktp["booking"], ktp["daily_quota"], ktp["priority_quota"]) == ("slot", 120, 12)
    assert (services["AKTA"]["booking"], ktp["hours"]) == ("day", {"fri": "08:00-11:00"})


class TestCounters:
    """Where visitors are called to."""

    def test_a_counter_is_open_at_a_place_named_like_it(self, gerbang: Gerbang) -> None:
        added = gerbang("counter", "add", "Loket-4", "--services", "KTP,kk", "--json").json
        assert added == {
            "counter": "Loket-4", "services": ["KTP", "KK"], "place": "Loket-4", "room": None,
            "open": True, "changed": True, "entry": 1,
        }  # fmt: skip

    def test_how_often_told_waits_held_cannot_be_told_of_an_office_without_a_past(
        self, gerbang: Gerbang
    ) -> None:
        found = gerbang("waits")

        assert found.status == 0
        assert "nothing can be told yet: 0 days" in found.out
        assert gerbang("waits", "--json").json == {"days": 0, "weeks": []}

    def test_a_counter_is_changed_listed_and_taken_away(self, gerbang: Gerbang) -> None:
        gerbang("counter", "add", "4")
        gerbang("counter", "set", "4", "services=KTP", "place=Lantai 1", "room=utama", "open=no")
        listed = {
            "counter": "4", "services": ["KTP"], "place": "Lantai 1", "room": "utama",
            "open": False, "ticket": None,
        }  # fmt: skip
        assert gerbang("counter", "list", "--json").lines == [listed]
        assert "closed" in gerbang("counter", "list").out
        assert gerbang("counter", "remove", "4", stdin="").status == 2
        assert gerbang("counter", "remove", "4", "--yes", "--json").json["removed"] is True
        assert gerbang("counter", "list", "--json").lines == []

    @pytest.mark.parametrize(
        ("arguments", "status"),
        [
            (("add", "4/2"), 2),
            (("add", "4", "services=KTP", "--services", "KK"), 2),
            (("add", "4", "open=maybe"), 2),
            (("add", "4", "--services", "XYZ"), 1),
            (("add", "1"), 1),
            (("set", "1"), 2),
            (("set", "9", "open=no"), 1),
            (("remove", "9", "--yes"), 1),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_told_in_one_line(
        self, gerbang: Gerbang, arguments: tuple[str, ...], status: int
    ) -> None:
        gerbang("counter", "add", "1")
        outcome = gerbang("counter", *arguments)
        assert (outcome.status, outcome.out, outcome.err.count("\n")) == (status, "", 1)

    def test_a_service_may_have_several_steps(self, gerbang: Gerbang) -> None:
        gerbang("service", "add", "FOTO", "channel=closed")
        gerbang("service", "set", "KTP", "steps=FOTO,KTP")
        assert gerbang("service", "list", "--json").lines[0]["steps"] == ["FOTO", "KTP"]
        assert gerbang("service", "set", "KTP", "steps=XYZ").status == 1
        gerbang("service", "set", "KTP", "steps=none")
        assert gerbang("service", "list", "--json").lines[0]["steps"] == []

    def test_the_office_chooses_who_is_called_next(self, gerbang: Gerbang) -> None:
        gerbang("office", "set", "queue_order=arrival", "queue_overtakes=2")
        assert gerbang("office", "set", "queue_order=luck").status == 2
        shown = gerbang("office", "show", "--json").json
        assert (shown["queue_order"], shown["queue_overtakes"]) == ("arrival", 2)


def test_a_day_is_closed_and_whoever_booked_it_moved_and_brought_back(gerbang: Gerbang) -> None:
    # The office is open every day, so that the test is right on any.
    hours = [f"{day}=08:00-15:00" for day in ("sat", "sun")]
    gerbang("hours", "set", *hours)
    gerbang("service", "set", "KTP", "days_ahead=60")
    today = datetime.now(ZoneInfo("Asia/Jakarta")).date()
    tomorrow, after = (today + timedelta(days=ahead) for ahead in (1, 2))
    for day in (tomorrow, after):
        gerbang("hours", "day", str(day), "hours=08:00-15:00")
    asked = ("register", "service=KTP", f"date={tomorrow}", "name=Siti", "contact=0812345678")
    number = gerbang(*asked, "--json").json["number"]
    close = ("hours", "close", str(tomorrow), "--because", "Banjir", "--because", "en:Flood")
    preview = gerbang(*close, "--preview", "--json").json
    assert [one["to"] for one in preview["moved"]] == [{"date": str(after), "start": None}]
    closed = gerbang(*close, "--move", "--operator", "rina", "--json").json
    assert closed["because"] == {"id": "Banjir", "en": "Flood"}
    assert (closed["bookings"], closed["without_place"], closed["to_call"]) == (1, 0, 1)
    assert [one["number"] for one in closed["moved"]] == [number]
    assert "1 booking moved" in gerbang("hours", "closings").out
    assert gerbang("hours", "close", str(tomorrow), "--from", "13:00").status == 2
    assert gerbang(*close[:3], "--move").status == 1
    assert gerbang("hours", "reopen", "1", "--json").json["reopened"] is True
    assert gerbang("hours", "reopen", "9").status == 1
    assert gerbang("log", "verify").status == 0
