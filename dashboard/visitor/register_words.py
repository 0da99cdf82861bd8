"""Says to somebody who registers what can be had, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from dashboard.visitor.register_contexts import (
    AskedQuestion,
    DayChoice,
    DayShown,
    Kept,
    Option,
)
from dashboard.visitor.register_draft import Draft
from dashboard.visitor.words import (
    asked_questions,
    closed_words,
    problem,
    question_words,
)
from dashboard.web.hours_words import told_closures
from dashboard.web.office_words import Words
from dashboard.web.words import GROUPS, N_
from screening.office.facts import OfficeFacts
from screening.office.services import Channel, Service
from screening.registration.bookings import Offer, OfferStatus, Place
from screening.registration.registrar import seen_text

FOLLOWING_DAYS = 62
"""So far ahead a day is looked for on which the office is open."""


@dataclass(frozen=True, slots=True)
class RegisterWords:
    """Writes one service's registration; ``now`` is in the site's zone."""

    words: Words
    facts: OfficeFacts
    service: Service
    now: datetime

    @property
    def name(self) -> str:
        """The service's name."""
        return self.words.service(self.service.code) or self.service.code

    def days(self, offers: Iterable[Offer], draft: Draft) -> tuple[DayShown, ...]:
        """The days that can be chosen, and those that are full; a day that is closed is none."""
        people = max(draft.people, 1)
        shown: list[DayShown] = []
        could = [one for one in offers if one.status in {OfferStatus.OPEN, OfferStatus.FULL}]
        for day, found in groupby(could, key=lambda offer: offer.place.day):
            on_it = list(found)
            choices = tuple(self._choice(offer, people, draft) for offer in on_it)
            is_free = any(choice.is_free for choice in choices)
            shown.append(
                DayShown(
                    words=self.day(day),
                    note=self._note_of_day(on_it, people, is_free=is_free),
                    choices=choices,
                    has_times=on_it[0].place.start is not None,
                    is_free=is_free,
                    is_open=False,
                )
            )
        return _with_one_open(shown)

    def alternatives(self, offers: Iterable[Offer]) -> tuple[DayChoice, ...]:
        """Other places, each with its day."""
        return tuple(
            DayChoice(
                value=value_of(offer.place),
                words=self.when(offer.place),
                note="",
                is_free=True,
                is_chosen=False,
            )
            for offer in offers
        )

    def when(self, place: Place) -> str:
        """A day, and a time where one is booked."""
        if place.start is None:
            return self.day(place.day)
        told = self._say(N_("%(day)s at %(time)s"))
        return told % {"day": self.day(place.day), "time": self.words.language.clock(place.start)}

    def day(self, day: date) -> str:
        """The weekday and the date."""
        return self.words.language.near_day(day, self.now.date())

    def closures(self) -> tuple[str, ...]:
        """Why days are missing among those that can be booked."""
        return told_closures(
            self.facts,
            self.now.date(),
            self.words.language,
            days=min(self.service.days_ahead, FOLLOWING_DAYS) + 1,
            service=self.service.code,
        )

    def opens(self, people: int) -> str:
        """When more days can be booked, where none is free."""
        if people > 1:
            return self._say(
                N_("No day has room for so many together. Try it with fewer people, or call us.")
            )
        last = self.now.date() + timedelta(days=self.service.days_ahead)
        for after in range(1, FOLLOWING_DAYS):
            day = last + timedelta(days=after)
            opening = self.facts.opening(
                day, language=self.words.language.code, service=self.service.code
            )
            if not opening.is_closed:
                begins = day - timedelta(days=self.service.days_ahead)
                told = self._say(N_("All days are full. %(day)s can be booked from %(begins)s on."))
                return told % {"day": self.day(day), "begins": self.day(begins)}
        return self._say(N_("No day can be booked now."))

    def without_day(self) -> str:
        """When a receipt is good that books no day."""
        told = self._say(N_("No day is booked. Come from %(day)s on, within seven days."))
        return told % {"day": self.day(self.now.date() + timedelta(days=1))}

    def told_who(self, draft: Draft) -> str:
        """Who comes, where that is not one person like others."""
        told = []
        if draft.people > 1:
            told.append(self.words.language.count("%(num)d person", "%(num)d people", draft.people))
        if draft.priority is not None:
            told.append(self._say(GROUPS[draft.priority]))
        return " · ".join(told)

    def groups(self, chosen: str) -> tuple[Option, ...]:
        """The groups that the law names, and none of them."""
        return (
            Option(value="", words=self._say(N_("None of these")), is_chosen=not chosen),
            *(
                Option(value=group.value, words=self._say(words), is_chosen=group.value == chosen)
                for group, words in GROUPS.items()
            ),
        )

    def kept(self, draft: Draft) -> Kept | None:
        """How long the place is kept, None where none was."""
        if draft.until is None:
            return None
        left_s = int((draft.until - self.now).total_seconds())
        return Kept(
            time=self.words.language.time(draft.until, self.words.zone),
            left_s=max(0, left_s),
            is_over=left_s <= 0,
        )

    def questions(
        self, draft: Draft, problems: Mapping[str, str] | None = None
    ) -> tuple[AskedQuestion, ...]:
        """What the office asks besides; ``problems`` are by the question's code."""
        return asked_questions(self.words, self.service, draft.answers, problems or {})

    def answers(self, draft: Draft) -> tuple[tuple[str, str], ...]:
        """What was answered, by question."""
        return tuple(
            (question_words(self.words, question), seen_text(draft.answers.get(question.code, "")))
            for question in self.service.questions
            if draft.answers.get(question.code, "").strip()
        )

    def problem(self, field: str, what: str) -> str:
        """What is wrong with a field."""
        return problem(self.words.language, field, what)

    def brings(self) -> tuple[str, ...]:
        """What to bring, a line each."""
        text = self.service.to_bring(self.words.language.code, default=self.words.site_language)
        return tuple(line.strip(" -•\t") for line in text.splitlines() if line.strip(" -•\t"))

    def closed(self) -> str:
        """Since when and why it is closed; empty where it is not, or nobody said."""
        return closed_words(self.words, self.service, self.now.date())

    def hours_today(self) -> str:
        """When it is open today, for what needs no booking; empty for what has no door."""
        if self.service.channel not in {Channel.WALK_IN, Channel.EMERGENCY}:
            return ""
        language = self.words.language
        opening = self.facts.opening(
            self.now.date(), language=language.code, service=self.service.code
        )
        between = ", ".join(
            f"{language.clock(span.start)}–{language.clock(span.end)}" for span in opening.spans
        )
        if between:
            return self._say(N_("Open today %(time)s")) % {"time": between}
        closed = self._say(N_("Closed today"))
        return f"{closed}: {opening.note}" if opening.note else closed

    def _choice(self, offer: Offer, people: int, draft: Draft) -> DayChoice:
        place = offer.place
        chosen = (draft.service, draft.day, draft.start)
        is_chosen = chosen == (place.service, place.day, place.start)
        is_kept = is_chosen and draft.until is not None and self.now < draft.until
        is_theirs = is_kept and draft.held_people >= people
        has_room = offer.left is None or offer.left >= people
        words = self.day(place.day)
        if place.start is not None:
            words = self.words.language.clock(place.start)
        return DayChoice(
            value=value_of(place),
            words=words,
            note=self._say(N_("kept for you")) if is_theirs else self._note(offer, people),
            is_free=is_theirs or (has_room and offer.status is OfferStatus.OPEN),
            is_chosen=is_chosen,
        )

    def _note(self, offer: Offer, people: int) -> str:
        if offer.status is OfferStatus.FULL or offer.left == 0:
            return self._say(N_("full"))
        if offer.left is None:
            return ""
        count = self.words.language.count
        if offer.left < people:
            return count("only %(num)d place", "only %(num)d places", offer.left)
        return count("%(num)d place", "%(num)d places", offer.left)

    def _note_of_day(self, offers: list[Offer], people: int, *, is_free: bool) -> str:
        if offers[0].place.start is None:
            return ""  # its only choice says it
        if not is_free:
            return self._say(N_("full"))
        free = sum(
            one.status is OfferStatus.OPEN and (one.left is None or one.left >= people)
            for one in offers
        )
        return self.words.language.count("%(num)d time free", "%(num)d times free", free)

    def _say(self, message: str) -> str:
        return self.words.language.say(message)


def value_of(place: Place) -> str:
    """A place as a form of this service names it."""
    return place.day.isoformat() + ("" if place.start is None else f"T{place.start:%H:%M}")


def _with_one_open(days: list[DayShown]) -> tuple[DayShown, ...]:
    """The times of the chosen day are in sight, or of the first that is free."""
    chosen = [at for at, day in enumerate(days) if any(one.is_chosen for one in day.choices)]
    free = [at for at, day in enumerate(days) if day.is_free]
    in_sight = next(iter(chosen or free), None)
    return tuple(replace(day, is_open=at == in_sight) for at, day in enumerate(days))
