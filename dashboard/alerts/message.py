"""What a message about an alert says: to people in the site's language, to programs in codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.web.alert_words import AlertWords
from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.alerts.alerts import Alert
from screening.alerts.book import AlertMessage, Occasion
from screening.settings import SiteSettings

OVER = N_("Over: %(what)s")
BEGAN = N_("Since %(time)s.")
LASTED = N_("It began at %(from)s and was over at %(until)s.")
TAKEN = N_("%(name)s takes care of it")
WHERE = N_("Whoever takes care of it says so here:")
TEST = N_("A test of the alerts")
TEST_TEXT = N_("This is a test. What needs somebody at this office is told at this address.")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message for people: its subject, and its lines."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes messages of one office. ``public_url`` is where its pages are, None if not told.

    ``called`` is what people call the office, None where only the configuration says it.
    """

    site: SiteSettings
    words: AlertWords
    public_url: str | None = None
    called: Callable[[], str | None] = lambda: None

    def letter(self, message: AlertMessage) -> Letter:
        """For people."""
        alert, line = message.alert, self.words.line(message.alert)
        parts = [line.headline, self._when(message)]
        if message.occasion is Occasion.RAISED:
            parts += [line.advice, " ".join(filter(None, (line.rule, line.detail)))]
        if alert.acknowledged_by:
            parts.append(f"{self._say(TAKEN) % {'name': alert.acknowledged_by}}.")
        if self.public_url and message.occasion is Occasion.RAISED and not alert.acknowledged_by:
            parts.append(f"{self._say(WHERE)}\n{self.public_url}/dashboard")
        headline = line.headline.rstrip(".")
        subject = (
            headline
            if message.occasion is Occasion.RAISED
            else self._say(OVER) % {"what": headline}
        )
        return self._signed(subject, parts)

    def test_letter(self) -> Letter:
        """That messages arrive."""
        return self._signed(self._say(TEST), [self._say(TEST_TEXT)])

    def body(self, message: AlertMessage) -> dict[str, Any]:
        """For programs; codes are those of the interface."""
        return {
            "type": f"alert.{message.occasion}",
            "timestamp": message.at.isoformat(),
            "data": {"site": self.site.code, **plain(message.alert, self.words)},
        }

    def test_body(self, at: datetime) -> dict[str, Any]:
        """For programs: that messages arrive."""
        data = {"site": self.site.code, "what": self._say(TEST_TEXT)}
        return {"type": "alert.test", "timestamp": at.isoformat(), "data": data}

    def _when(self, message: AlertMessage) -> str:
        over_at = message.alert.over_at
        if message.occasion is Occasion.RAISED or over_at is None:
            return self._say(BEGAN) % {"time": self._moment(message.alert.raised_at)}
        told = {"from": self._moment(message.alert.raised_at), "until": self._moment(over_at)}
        return self._say(LASTED) % told

    def _moment(self, at: datetime) -> str:
        return self._language.moment(at, self._zone)

    def _say(self, text: str) -> str:
        return self._language.say(text)

    @property
    def _language(self) -> Language:
        return self.words.words.language

    @property
    def _zone(self) -> ZoneInfo:
        return self.site.zone

    def _signed(self, subject: str, parts: list[str]) -> Letter:
        office = self.called() or self.site.name
        text = "\n\n".join([*filter(None, parts), f"-- \n{office}"])
        return Letter(f"[{office}] {subject}", f"{text}\n")


def plain(alert: Alert, words: AlertWords) -> dict[str, Any]:
    """An alert as JSON has it, with what to do in words."""
    line = words.line(alert)
    return {
        "id": alert.alert_id,
        "kind": str(alert.kind),
        "subject": alert.subject,
        "state": alert.state.value,
        "value": alert.value,
        "limit": alert.limit,
        "detail": alert.detail,
        "raised_at": alert.raised_at.isoformat(),
        "acknowledged_by": alert.acknowledged_by,
        "acknowledged_at": None
        if alert.acknowledged_at is None
        else alert.acknowledged_at.isoformat(),
        "over_at": None if alert.over_at is None else alert.over_at.isoformat(),
        "what": line.headline,
        "to_do": line.advice,
        "rule": line.rule,
    }
