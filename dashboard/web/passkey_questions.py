"""What pages ask a browser about passkeys, what they make of its answer, and where they cannot."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request

from dashboard.web.account_contexts import PasskeyLine, PasskeyQuestion
from dashboard.web.account_words import COPIED_PASSKEY, WHY_NO_PASSKEYS
from dashboard.web.auth import browser_of, hash_token, office_of
from dashboard.web.login import local_path
from dashboard.web.passkeys import (
    LONGEST_LABEL,
    PasskeyPlace,
    PasskeyRefused,
    WhyNoPasskeys,
    count_of,
    digest_of,
    end_of_challenge,
    made_passkey,
    new_challenge,
    place_of,
    questions_for_known,
    questions_for_new,
    told_passkey,
    usable,
)
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.accounts import Passkey, User

_log = logging.getLogger(__name__)


def place(request: Request) -> PasskeyPlace | WhyNoPasskeys:
    """Where passkeys work, or why not at the page that was asked for."""
    return place_of(office_of(request).settings.web.public_url, _page(request))


def _page(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def why_none(request: Request) -> tuple[str, str]:
    """Why no passkey can be made at this page, and the address where it can; both empty where it
    can be made here."""
    found = place(request)
    if isinstance(found, PasskeyPlace):
        return "", ""
    told = renderer_of(request).language(request).say(WHY_NO_PASSKEYS[found])
    public = office_of(request).settings.web.public_url
    if found is WhyNoPasskeys.ELSEWHERE and public is not None:
        return told, public
    if found is WhyNoPasskeys.NUMBER and public is None and _is_this_machine(request):
        return told, _page(request).replace(request.url.hostname or "", "localhost", 1)
    return told, ""


def _is_this_machine(request: Request) -> bool:
    return request.url.hostname == "127.0.0.1"


def why_none_of(request: Request, known: Sequence[Passkey]) -> tuple[str, str]:
    """The same of passkeys that somebody has; empty for who has none."""
    if not known:
        return "", ""
    if all(one.copied_at is not None for one in known):
        return renderer_of(request).language(request).say(COPIED_PASSKEY), ""
    told, address = why_none(request)
    if told:
        return told, address
    return _of_another_name(request, known[0]), ""


def _of_another_name(request: Request, passkey: Passkey) -> str:
    say = renderer_of(request).language(request).say
    told = say(N_("Made for %(address)s, and opens nothing here."))
    return told % {"address": passkey.site_name}


def half_use(half_token: str) -> str:
    """For what a challenge is, in a browser that is half logged in."""
    return f"log in {hash_token(half_token)}"


def set_up_way(request: Request, following: str) -> str:
    """Where a passkey is set up at the log-in; empty where none can be made."""
    if isinstance(place(request), WhyNoPasskeys):
        return ""
    told = urlencode({"following": local_path(following)} if following else {})
    return f"/login/passkey/new?{told}".rstrip("?")


def login_question(
    request: Request, user: User, known: Sequence[Passkey], use: str
) -> PasskeyQuestion | None:
    """What a browser is asked to let this user in; None where none of theirs works here."""
    found = place(request)
    here = usable(known, found)
    if isinstance(found, WhyNoPasskeys) or not here:
        return None
    challenge = new_challenge(user, use, office_of(request).clock.now())
    return PasskeyQuestion(
        options=questions_for_known(here, found, challenge=challenge), challenge=challenge
    )


def new_question(
    request: Request, user: User, known: Sequence[Passkey], use: str
) -> PasskeyQuestion | None:
    """What a browser is asked to make a passkey for this user; None where it cannot here."""
    found, office = place(request), office_of(request)
    if isinstance(found, WhyNoPasskeys):
        return None
    challenge = new_challenge(user, use, office.clock.now())
    options = questions_for_new(
        user,
        [one for one in known if one.site_name == found.site_name],
        found,
        office=office.settings.site.name,
        challenge=challenge,
    )
    return PasskeyQuestion(options=options, challenge=challenge)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser said to a challenge, as the form brought it."""

    credential: str
    challenge: str


def made(request: Request, user: User, label: str, use: str, answer: Answer) -> Passkey | None:
    """The passkey that the browser has made, not kept yet; None where its answer is none.

    The challenge is used up. Raises RecordError.
    """
    found, at = place(request), office_of(request).clock.now()
    if isinstance(found, WhyNoPasskeys) or not _take(request, user, use, answer):
        return None
    try:
        return made_passkey(
            user, label, answer.credential, found, challenge=answer.challenge, at=at
        )
    except PasskeyRefused as why:
        _log.info("a new passkey of %s was refused: %s", user.name, why)
        return None


def is_shown(request: Request, user: User, use: str, answer: Answer) -> bool:
    """Whether the browser has one of the user's passkeys; noted. The challenge is used up.

    Raises RecordError.
    """
    office = office_of(request)
    found, at = place(request), office.clock.now()
    if isinstance(found, WhyNoPasskeys) or not _take(request, user, use, answer):
        return False
    try:
        passkey = told_passkey(
            answer.credential, usable(office.accounts.passkeys(user.name), found)
        )
        count = count_of(answer.credential, passkey, found, challenge=answer.challenge)
    except PasskeyRefused as why:
        _log.info("a passkey of %s was refused: %s", user.name, why)
        return False
    is_own = office.accounts.use_passkey(user.name, passkey.credential_id, count, at=at)
    if not is_own:
        _log.warning("the passkey %r of %s may have been copied", passkey.label, user.name)
    return is_own


def _take(request: Request, user: User, use: str, answer: Answer) -> bool:
    office = office_of(request)
    at = office.clock.now()
    end = end_of_challenge(user, use, answer.challenge, at)
    if end is None:
        return False
    return office.accounts.take_challenge(digest_of(answer.challenge), expires_at=end, at=at)


def label_of(request: Request, known: Sequence[Passkey], typed: str = "") -> str:
    """What a passkey is called: as typed, or by its browser; unlike all others of that person."""
    say = renderer_of(request).language(request).say
    wanted = "".join(sign for sign in typed if sign.isprintable()).strip()
    wanted = wanted or browser_of(request.headers.get("user-agent", "")) or say(N_("Passkey"))
    taken, number = {one.label for one in known}, 1
    label = wanted[:LONGEST_LABEL]
    while label in taken:
        number += 1
        ending = f" {number}"
        label = wanted[: LONGEST_LABEL - len(ending)] + ending
    return label


def passkey_lines(request: Request, known: Sequence[Passkey]) -> tuple[PasskeyLine, ...]:
    """Each passkey of a person, in words."""
    language, zone = renderer_of(request).language(request), office_of(request).settings.site.zone
    found = place(request)

    def note(one: Passkey) -> str:
        if one.copied_at is not None:
            told = language.say(
                N_("Locked on %(moment)s: somebody may have a copy of it. Remove it.")
            )
            return told % {"moment": language.moment(one.copied_at, zone)}
        is_elsewhere = isinstance(found, PasskeyPlace) and one.site_name != found.site_name
        return _of_another_name(request, one) if is_elsewhere else ""

    return tuple(
        PasskeyLine(
            credential_id=one.credential_id,
            label=one.label,
            since=language.moment(one.created_at, zone),
            used="" if one.used_at is None else language.moment(one.used_at, zone),
            note=note(one),
        )
        for one in known
    )
