"""No page shows more of a person than its reader needs.

Somebody who registered with name, telephone and priority group is inside, called, and was measured.
Whoever may see which of it stands in the table; a page that a role may not open shows nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.web.auth import SESSION_COOKIE, hash_token
from dashboard.web.language import Languages
from dashboard.web.words import GROUPS
from screening.accounts import WebSession
from screening.decision import DecisionKind, Reason
from screening.office.services import Question
from screening.queue.tickets import Act
from screening.registration.bookings import PriorityGroup
from screening.visits import Attempt
from tests.dashboard.desk.test_desk import open_desk, registered
from tests.dashboard.fakes import NOON, USERS, FakeOffice
from tests.dashboard.tickets import act, open_counters

ANSWER = "pengajuan nomor 4711"
NAME, CONTACT, REMARK = "Siti Aminah Putri", "0812-3456-7890", "datang bersama kakaknya"
SHORT = "Siti A."
GROUP = Languages()["id"].say(GROUPS[PriorityGroup.DISABILITY])

THAT_DAY = NOON + timedelta(days=1)
"""When they come; they registered the day before."""
NOTHING: frozenset[str] = frozenset()
AT_THE_DESK = frozenset({NAME, ANSWER, SHORT, GROUP})
MAY_SEE: dict[str, dict[str | None, frozenset[str]]] = {
    "/": {},
    "/sign": {},
    "/display/utama": {},
    "/kiosk/utama": {},
    "/survey/utama": {},
    "/now": {},
    "/desk": dict.fromkeys(("rina", "dewi", "admin"), frozenset({NAME})),
    "/desk/{number}": dict.fromkeys(("rina", "dewi", "admin"), AT_THE_DESK),
    "/counter": {},
    "/counter/1": dict.fromkeys(("rina", "dewi", "admin"), frozenset({NAME, SHORT, ANSWER})),
    "/gate": {},
    "/gate/utama": dict.fromkeys(
        ("budi", "sari", "admin"),
        frozenset({NAME, SHORT, REMARK, GROUP}),  # all groups stand there, to be chosen from
    ),
    "/dashboard": dict.fromkeys(("rina", "dewi", "admin"), frozenset({SHORT, REMARK})),
    "/dashboard/mode": {},
    "/dashboard/temperature": {},
    "/dashboard/survey": {},
    "/admin/office": {},
    "/admin/changes": {},
    "/admin/privacy": {},
}
"""For each page what a person of that log-in may find there; nothing where nobody stands."""


@pytest.fixture
def number(fake: FakeOffice, tmp_path: Path) -> str:
    """The number of the receipt with which they came in."""
    registrar = open_desk(fake, tmp_path)
    ktp = fake.record.services.services()["KTP"]
    asked = Question(code="nomor", texts={"id": "Nomor pengajuan"})
    fake.record.services.put(replace(ktp, questions=(asked,)))
    given = registered(
        registrar,
        by="rina",
        name=NAME,
        contact=CONTACT,
        group=PriorityGroup.DISABILITY,
        answers={"nomor": ANSWER},
    )
    fake.clock.move_to(THAT_DAY)
    fake.record.visits.write(
        Attempt(
            attempt_id="a-1",
            gate="utama",
            at=THAT_DAY,
            decision=DecisionKind.ADMIT,
            reason=Reason.ADMITTED,
            receipt=given.receipt.claims,
            operator="budi",
            remark=REMARK,
            group=PriorityGroup.DISABILITY,
        )
    )
    open_counters(fake, "1")
    act(fake, Act.CALL_NEXT, "1")
    return given.receipt.claims.number


def log_in(app: FastAPI, fake: FakeOffice, user: str | None) -> TestClient:
    """Their browser on that day."""
    browser = TestClient(app, follow_redirects=False)
    if user is not None:
        token = f"that day's session of {user}".replace(" ", "-")
        session = WebSession(
            token_hash=hash_token(token),
            user=user,
            role=USERS[user],
            csrf_token="form",
            created_at=THAT_DAY,
            expires_at=THAT_DAY + timedelta(hours=12),
        )
        fake.record.accounts.open_session(session)
        browser.cookies.set(SESSION_COOKIE, token, domain="testserver.local")
    return browser


@pytest.mark.parametrize("user", [None, *USERS])
def test_a_page_shows_a_person_to_those_who_need_it(
    app: FastAPI, fake: FakeOffice, number: str, user: str | None
) -> None:
    browser = log_in(app, fake, user)
    for path, by_user in MAY_SEE.items():
        page = browser.get(path.format(number=number)).text
        seen = {told for told in (NAME, CONTACT, ANSWER, SHORT, GROUP, REMARK) if told in page}
        more = seen - by_user.get(user, NOTHING)
        assert not more, f"{path} shows {user or 'everybody'} {more}"


def test_those_who_need_it_do_see_it(app: FastAPI, fake: FakeOffice, number: str) -> None:
    assert NAME in log_in(app, fake, "rina").get(f"/desk/{number}").text
    assert NAME in log_in(app, fake, "rina").get("/counter/1").text
    assert ANSWER in log_in(app, fake, "rina").get(f"/desk/{number}").text
    assert ANSWER in log_in(app, fake, "rina").get("/counter/1").text
    assert REMARK in log_in(app, fake, "budi").get("/gate/utama").text
