"""What the desk's pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.visitor.receipt_contexts import PlaceTaken, ReceiptCard
from dashboard.visitor.register_contexts import AskedQuestion
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLine:
    """A receipt that was found; ``state`` is empty while it is good."""

    number: str
    shown: str
    name: str
    service: str
    when: str
    people: str
    is_priority: bool
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLine:
    """What the person did. ``detail`` tells of a move from where to where."""

    entry_id: int
    time: str
    word: str
    number: str
    shown: str
    name: str
    service: str
    detail: str
    can_undo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """Somebody whose day was closed. ``contact`` is empty where they left none, ``link`` opens it.
    ``told`` is the last answer's code, ``by`` who noted it; ``state`` says how it stands."""

    number: str
    shown: str
    name: str
    contact: str
    link: str
    language: str
    before: str
    after: str
    has_place: bool
    is_priority: bool
    state: str
    by: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallList:
    """``desk/closing.html``. ``answers`` are codes and words of how a call went."""

    shell: Shell
    closing_id: int
    days: str
    what: str
    why: str
    open_calls: tuple[CallLine, ...]
    done: tuple[CallLine, ...]
    others: tuple[CallLine, ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLine:
    """Days that were closed, and how many wait for a call."""

    closing_id: int
    days: str
    what: str
    why: str
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskHome:
    """``desk/home.html``. ``found`` is None before anything was looked for; ``has_more``: there are
    further ones, which a longer name would tell apart. ``wait`` is how long whoever comes now waits
    for a counter, or why that is not known. ``closed`` are days that were closed."""

    shell: Shell
    typed: str
    day: str
    problem: str
    found: tuple[FoundLine, ...] | None
    has_more: bool
    acts: tuple[ActLine, ...]
    wait: str
    closed: tuple[ClosedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChoice:
    """A service to register for; ``key`` is the digit that chooses it. ``note`` tells why nobody
    registers for it, and ``link`` where to go instead."""

    code: str
    name: str
    key: str
    when: str
    note: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskServices:
    """``desk/services.html``."""

    shell: Shell
    services: tuple[ServiceChoice, ...]
    others: tuple[ServiceChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChoice:
    """A day or a time; ``value`` is what the form sends."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceDay:
    """A day with its times, or (``words`` empty) days that are chosen as they are."""

    words: str
    choices: tuple[PlaceChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskBook:
    """``desk/book.html``. ``when`` stands in the place of ``places`` where nothing is booked.

    ``problems`` are by field. ``once`` is the form's own: sent twice, it registers once.
    """

    shell: Shell
    code: str
    service: str
    brings: tuple[str, ...]
    places: tuple[PlaceDay, ...]
    when: str
    name: str
    party_size: str
    most_people: int
    is_priority: bool
    questions: tuple[AskedQuestion, ...]
    once: str
    problem: str
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPart:
    """``desk/slip.html``: the receipt as it is printed, in its holder's language."""

    shell: Shell
    card: ReceiptCard


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPart:
    """How to reach a holder. ``told`` is empty until somebody asks for it, ``link`` opens it."""

    told: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskReceipt:
    """``desk/receipt.html``. ``slip`` is None where nothing is to be printed.

    ``answers`` are questions with what was answered, empty for whoever may not see them;
    ``contact`` is None where there is none for them. ``done`` tells what was just done, ``undo`` is
    the act that the button beside it takes back.
    """

    shell: Shell
    card: ReceiptCard
    slip: SlipPart | None
    state: str
    word: str
    places_taken: tuple[PlaceTaken, ...]
    is_priority: bool
    answers: tuple[tuple[str, str], ...]
    contact: ContactPart | None
    given: str
    places: tuple[PlaceDay, ...]
    can_move: bool
    can_cancel: bool
    can_replace: bool
    done: str
    undo: int | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSurvey:
    """``desk/survey.html``. ``added`` is how many sheets were just added; ``lines`` tell what is
    wrong with which line, and ``services`` are codes with their names."""

    shell: Shell
    added: int
    elements: tuple[str, ...]
    sheets: str
    services: tuple[tuple[str, str], ...]
    service: str
    quarters: tuple[str, ...]
    quarter: str
    is_refused: bool
    problem: str
    lines: tuple[str, ...]
