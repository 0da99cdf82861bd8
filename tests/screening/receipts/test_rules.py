"""When a receipt is good."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from screening.decision import Reason
from screening.office.services import SEED_SERVICES, Channel, Service
from screening.receipts.claims import ReceiptUse
from screening.receipts.rules import check_use, check_validity, validity
from tests.screening.receipts.builders import NOW, claims

SERVICES = {
    **{service.code: service for service in SEED_SERVICES},
    "ONLINE": Service(
        code="ONLINE", channel=Channel.ONLINE_ONLY, names={"id": "Daring", "en": "Online"}
    ),
}
SECOND = timedelta(seconds=1)


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
