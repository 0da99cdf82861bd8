"""Writes alerts for people: what is the matter, what to do, and which rule told it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.web.office_words import Words
from dashboard.web.words import DEVICES, N_
from screening.accounts import Role
from screening.alerts.alerts import Alert, AlertKind
from screening.alerts.unusual import REFERRALS
from screening.readings import DeviceKind


@dataclass(frozen=True, slots=True)
class Wording:
    """``headline`` and ``rule`` have ``%(value)s``, ``%(limit)s`` and ``%(about)s`` to fill in."""

    headline: str
    advice: str
    rule: str


WORDINGS: Mapping[AlertKind, Wording] = {
    AlertKind.QUEUE_LONG: Wording(
        N_("%(value)s people wait for %(about)s."),
        N_("Open another counter for it, or let one that is free take it, too."),
        N_("Told from %(limit)s people on who wait for one service."),
    ),
    AlertKind.OUTSIDE_LONG: Wording(
        N_("%(value)s people wait outside."),
        N_("Somebody goes out and tells them how long it takes, and who need not wait."),
        N_("Told from %(limit)s people outside on."),
    ),
    AlertKind.NEARLY_FULL: Wording(
        N_("The room is %(value)s %% full."),
        N_("See whether people who are done still sit there, and whether all exits were noted."),
        N_("Told from %(limit)s %% of the capacity on."),
    ),
    AlertKind.WAIT_LONG: Wording(
        N_("Somebody has waited %(value)s minutes for %(about)s."),
        N_("Call them, or open another counter for it."),
        N_("Told when the longest wait for a service reaches the target of %(limit)s minutes."),
    ),
    AlertKind.QUEUE_ABANDONED: Wording(
        N_("People wait, and nobody was called for %(value)s minutes."),
        N_("Look who is at the counters, and close those where nobody works."),
        N_("Told after %(limit)s minutes without a call while a counter is open."),
    ),
    AlertKind.LEFT_UNSERVED: Wording(
        N_("%(value)s %% of the last hour's visitors left without being served."),
        N_("Ask at the door why they go, and tell those who wait how long it takes."),
        N_("Told from %(limit)s %% of an hour's visitors on, and five of them at least."),
    ),
    AlertKind.DEVICE_DOWN: Wording(
        N_("%(about)s does not answer."),
        N_("Look at its cable and its power. The guard does its work by hand meanwhile."),
        N_("Told after %(limit)s minutes without an answer."),
    ),
    AlertKind.CLOCK_WRONG: Wording(
        N_("The clock of gate %(about)s is wrong."),
        N_("Have the computer's clock put right. Nothing is erased or closed meanwhile."),
        N_("Told when a gate's clock jumps, or is behind the log."),
    ),
    AlertKind.BACKUP_OLD: Wording(
        N_("The daily backup is missing."),
        N_("Whoever runs the computer looks whether the backup's disk is there and has room."),
        N_("Told when the newest is older than %(limit)s hours, or today's could not be made."),
    ),
    AlertKind.UNUSUAL_REFUSALS: Wording(
        N_("Unusually many are refused: %(about)s, %(value)s %% of today's visitors."),
        N_("Look at the last visits: is one printer, one page or one time behind it?"),
        N_(
            "Told above %(limit)s %%: three deviations above the mean of seven earlier days"
            " (EARS C2)."
        ),
    ),
}
UNUSUAL_REFERRALS = Wording(
    N_("Unusually many are referred: %(value)s %% of today's visitors."),
    N_("Have the thermometer checked first. If it is right, tell the health office."),
    WORDINGS[AlertKind.UNUSUAL_REFUSALS].rule,
)
NEW_KIND = Wording(
    N_("Something needs somebody: %(about)s."),
    N_("This program is older than what it tells of: look at the other computer."),
    "",
)
GROUPS: Mapping[str, str] = {
    "receipts": N_("their receipts are not good"),
    "times": N_("they came on another day or at another time"),
    "services": N_("their service was not to be had"),
    "people": N_("a person decided so"),
}
ENOUGH = 20
"""From here on a decimal tells nobody anything."""
NO_SERVICE = N_("no particular service")
DEVICE_AT = N_("%(device)s, gate %(gate)s")

OF_THE_QUEUE = frozenset(
    {
        AlertKind.QUEUE_LONG,
        AlertKind.WAIT_LONG,
        AlertKind.QUEUE_ABANDONED,
        AlertKind.LEFT_UNSERVED,
        AlertKind.NEARLY_FULL,
    }
)
"""What officers can do something about."""
AT_THE_DOOR = frozenset({AlertKind.OUTSIDE_LONG, AlertKind.NEARLY_FULL})
"""What every guard can do something about, besides what is of their gate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One alert on a page. ``taken_by`` is who takes care of it, empty while nobody does.

    ``about`` is the code of what it is about, such as ``utama/scanner``. ``detail`` is a device's
    or a disk's own message.
    """

    alert_id: int
    kind: str
    about: str
    headline: str
    advice: str
    rule: str
    detail: str
    since: str
    taken_by: str
    is_bad: bool


def told_to(role: Role | None, alerts: Sequence[Alert], *, gate: str = "") -> tuple[Alert, ...]:
    """Those that are for this role; a guard's are of their ``gate`` and of the door."""
    if role in (Role.MANAGER, Role.ADMINISTRATOR) and not gate:
        return tuple(alerts)
    if gate:
        return tuple(one for one in alerts if one.gate == gate or one.kind in AT_THE_DOOR)
    return tuple(one for one in alerts if one.kind in OF_THE_QUEUE)


