"""Which browsers may be the voice of a room or a gate.

Somebody of the office lets each one speak, and can take that back for one alone: a browser that
nobody let could keep the place's own screen silent. Its cookie names it, with a mark that only this
office can make.
"""

from __future__ import annotations

import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from dashboard.web.auth import office_of
from dashboard.web.office_words import words_of
from screening.errors import OfficeError
from screening.office.speakers import Speaker, with_speaker, without_speaker

VOICE_COOKIE = "gerbang_voice"
VOICE_COOKIE_S = 365 * 24 * 3600
RENEWED_AFTER = timedelta(days=270)
"""A browser that was let so long ago gets its cookie anew with each answer: a screen that is in use
keeps its voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerLine:
    """A browser that may speak: its name, who let it and when, in words. ``is_this``: it is the
    one that looks."""

    name: str
    by: str
    since: str
    is_this: bool


def may_speak(request: Request, place: str) -> bool:
    """Whether somebody of the office has let this browser speak there; in a demo all may.

    ``place`` is the screen's address.
    """
    office = office_of(request)
    return office.is_demo or office.is_rehearsal or bool(_this_one(request, place))


def let_speak(request: Request, place: str, *, query: str, by: str) -> RedirectResponse:
    """Let this browser speak there from now on, whoever opens it and after each start; back to the
    screen. Nothing changes where it may already. Raises RecordError."""
    if _this_one(request, place):
        return RedirectResponse(f"{place}{query}", 303)
    office, name = office_of(request), secrets.token_hex(8)
    now = office.clock.now()
    speaker = Speaker(place=place, by=by, since=now)
    office.facts.change(with_speaker(name, speaker), operator=by, at=now)
    answer = RedirectResponse(f"{place}{query}", 303)
    _set_cookie(request, place, name, answer)
    return answer


def keep_speaking(request: Request, place: str, answer: Response) -> Response:
    """The answer, which lets this browser keep what it may."""
    name, office = _this_one(request, place), office_of(request)
    speaker = office.facts.current().speakers.get(name)
    if speaker is not None and office.clock.now() - speaker.since > RENEWED_AFTER:
        _set_cookie(request, place, name, answer)
    return answer


def take_back(request: Request, place: str, name: str, *, query: str, by: str) -> RedirectResponse:
    """Let that browser speak there no more; back to the screen. Raises RecordError."""
    office = office_of(request)
    speaker = office.facts.current().speakers.get(name)
    if speaker is not None and speaker.place == place:
        with suppress(OfficeError):  # somebody else was quicker
            office.facts.change(without_speaker(name), operator=by, at=office.clock.now())
    return RedirectResponse(f"{place}{query}", 303)


def speakers_at(request: Request, place: str) -> tuple[SpeakerLine, ...]:
    """The browsers that may speak there, the newest first."""
    words, here = words_of(request), _this_one(request, place)
    known = office_of(request).facts.current().speakers.items()
    in_turn = sorted(known, key=lambda named: named[1].since)
    return tuple(
        SpeakerLine(
            name=name,
            by=one.by,
            since=words.language.moment(one.since, words.zone),
            is_this=name == here,
        )
        for name, one in reversed(in_turn)
        if one.place == place
    )


def voice_cookie(request: Request, place: str, name: str) -> str:
    """What a browser of that name shows."""
    return f"{name}.{office_of(request).survey.kiosk_key(f'voice of {place} {name}')}"


def _set_cookie(request: Request, place: str, name: str, answer: Response) -> None:
    answer.set_cookie(
        VOICE_COOKIE,
        voice_cookie(request, place, name),
        max_age=VOICE_COOKIE_S,
        path=place,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def _this_one(request: Request, place: str) -> str:
    """The name of the browser that asks; empty where it may not speak there."""
    given = request.cookies.get(VOICE_COOKIE, "")
    name, _, _ = given.partition(".")
    speaker = office_of(request).facts.current().speakers.get(name)
    if speaker is None or speaker.place != place:
        return ""
    known = voice_cookie(request, place, name)
    return name if hmac.compare_digest(given.encode(), known.encode()) else ""
