"""The weeks that lie behind the demonstration's office: played, and written by the real rules.

Who comes, when, and how long they take at a counter is drawn by ``screening.figures.day_model``.
Receipts are signed, booked and examined by the office's own desk; who comes in, with which seat and
ticket, who is called, and who has to wait outside is decided in the record, as on any day. What
devices measure is drawn: no gate runs. Each day is one commit, so that a month takes seconds.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial

from dashboard.demo.counter_staff import COUNTERS
from dashboard.demo.papers import OPERATOR, OTHER_SITE, tampered
from dashboard.demo.scenarios import NAMES, Paper
from dashboard.storage import open_desk, open_links, open_record, open_registrar, open_site_keys
from screening.clock import FakeClock
from screening.decision import Check, DecisionKind, Reason
from screening.errors import ScreeningError
from screening.figures.day_model import (
    HOUR_S,
    SERVICES,
    CounterHabit,
    DayHabits,
    DayPlan,
    PlannedCounter,
    ServiceHabit,
    Spread,
    Visitor,
    plan_day,
)
from screening.figures.day_run import play_day
from screening.office.changes import with_counter
from screening.office.services import Booking
from screening.queue.queue import Order
from screening.queue.tickets import Act, QueueRefusal, Ticket
from screening.receipts.claims import ReceiptClaims
from screening.receipts.desk import IssuedReceipt, ReceiptDesk
from screening.receipts.keys import SigningKey
from screening.receipts.token import sign
from screening.record import Record
from screening.registration.bookings import Request
from screening.settings import Settings
from screening.survey.index import LEAST, MOST, Marks, Source
from screening.visits import Attempt, CheckResult, EvidenceSource, ExitHow, WrittenAttempt

DAYS = 28
"""So many days before today are played, those of them on which the office is open."""

VISITS = 36
"""On a usual day; the first day of a week is busier, the last one calmer."""

WEEKDAYS = (1.25, 1.05, 1.0, 0.95, 0.8, 0.5, 0.4)
EMERGENCY = "DARURAT"
GUARDS = ("satpam", "agus")
OFFICER = "petugas"

REFUSED_A_DAY = 3
DECLINED = 0.3
"""The share of days on which somebody will not wear a mask."""
REFERRED = (0, 0, 1, 1, 2)
"""On a day, as likely each."""
TRULY_WARM = 0.3
"""Of the referred, those whom a clinical thermometer finds warm, too."""
ANSWERS_A_DAY = 6
"""Of the survey, told on the receipt's page in the evening."""

REGISTERS, ANSWERS = time(18), time(21)
"""When people at home register for the next day, and answer."""

MARKS = (3.5, 3.3, 2.9, 3.9, 3.5, 3.4, 3.6, 3.2, 3.0)
"""What the nine elements are marked with on average: waiting is what people like least."""

_ALL = frozenset({*(service.code for service in SERVICES), EMERGENCY})
_COUNTERS = (
    CounterHabit(name="1", services=_ALL),
    CounterHabit(name="2", services=frozenset({"KTP", "KK", "AKTA"})),
)
_SERVICES = (
    *SERVICES,
    ServiceHabit(code=EMERGENCY, share=0.03, serving=Spread(median_s=300, sigma=0.4)),
)
_HABITS = DayHabits(visits=VISITS, counters=_COUNTERS, services=_SERVICES, pauses=1.0)

_BAD = (
    (Paper.TOO_EARLY, Paper.EXPIRED, Paper.USED, Paper.FORGED, Paper.OTHER_SITE),
    (4, 3, 2, 1, 1),
)
"""What the refused show, and how often."""

_PASSED = (
    CheckResult(check=Check.RECEIPT, source=EvidenceSource.DEVICE, outcome="passed"),
    CheckResult(check=Check.HANDS, source=EvidenceSource.GUARD, outcome="passed"),
    CheckResult(check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome="passed"),
    CheckResult(check=Check.MASK, source=EvidenceSource.DEVICE, outcome="mask"),
)