@dataclass(frozen=True, slots=True)
class AlertWords:
    """Writes alerts in the language of ``words``."""

    words: Words

    def line(self, alert: Alert) -> AlertLine:
        """One alert in words."""
        wording, filled = _wording(alert), self._filled(alert)
        return AlertLine(
            alert_id=alert.alert_id,
            kind=str(alert.kind),
            about=alert.subject,
            headline=self._say(wording.headline, filled),
            advice=self.words.language.say(wording.advice),
            rule=self._say(wording.rule, filled),
            detail="" if alert.kind == AlertKind.CLOCK_WRONG else alert.detail,
            since=self.words.language.time(alert.raised_at, self.words.zone),
            taken_by=alert.acknowledged_by or "",
            is_bad=alert.kind in (AlertKind.QUEUE_ABANDONED, AlertKind.CLOCK_WRONG),
        )

    def _say(self, text: str, filled: Mapping[str, Any]) -> str:
        return self.words.language.say(text) % filled if text else ""

    def _filled(self, alert: Alert) -> dict[str, str]:
        return {
            "value": self._number(alert.value),
            "limit": self._number(alert.limit),
            "about": self._about(alert),
        }

    def _number(self, value: float) -> str:
        """With a decimal where a small number has one."""
        language = self.words.language
        is_whole = value == round(value) or value >= ENOUGH
        return language.whole(round(value)) if is_whole else language.decimal(value)

    def _about(self, alert: Alert) -> str:
        language, subject = self.words.language, alert.subject
        if alert.kind in (AlertKind.QUEUE_LONG, AlertKind.WAIT_LONG):
            return self.words.service(subject) or language.say(NO_SERVICE)
        if alert.kind == AlertKind.DEVICE_DOWN:
            gate, _, device = subject.partition("/")
            known = device in set(DeviceKind)
            word = language.say(DEVICES[DeviceKind(device)]) if known else device
            return language.say(DEVICE_AT) % {"device": word, "gate": self.words.gate(gate)}
        if alert.kind == AlertKind.CLOCK_WRONG:
            return self.words.gate(subject)
        if alert.kind == AlertKind.UNUSUAL_REFUSALS:
            return language.say(GROUPS.get(subject, subject))
        return subject if isinstance(alert.kind, AlertKind) else f"{alert.kind} {subject}".strip()


def _wording(alert: Alert) -> Wording:
    if not isinstance(alert.kind, AlertKind):
        return NEW_KIND
    if alert.kind is AlertKind.UNUSUAL_REFUSALS and alert.subject == REFERRALS:
        return UNUSUAL_REFERRALS
    return WORDINGS[alert.kind]
