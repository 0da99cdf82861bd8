"""What a receipt's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dashboard.visitor.register_contexts import DayShown
from dashboard.visitor.turn import Turn
from dashboard.web.figures import RoomFigures
from dashboard.web.privacy import Processing
from dashboard.web.shell import Shell
from dashboard.web.survey_form import SurveyForm


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTaken:
    """Where somebody of the receipt sits, and the number by which they are called."""

    ticket: str
    seat: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlace:
    """A booking that the office moved: ``closed`` says from where and why, ``when`` is the new
    place in words. ``can_choose``: its holder may take another one."""

    closed: str
    when: str
    can_choose: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLive:
    """What changes: ``stage`` is a ``Stage``'s code, ``state`` the colour that goes with it.

    ``advice`` says what to do now, ``detail`` more about it; either may be empty. ``figures`` are
    None where they do not matter any more or cannot be read. ``every_s``: ask again after this
    time, 0 for never. ``turns`` are those of its numbers and of its place outside; ``follows``:
    they change by themselves. ``moved`` is None where the office moved nothing, or its holder has
    answered.
    """

    stage: str
    state: str
    word: str
    advice: str
    detail: str
    places: tuple[PlaceTaken, ...]
    figures: RoomFigures | None
    hours: str
    time: str
    every_s: int
    turns: tuple[Turn, ...]
    follows: bool
    moved: NewPlace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptCard:
    """What stays: number and days in words. ``holder`` is empty once it is forgotten.

    ``qr_path`` is an SVG path of the code's dark modules, a line each; ``qr_size`` is its side in
    modules. Both are empty where the code is worth nothing any more. ``foot`` are the office's own
    words, empty without any.
    """

    number: str
    service: str
    holder: str
    party_size: int
    when: str
    note: str
    brings: tuple[str, ...]
    needs_mask: bool
    address: str
    telephone: str
    map_link: str
    qr_path: str
    qr_size: int
    foot: str


class SurveyAsked(StrEnum):
    """Whether a receipt's holder is asked how it was."""

    NO = "no"
    YES = "yes"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptShown:
    """``visitor/receipt.html``. ``is_kept``: the browser may keep the page for a time without a
    connection. ``again`` leads to registering once more, where this receipt is over. ``survey``
    tells whether its holder is asked how it was, ``has_data`` whether they can see what is kept."""

    shell: Shell
    card: ReceiptCard
    live: ReceiptLive
    is_kept: bool
    can_move: bool
    can_cancel: bool
    again: str
    survey: SurveyAsked
    has_data: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptMove:
    """``visitor/receipt_move.html``. ``problem`` tells why the last choice was not possible;
    ``has_room``: one of the days can be chosen."""

    shell: Shell
    card: ReceiptCard
    days: tuple[DayShown, ...]
    has_room: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSurvey:
    """``visitor/receipt_survey.html``. ``service`` is empty where nobody knows which it was."""

    shell: Shell
    service: str
    day: str
    was_refused: bool
    form: SurveyForm


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptData:
    """``visitor/receipt_data.html``. ``kept`` are words and values of what is kept; empty once it
    is erased. ``ends``: the receipt is worthless afterwards."""

    shell: Shell
    number: str
    kept: tuple[tuple[str, str], ...]
    activities: tuple[Processing, ...]
    ends: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLivePart:
    """``visitor/receipt_live.html``: what changes, for a page that is open."""

    shell: Shell
    live: ReceiptLive