def past_month(
    settings: Settings,
    *,
    until: datetime,
    seed: int,
    days: int = DAYS,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Write the days before ``until`` into an empty record; how many the office was open on.

    ``told`` hears after each day how many are done, and of how many. The gates are those of the
    settings. Raises ScreeningError.
    """
    zone = settings.site.zone
    first = until.astimezone(zone).date() - timedelta(days=days)
    clock = FakeClock(datetime.combine(first - timedelta(days=1), time(6), tzinfo=zone))
    with open_record(settings, clock) as record:
        facts = record.facts
        facts.take_over(operator=OPERATOR, at=clock.now(), gates_of_an_empty_office={})
        for name, values in COUNTERS.items():
            facts.change(with_counter(name, values), operator=OPERATOR, at=clock.now())
        office = _Past(settings, record, clock, random.Random(seed))
        found = [
            day
            for day in (first + timedelta(days=number) for number in range(days))
            if facts.current().opening(day, language="id").spans
        ]
        for number, day in enumerate(found):
            office.play(day, seed=seed * 1000 + number)
            told(number + 1, len(found))
    return len(found)


class _Past:
    """Plays days one after the other; its clock stands at the last one's evening."""

    def __init__(
        self, settings: Settings, record: Record, clock: FakeClock, chance: random.Random
    ) -> None:
        self._settings = settings
        self._record = record
        self._clock = clock
        self._chance = chance
        keys = open_site_keys(settings, record)
        self._press = _Press(open_desk(settings, record, keys=keys, clock=clock), keys.signing)
        self._registrar = open_registrar(
            record, self._press.desk, clock, link=open_links(settings, record).path
        )
        record.receipts.link_secret()  # it is written apart from any day

    def play(self, day: date, *, seed: int) -> None:
        """The evening before, the day itself, and what people say of it in the evening."""
        pace = WEEKDAYS[day.weekday()] * self._chance.uniform(0.88, 1.12)
        plan = plan_day(replace(_HABITS, visits=round(VISITS * pace)), seed)
        self._move_to(day - timedelta(days=1), REGISTERS)
        receipts = self._record.together(lambda: self._register(plan, day))
        house = _House(
            self._record, self._press, self._clock, self._chance, began=self._at(day, time.min)
        )
        house.expect(plan, receipts)
        self._record.together(lambda: play_day(plan, house))
        self._move_to(day, ANSWERS)
        self._answer(house.came)

    def _register(self, plan: DayPlan, day: date) -> dict[int, IssuedReceipt]:
        """Each party's receipt by its number; of those who do not come, numbers below 0."""
        firsts = [
            one for one in plan.visitors if one.number == one.party and one.service != EMERGENCY
        ]
        found = {
            one.party: self._receipt(one.service, day, one.party_size, has_priority=one.is_priority)
            for one in firsts
        }
        for number in range(plan.no_shows):
            found[-1 - number] = self._receipt(self._chance.choice(firsts).service, day, 1)
        return found

    def _receipt(
        self, service: str, day: date, people: int, *, has_priority: bool = False
    ) -> IssuedReceipt:
        self._clock.move_to(self._clock.now() + timedelta(seconds=self._chance.randrange(30, 180)))
        services = self._record.facts.current().services
        return self._registrar.register(
            Request(
                service=service,
                day=None if services[service].booking is Booking.NONE else day,
                name=self._chance.choice(NAMES),
                party_size=people,
                has_priority=has_priority,
            )
        ).receipt

    def _answer(self, came: Sequence[ReceiptClaims]) -> None:
        survey, now = self._record.survey, self._clock.now()
        for one in self._chance.sample(came, min(ANSWERS_A_DAY, len(came))):
            visit = survey.visit_of_receipt(one.issuer, one.number, at=now)
            if visit is not None:
                survey.answer(self._marks(), visit, source=Source.RECEIPT, at=now)

    def _marks(self) -> Marks:
        mood = self._chance.gauss(0.0, 0.3)
        drawn = (round(self._chance.gauss(mean + mood, 0.5)) for mean in MARKS)
        return Marks(tuple(min(MOST, max(LEAST, mark)) for mark in drawn))

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, tzinfo=self._settings.site.zone)

    def _move_to(self, day: date, moment: time) -> None:
        self._clock.move_to(max(self._clock.now(), self._at(day, moment)))


