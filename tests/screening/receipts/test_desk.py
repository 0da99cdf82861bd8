"""The desk: issuing and verifying, on the fake record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import pytest
import zxingcpp

from screening.clock import FakeClock
from screening.decision import DecisionKind, Reason
from screening.errors import ReceiptError
from screening.office.services import Channel, Service
from screening.receipts.claims import ReceiptClaims
from screening.receipts.desk import ReceiptDesk
from screening.receipts.keys import open_keys
from screening.receipts.number import parse_number, show_number
from screening.receipts.qr import qr_terminal, save_qr
from screening.visits import Attempt
from screening.waiting_room.plan import SeatPlan
from tests.fakes.record import FakeRecord

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 3, 10, 18, 30, tzinfo=UTC)
"""Half past one on 11 March in Jakarta, still the 10th in UTC."""


class Office:
    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock(NOW)
        self.record = FakeRecord(site="BGR", zone=JAKARTA, plan=SeatPlan(4, 5), clock=self.clock)
        self.desk = ReceiptDesk(
            keys=open_keys(folder / "keys", "BGR"),
            book=self.record.receipts,
            services=self.record.services.services,
            clock=self.clock,
            zone=JAKARTA,
            site="BGR",
        )


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def jakarta(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=JAKARTA)


@pytest.mark.parametrize("day", [date.max, date.min])
def test_no_receipt_is_issued_at_the_ends_of_the_calendar(office: Office, day: date) -> None:
    with pytest.raises(ReceiptError, match=str(day)):
        office.desk.issue("KTP", "Sari", issued_on=day)


def test_issues_a_receipt_for_the_seven_days_after_today_in_the_site_s_zone(
    office: Office,
) -> None:
    issued = office.desk.issue("ktp ", "Sari Dewi Puspita", party_size=3, slot="0900")
    assert (issued.valid_from, issued.expires) == (jakarta(12), jakarta(19))
    assert issued.valid_from.utcoffset() == timedelta(hours=7)
    one = issued.claims
    assert (one.service, one.holder, one.party_size, one.slot) == ("KTP", "Sari P.", 3, "0900")
    assert (one.issuer, one.site, one.number) == ("BGR", "BGR", issued.number)
    assert issued.token.startswith("GB1:")
    assert len(issued.number) <= 12
    assert office.record.receipts.by_number("BGR", issued.number) == one


@pytest.mark.parametrize(
    "issued_on",
    [date(2026, 3, 1), jakarta(1, 23), datetime(2026, 3, 1, 12), datetime(2026, 3, 1, tzinfo=UTC)],  # noqa: DTZ001
    ids=["date", "aware", "naive", "utc"],
)
def test_the_day_of_issue_can_be_given(office: Office, issued_on: date) -> None:
    issued = office.desk.issue("KTP", "Sari", issued_on=issued_on)
    assert (issued.valid_from, issued.expires) == (jakarta(2), jakarta(9))


@pytest.mark.parametrize("service", ["LEGALISIR", "DARURAT"])
def test_who_needs_no_registration_may_get_a_receipt_for_today(
    office: Office, service: str
) -> None:
    issued = office.desk.issue(service, "Sari", is_good_today=True)
    assert (issued.valid_from, issued.expires) == (jakarta(11), jakarta(18))
    assert office.desk.verify(issued.token).valid
    assert not office.desk.verify(office.desk.issue(service, "Sari").token).valid


def test_a_collection_is_never_for_the_same_day(office: Office) -> None:
    with pytest.raises(ReceiptError, match="KTP is a collection, which is never for the same day"):
        office.desk.issue("KTP", "Sari", is_good_today=True)
    assert office.record.receipts._receipts == {}


def test_two_receipts_differ(office: Office) -> None:
    one, other = (office.desk.issue("KTP", "Sari").claims for _ in range(2))
    assert one.number != other.number
    assert one.token_id != other.token_id


@pytest.mark.parametrize(
    ("service", "told"),
    [("NONE", "choose one of AKTA"), ("REKAM", "closed"), ("SPPT", "online only")],
)
def test_what_cannot_be_visited_gets_no_receipt(office: Office, service: str, told: str) -> None:
    office.record.services.put(
        Service(code="SPPT", channel=Channel.ONLINE_ONLY, names={"id": "SPPT"})
    )
    with pytest.raises(ReceiptError, match=told):
        office.desk.issue(service, "Sari")


@pytest.mark.parametrize("party_size", [0, -1, 21])
def test_a_party_has_a_size(office: Office, party_size: int) -> None:
    with pytest.raises(ReceiptError, match="party"):
        office.desk.issue("KTP", "Sari", party_size=party_size)
    assert office.record.receipts._receipts == {}


@pytest.mark.parametrize("name", ["", "   ", "\u0000\n", "\ud800", "Sari 3271012345678901"])
def test_a_receipt_needs_a_name(office: Office, name: str) -> None:
    with pytest.raises(ReceiptError, match="name"):
        office.desk.issue("KTP", name)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (jakarta(11, 23), Reason.NOT_YET_VALID),
        (jakarta(12), None),
        (jakarta(18, 23), None),
        (jakarta(19), Reason.EXPIRED),
    ],
)
def test_verifies_token_and_number_alike(
    office: Office, at: datetime, reason: Reason | None
) -> None:
    issued = office.desk.issue("KTP", "Sari")
    ways: list[Callable[[], str]] = [
        lambda: issued.token,
        lambda: issued.number,
        lambda: show_number(issued.number).lower(),
    ]
    for way in ways:
        told = office.desk.verify(way(), at=at)
        assert (told.valid, told.reason, told.claims) == (reason is None, reason, issued.claims)


def test_verifying_asks_the_clock_when_no_time_is_given(office: Office) -> None:
    issued = office.desk.issue("KTP", "Sari")
    assert office.desk.verify(issued.token).reason is Reason.NOT_YET_VALID
    office.clock.move_to(jakarta(12))
    assert office.desk.verify(issued.token).valid


def test_verifying_never_redeems(office: Office) -> None:
    issued = office.desk.issue("KTP", "Sari")
    assert all(office.desk.verify(issued.token, at=jakarta(12)).valid for _ in range(3))
    assert office.record.visits.entries() == []


def test_a_used_or_revoked_receipt_is_told(office: Office) -> None:
    issued = office.desk.issue("KTP", "Sari")
    office.record.visits.write(
        Attempt(
            attempt_id="a",
            gate="utama",
            at=jakarta(12, 9),
            decision=DecisionKind.ADMIT,
            reason=Reason.ADMITTED,
            receipt=issued.claims,
        )
    )
    assert office.desk.verify(issued.token, at=jakarta(12, 10)).reason is Reason.ALREADY_INSIDE
    assert office.desk.verify(issued.token, at=jakarta(13)).reason is Reason.ALREADY_USED
    office.record.receipts.revoke("BGR", issued.number, reason="x", operator="ani", at=NOW)
    assert office.desk.verify(issued.number, at=jakarta(12)).reason is Reason.REVOKED


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", Reason.RECEIPT_UNREADABLE),
        ("hello", Reason.RECEIPT_UNREADABLE),
        ("GB1:", Reason.RECEIPT_UNREADABLE),
        ("HC1:6BF", Reason.RECEIPT_UNREADABLE),
        ("https://example.org/r/7KQ2M9XV4T", Reason.RECEIPT_UNREADABLE),
        ("https://example.org/r/0000000000", Reason.UNKNOWN_RECEIPT),
        ("7KQ2M9XV4T", Reason.RECEIPT_UNREADABLE),
        ("x" * 10**6, Reason.RECEIPT_UNREADABLE),
        ("0000000000", Reason.UNKNOWN_RECEIPT),
    ],
    ids=[
        "empty",
        "word",
        "prefix",
        "other-pass",
        "link",
        "link-unknown",
        "check",
        "huge",
        "unknown",
    ],
)
def test_what_is_no_receipt_is_told(office: Office, code: str, reason: Reason) -> None:
    told = office.desk.verify(code)
    assert (told.valid, told.reason, told.claims) == (False, reason, None)


def test_a_receipt_is_good_however_its_code_was_handed_on(office: Office) -> None:
    office.clock.move_to(jakarta(11, 9))
    issued = office.desk.issue("KTP", "Sari")
    shown = show_number(issued.number)
    texts = [
        f"*{shown}*",
        f"Nomor: {shown}.",
        f"https://antre.example/r/{shown}",
        issued.token[:70] + "\n> " + issued.token[70:],
        issued.token * 2,
        f"Nomor: {shown}\nKode: {issued.token}",
        f"{issued.token}\nNomor: {shown}",
    ]
    for text in texts:
        assert office.desk.verify(text, at=jakarta(12)).claims == issued.claims, text


def test_two_receipts_in_one_text_are_told_and_none_is_taken(office: Office) -> None:
    one, other = (office.desk.issue("KTP", "Sari") for _ in range(2))
    texts = [
        f"{show_number(one.number)} {show_number(other.number)}",
        f"{one.token}{other.token}",
        f"{one.token}\nNomor: {show_number(other.number)}",
        "\n".join(office.desk.issue("KTP", "Sari").number for _ in range(9)),
    ]
    for text in texts:
        assert office.desk.verify(text).reason is Reason.SEVERAL_RECEIPTS, text


def test_a_forged_token_is_told_whatever_number_is_beside_it(
    office: Office, tmp_path: Path
) -> None:
    issued = office.desk.issue("KTP", "Sari")
    forger = Office(tmp_path / "elsewhere").desk
    text = f"{forger.issue('KTP', 'Sari').token}\nNomor: {show_number(issued.number)}"
    assert office.desk.verify(text).reason is Reason.UNKNOWN_ISSUER


def test_the_picture_of_a_receipt_is_read_back(office: Office, tmp_path: Path) -> None:
    token = office.desk.issue("LEGALISIR", "Bartholomeus Napitupulu", slot="0900").token
    save_qr(token, tmp_path / "receipt.PNG")
    (found,) = zxingcpp.read_barcodes(cv2.imread(str(tmp_path / "receipt.PNG")))
    assert found.text == token
    save_qr(token, tmp_path / "receipt.svg")
    assert "<svg" in (tmp_path / "receipt.svg").read_text()
    assert {"█", "▀", "▄"} <= set(qr_terminal(token))


def test_a_picture_that_cannot_be_written_is_told(office: Office, tmp_path: Path) -> None:
    token = office.desk.issue("KTP", "Sari").token
    for path in (tmp_path / "receipt.gif", tmp_path / "none" / "receipt.png"):
        with pytest.raises(ReceiptError, match=path.name):
            save_qr(token, path)
    with pytest.raises(ReceiptError, match="does not fit"):
        qr_terminal("A" * 5000)


def test_a_number_whose_mark_could_be_its_first_symbol_is_the_one_that_was_issued(
    office: Office,
) -> None:
    # Of the numbers some could as well begin with the scanner's mark.
    issued = office.desk.issue_many("KTP", "Siti Aminah", count=300)
    doubtful = [one for one in issued if parse_number(f"Q{one.number}"[:10])]
    assert doubtful
    for one in doubtful:
        told = office.desk.read(f"Q{one.number}")
        assert isinstance(told, ReceiptClaims)
        assert told.number == one.number


@pytest.mark.parametrize("around", ["Q{}", "]Q1{}", "{}{}", "*{}", "{}#"])
def test_reads_token_and_number_however_a_scanner_sends_them(office: Office, around: str) -> None:
    issued = office.desk.issue("KTP", "Siti Aminah")
    for code in (issued.number, issued.token):
        told = office.desk.read(around.format(code, code))
        assert isinstance(told, ReceiptClaims)
        assert told.number == issued.number
