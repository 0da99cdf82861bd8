"""Says to a receipt's holder where it stands and what to do now."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from fastapi import Request

from dashboard.visitor.receipt_contexts import (
    NewPlace,
    PlaceTaken,
    ReceiptCard,
    ReceiptLive,
)
from dashboard.visitor.turn import Turn
from dashboard.visitor.words import closed_words
from dashboard.web.auth import office_of
from dashboard.web.figures import RoomFigures
from dashboard.web.office import ReceiptPage
from dashboard.web.office_words import Words, words_of
from dashboard.web.qr_code import qr_path
from dashboard.web.words import N_, REASONS
from screening.decision import Check
from screening.office.facts import OfficeFacts, WordsAt
from screening.office.hours import OpenDay, next_opening, open_until
from screening.receipts.number import show_number
from screening.receipts.rules import check_service
from screening.registration.rules import may_move

ASKED_OFTEN_S = 15
"""So often an open page asks on a day on which its holder may come."""
ASKED_SELDOM_S = 300

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_TICK = timedelta(microseconds=1)


MISSED = N_("The booked day is over. Register again to book another one.")
"""Why a booking is not moved any more."""


class Stage(StrEnum):
    """Where a receipt stands for its holder."""

    BOOKED = "booked"
    INSIDE = "inside"
    LEFT = "left"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_over(self) -> bool:
        """Nobody comes in with it any more."""
        return self in {Stage.CANCELLED, Stage.EXPIRED}


STAGES: dict[Stage, tuple[str, str]] = {
    Stage.BOOKED: (N_("Registered"), "ready"),
    Stage.INSIDE: (N_("You are inside"), "admit"),
    Stage.LEFT: (N_("Visit finished"), "ready"),
    Stage.CANCELLED: (N_("Cancelled"), "deny"),
    Stage.EXPIRED: (N_("Run out"), "deny"),
}
"""The word and the colour of each."""


def stage_of(receipt: ReceiptPage, *, at: datetime) -> Stage:
    """Who is inside is so whatever became of the receipt; then the first that is true."""
    if receipt.use.inside > 0 or any(visit.left_at is None for visit in receipt.visits):
        return Stage.INSIDE
    if receipt.use.revoked:
        return Stage.CANCELLED
    if receipt.use.places_used >= receipt.claims.party_size:
        return Stage.LEFT
    return Stage.EXPIRED if at >= receipt.claims.expires else Stage.BOOKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Comes:
    """When the holder comes, in the site's time: a day or several, perhaps at a time."""

    first: date
    last: date
    start: time | None = None
    end: time | None = None


