"""Who may come in now, and with which place, ticket and seat; and whose waiting ends. Pure.

The record gathers a ``Situation`` while the site is locked, asks ``outcome_of``, and writes the
outcome under its constraints.

An emergency is let in past quota and capacity, an override past everything, since a person decided:
over capacity both are admitted without a seat, and an override whose receipt has no place left
takes place 0 and redeems nothing. A return on the same day takes its place and its ticket up again
and nothing from the quota. Whoever booked the day used its quota then, and comes in past it; all
others get what is left. A booked time is asked for only of those who come for the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from screening.decision import DecisionKind, Reason
from screening.office.services import LETTER_WITHOUT_SERVICE, Service
from screening.receipts.claims import ReceiptClaims, ReceiptUse
from screening.receipts.rules import SlotWindow, check_slot, check_use
from screening.visits import Attempt, ExitHow
from screening.waiting_room.line import Place, ReceiptKey, Room, passage, standing
from screening.waiting_room.plan import Seating, SeatNeed, choose_seat

FINAL = frozenset({DecisionKind.ADMIT, DecisionKind.REFER, DecisionKind.DENY})
"""A visitor who was told one of these does not wait any more."""

REFUSED = frozenset({DecisionKind.DENY, DecisionKind.REFER})

WAITING = frozenset({Reason.ROOM_FULL, Reason.SECOND_READING_PAUSE})

_UNQUOTED = frozenset({Reason.EMERGENCY, Reason.OVERRIDE})

_OF_ONE_PERSON = frozenset({Reason.MASK_DECLINED, Reason.GUARD_REFUSED, Reason.ELEVATED_TWICE})
"""Refusals after which the others of a party still wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenPlace:
    """A redeemed place of a receipt and the visit that holds it."""

    place: int
    visit_id: int
    entered_at: datetime
    left_at: datetime | None
    left_how: str | None
    queue: str
    ticket_number: int

    def is_inside(self, since: datetime) -> bool:
        """Whether the holder came in since then and has not left."""
        return self.left_at is None and self.entered_at >= since

    def is_out(self, since: datetime) -> bool:
        """Whether the holder left since then. Whom the night's closing let out had left before."""
        return (
            self.left_at is not None and self.left_at >= since and self.left_how != ExitHow.CLOSING
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWait:
    """Somebody who was told to wait, for a seat or for the second reading, and is not done.

    ``place`` is where the receipt stands in the line outside, if that is why; the newest wait of a
    receipt tells it.
    """

    attempt_id: str
    entry_id: int
    reason: Reason | str
    at: datetime
    ready_at: datetime | None = None
    receipt: ReceiptKey | None = None
    party_size: int = 1
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What an attempt meets. ``seated`` are the taken seats with the receipt of who sits there.

    ``inside`` counts the people inside who came since ``day_began``; ``admitted`` and
    ``admitted_for_service`` what the day's quota has used, bookings and held places too;
    ``last_ticket`` is the newest number of the attempt's ``queue``. ``taken`` and ``is_revoked``
    are of the attempt's receipt, ``waits`` are all. Nobody in the line outside is overtaken more
    than ``most_overtakes`` times.

    ``is_booked``: the receipt has a booking of this day. ``not_good`` is why its days, as the
    record knows them, are not today. ``window`` is of its booked time, ``has_waited`` whether its
    holder was told to wait in it. ``is_outside_hours``: the service's hours are checked, and it is
    closed. ``is_priority`` and ``has_disability``: what the visitor registered as.
    """

    day_began: datetime
    plan: Seating
    capacity: int
    daily_quota: int | None = None
    service_quota: int | None = None
    inside: int = 0
    admitted: int = 0
    admitted_for_service: int = 0
    queue: str = LETTER_WITHOUT_SERVICE
    last_ticket: int = 0
    taken: tuple[TakenPlace, ...] = ()
    is_revoked: bool = False
    is_booked: bool = False
    not_good: Reason | None = None
    window: SlotWindow | None = None
    has_waited: bool = False
    is_outside_hours: bool = False
    is_priority: bool = False
    has_disability: bool = False
    seated: Mapping[str, ReceiptKey | None] = field(default_factory=dict)
    waits: tuple[OpenWait, ...] = ()
    most_overtakes: int = 3
    call_in: timedelta = timedelta(minutes=5)

    @property
    def line(self) -> list[Place]:
        """The places in the line outside."""
        return places_of(self.waits, since=self.day_began)

    @property
    def room(self) -> Room:
        """The room's places."""
        return Room(
            capacity=self.capacity,
            inside=self.inside,
            most_overtakes=self.most_overtakes,
            call_in=self.call_in,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What somebody who comes in gets. ``continues`` is the visit that is taken up again.

    ``redeems``: the place was free until now. ``overtakes`` are those in the line outside who came
    before and still wait. ``is_priority``: as they registered, or as a guard noted now or when they
    began to wait outside.
    """

    place: int
    redeems: bool
    continues: int | None
    seat: str | None
    queue: str
    ticket_number: int
    overtakes: tuple[Place, ...] = ()
    is_priority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an attempt came to; ``ended`` are the waits that are over with it.

    ``changed`` are waits with the line outside as it is from now on. ``place`` is the one that is
    taken or kept there; its ``first`` is 0 where it begins with this attempt.
    """

    decision: DecisionKind
    reason: Reason
    admission: Admission | None = None
    ended: tuple[OpenWait, ...] = ()
    changed: tuple[OpenWait, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class _Refused:
    decision: DecisionKind
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Place:
    number: int
    redeems: bool = False
    continues: TakenPlace | None = None


def outcome_of(attempt: Attempt, situation: Situation) -> Outcome:
    """What the attempt comes to. Only an intended ADMIT can become something else."""
    decision, reason, admission = attempt.decision, attempt.reason, None
    if decision is DecisionKind.ADMIT:
        found = _admit(attempt, situation)
        if isinstance(found, _Refused):
            decision, reason = found.decision, found.reason
        else:
            admission = found
            reason = _reason(attempt, found)
    ended = ended_waits(attempt, decision, situation.waits)
    rest = _rest_of_the_party(attempt, decision, reason, situation)
    return Outcome(
        decision=decision,
        reason=reason,
        admission=admission,
        ended=ended if rest is None else tuple(w for w in ended if w.entry_id != rest.entry_id),
        changed=(*_overtaken(admission, situation), *([] if rest is None else [rest])),
        place=_place_in_line(attempt, situation) if reason is Reason.ROOM_FULL else None,
    )


def line_of(waits: Iterable[OpenWait], *, since: datetime) -> dict[ReceiptKey, OpenWait]:
    """The wait that tells each receipt's place in the line of the day that began at ``since``.

    Also of those who gave it up.
    """
    found: dict[ReceiptKey, OpenWait] = {}
    for wait in waits:
        place = wait.place
        if place is None or wait.at < since:
            continue
        if place.receipt not in found or found[place.receipt].entry_id < wait.entry_id:
            found[place.receipt] = wait
    return found


def waits_outside(waits: Iterable[OpenWait], receipt: ReceiptKey) -> list[OpenWait]:
    """The waits that keep a receipt's place in the line outside."""
    return [one for one in waits if one.reason is Reason.ROOM_FULL and one.receipt == receipt]


def places_of(waits: Iterable[OpenWait], *, since: datetime) -> list[Place]:
    """The places in the line of that day, also those that were given up."""
    line = line_of(waits, since=since)
    return [wait.place for wait in line.values() if wait.place is not None]


def use_of(taken: Iterable[TakenPlace], *, is_revoked: bool, since: datetime) -> ReceiptUse:
    """What happened to a receipt; inside and out count the day that began at ``since`` only."""
    places = tuple(taken)
    return ReceiptUse(
        revoked=is_revoked,
        places_used=len(places),
        inside=sum(place.is_inside(since) for place in places),
        out_today=sum(place.is_out(since) for place in places),
    )


def ended_waits(
    attempt: Attempt, decision: DecisionKind, waits: Iterable[OpenWait]
) -> tuple[OpenWait, ...]:
    """The waits that are over once ``decision`` is written.

    An attempt that names the pause it resumes ends that pause and no other one. Without, the
    receipt decides, unless it is a party's: then the attempt may be another member's. Who waited
    for a seat is done with the receipt.
    """
    if decision not in FINAL:
        return ()
    return tuple(wait for wait in waits if _is_ended(wait, attempt))


def begun_wait(attempt: Attempt, outcome: Outcome, entry_id: int) -> OpenWait | None:
    """The wait that begins with this attempt, written as ``entry_id``."""
    if outcome.reason not in WAITING:
        return None
    place = outcome.place
    if place is not None and place.first == 0:
        place = replace(place, first=entry_id)
    return OpenWait(
        attempt_id=attempt.attempt_id,
        entry_id=entry_id,
        reason=outcome.reason,
        at=attempt.at,
        ready_at=attempt.ready_at,
        receipt=key_of(attempt.receipt),
        party_size=attempt.receipt.party_size if attempt.receipt is not None else 1,
        place=place,
    )


def count_waiting(
    waits: Iterable[OpenWait], *, day_began: datetime, since: datetime, at: datetime
) -> int:
    """Receipts in the day's line outside at that time, and others who wait since then or later.

    A receipt shown several times is one visitor.
    """
    found = list(waits)
    line = {place.receipt for place in standing(places_of(found, since=day_began), at)}
    others = {
        wait.receipt or wait.attempt_id for wait in found if wait.place is None and wait.at >= since
    }
    return len(line | others)


def service_of(attempt: Attempt) -> str | None:
    """The service asked for; a receipt says it where the gate does not."""
    if attempt.service is not None or attempt.receipt is None:
        return attempt.service
    return attempt.receipt.service


def queue_of(attempt: Attempt, services: Mapping[str, Service]) -> str:
    """What the ticket of the attempt's visitor begins with: the letter of its service."""
    code = service_of(attempt)
    service = services.get(code or "")
    return (code or LETTER_WITHOUT_SERVICE) if service is None else service.queue


def key_of(receipt: ReceiptClaims | None) -> ReceiptKey | None:
    """By what the record finds a receipt."""
    return None if receipt is None else (receipt.issuer, receipt.number)


def _admit(attempt: Attempt, situation: Situation) -> Admission | _Refused:
    place = _place(attempt, situation)
    if isinstance(place, _Refused):
        return place
    passes = attempt.reason in _UNQUOTED
    if place.continues is None and not passes:
        refusal = _refusal_of_the_first_time(attempt, situation)
        if refusal is not None:
            return _Refused(DecisionKind.DENY, refusal)
    is_full = situation.inside >= situation.capacity
    overtakes: tuple[Place, ...] | None = ()
    if not passes:
        overtakes = passage(
            situation.line,
            situation.room,
            attempt.at,
            receipt=key_of(attempt.receipt),
            shown_at=attempt.shown_at or attempt.at,
            is_priority=situation.is_priority,
        )
    if overtakes is None:
        return _Refused(DecisionKind.WAIT, Reason.ROOM_FULL)
    back = place.continues
    return Admission(
        place=place.number,
        redeems=place.redeems,
        continues=None if back is None else back.visit_id,
        seat=None if is_full else _seat(attempt, situation),
        queue=situation.queue if back is None else back.queue,
        ticket_number=situation.last_ticket + 1 if back is None else back.ticket_number,
        overtakes=overtakes,
        is_priority=situation.is_priority or _has_waited_as_priority(attempt, situation),
    )


def _has_waited_as_priority(attempt: Attempt, situation: Situation) -> bool:
    key = key_of(attempt.receipt)
    return any(
        one.is_priority and one.receipt == key for one in standing(situation.line, attempt.at)
    )


def _place_in_line(attempt: Attempt, situation: Situation) -> Place | None:
    """Of a receipt that is told to wait: the one it has, or a new one at the end."""
    receipt, key = attempt.receipt, key_of(attempt.receipt)
    if receipt is None or key is None:
        return None
    people = max(1, receipt.party_size - len(situation.taken))
    before = next((one for one in standing(situation.line, attempt.at) if one.receipt == key), None)
    if before is not None:
        return replace(
            before,
            people=people,
            is_priority=before.is_priority or situation.is_priority,
            called_at=None,
            called_until=None,
        )
    return Place(
        receipt=key,
        first=0,
        since=attempt.at,
        people=people,
        service=service_of(attempt),
        holder=receipt.holder,
        is_priority=situation.is_priority,
    )


def _rest_of_the_party(
    attempt: Attempt, decision: DecisionKind, reason: Reason, situation: Situation
) -> OpenWait | None:
    """The wait of those who stay in the line when one of a party is done."""
    if decision is not DecisionKind.ADMIT and reason not in _OF_ONE_PERSON:
        return None
    line = line_of(situation.waits, since=situation.day_began)
    wait = line.get(key_of(attempt.receipt) or ("", ""))
    if wait is None or wait.place is None or not wait.place.is_kept(attempt.at):
        return None
    if wait.place.people == 1:
        return None
    return replace(wait, place=replace(wait.place, people=wait.place.people - 1))


def _overtaken(admission: Admission | None, situation: Situation) -> list[OpenWait]:
    if admission is None or not admission.overtakes:
        return []
    line = line_of(situation.waits, since=situation.day_began)
    return [
        replace(line[one.receipt], place=replace(one, overtaken=one.overtaken + 1))
        for one in admission.overtakes
    ]


def _place(attempt: Attempt, situation: Situation) -> _Place | _Refused:
    receipt, today = attempt.receipt, situation.day_began
    if receipt is None:
        return _Place(1)
    use = use_of(situation.taken, is_revoked=situation.is_revoked, since=today)
    if not attempt.is_return_allowed:
        use = ReceiptUse(revoked=use.revoked, places_used=use.places_used, inside=use.inside)
    refusal = check_use(use, receipt)
    if refusal is not None:
        if attempt.reason is Reason.OVERRIDE:
            return _Place(0)
        return _Refused(DecisionKind.DENY, refusal)
    numbers = {place.place for place in situation.taken}
    for number in range(1, receipt.party_size + 1):
        if number not in numbers:
            return _Place(number, redeems=True)
    back = min((p for p in situation.taken if p.is_out(today)), key=lambda place: place.place)
    return _Place(back.place, continues=back)


def _refusal_of_the_first_time(attempt: Attempt, situation: Situation) -> Reason | None:
    if situation.not_good is not None:
        return situation.not_good
    shown_at = attempt.shown_at or attempt.at
    refusal = check_slot(situation.window, shown_at=shown_at, has_waited=situation.has_waited)
    if refusal is not None:
        return refusal
    if situation.is_outside_hours and situation.window is None:
        return Reason.OUTSIDE_HOURS
    if not situation.is_booked and _is_quota_reached(situation):
        return Reason.QUOTA_REACHED
    return None


def _is_quota_reached(situation: Situation) -> bool:
    used = (
        (situation.daily_quota, situation.admitted),
        (situation.service_quota, situation.admitted_for_service),
    )
    return any(quota is not None and admitted >= quota for quota, admitted in used)


def _seat(attempt: Attempt, situation: Situation) -> str | None:
    receipt, companions = attempt.receipt, list[str]()
    if receipt is not None and receipt.party_size > 1:
        party = key_of(receipt)
        companions = [seat for seat, holder in situation.seated.items() if holder == party]
    need = SeatNeed(
        party_size=1 if receipt is None else receipt.party_size,
        companions=companions,
        is_priority=situation.is_priority,
        has_disability=situation.has_disability,
    )
    return choose_seat(situation.plan, situation.seated, need)


def _reason(attempt: Attempt, admission: Admission) -> Reason:
    if attempt.reason not in (Reason.ADMITTED, Reason.RETURNED):
        return attempt.reason
    return Reason.ADMITTED if admission.continues is None else Reason.RETURNED


def _is_ended(wait: OpenWait, attempt: Attempt) -> bool:
    if attempt.resumes is not None and wait.attempt_id == attempt.resumes:
        return True
    if wait.receipt is None or wait.receipt != key_of(attempt.receipt):
        return False
    if wait.reason is Reason.ROOM_FULL:
        return True
    return attempt.resumes is None and wait.party_size == 1
