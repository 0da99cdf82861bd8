"""The log's pages: searching, one row, a table of it, and taking an admission back."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.manager import log
from dashboard.manager.log_query import LOG, NotUnderstood, Sought
from screening.decision import DecisionKind, Reason
from screening.log_search import FoundEntries
from screening.queue.tickets import Act
from screening.visits import EntryKind, LogEntry
from tests.contracts.builders import PASSED, ZONE, receipt
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import NOON, FakeOffice
from tests.dashboard.manager.test_room import write
from tests.dashboard.tickets import act, open_counters

TODAY = date(2026, 11, 24)


@pytest.fixture
def manager(logged_in: Browse) -> TestClient:
    return logged_in("dewi")


def shown(client: TestClient, **asked: Any) -> list[int]:
    """The rows that a search finds, newest first."""
    answer = client.get(LOG, params={key.rstrip("_"): value for key, value in asked.items()})
    assert answer.status_code == 200, answer.text
    return [line.entry.entry_id for line in answer.context["lines"]]


def refused(fake: FakeOffice, number: int, **changes: object) -> LogEntry:
    denied = {"decision": DecisionKind.DENY, "reason": Reason.EXPIRED}
    return write(fake, number, **{**denied, **changes})


def test_the_log_begins_with_all_of_today_newest_first(
    manager: TestClient, fake: FakeOffice
) -> None:
    refused(fake, 1, at=NOON - timedelta(days=1))
    refused(fake, 2)
    write(fake, 3)
    answer = manager.get(LOG)
    assert answer.template.name == "manager/log.html"
    assert [line.entry.word for line in answer.context["lines"]] == [
        "Masuk",
        "Masa berlaku habis",
    ]
    assert answer.context["sought"] == "Selasa, 24 November 2026"
    assert 'href="/dashboard/log/3"' in answer.text


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ({"what": "deny"}, [3, 2]),
        ({"what": "attempt"}, [4, 3, 2]),
        ({"what": "handover"}, [5]),
        ({"what": "nonsense"}, []),
        ({"reason": "expired"}, [2]),
        ({"gate": "timur"}, [4]),
        ({"service": "KK", "what": "deny"}, [3]),
        ({"person": "budi"}, [5]),
        ({"from_": "2026-11-23", "to": "2026-11-23"}, [1]),
        ({"from_": "2026-11-24", "to": "2026-11-23"}, [5, 4, 3, 2, 1]),
        ({"hour": "12", "what": "attempt"}, [3, 2]),
        ({"number": "K7M29QXD0A"}, [4]),
        ({"number": " k7m29qxd0a "}, [4]),
    ],
)
def test_each_field_narrows_what_is_found(
    manager: TestClient, fake: FakeOffice, asked: dict[str, str], rows: list[int]
) -> None:
    refused(fake, 1, at=NOON - timedelta(days=1))
    refused(fake, 2)
    refused(fake, 3, reason=Reason.REVOKED, service="KK")
    later = NOON + timedelta(hours=1)
    write(fake, 4, gate="timur", at=later, receipt=receipt(number="K7M29QXD0A"))
    fake.record.visits.hand_over(gate="utama", from_user="sari", to_user="budi", at=later)
    assert shown(manager, **asked) == rows


def test_a_ticket_is_found_however_it_is_typed(manager: TestClient, fake: FakeOffice) -> None:
    write(fake, 1)
    write(fake, 2)
    for typed in ("K-002", "k2", "K 002"):
        assert shown(manager, number=typed) == [2], typed


def test_a_number_without_days_is_looked_for_in_more_than_today(
    manager: TestClient, fake: FakeOffice
) -> None:
    refused(fake, 1, at=NOON - timedelta(days=99), receipt=receipt(number="N1"))
    assert shown(manager, number="N1") == [1]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from": "kemarin"}, "2026-11-24"),
        ({"from": "0001-01-01"}, "2026-11-24"),
        ({"number": "!?"}, "K-012"),
    ],
)
def test_what_cannot_be_understood_is_told_and_stays_typed(
    manager: TestClient, asked: dict[str, str], words: str
) -> None:
    answer = manager.get(LOG, params=asked)
    assert answer.status_code == 422
    assert words in answer.context["problem"]
    assert next(iter(asked.values())) in answer.text


def test_pages_go_back_to_older_rows(
    manager: TestClient, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "LINES", 2)
    for number in range(5):
        refused(fake, number)
    pages, address = [], f"{LOG}?reason=expired"
    while address:
        answer = manager.get(address)
        pages.append([line.entry.entry_id for line in answer.context["lines"]])
        address = answer.context["older"]
    assert pages == [[5, 4], [3, 2], [1]]
    assert answer.context["newest"].startswith(f"{LOG}?from=2026-11-24")


def test_a_search_that_ended_early_says_so_and_goes_on(
    manager: TestClient, fake: FakeOffice
) -> None:
    def find(*_: object, **__: object) -> FoundEntries:
        return FoundEntries(entries=(), older=7, looked_back_to=NOON)

    fake.record.log_search.find = find  # type: ignore[method-assign]
    answer = manager.get(LOG, params={"gate": "utama"})
    assert "24 Nov 2026, 12.00" in answer.text
    assert "before=7" in answer.context["older"]


def test_what_a_counter_did_is_told_in_words(manager: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    write(fake, 1, at=NOON - timedelta(minutes=5))
    act(fake, Act.CALL_NEXT, "1")
    newest = manager.get(LOG).context["lines"][0]
    assert newest.entry.remark == "K-001: menunggu → dipanggil, sedang menuju loket (1)"


def test_an_annulled_admission_is_marked(manager: TestClient, fake: FakeOffice) -> None:
    entry = write(fake, 1)
    fake.record.visits.annul("a-1", operator="budi", remark="x", at=NOON)
    undone, came = manager.get(LOG).context["lines"]
    assert (undone.is_annulled, came.is_annulled) == (False, True)
    assert came.entry.entry_id == entry.entry_id


def test_a_row_says_all_it_knows_and_leads_to_the_rows_that_say_the_same(
    manager: TestClient, fake: FakeOffice
) -> None:
    claims = receipt(number="K7M29QXD0A")
    write(fake, 1, receipt=claims, results=PASSED, operator="budi", remark="tua")
    answer = manager.get(f"{LOG}/1")
    told = {one.word: one for one in answer.context["told"]}
    assert told["Bukti daftar"].value == "K7M29-QXD0A"
    assert told["Bukti daftar"].link == f"{LOG}?number=K7M29QXD0A"
    assert told["Nama"].value == "Sari P."
    assert told["Gerbang"].link == f"{LOG}?from=2026-11-24&to=2026-11-24&gate=utama"
    assert told["Keterangan"].value == "tua"
    assert told["Suhu"].value == "lulus"
    for one in answer.context["told"]:
        if one.link:
            assert shown(manager, **dict(re.findall(r"[?&](\w+)=([^&]*)", one.link))) == [1], one
    assert "/dashboard/history?from=2026-11-24&amp;to=2026-11-24&amp;by=hour" in answer.text


def test_a_name_is_shown_to_a_manager_alone_and_no_longer_than_names_are_kept(
    logged_in: Browse, fake: FakeOffice
) -> None:
    write(fake, 1, receipt=receipt())
    write(fake, 2, receipt=receipt(), at=NOON - timedelta(days=31))
    assert "Sari P." in logged_in("dewi").get(f"{LOG}/1").text
    for name, number in (("admin", 1), ("dewi", 2), ("admin", 2)):
        assert "Sari P." not in logged_in(name).get(f"{LOG}/{number}").text, (name, number)
    assert "Sari P." not in logged_in("dewi").get(LOG).text


def test_a_row_that_is_not_there_is_not_found(manager: TestClient) -> None:
    assert manager.get(f"{LOG}/7").status_code == 404
    assert manager.get(f"{LOG}/{2**63}").status_code == 404


def test_an_admission_is_taken_back_by_a_new_row_with_who_and_why(
    manager: TestClient, fake: FakeOffice
) -> None:
    write(fake, 1, receipt=receipt())
    answer = send(manager, f"{LOG}/1", f"{LOG}/1/annul", remark=" salah tekan ")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LOG}/1")
    row = fake.record.visits.entries()[-1]
    assert (row.kind, row.operator, row.remark) == (EntryKind.ANNUL, "dewi", "salah tekan")
    page = manager.get(f"{LOG}/1")
    assert (page.context["can_be_annulled"], page.context["is_annulled"]) == (False, True)
    assert [line.entry.entry_id for line in page.context["later"]] == [2]
    assert manager.get(f"{LOG}/2").context["attempt"].entry.entry_id == 1


def test_nothing_is_taken_back_without_a_reason_or_twice(
    manager: TestClient, fake: FakeOffice
) -> None:
    write(fake, 1)
    refused(fake, 2)
    assert send(manager, f"{LOG}/1", f"{LOG}/1/annul", remark="  ").status_code == 409
    token = send(manager, f"{LOG}/1", f"{LOG}/2/annul", remark="x")
    assert token.status_code == 409
    assert fake.record.visits.head() == 2
    fake.record.visits.annul("a-1", operator="budi", remark="x", at=NOON)
    form = {"csrf_token": "form-token-of-dewi", "remark": "lagi"}
    assert manager.post(f"{LOG}/1/annul", data=form).status_code == 409
    assert manager.post(f"{LOG}/1/annul", data={"remark": "x"}).status_code == 403
    assert fake.record.visits.head() == 3


def table(answer: Any) -> list[list[str]]:
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text[1:]), delimiter=";"))


def test_what_is_shown_is_exported_as_an_indonesian_excel_reads_it(
    manager: TestClient, fake: FakeOffice
) -> None:
    write(fake, 1, receipt=receipt(number="N1"), remark="=1+1")
    refused(fake, 2, at=NOON + timedelta(seconds=5))
    header, first, second = table(manager.get(f"{LOG}.csv"))
    assert header[:4] == ["Baris", "Hari", "Pukul", "Yang terjadi"]
    assert first[:5] == ["2", "2026-11-24", "12:00:05", "Masa berlaku habis", "Ditolak"]
    assert second[3] == "Masuk"
    assert second[-1] == "'=1+1"
    assert "Sari" not in ";".join(second)
    assert [row[0] for row in table(manager.get(f"{LOG}.csv?what=admit"))[1:]] == ["1"]
    link = manager.get(f"{LOG}?what=admit").context["table"]
    assert [row[0] for row in table(manager.get(link))[1:]] == ["1"]
    assert manager.get(f"{LOG}.csv?from=x").status_code == 422


def test_a_table_that_is_cut_says_from_where_to_go_on(
    manager: TestClient, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "EXPORTED", 3)
    monkeypatch.setattr(log, "EXPORTED_AT_ONCE", 2)
    for number in range(5):
        refused(fake, number)
    rows = table(manager.get(f"{LOG}.csv"))[1:]
    assert [row[0] for row in rows] == ["5", "4", "3", ""]
    assert "3" in rows[-1][3]


@pytest.mark.parametrize(
    ("sought", "hours"),
    [
        (Sought(first="2026-11-24", last="2026-11-24"), (0, 24)),
        (Sought(first="2026-11-24", last="2026-11-24", hour="23"), (23, 24)),
        (Sought(first="2026-11-24", last="2026-11-25", hour="23"), (0, 48)),
        (Sought(last="2026-11-24"), (0, 24)),
        (Sought(), (0, 24)),
    ],
)
def test_days_are_the_site_s_own(sought: Sought, hours: tuple[int, int]) -> None:
    query = sought.within(TODAY).query(ZONE)
    began = NOON - timedelta(hours=12)
    assert (query.since, query.until) == tuple(began + timedelta(hours=hour) for hour in hours)


def test_days_that_no_calendar_has_are_not_understood() -> None:
    with pytest.raises(NotUnderstood):
        Sought(first="2026-02-30").within(TODAY).query(ZONE)