class ReceiptWords:
    """Words about one receipt at one moment."""

    def __init__(
        self, words: Words, facts: OfficeFacts, receipt: ReceiptPage, *, now: datetime
    ) -> None:
        self._words = words
        self._language = words.language
        self._facts = facts
        self._receipt = receipt
        self._now = now.astimezone(words.zone)
        self.stage = stage_of(receipt, at=now)
        self._service = facts.services.get(receipt.claims.service)
        self._comes = self._when()

    @property
    def has_code(self) -> bool:
        """Whether its code still opens a gate, in or out."""
        if not self._receipt.token:
            return False
        may_return = self.stage is Stage.LEFT and self._receipt.use.out_today > 0
        return self.stage in {Stage.BOOKED, Stage.INSIDE} or may_return

    @property
    def can_cancel(self) -> bool:
        """Whether nobody came in with it yet."""
        return self.stage is Stage.BOOKED and self._receipt.use.places_used == 0

    @property
    def can_move(self) -> bool:
        """Whether it may be moved to another day or time."""
        booking, today = self._receipt.booking, self._now.date()
        if booking is None or not self.can_cancel:
            return False
        return may_move(booking.place, self._service, today=today)

    @property
    def is_missed(self) -> bool:
        """Whether the booked day is over and nobody came with it."""
        booking = self._receipt.booking
        return self.can_cancel and booking is not None and booking.place.day < self._now.date()

    @property
    def comes(self) -> Comes:
        """When its holder comes."""
        return self._comes

    def card(self) -> ReceiptCard:
        """What does not change while the page is open."""
        claims = self._receipt.claims
        size, path = qr_path(self._receipt.token) if self.has_code else (0, "")
        return ReceiptCard(
            number=show_number(claims.number),
            service=self._words.service(claims.service) or claims.service,
            holder=shown_name(self._receipt.name or claims.holder),
            party_size=claims.party_size,
            when=self._when_in_words(),
            note=self._note(),
            brings=self._brings(),
            needs_mask=Check.MASK in self._facts.visitor_checks,
            address=self._facts.address or "",
            telephone=self._facts.telephone or "",
            map_link=self._facts.map_link or "",
            qr_path=path,
            qr_size=size,
            foot=self._words.says(self._facts, WordsAt.RECEIPT),
        )

    def live(self, figures: RoomFigures | None, turns: tuple[Turn, ...] = ()) -> ReceiptLive:
        """What changes by itself; ``figures`` and ``turns`` are those of now."""
        word, state = STAGES[self.stage]
        shown = figures if self.stage is Stage.BOOKED else None
        turns = turns if self.stage in {Stage.BOOKED, Stage.INSIDE} else ()
        # The turn itself says what to do.
        advice, detail = self._advice(shown) if not turns else ("", "")
        return ReceiptLive(
            stage=self.stage.value,
            state=state,
            word=self._language.say(word),
            advice=advice,
            detail=detail,
            places=tuple(
                PlaceTaken(
                    ticket=visit.ticket,
                    seat=visit.seat or "",
                    room=self._facts.plan.room_of(visit.seat),
                )
                for visit in self._receipt.visits
                if visit.left_at is None
            ),
            figures=shown,
            hours=self._hours_today() if self.stage is Stage.BOOKED else "",
            time=self._language.time(self._now, self._words.zone),
            every_s=self._every_s(),
            turns=turns,
            follows=bool(turns),
            moved=self._moved(),
        )

    def _moved(self) -> NewPlace | None:
        """To where the office moved it, until its holder has answered."""
        notice = self._receipt.notice
        if notice is None or notice.moved.after is None or not self.can_cancel:
            return None
        before, say = notice.moved.before, self._language.say
        shown = {"day": self._day_words(before.day)}
        words = say("We are closed on %(day)s")
        if before.start is not None and notice.closing.from_time is not None:
            words = say("We are closed on %(day)s at %(time)s")
            shown["time"] = self._clock(before.start)
        reasons = notice.closing.reasons
        why = reasons.get(self._language.code) or next(iter(reasons.values()), "")
        closed = words % shown
        return NewPlace(
            closed=f"{closed}: {why}" if why else closed,
            when=self._when_in_words(),
            can_choose=self.can_move,
        )

    def _when(self) -> Comes:
        claims, booking = self._receipt.claims, self._receipt.booking
        zone = self._words.zone
        if booking is not None and booking.place.start is not None:
            place = booking.place
            return Comes(first=place.day, last=place.day, start=place.start, end=place.end)
        first = claims.not_before.astimezone(zone).date()
        last = (claims.expires - _TICK).astimezone(zone).date()
        start = _start_of(claims.slot) if first == last else None
        return Comes(first=booking.place.day if booking else first, last=last, start=start)

    def _when_in_words(self) -> str:
        say, comes = self._language.say, self._comes
        first = self._day_words(comes.first)
        if comes.start is not None:
            start, end = self._clock(comes.start), comes.end and self._clock(comes.end)
            between = f"{start}–{end}" if end else start
            return say("%(day)s, %(time)s") % {"day": first, "time": between}
        if self._receipt.booking is not None or comes.first == comes.last:
            return first
        last = self._day_words(comes.last)
        return say("%(first)s until %(last)s") % {"first": first, "last": last}

    def _note(self) -> str:
        """What holds besides the booked day."""
        comes = self._comes
        if self._receipt.booking is None or comes.start is not None or comes.first == comes.last:
            return ""
        words = self._language.say("Also good until %(day)s, where there is room.")
        told = words % {"day": self._day_words(comes.last)}
        return f"{self._language.say(MISSED)} {told}" if self.is_missed else told

    def _brings(self) -> tuple[str, ...]:
        """What to bring, a line each."""
        if self._service is None:
            return ()
        text = self._service.to_bring(self._language.code, default=self._words.site_language)
        return tuple(line.strip(" -•\t") for line in text.splitlines() if line.strip(" -•\t"))

    def _advice(self, figures: RoomFigures | None) -> tuple[str, str]:
        say = self._language.say
        match self.stage:
            case Stage.CANCELLED:
                return "", say("Nobody comes in with it any more. Register again for another day.")
            case Stage.EXPIRED:
                return "", say("Its last day is over. Register again for another day.")
            case Stage.LEFT if self._receipt.use.out_today > 0:
                may_return = say(
                    "If you forgot something: until the office closes today you may come back in"
                    " with this receipt."
                )
                farewell = self._words.says(self._facts, WordsAt.FAREWELL)
                return say("Thank you for coming"), f"{farewell} {may_return}".strip()
            case Stage.LEFT:
                return say("Thank you for coming"), self._words.says(self._facts, WordsAt.FAREWELL)
            case Stage.INSIDE:
                return say("Sit down until your number is called"), say(
                    "Show this receipt again when you go out."
                )
        return self._how_to_come(figures)

    def _how_to_come(self, figures: RoomFigures | None) -> tuple[str, str]:
        say, comes, today = self._language.say, self._comes, self._now.date()
        reason = check_service(self._service)
        if reason is not None:
            closed = closed_words(self._words, self._service, today)
            told = say(REASONS[reason].visitor)
            return say(REASONS[reason].headline), f"{closed} {told}" if closed else told
        if today <= comes.first and self._is_closed_then():
            return self._closed_then()
        if today < comes.first:
            return self._come_on(comes.first, comes.start), ""
        if comes.start is not None:
            return self._at_a_time(comes.start)
        closes = open_until(self._now, self._day)
        if closes is None:
            return self._closed(next_opening(self._now, self._day))
        return self._open(closes, figures)

    def _open(self, closes: time, figures: RoomFigures | None) -> tuple[str, str]:
        """While the office is open; how full it is decides."""
        say = self._language.say
        until = say("Open until %(time)s.") % {"time": self._clock(closes)}
        if figures is None:
            return say("You can come today"), until
        if figures.level == "full":
            return say("The office is full just now"), say(
                "Come a little later, or wait outside until the guard lets you in."
            )
        if figures.level == "busy":
            return say("You can come now; you may have to wait a little"), until
        return say("You can come now"), until

    def _come_on(self, day: date, start: time | None) -> str:
        say, shown = self._language.say, self._day_words(day)
        if start is not None:
            return say("Come on %(day)s at %(time)s") % {"day": shown, "time": self._clock(start)}
        is_only = self._receipt.booking is not None or day == self._comes.last
        words = say("Come on %(day)s") if is_only else say("Come from %(day)s")
        return words % {"day": shown}

    def _at_a_time(self, start: time) -> tuple[str, str]:
        """On the booked day itself."""
        say, facts = self._language.say, self._facts
        begins = datetime.combine(self._now.date(), start, tzinfo=self._words.zone)
        opens = begins - timedelta(minutes=facts.slot_early_minutes)
        ends = begins + timedelta(minutes=facts.slot_late_minutes)
        shown = {"time": self._clock(start), "from": self._clock(opens.time())}
        if self._now < opens:
            return (
                say("Come at %(time)s") % shown,
                say("The gate lets you in from %(from)s.") % shown,
            )
        if self._now < ends:
            until = say("The gate lets you in until %(time)s.") % {"time": self._clock(ends.time())}
            return say("It is your time: come now"), until
        return say("Your time was %(time)s") % shown, say(
            "Ask the guard whether you may still come in, or register again."
        )

    def _is_closed_then(self) -> bool:
        """Whether the office changed its hours, and the booked day or time is none any more."""
        comes, opening = self._comes, self._day(self._comes.first)
        if comes.start is not None:
            return not opening.is_open_at(comes.start)
        is_day_to_come = self._receipt.booking is not None and self._now.date() < comes.first
        return is_day_to_come and opening.is_closed

    def _closed_then(self) -> tuple[str, str]:
        say, comes, opening = self._language.say, self._comes, self._day(self._comes.first)
        words, shown = (
            say("We are closed on %(day)s"),
            {"day": self._day_words(comes.first)},
        )
        if comes.start is not None and not opening.is_closed:
            words = say("We are closed on %(day)s at %(time)s")
            shown["time"] = self._clock(comes.start)
        why = f"{opening.note.rstrip('.')}." if opening.note else ""
        other = say("Please choose another day.") if self.can_move else ""
        return words % shown, " ".join(filter(None, (why, other)))

    def _closed(self, opens: datetime | None) -> tuple[str, str]:
        say = self._language.say
        if opens is None or opens.date() > self._comes.last:
            return say("The office is closed now"), ""
        shown = {"time": self._clock(opens.time()), "day": self._day_words(opens.date())}
        days = (opens.date() - self._now.date()).days
        if days == 0:
            words = say("Come today from %(time)s")
        elif days == 1:
            words = say("Come tomorrow from %(time)s")
        else:
            words = say("Come on %(day)s from %(time)s")
        return words % shown, say("The office is closed now.")

    def _hours_today(self) -> str:
        """The hours of today, where its holder may come today."""
        if not self._comes.first <= self._now.date() <= self._comes.last:
            return ""
        opening, say = self._day(self._now.date()), self._language.say
        between = ", ".join(
            f"{self._clock(span.start)}–{self._clock(span.end)}" for span in opening.spans
        )
        if opening.spans:
            return say("Open today %(time)s") % {"time": between}
        closed = say("Closed today")
        return f"{closed}: {opening.note}" if opening.note else closed

    def _day(self, day: date) -> OpenDay:
        language, service = self._language.code, self._receipt.claims.service
        return self._facts.opening(day, language=language, service=service)

    def _every_s(self) -> int:
        if self.stage.is_over:
            return 0
        is_near = self._comes.first <= self._now.date() <= self._comes.last
        return ASKED_OFTEN_S if is_near or self.stage is Stage.INSIDE else ASKED_SELDOM_S

    def _day_words(self, day: date) -> str:
        return self._language.near_day(day, self._now.date())

    def _clock(self, moment: time) -> str:
        at = datetime.combine(self._now.date(), moment, tzinfo=self._words.zone)
        return self._language.time(at, self._words.zone)


def _start_of(slot: str | None) -> time | None:
    """The time that a slot's code tells; None where the code is another site's own."""
    found = _TIME.fullmatch(slot or "")
    return None if found is None else time(int(found[1]), int(found[2]))


def shown_name(name: str) -> str:
    """A name without what nobody sees: controls and marks of direction."""
    hidden = {"Cc", "Cf", "Cs", "Co"}
    kept = "".join(
        sign if sign in "\u200c\u200d" or unicodedata.category(sign) not in hidden else " "
        for sign in name
    )
    return " ".join(kept.split())


def receipt_words_of(request: Request, found: ReceiptPage) -> ReceiptWords:
    """Of this receipt now, in the language of whoever asks."""
    office = office_of(request)
    return ReceiptWords(words_of(request), office.facts.current(), found, now=office.clock.now())
