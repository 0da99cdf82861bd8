"""When a receipt is good."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from screening.decision import Reason
from screening.office.services import SEED_SERVICES, Channel, Service
from screening.receipts.claims import ReceiptUse
from screening.receipts.rules import (
    VALID_DAYS,
    SlotWindow,
    check_use,
    check_validity,
    slot_window,
    validity,
    validity_of_booking,
)
from tests.screening.receipts.builders import NOW, claims

SERVICES = {
    **{service.code: service for service in SEED_SERVICES},
    "ONLINE": Service(
        code="ONLINE", channel=Channel.ONLINE_ONLY, names={"id": "Daring", "en": "Online"}
    ),
}
SECOND = timedelta(seconds=1)
JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        (
            "Asia/Jakarta",
            datetime(2026, 3, 10, 17, tzinfo=UTC),
            datetime(2026, 3, 17, 17, tzinfo=UTC),
        ),
        # Clocks go forward on 29 March 2026: the seven local days are an hour shorter.
        (
            "Europe/Berlin",
            datetime(2026, 3, 10, 23, tzinfo=UTC),
            datetime(2026, 3, 17, 23, tzinfo=UTC),
        ),
    ],
)
def test_good_from_the_day_after_issue_for_seven_local_days(
    zone: str, first: datetime, last: datetime
) -> None:
    start, end = validity(date(2026, 3, 10), ZoneInfo(zone))
    assert (start, end) == (first, last)


def test_local_midnights_count_also_when_the_clocks_change() -> None:
    start, end = validity(date(2026, 3, 27), ZoneInfo("Europe/Berlin"))
    assert (start.astimezone(UTC).hour, end.astimezone(UTC).hour) == (23, 22)


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (claims().not_before - SECOND, Reason.NOT_YET_VALID),
        (claims().not_before, None),
        (claims().expires - SECOND, None),
        (claims().expires, Reason.EXPIRED),
    ],
    ids=["before", "first-second", "last-second", "after"],
)
def test_the_first_second_counts_and_the_end_does_not(
    moment: datetime, reason: Reason | None
) -> None:
    assert check_validity(claims(), site="BGR", at=moment, services=SERVICES) is reason


def test_a_receipt_for_another_office_is_refused_first() -> None:
    late = claims().expires
    assert check_validity(claims(), site="JKT", at=late, services=SERVICES) is Reason.WRONG_SITE


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ("KTP", None),
        ("LEGALISIR", None),
        ("DARURAT", None),
        ("REKAM", Reason.SERVICE_CLOSED),
        ("ONLINE", Reason.SERVICE_ONLINE_ONLY),
        ("NONE", Reason.SERVICE_UNKNOWN),
    ],
)
def test_the_service_s_channel_decides(service: str, reason: Reason | None) -> None:
    one = claims(service=service)
    assert check_validity(one, site="BGR", at=NOW, services=SERVICES) is reason


@pytest.mark.parametrize(
    ("use", "party", "reason"),
    [
        (ReceiptUse(), 1, None),
        (ReceiptUse(revoked=True), 1, Reason.REVOKED),
        (ReceiptUse(places_used=1, inside=1), 1, Reason.ALREADY_INSIDE),
        (ReceiptUse(places_used=1), 1, Reason.ALREADY_USED),
        (ReceiptUse(places_used=1, out_today=1), 1, None),
        (ReceiptUse(places_used=3, inside=3), 4, None),
        (ReceiptUse(places_used=4, inside=4), 4, Reason.ALREADY_INSIDE),
        (ReceiptUse(places_used=4, inside=3, out_today=1), 4, None),
        (ReceiptUse(revoked=True, places_used=1, out_today=1), 1, Reason.REVOKED),
    ],
    ids=[
        "fresh",
        "revoked",
        "inside",
        "used",
        "out-today",
        "a-place-left",
        "all-inside",
        "one-of-them-out",
        "revoked-while-out",
    ],
)
def test_what_happened_to_it_decides(use: ReceiptUse, party: int, reason: Reason | None) -> None:
    assert check_use(use, claims(party_size=party)) is reason


@pytest.mark.parametrize("slot", [None, "0900", "9:00", "24:00", "09:60", "A7", "09:00 "], ids=str)
def test_what_is_no_time_of_a_day_has_no_window(slot: str | None) -> None:
    assert slot_window(slot, at=NOW, early_minutes=15, late_minutes=30, zone=JAKARTA) is None


def test_a_booked_time_lets_in_around_it_on_the_site_s_day() -> None:
    late = datetime(2026, 3, 9, 17, 0, tzinfo=UTC)  # midnight in Jakarta, the 10th begins
    window = slot_window("09:00", at=late, early_minutes=15, late_minutes=30, zone=JAKARTA)
    begins = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
    assert window == SlotWindow(begins - timedelta(minutes=15), begins + timedelta(minutes=30))


@pytest.mark.parametrize(("is_for_the_day_only", "days"), [(True, 1), (False, VALID_DAYS)])
def test_a_booked_receipt_is_good_from_its_day_on(*, is_for_the_day_only: bool, days: int) -> None:
    found = validity_of_booking(
        date(2026, 3, 12), is_for_the_day_only=is_for_the_day_only, zone=JAKARTA
    )
    first = datetime(2026, 3, 12, tzinfo=JAKARTA)
    assert found == (first, first + timedelta(days=days))
