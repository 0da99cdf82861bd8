"""The receipts of the demonstration's visitors, good and bad ones, made by the real desk.

Some of the visitors have booked: today's did so yesterday, others for the coming days.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import base45

from dashboard.bootstrap import RunningOffice
from dashboard.demo.scenarios import NAMES, Paper
from dashboard.storage import open_desk, open_registrar
from screening.clock import Clock
from screening.figures.day_model import draw_service
from screening.office.changes import with_changed_service
from screening.office.hours import Span, SpecialDay, open_until
from screening.office.hours_changes import with_days
from screening.receipts.token import PREFIX, sign
from screening.registration.bookings import NotBookable, OfferStatus, Request
from screening.registration.registrar import Registrar

OPERATOR = "peraga"
"""Who acts in the demonstration when nobody at a browser does."""

OTHER_SITE = "DPK"
"""A neighbouring office whose receipts are genuine but not for here."""


TODAY, DAYS_AHEAD = 24, 3
"""People who booked for today, and days after it that are booked."""

BY_TIME, BY_DAY = "KK", ("KTP", "AKTA", "PINDAH")
"""One service of the demonstration is booked by time, others by day."""

PLACES, FULL = 4, 2
"""Of each time, and how many times of a day have none left."""

OPEN_FOR = timedelta(hours=3)
"""So long at least the doors are open, at whatever hour somebody tries the demonstration."""

_TIMES = {"booking": "slot", "slot_minutes": "30", "slot_places": str(PLACES)}


class Yesterday:
    """The clock as it was a day ago."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """Aware UTC."""
        return self._clock.now() - timedelta(days=1)

    def monotonic_s(self) -> float:
        """As today."""
        return self._clock.monotonic_s()


@dataclass(frozen=True, slots=True)
class BookedAhead:
    """Tokens of those who booked today, and the link of somebody who comes later."""

    tokens: Sequence[str] = ()
    link: str | None = None


def open_doors(running: RunningOffice) -> None:
    """Open the office where its hours would close it before long."""
    now, facts = running.clock.now(), running.record.facts
    here = now.astimezone(running.settings.site.zone)
    until = open_until(here, lambda day: facts.current().opening(day, language="id"))
    soon = here + OPEN_FOR
    if until is not None and datetime.combine(here.date(), until) > soon.replace(tzinfo=None):
        return
    always = SpecialDay((Span(time.min, time(23, 59)),), "Peragaan")
    facts.change(with_days({here.date(), soon.date()}, always), operator=OPERATOR, at=now)


def book_ahead(running: RunningOffice, chance: random.Random) -> BookedAhead:
    """Book today, and the coming days so that some times are full; what is booked already stays."""
    registrar, record, now = running.registrar, running.record, running.clock.now()
    today = now.astimezone(running.settings.site.zone).date()
    if not registrar.booked_days(BY_TIME):
        record.facts.change(with_changed_service(BY_TIME, _TIMES), operator=OPERATOR, at=now)
    if not any(today in registrar.booked_days(code) for code in BY_DAY):
        clock = Yesterday(running.clock)
        desk = open_desk(running.settings, record, keys=running.keys, clock=clock)
        before = open_registrar(record, desk, clock, link=running.links.path)
        for number in range(TODAY):
            code = BY_DAY[number % len(BY_DAY)]
            _book(before, Request(service=code, day=today, name=chance.choice(NAMES)))
    for request in list(_coming(registrar, today, chance)):
        _book(registrar, request)
    booked = registrar.search("", day=today, limit=TODAY)
    later = registrar.search("", day=next(iter(registrar.booked_days(BY_TIME)), None), limit=1)
    return BookedAhead(
        tokens=[registrar.registered(one.number).receipt.token for one in booked],
        link=next((registrar.registered(one.number).link for one in later), None),
    )


def _coming(registrar: Registrar, today: date, chance: random.Random) -> Iterator[Request]:
    """For some of the next days on which the office is open: the first two times are full."""
    offers = registrar.offers(BY_TIME, today, 2 * DAYS_AHEAD)
    free = [offer for offer in offers if offer.status is OfferStatus.OPEN]
    taken = registrar.booked_days(BY_TIME)
    for day in sorted({offer.place.day for offer in free}.difference(taken))[:DAYS_AHEAD]:
        for number, offer in enumerate(one for one in free if one.place.day == day):
            people = PLACES if number < FULL else chance.randrange(PLACES)
            for _ in range(people):
                name = chance.choice(NAMES)
                yield Request(service=BY_TIME, day=day, start=offer.place.start, name=name)


def _book(registrar: Registrar, request: Request) -> None:
    with suppress(NotBookable):  # closed on that day
        registrar.register(request, by=OPERATOR)


class PaperPress:
    """Prints whatever receipt a scenario asks for; good ones are the ``booked`` ones first."""

    def __init__(
        self, running: RunningOffice, chance: random.Random, booked: Sequence[str] = ()
    ) -> None:
        self._running = running
        self._chance = chance
        self._booked = list(booked)
        self._used: list[str] = []

    def print(self, paper: Paper, *, party_size: int = 1) -> str:
        """The token on it. Raises ReceiptError when the desk will not issue it."""
        if paper is Paper.USED and self._used:
            return self._chance.choice(self._used)
        if paper is Paper.GOOD and party_size == 1 and self._booked:
            return self._booked.pop()
        today = self._today()
        issued_on = {Paper.TOO_EARLY: today, Paper.EXPIRED: today - timedelta(days=20)}
        receipt = self._running.desk.issue(
            draw_service(self._chance).code,
            self._chance.choice(NAMES),
            issued_on=issued_on.get(paper, today - timedelta(days=1)),
            party_size=party_size,
        )
        if paper is Paper.REVOKED:
            self._running.record.receipts.revoke(
                receipt.claims.issuer,
                receipt.number,
                reason="registered twice",
                operator=OPERATOR,
                at=self._running.clock.now(),
            )
        if paper is Paper.FORGED:
            return tampered(receipt.token)
        if paper is Paper.OTHER_SITE:
            return sign(replace(receipt.claims, site=OTHER_SITE), self._running.keys.signing)
        return receipt.token

    def was_used(self, token: str) -> None:
        """This one let somebody in; others may try it while its holder is inside."""
        self._used.append(token)

    def has_left(self, token: str) -> None:
        """Its holder may come back today, so it is not a used one for others to try."""
        if token in self._used:
            self._used.remove(token)

    def _today(self) -> date:
        return self._running.clock.now().astimezone(self._running.settings.site.zone).date()


def tampered(token: str) -> str:
    """The same receipt with one bit of its signature turned."""
    raw = bytearray(base45.b45decode(token.removeprefix(PREFIX)))
    raw[-1] ^= 1
    encoded: bytes = base45.b45encode(bytes(raw))
    return PREFIX + encoded.decode("ascii")
