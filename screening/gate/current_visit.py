"""Who stands in front of a gate: a session while they are checked, then the verdict it came to.

place      shown
free       nothing
session    the decision so far
verdict    the verdict; a referral stays until a person confirms it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from screening.clock import Clock
from screening.decision import Check, Decision, DecisionKind, Reason
from screening.errors import LaneConflict, RecordError
from screening.gate.completion import Completion
from screening.gate.devices import GateDevices
from screening.gate.policy import Policy
from screening.gate.session import DeviceBack, DeviceLost, Session, SessionEvent, Tick
from screening.gate.verdict import (
    ClockReading,
    Verdict,
    Visitor,
    session_answer,
    session_verdict,
    temperature_view,
    verdict_view,
    visitor_view,
    written_answer,
)
from screening.gate.view import CheckView, ScanAnswer, TemperatureView, VerdictView, VisitorView
from screening.gate.waiting import Waiting
from screening.readings import DeviceKind
from screening.registration.bookings import PriorityGroup
from screening.visits import Attempt, WrittenAttempt

VERDICT_SHOWN_S = 20.0
"""A verdict leaves the screen after this time, long enough to be read twice."""

ABANDONED_AFTER_S = 120.0
"""A session in which nothing happened for this long belongs to somebody who walked away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What pages show of whoever stands in front; all empty when the lane is free."""

    visitor: VisitorView | None = None
    verdict: VerdictView | None = None
    checks: tuple[CheckView, ...] = ()
    temperature: TemperatureView | None = None


@dataclass(frozen=True, slots=True)
class Concluded:
    """A visitor whose decision was handed to the record; ``written`` is what becomes of it."""

    session: Session
    visitor: Visitor
    decision: Decision
    attempt: Attempt
    written: Future[WrittenAttempt]


class CurrentVisit:
    """One visitor at a time. Methods that end a session may raise RecordError; nothing moved then.

    ``policy`` is asked anew: the thermometer's constants change during a day, and the office may
    ask for something else. Of whoever is being checked no more is asked than when they came, and
    nothing that is not asked for any more.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        policy: Callable[[], Policy],
        devices: GateDevices,
        completion: Completion,
        waiting: Waiting,
        on_next_visitor: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._policy = policy
        self._devices = devices
        self._completion = completion
        self._waiting = waiting
        self._on_next_visitor = on_next_visitor
        self._session: Session | None = None
        self._visitor = Visitor()
        self._verdict: Verdict | None = None
        self._begun_s = self._progress_s = clock.monotonic_s()
        self._may_still_stand_there = False
        self._together: list[Concluded] | None = None

    @property
    def session(self) -> Session | None:
        """The check that goes on."""
        return self._session

    @property
    def visitor(self) -> Visitor:
        """Of the session or the verdict on show."""
        return self._visitor

    @property
    def verdict(self) -> Verdict | None:
        """On show; None while a session goes on."""
        return self._verdict

    @property
    def is_unconfirmed(self) -> bool:
        """Whether a referral waits for a person to stand by it."""
        return self._verdict is not None and self._verdict.needs_confirmation

    @property
    def may_still_stand_there(self) -> bool:
        """Whether the last visitor was not seen to leave."""
        return self._may_still_stand_there

    @property
    def began_by_itself(self) -> bool:
        """Whether a session goes on that nobody asked for: no scan, no pause, no guard."""
        session = self._session
        return session is not None and session.operator is None and self._visitor == Visitor()

    def stays(self) -> None:
        """Somebody who is no visitor may stand there."""
        self._may_still_stand_there = True

    def left(self) -> None:
        """Nobody stands there any more."""
        self._may_still_stand_there = False

    # The session

    def begin(self, visitor: Visitor, checks: frozenset[Check] | None = None) -> None:
        """The next visitor; nothing of the one before counts for them.

        They are asked for ``checks``: what their scan was looked at by; those of now when None.
        Whoever comes back from a pause has the priority that was noted before it.
        """
        if visitor.group is None and visitor.resumes is not None:
            visitor = replace(visitor, group=visitor.resumes.group)
        policy = self._policy()
        if checks is not None and checks != policy.checks:
            policy = replace(policy, checks=checks)
        self._visitor = visitor
        self._verdict = None
        self._begun_s = self._progress_s = self._clock.monotonic_s()
        self._on_next_visitor()
        self._session = Session(
            session_id=uuid4().hex,
            policy=policy,
            now_s=self._begun_s,
            available=self._devices.available,
            resumes=visitor.resumes,
        )

    def begin_with(self, visitor: Visitor, event: SessionEvent) -> None:
        """Begin by a guard's act; when the act makes no sense, everything is as before."""
        before = self._verdict, self._visitor
        self.begin(visitor)
        try:
            self.tell(event)
        except LaneConflict:
            self._session = None
            self._verdict, self._visitor = before
            raise

    def tell(self, event: SessionEvent) -> None:
        """Bring what happened to the session, if there is one."""
        session = self._session
        if session is None:
            return
        now_s = self._clock.monotonic_s()
        policy = self._policy()
        if policy.calibration != session.policy.calibration:
            # Nothing new is asked of whoever is being checked.
            as_begun = replace(session.policy, calibration=policy.calibration)
            session.recalibrate(as_begun, now_s)
        before = (session.decision, session.checks())
        decision = session.handle(event, now_s)
        if (decision, session.checks()) != before:
            self._progress_s = now_s
        if decision.is_final or decision.reason is Reason.SECOND_READING_PAUSE:
            self.conclude(decision)

    def device_changed(self, kind: DeviceKind) -> None:
        """A device may be relied on for the visitor in front, or not any more."""
        is_usable = kind in self._devices.available
        self.tell(DeviceBack(kind) if is_usable else DeviceLost(kind))

    def act(self, event: SessionEvent) -> None:
        """Bring a person's act. Raises LaneConflict without a session."""
        if self._session is None:
            raise LaneConflict("there is no visitor in front", code="lane_free")
        self.tell(event)

    def note_group(self, group: PriorityGroup | None, *, operator: str) -> None:
        """The visitor of this session has lawful priority, or has none."""
        self._visitor = replace(self._visitor, group=group, noted_by=operator)

    def priority_given(self, *, is_priority: bool) -> None:
        """The verdict's visitor has been given it in the record, or had it taken back."""
        verdict = self._verdict
        if verdict is not None:
            written = replace(verdict.written, is_priority=is_priority)
            self._verdict = replace(verdict, written=written)

    def wait_on(self) -> None:
        """Whoever is being checked was told to wait, so they have not walked away."""
        self._progress_s = self._clock.monotonic_s()

    def tick(self) -> None:
        """Time passes: verdicts leave the screen, abandoned sessions are written down."""
        now_s = self._clock.monotonic_s()
        self._ask_for_no_more_than_now()
        self.tell(Tick())
        if self._session is not None and now_s - self._progress_s > ABANDONED_AFTER_S:
            self.abandon(operator=None)
        verdict = self._verdict
        if verdict and not verdict.needs_confirmation and now_s - verdict.since_s > VERDICT_SHOWN_S:
            self._verdict = None

    def _ask_for_no_more_than_now(self) -> None:
        session = self._session
        if session is None:
            return
        begun_with, now = session.policy.checks, self._policy().checks
        if begun_with <= now:
            return
        if now and not begun_with & now:
            self.abandon(operator=None)  # nothing of what is asked for now was asked of them
        else:
            session.no_longer_ask(begun_with - now)

    # Its end

    def conclude(self, decision: Decision, *, operator: str | None = None) -> None:
        """Write, then open, then tell. Without the row nothing moves and the lane is free again."""
        session, visitor = self._session, self._visitor
        assert session is not None
        attempt = self._completion.attempt(session, visitor, decision, operator=operator)
        self._session = None
        self._may_still_stand_there = True
        concluded = Concluded(session, visitor, decision, attempt, self._completion.submit(attempt))
        if self._together is None:
            self.settle(concluded)
        else:
            self._together.append(concluded)

    @contextmanager
    def concluding_together(self) -> Iterator[list[Concluded]]:
        """Visitors who are concluded meanwhile are written together; settle them afterwards."""
        together: list[Concluded] = []
        self._together = together
        try:
            yield together
        except BaseException:
            for concluded in together:
                concluded.written.exception()  # nobody will settle them, and yet they are written
            raise
        finally:
            self._together = None

    def settle(self, concluded: Concluded) -> None:
        """The end of a visitor whose row was handed in: open, and show.

        Raises RecordError, and LaneConflict where the nonce was another's; nothing moved then, and
        after the latter whoever is on show stays there.
        """
        session, attempt = concluded.session, concluded.attempt
        try:
            written = concluded.written.result()
        except RecordError:
            self.show(concluded.visitor, self._completion.unwritten(session, attempt))
            raise
        verdict = self._completion.verdict(session, concluded.decision, attempt, written)
        self.show(concluded.visitor, self._completion.settle(verdict, concluded.visitor))

    def abandon(self, *, operator: str | None) -> None:
        """The visitor of this session walked away."""
        session = self._session
        assert session is not None
        if self._visitor.claims is None and not session.results():
            self._session = None  # a passer-by: nobody asked for anything
            return
        self.conclude(Decision(DecisionKind.FIX, Reason.ABANDONED), operator=operator)
        self._verdict = None

    def show(self, visitor: Visitor, verdict: Verdict) -> None:
        """Show a verdict and whose it is; nothing is written."""
        self._visitor, self._verdict = visitor, verdict
        self._waiting.take(visitor, verdict)

    def clear(self) -> None:
        """Take the verdict off the screen."""
        self._verdict = None

    def drop(self) -> None:
        """Forget whoever stands there; nobody was admitted."""
        self._session = None
        self._verdict = None

    # What others ask

    def require_visitor(self, attempt_id: str | None) -> None:
        """An act is for the visitor it was meant for, also when it arrives late.

        Raises LaneConflict where another one stands there; None means whoever does.
        """
        if attempt_id is None:
            return
        if self._session is not None:
            is_current = self._session.session_id == attempt_id
        else:
            verdict = self._verdict
            is_current = verdict is not None and verdict.written.attempt_id == attempt_id
        if not is_current:
            raise LaneConflict("another visitor stands there by now", code="other_visitor")

    def require_free(self) -> None:
        """Raises LaneConflict while a session goes on or a referral is unconfirmed."""
        if self._session is not None:
            raise LaneConflict("another visitor is being checked", code="lane_busy")
        if self.is_unconfirmed:
            raise LaneConflict("confirm the referral first", code="confirm_first")

    def answer(self) -> ScanAnswer:
        """The answer for the visitor in front: the session so far, or the verdict it came to."""
        if self._session is not None:
            return session_answer(self._session, self._visitor)
        assert self._verdict is not None
        return written_answer(self._verdict.attempt, self._verdict.written)

    def shown(self, now: ClockReading) -> Shown:
        """What pages show at that moment."""
        session, verdict = self._session, self._verdict
        if session is not None:
            return Shown(
                visitor=visitor_view(self._visitor, verdict),
                verdict=session_verdict(session, self._begun_s, now),
                checks=session.checks(),
                temperature=temperature_view(session),
            )
        if verdict is None:
            return Shown()
        return Shown(
            visitor=visitor_view(self._visitor, verdict),
            verdict=verdict_view(verdict, now),
            checks=verdict.checks,
            temperature=verdict.temperature,
        )
