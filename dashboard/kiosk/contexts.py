"""What a visitor reads at the gate."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.gate.contexts import GateLive
from dashboard.web.seat_drawing import RoomDrawing
from dashboard.web.shell import Shell
from dashboard.web.speakers import SpeakerLine
from dashboard.web.survey_form import SurveyForm


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskPage:
    """``kiosk/page.html``. ``way`` is the room with the seat that was given.

    ``greeting`` are the office's own words while nobody is checked, empty without any. ``query``
    keeps the language. ``voices`` are the languages in which it speaks, by their codes,
    the first one first; ``has_clips``: the server has a voice for that one. ``may_speak``:
    somebody of the office has let this browser speak; ``can_let_speak``: whoever looks may do so,
    and take it back from ``speakers``, which are told to nobody else.
    """

    shell: Shell
    live: GateLive
    way: RoomDrawing | None
    greeting: str
    query: str
    voices: tuple[str, ...]
    has_clips: bool
    may_speak: bool
    can_let_speak: bool
    speakers: tuple[SpeakerLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskPart:
    """``kiosk/live.html``: the changing part alone; see ``KioskPage``."""

    shell: Shell
    live: GateLive
    way: RoomDrawing | None
    greeting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyKiosk:
    """``kiosk/survey.html``. ``services`` are codes with their names.

    ``is_kiosk``: people without a number may answer here; ``can_make_kiosk``: whoever looks may
    allow that.
    """

    shell: Shell
    place: str
    title: str
    form: SurveyForm
    number: str
    services: tuple[tuple[str, str], ...]
    service: str
    is_refused: bool
    is_kiosk: bool
    can_make_kiosk: bool
    is_thanks: bool