class _Press:
    """The desk, and receipts that it would refuse."""

    def __init__(self, desk: ReceiptDesk, key: SigningKey) -> None:
        self.desk = desk
        self._key = key

    def bad(self, paper: Paper, *, today: date) -> str:
        """A code as somebody shows it who is not let in with it."""
        ago = {Paper.EXPIRED: 20, Paper.TOO_EARLY: 0}.get(paper, 1)
        issued = self.desk.prepare("KTP", NAMES[0], issued_on=today - timedelta(days=ago))
        if paper is Paper.FORGED:
            return tampered(issued.token)
        if paper is Paper.OTHER_SITE:
            return sign(replace(issued.claims, site=OTHER_SITE), self._key)
        return issued.token


class _House:
    """A day of the record as the day's people meet it, with some whom their model does not know."""

    def __init__(
        self,
        record: Record,
        press: _Press,
        clock: FakeClock,
        chance: random.Random,
        *,
        began: datetime,
    ) -> None:
        self._record = record
        self._press = press
        self._clock = clock
        self._chance = chance
        self._began = began
        self._receipts: Mapping[int, IssuedReceipt] = {}
        self._strangers: list[tuple[float, Callable[[], None]]] = []
        self._holders: dict[str, Visitor] = {}
        self._inside: dict[str, ReceiptClaims] = {}
        self._served: set[int] = set()
        self._guard = GUARDS[began.toordinal() % len(GUARDS)]
        self.came: list[ReceiptClaims] = []

    def expect(self, plan: DayPlan, receipts: Mapping[int, IssuedReceipt]) -> None:
        """Who has which receipt, and who comes besides to be refused or referred."""
        self._receipts = receipts
        unused = [receipt.claims for number, receipt in receipts.items() if number < 0]
        habits, chance = plan.habits, self._chance
        strangers = [self._refused(paper) for paper in chance.choices(*_BAD, k=REFUSED_A_DAY)]
        if unused and chance.random() < DECLINED:
            strangers.append(partial(self._declines_mask, unused.pop()))
        for _ in range(chance.choice(REFERRED)):
            if unused:
                strangers.append(partial(self._is_warm, unused.pop()))
        last_s = habits.closes_s - HOUR_S
        self._strangers = sorted(
            ((chance.uniform(habits.opens_s, last_s), act) for act in strangers),
            key=lambda one: one[0],
        )

    def enter(self, visitor: Visitor, at_s: float) -> bool:
        """Show the receipt and be measured; whoever slips past the gate does neither."""
        self._let_strangers_come(at_s)
        if not visitor.entry_is_seen:
            return True
        self._move_to(at_s)
        if visitor.service == EMERGENCY:
            written = self._write(
                DecisionKind.ADMIT,
                Reason.EMERGENCY,
                service=EMERGENCY,
                operator=self._guard,
                remark="keluarga dirawat di rumah sakit",
            )
        else:
            shown = self._press.desk.examine(self._receipts[visitor.party].token)
            if shown.claims is None or not shown.valid:
                raise ScreeningError(f"visitor {visitor.number} was refused: {shown.reason}")
            written = self._write(DecisionKind.ADMIT, Reason.ADMITTED, receipt=shown.claims)
        if written.decision is DecisionKind.WAIT:
            return False
        if written.visit is None:
            raise ScreeningError(f"visitor {visitor.number} was refused: {written.reason}")
        self._holders[written.visit.ticket] = visitor
        if visitor.service != EMERGENCY:
            claims = self._receipts[visitor.party].claims
            if visitor.party_size == 1:
                self._inside[claims.number] = claims
            if visitor.number == visitor.party:
                self.came.append(claims)
        return True

    def call_next(self, counter: PlannedCounter, at_s: float) -> Visitor | None:
        """Press the counter's key."""
        ticket = self._act(Act.CALL_NEXT, counter, at_s)
        return None if ticket is None else self._holders[ticket.label]

    def arrived(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        """Whom the counter called stands before it."""
        self._act(Act.ARRIVED, counter, at_s)

    def done(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        """Served."""
        self._act(Act.DONE, counter, at_s)
        self._served.add(visitor.number)

    def missed(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        """Called, and did not come."""
        self._act(Act.MISSED, counter, at_s)

    def leave(self, visitor: Visitor, at_s: float) -> None:
        """Show the receipt on the way out, or go past the guard, who presses a key."""
        has_receipt = visitor.service != EMERGENCY and visitor.entry_is_seen
        if not visitor.exit_is_seen or not (has_receipt or visitor.number in self._served):
            return
        self._move_to(at_s)
        receipt = self._receipts[visitor.party].claims if has_receipt else None
        visit = self._record.visits.leave(
            receipt=receipt,
            how=ExitHow.BUTTON if receipt is None else ExitHow.SCAN,
            gate=self._gate(),
            operator=self._guard if receipt is None else None,
            at=self._clock.now(),
        )
        if receipt is not None:
            self._inside.pop(receipt.number, None)
        if visit is None or receipt is None or visitor.party_size == 1:
            return
        # A party has one receipt: where the record ended another one's ticket, that one goes on
        # with the leaver's.
        own = next(label for label, holder in self._holders.items() if holder is visitor)
        self._holders[own] = self._holders[visit.ticket]
        self._holders[visit.ticket] = visitor

    def _act(self, act: Act, counter: PlannedCounter, at_s: float) -> Ticket | None:
        self._let_strangers_come(at_s)
        self._move_to(at_s)
        order = Order(act=act, counter=counter.name, by=OFFICER)
        answer = self._record.queue.act(order, at=self._clock.now())
        if isinstance(answer, QueueRefusal):
            raise ScreeningError(f"counter {counter.name}, {act}: {answer}")
        return answer

    # Those who are not let in

    def _let_strangers_come(self, at_s: float) -> None:
        while self._strangers and self._strangers[0][0] <= at_s:
            comes_s, act = self._strangers.pop(0)
            self._move_to(comes_s)
            act()

    def _refused(self, paper: Paper) -> Callable[[], None]:
        return partial(self._shows_bad_paper, paper)

    def _shows_bad_paper(self, paper: Paper) -> None:
        if paper is Paper.USED:
            if self._inside:
                used = self._chance.choice(list(self._inside.values()))
                self._write(DecisionKind.ADMIT, Reason.ADMITTED, receipt=used)
            return
        today = self._clock.now().astimezone(self._began.tzinfo).date()
        shown = self._press.desk.examine(self._press.bad(paper, today=today))
        if shown.reason is not None:
            self._write(DecisionKind.DENY, shown.reason, receipt=shown.claims, is_measured=False)

    def _declines_mask(self, receipt: ReceiptClaims) -> None:
        self._write(
            DecisionKind.DENY,
            Reason.MASK_DECLINED,
            receipt=receipt,
            operator=self._guard,
            remark="tidak mau memakai masker",
            is_measured=False,
        )

    def _is_warm(self, receipt: ReceiptClaims) -> None:
        written = self._write(
            DecisionKind.REFER, Reason.ELEVATED_TWICE, receipt=receipt, is_measured=False
        )
        visits, now = self._record.visits, self._clock.now()
        visits.confirm(written.attempt_id, operator=self._guard, remark=None, at=now)
        is_elevated = self._chance.random() < TRULY_WARM
        visits.record_clinical(
            written.attempt_id,
            celsius=38.1 if is_elevated else 37.2,
            outcome="elevated" if is_elevated else "normal",
            operator=OFFICER,
            at=now,
        )

    def _write(
        self,
        decision: DecisionKind,
        reason: Reason,
        *,
        receipt: ReceiptClaims | None = None,
        service: str | None = None,
        operator: str | None = None,
        remark: str | None = None,
        is_measured: bool = True,
    ) -> WrittenAttempt:
        return self._record.visits.write(
            Attempt(
                attempt_id=secrets.token_hex(8),
                gate=self._gate(),
                at=self._clock.now(),
                decision=decision,
                reason=reason,
                receipt=receipt,
                service=service,
                operator=operator,
                remark=remark,
                results=_PASSED if is_measured else (),
            )
        )

    def _gate(self) -> str:
        names = sorted(self._record.facts.current().gates)
        return self._chance.choice(names[-1:] * 2 + names)

    def _move_to(self, at_s: float) -> None:
        moment = self._began + timedelta(seconds=at_s)
        self._clock.move_to(max(self._clock.now(), moment))
