"""What the office keeps of a receipt's holder, on the receipt's own page: told and erased."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import HTTPException, Request, Response

from dashboard.visitor.receipt_contexts import ReceiptData
from dashboard.visitor.receipt_words import ReceiptWords
from dashboard.web.auth import office_of
from dashboard.web.language import Language
from dashboard.web.office import ReceiptPage
from dashboard.web.office_words import words_of
from dashboard.web.privacy import PrivacyWords
from dashboard.web.rendering import file_answer, renderer_of
from dashboard.web.words import GROUPS, N_
from screening.receipts.number import show_number
from screening.registration.bookings import PriorityGroup


def data_page(request: Request, found: ReceiptPage, words: ReceiptWords) -> Response:
    """What is kept, why, how long, who sees it, and the button that erases it."""
    office, renderer = office_of(request), renderer_of(request)
    told = _asked(request, found)
    language = words_of(request).language
    context = ReceiptData(
        shell=renderer.private_shell(request),
        number=show_number(found.claims.number),
        kept=tuple(_kept(told, language)),
        activities=PrivacyWords(language, office.settings, office.facts.current()).of_a_holder(),
        ends=words.has_code,
    )
    return renderer.page(request, "visitor/receipt_data.html", context)


def data_file(request: Request, found: ReceiptPage, _: ReceiptWords) -> Response:
    """All of it as a file, for programs and for whoever wants to keep it."""
    content = json.dumps(_asked(request, found), ensure_ascii=False, indent=2)
    name = f"{found.claims.number}.json"
    return file_answer(content, "application/json", name)


def erase(request: Request, found: ReceiptPage) -> None:
    """Erase it at once. Raises RecordError."""
    erase_person = office_of(request).erase_person
    if erase_person is None:
        raise HTTPException(404)
    erase_person(found.claims)


def _asked(request: Request, found: ReceiptPage) -> Mapping[str, Any]:
    person_data = office_of(request).person_data
    if person_data is None:
        raise HTTPException(404)
    return person_data(found.claims)


def _kept(told: Mapping[str, Any], language: Language) -> Iterator[tuple[str, str]]:
    """In words, what leads to a person."""
    say = language.say
    for holder in told.get("holder", ()):
        yield say(N_("Name")), holder["name"]
        if "contact" in holder:
            yield say(N_("Contact")), holder["contact"]
        if "priority_group" in holder:
            yield say(N_("Priority group")), _group(holder["priority_group"], language)
        for answer in holder["answers"].values():
            yield say(N_("Answer")), answer
    short = {one["holder"] for one in told.get("receipts", ()) if one.get("holder")}
    for name in sorted(short):
        yield say(N_("Short name on the receipt")), name
    details = [row["details"] for row in told.get("log", ())]
    for one in details:
        if "remark" in one:
            yield say(N_("Remark")), one["remark"]
    measured = sum("degrees" in one for one in details)
    if measured:
        yield say(N_("Measured temperatures")), language.whole(measured)
    visits = len(told.get("visits", ()))
    if visits:
        yield say(N_("Visits")), language.whole(visits)


def _group(code: str, language: Language) -> str:
    try:
        return language.say(GROUPS[PriorityGroup(code)])
    except ValueError:  # of a newer version
        return code
