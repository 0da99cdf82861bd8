"""What people read of the ways to a service, and why a registration could not be taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from dashboard.visitor.register_contexts import AskedQuestion
from dashboard.web.language import Language
from dashboard.web.office_words import Words
from dashboard.web.words import N_
from screening.office.services import Channel, Question, Service
from screening.receipts.token import MAX_PARTY
from screening.registration.bookings import BookingRefusal
from screening.registration.registrar import MAX_ANSWER, MAX_NAME, answer_field

CHANNELS: dict[Channel, tuple[str, str]] = {
    Channel.COLLECTION: (
        N_("Register online, collect here"),
        N_("Register first; come from the next day with the receipt."),
    ),
    Channel.WALK_IN: (
        N_("Come straight here"),
        N_("No receipt is needed. Tell the guard at the door."),
    ),
    Channel.EMERGENCY: (
        N_("Urgent matters"),
        N_("Hospital or health insurance: come at once, no receipt is needed."),
    ),
    Channel.ONLINE_ONLY: (
        N_("Online only"),
        N_("Everything is done from home; no visit is needed."),
    ),
    Channel.CLOSED: (
        N_("Closed for now"),
        N_("This service is not given at the moment."),
    ),
}
"""The name of each channel and what it means for a visitor, in the order of the public page."""

PROBLEMS: dict[tuple[str, str], str] = {
    ("name", "missing"): N_("Write the name by which we may call you. One name is enough."),
    ("name", "too_long"): N_("This name is too long: at most %(most)d letters."),
    ("name", "not_a_name"): N_("We cannot write this name. Use letters of any script."),
    ("party_size", "not_a_number"): N_("Write how many people come, from 1 to %(people)d."),
    ("party_size", "too_many"): N_("Write how many people come, from 1 to %(people)d."),
    ("contact", "not_a_contact"): N_(
        "This is neither an e-mail address nor a telephone number. You may also leave it empty."
    ),
    ("contact", "too_long"): N_("This is too long. You may also leave it empty."),
    ("answer", "missing"): N_("The office needs an answer to this."),
    ("answer", "too_long"): N_("This answer is too long: at most %(answer)d letters."),
}
"""By field and by what is wrong with it."""

REFUSALS: dict[BookingRefusal, str] = {
    BookingRefusal.SLOT_FULL: N_("This time is full by now. Choose another one."),
    BookingRefusal.QUOTA_REACHED: N_("This day is full by now. Choose another one."),
    BookingRefusal.SERVICE_CLOSED: N_("The service is closed then. Choose another day."),
    BookingRefusal.ONLINE_ONLY: N_("This service is online only; nobody has to come for it."),
    BookingRefusal.NOT_BOOKABLE: N_("This cannot be booked any more. Choose another day or time."),
}
"""Why a place could not be had, at the desk and on visitors' own phones."""

_ANSWER = "answer_"


def problem(language: Language, field: str, what: str) -> str:
    """What is wrong with a field."""
    told = language.say(PROBLEMS.get((field, what), N_("This cannot be used.")))
    return told % {"most": MAX_NAME, "people": MAX_PARTY, "answer": MAX_ANSWER}


def apart(
    problems: Mapping[str, str], questions: Sequence[Question]
) -> tuple[dict[str, str], dict[str, str]]:
    """What is wrong with which field, and with the answer to which question, by its code."""
    codes = {answer_field(question.code): question.code for question in questions}
    fields = {field: what for field, what in problems.items() if field not in codes}
    return fields, {codes[field]: what for field, what in problems.items() if field in codes}


def closed_words(words: Words, service: Service | None, today: date) -> str:
    """Since when and why a service is closed; empty where it is not, or nobody said."""
    if service is None or service.channel is not Channel.CLOSED:
        return ""
    language, told = words.language, []
    why = service.why_closed(language.code, default=words.site_language).rstrip(". ")
    if service.closed_since is not None:
        since = language.say(N_("Closed since %(day)s."))
        told.append(since % {"day": language.near_day(service.closed_since, today)})
    return " ".join([*told, *([f"{why}."] if why else [])])


def question_words(words: Words, question: Question) -> str:
    """What is asked."""
    return question.text(words.language.code, default=words.site_language)


def asked_questions(
    words: Words, service: Service, answers: Mapping[str, str], problems: Mapping[str, str]
) -> tuple[AskedQuestion, ...]:
    """What the office asks besides, as a form shows it; answers and problems are by code."""
    return tuple(
        AskedQuestion(
            field=f"{_ANSWER}{question.code}",
            words=question_words(words, question),
            value=answers.get(question.code, ""),
            is_required=question.is_required,
            problem=problem(words.language, "answer", problems[question.code])
            if question.code in problems
            else "",
        )
        for question in service.questions
    )


def typed_answers(typed: Mapping[str, str]) -> dict[str, str]:
    """The answers of such a form, by the question's code."""
    return {
        name.removeprefix(_ANSWER): said for name, said in typed.items() if name.startswith(_ANSWER)
    }
