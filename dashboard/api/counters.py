"""What a counter does by an interface: call, park, send on, finish; and the queue for displays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.problems import described, problem
from dashboard.api.repeats import IdempotencyKey, asked_of, written
from dashboard.web.auth import Caller, QueueCaller, StatusKey, office_of
from screening.office.counters import Counter
from screening.queue.book import Answered
from screening.queue.queue import Order
from screening.queue.tickets import Act, QueueRefusal, Ticket, TicketState
from screening.repeats import Answer

CounterName = Annotated[
    str, Path(max_length=24, description="Name of the counter, in letters of either case")
]

router = APIRouter(tags=["queue"])
_counters = APIRouter(
    prefix="/counters/{name}",
    responses=described(400, 401, 403, 404, 408, 409, 413, 422, 503),
)


class Called(BaseModel):
    """A visitor's ticket. ``steps`` are the services of the visit, in order."""

    ticket: str
    service: str | None = Field(description="Of the current step; null where the gate knew none")
    receipt_number: str | None
    steps: list[str | None]
    called_at: datetime | None = Field(description="The first call to this counter (UTC)")


class Acted(Called):
    """The ticket after what was done; one with another step waits again."""

    state: TicketState


class Sent(BaseModel):
    """Where the visitor is sent on to."""

    model_config = ConfigDict(extra="forbid")

    service: str = Field(min_length=1, max_length=10, description="Code of the service")


class Finished(BaseModel):
    """How it ended, in the officer's words. The log keeps it for good: no names."""

    model_config = ConfigDict(extra="forbid")

    outcome: str = Field(default="", max_length=60)


class Chosen(BaseModel):
    """The ticket that is meant."""

    model_config = ConfigDict(extra="forbid")

    ticket: str = Field(min_length=1, max_length=24)


class Undone(BaseModel):
    """Whose last act is taken back; without it what was done last at the counter."""

    model_config = ConfigDict(extra="forbid")

    ticket: str | None = Field(None, min_length=1, max_length=24)


class Changed(BaseModel):
    """The ticket, and how it ended instead. The log keeps both for good: no names."""

    model_config = ConfigDict(extra="forbid")

    ticket: str = Field(min_length=1, max_length=24)
    outcome: str = Field(max_length=60)


class WaitingTicket(BaseModel):
    """Somebody who waits."""

    ticket: str
    service: str | None
    since: datetime
    priority: bool
    expected: tuple[datetime, datetime] | None = Field(
        None,
        description="Between which whole minutes the call comes in 80 of 100 cases (UTC); null"
        " where too little is known of past days, or no counter is open for it",
    )


class CalledTicket(BaseModel):
    """Somebody at a counter: ``called`` walks there, ``serving`` is there."""

    ticket: str
    service: str | None
    counter: str
    state: TicketState
    called_at: datetime | None
    recalled_at: datetime | None = Field(description="The newest call (UTC)")
    calls: int


class CounterNow(BaseModel):
    """A counter; ``services`` is empty where it takes all."""

    name: str
    place: str
    room: str | None
    services: list[str]
    open: bool
    ticket: str | None = Field(description="Who is there, or walks there")


class QueueNow(BaseModel):
    """The queue of today: who waits in order, who is called (the newest call first)."""

    waiting: list[WaitingTicket]
    called: list[CalledTicket]
    counters: list[CounterNow]


@router.get("/queue", responses=described(401, 403, 503))
def queue(request: Request, key: StatusKey) -> QueueNow:
    """Who waits, who is called where, and the counters."""
    office = office_of(request)
    seen = office.queue.view(at=office.clock.now())
    waits = office.waits.current()
    return QueueNow(
        waiting=[
            WaitingTicket(
                ticket=one.label,
                service=one.service or None,
                since=one.since,
                priority=one.is_priority,
                expected=waits.moments(one.visit_id),
            )
            for one in seen.waiting
        ],
        called=[
            CalledTicket(
                ticket=one.label,
                service=one.service or None,
                counter=one.counter or "",
                state=one.state,
                called_at=one.called_at,
                recalled_at=one.recalled_at,
                calls=one.calls,
            )
            for one in seen.called
        ],
        counters=[_counter_now(*one) for one in seen.counters],
    )


def _counter_now(counter: Counter, ticket: Ticket | None) -> CounterNow:
    return CounterNow(
        name=counter.name,
        place=counter.place,
        room=counter.room or None,
        services=list(counter.services),
        open=counter.is_open,
        ticket=None if ticket is None else ticket.label,
    )


@dataclass(frozen=True, slots=True)
class AtCounter:
    """A counter, with whoever orders something there."""

    name: str
    request: Request
    caller: Caller
    idempotency_key: str | None

    def order(
        self,
        act: Act,
        body: BaseModel | None = None,
        *,
        ticket: str | None = None,
        service: str = "",
        outcome: str = "",
    ) -> Response:
        """Do it there, or say why not; the same ``Idempotency-Key`` gets the same answer."""
        office = office_of(self.request)
        counter = office.facts.current().counter_named(self.name)
        name = self.name if counter is None else counter.name
        order = Order(
            act=act,
            counter=name,
            by=self.caller.name,
            ticket=ticket,
            service=service,
            outcome=outcome,
        )

        def answer(found: Answered) -> Answer:
            return _answer(act, found)

        asked = asked_of(self.request, self.caller, self.idempotency_key, body, answer)
        return written(answer(office.queue.act(order, at=office.clock.now(), asked=asked)))


def _at_counter(
    name: CounterName,
    request: Request,
    caller: QueueCaller,
    idempotency_key: IdempotencyKey = None,
) -> AtCounter:
    return AtCounter(name, request, caller, idempotency_key)


Here = Annotated[AtCounter, Depends(_at_counter)]


@_counters.post(
    "/next", response_model=Called, responses={204: {"description": "Nobody waits for it."}}
)
def call_next(here: Here) -> Response:
    """Call the next visitor here. 409 while one is open here.

    The same ``Idempotency-Key`` gives the same answer and calls nobody else.
    """
    return here.order(Act.CALL_NEXT)


@_counters.post("/call", response_model=Called)
def call(here: Here, body: Chosen) -> Response:
    """Call a chosen one, waiting, parked or missed."""
    return here.order(Act.CALL, body, ticket=body.ticket)


@_counters.post("/call-ahead", response_model=Acted)
def call_ahead(here: Here, body: Chosen) -> Response:
    """Ask one who waits to the inner chairs."""
    return here.order(Act.CALL_AHEAD, body, ticket=body.ticket)


@_counters.post("/take-back", response_model=Acted)
def take_back(here: Here, body: Chosen) -> Response:
    """Let one who is parked or missed wait again, with the time of arrival."""
    return here.order(Act.TAKE_BACK, body, ticket=body.ticket)


@_counters.post("/recall", response_model=Acted)
def recall(here: Here) -> Response:
    """Call whoever is called here once more."""
    return here.order(Act.RECALL)


@_counters.post("/arrived", response_model=Acted)
def arrived(here: Here) -> Response:
    """The visitor is here and is served."""
    return here.order(Act.ARRIVED)


@_counters.post("/park", response_model=Acted)
def park(here: Here) -> Response:
    """Put whoever is here aside, until called by ticket or taken back."""
    return here.order(Act.PARK)


@_counters.post("/missed", response_model=Acted)
def missed(here: Here) -> Response:
    """Whoever was called here did not come."""
    return here.order(Act.MISSED)


@_counters.post("/forward", response_model=Acted)
def forward(here: Here, body: Sent) -> Response:
    """Send whoever is here on to another service, with the time of arrival."""
    return here.order(Act.FORWARD, body, service=body.service.upper())


@_counters.post("/done", response_model=Acted)
def done(here: Here, body: Finished | None = None) -> Response:
    """The step is finished; it may follow the call directly."""
    return here.order(Act.DONE, body, outcome="" if body is None else body.outcome)


@_counters.post("/undo", response_model=Acted)
def undo(here: Here, body: Undone | None = None) -> Response:
    """Take back what was done last at this counter, while nobody else went on with it.

    With a ticket what was done last with that one here, also after others were called: then whoever
    was here waits again, with the time of arrival.
    """
    return here.order(Act.UNDO, body, ticket=None if body is None else body.ticket)


@_counters.post("/outcome", response_model=Acted)
def change_outcome(here: Here, body: Changed) -> Response:
    """Another word for how the step ended that this counter finished last with the ticket."""
    return here.order(Act.CHANGE_OUTCOME, body, ticket=body.ticket, outcome=body.outcome)


router.include_router(_counters)

_STATUS = {
    QueueRefusal.UNKNOWN_COUNTER: 404,
    QueueRefusal.UNKNOWN_TICKET: 404,
    QueueRefusal.UNKNOWN_SERVICE: 422,
}
"""Of a refusal; 409 of any other."""

_DETAILS = {
    QueueRefusal.UNKNOWN_COUNTER: "No counter has this name.",
    QueueRefusal.COUNTER_CLOSED: "This counter is closed and calls nobody.",
    QueueRefusal.COUNTER_BUSY: "Somebody is called here or served here; finish that first.",
    QueueRefusal.NOBODY_HERE: "Nobody is called here.",
    QueueRefusal.UNKNOWN_TICKET: "Nobody inside has this ticket.",
    QueueRefusal.UNKNOWN_SERVICE: "No service has this code.",
    QueueRefusal.NOT_NOW: "This cannot be done with the ticket now.",
    QueueRefusal.NOTHING_TO_UNDO: "There is nothing here that can be taken back.",
}


def _answer(act: Act, found: Answered) -> Answer:
    if found is None:
        return Answer(204, b"")
    if isinstance(found, QueueRefusal):
        status = _STATUS.get(found, 409)
        told = problem(status, _DETAILS[found], kind="queue-refused", code=found.value)
        return Answer(status, bytes(told.body))
    told_ticket = Called(
        ticket=found.label,
        service=found.service or None,
        receipt_number=None if found.receipt is None else found.receipt[1],
        steps=[step or None for step in found.steps],
        called_at=found.called_at,
    )
    if act not in (Act.CALL_NEXT, Act.CALL):
        told_ticket = Acted(**told_ticket.model_dump(), state=found.state)
    return Answer(200, told_ticket.model_dump_json().encode())
