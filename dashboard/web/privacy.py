"""What the office does with data of persons, as its configuration has it now.

The register of processing (UU 27/2022, article 31), the draft of an impact assessment (article 34)
and what a receipt's holder reads are all made of the same activities, so that no two say different
things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.accounts import Role
from screening.decision import Check
from screening.office.facts import OfficeFacts
from screening.settings import Settings
from screening.survey.book import ASKED_FOR


class Activity(StrEnum):
    """Something that is done with data of persons."""

    REGISTRATION = "registration"
    ENTRANCE = "entrance"
    QUEUE = "queue"
    TEMPERATURE = "temperature"
    MASK = "mask"
    PRIORITY = "priority"
    REMARKS = "remarks"
    SURVEY = "survey"
    FIGURES = "figures"
    STAFF = "staff"
    ALERTS = "alerts"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """One activity in words. ``is_specific``: health data, which the law protects more."""

    activity: Activity
    name: str
    data: str
    why: str
    how_long: str
    who: str
    where: str
    is_specific: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A question of the assessment: why it is asked, what is done, what is left to be decided."""

    question: str
    answer: str
    left: str


NOWHERE = N_("It stays on the office's computer.")
_OFFICERS = (Role.OFFICER, Role.MANAGER, Role.ADMINISTRATOR)
_ROLE_WORDS: Mapping[Role, str] = {
    Role.GUARD: N_("guards"),
    Role.OFFICER: N_("officers"),
    Role.MANAGER: N_("managers"),
    Role.ADMINISTRATOR: N_("administrators"),
}


@dataclass(frozen=True, slots=True)
class PrivacyWords:
    """Says it in one language, of this office."""

    language: Language
    settings: Settings
    facts: OfficeFacts

    def register(self) -> tuple[Processing, ...]:
        """Every activity of this office, those that are switched off left out."""
        found = [self._registration(), self._entrance(), self._queue()]
        measures = self._asks(Check.TEMPERATURE)
        if measures:
            found.append(self._temperature())
        if self._asks(Check.MASK):
            found.append(self._mask())
        found += [self._priority(), self._remarks(), self._survey(), self._figures(), self._staff()]
        alerts = self.settings.alerts
        if alerts.mail_to or alerts.hook_url is not None:
            found.append(self._alerts())
        found.append(self._backup())
        return tuple(found)

    def risks(self) -> tuple[Risk, ...]:
        """The draft of the assessment: what the law asks, and what this office answers."""
        say = self.say
        health = self._asks(Check.TEMPERATURE)
        readings = self.facts.readings_days
        return (
            Risk(
                question=say(N_("Are decisions made by a machine?")),
                answer=say(
                    N_(
                        "A gate checks receipts by itself. A refusal for health is never the"
                        " machine's alone: a person confirms it, and an officer measures again."
                    )
                ),
                left=say(N_("Tell at the entrance whom people ask who do not agree.")),
            ),
            Risk(
                question=say(N_("Are health data used?")),
                answer=say(
                    N_("Temperature is measured in an outbreak. %(kept)s")
                    if health
                    else N_("Not at present: no gate asks for temperature.")
                )
                % {"kept": self._kept_readings(readings)},
                left=say(N_("In an outbreak: name the order on which measuring rests."))
                if health
                else "",
            ),
            Risk(
                question=say(N_("Are people watched systematically, or many of them?")),
                answer=say(
                    N_(
                        "Each visit is a row of the log: gate, time, outcome. Pictures of the"
                        " camera are judged and not kept, and no face is compared with another."
                    )
                ),
                left=say(N_("Write down how many visits there are in a year.")),
            ),
            Risk(
                question=say(N_("Can somebody see more than they need?")),
                answer=say(
                    N_(
                        "Guards see the name on the receipt in front of them, screens and kiosks"
                        " a number only. Contacts are for those at the desk."
                    )
                ),
                left=say(N_("Look through the list of people with a log-in twice a year.")),
            ),
            Risk(
                question=say(N_("Can data be changed, lost or taken?")),
                answer=say(
                    N_(
                        "Rows of the log are chained, so that a change is found. Backups are"
                        " sealed by a passphrase. Passwords and the keys of other systems are kept"
                        " as digests; the signing key and the secrets of second factors are not."
                    )
                ),
                left=say(N_("Try once a year to restore a backup, and note it.")),
            ),
            Risk(
                question=say(N_("Do people get their rights?")),
                answer=say(
                    N_(
                        "The page of each receipt tells its holder what is kept and erases it at"
                        " once; at the office it is done with the receipt's link. The law gives"
                        " three days."
                    )
                ),
                left=say(N_("Name who answers people without a receipt.")),
            ),
            Risk(
                question=say(N_("What if data get into the wrong hands?")),
                answer=say(
                    N_(
                        "The law asks to tell the people and the authority within three days."
                        " The log tells what was kept of whom at that time."
                    )
                ),
                left=say(N_("Name who tells them, and keep this page printed.")),
            ),
        )

    def of_a_holder(self) -> tuple[Processing, ...]:
        """The activities that a receipt's holder reads about: theirs."""
        others = {Activity.STAFF, Activity.ALERTS, Activity.FIGURES}
        return tuple(one for one in self.register() if one.activity not in others)

    def say(self, message: str) -> str:
        """In this language."""
        return self.language.say(message)

    def _registration(self) -> Processing:
        return Processing(
            activity=Activity.REGISTRATION,
            name=self.say(N_("Registering for a service")),
            data=self.say(
                N_(
                    "Name, number of people, and where given: telephone or e-mail, answers to the"
                    " service's questions. No identity number is kept."
                )
            ),
            why=self.say(
                N_("To keep the place, to call by name, to reach people when a day falls out.")
            ),
            how_long=self._after_receipt(self.facts.names_days),
            who=self._roles(*_OFFICERS)
            + (self.say(N_("; guards the name alone")) if self.facts.desk_for_guards else ""),
            where=self.say(NOWHERE),
        )

    def _entrance(self) -> Processing:
        return Processing(
            activity=Activity.ENTRANCE,
            name=self.say(N_("Checking receipts at the entrance")),
            data=self.say(
                N_("Number of the receipt, short name on it, time, gate, outcome and its reason.")
            ),
            why=self.say(N_("To let in who has a receipt, once, while there is room.")),
            how_long=self.say(
                N_("The short name for %(days)s days; number, time and outcome stay in the log.")
            )
            % {"days": self.facts.names_days},
            who=self._roles(*Role),
            where=self.say(NOWHERE),
        )

    def _queue(self) -> Processing:
        return Processing(
            activity=Activity.QUEUE,
            name=self.say(N_("Seats, tickets and calling")),
            data=self.say(N_("Ticket, seat, service, and when it was called and served.")),
            why=self.say(N_("To call people in order and to tell how long it takes.")),
            how_long=self.say(N_("It stays in the log, without a name.")),
            who=self.say(N_("everybody sees tickets on the displays")),
            where=self.say(NOWHERE),
        )

    def _temperature(self) -> Processing:
        return Processing(
            activity=Activity.TEMPERATURE,
            name=self.say(N_("Measuring temperature in an outbreak")),
            data=self.say(N_("Whether it was in order, elevated, or nobody could measure.")),
            why=self.say(N_("To send people with an elevated temperature to an officer first.")),
            how_long=self._kept_readings(self.facts.readings_days),
            who=self._roles(Role.GUARD, *_OFFICERS),
            where=self.say(NOWHERE),
            is_specific=True,
        )

    def _mask(self) -> Processing:
        return Processing(
            activity=Activity.MASK,
            name=self.say(N_("Looking for a mask")),
            data=self.say(N_("Whether a mask was worn. The picture is judged and not kept.")),
            why=self.say(N_("To protect those inside in an outbreak.")),
            how_long=self.say(N_("The outcome stays in the log, without a name.")),
            who=self._roles(Role.GUARD, *_OFFICERS),
            where=self.say(NOWHERE),
        )

    def _priority(self) -> Processing:
        return Processing(
            activity=Activity.PRIORITY,
            name=self.say(N_("Priority by law")),
            data=self.say(
                N_(
                    "Which group somebody says they belong to: elderly, with a disability,"
                    " pregnant, with a small child, after a disaster."
                )
            ),
            why=self.say(N_("UU 25/2009 article 29 asks for special treatment.")),
            how_long=self._after_receipt(self.facts.names_days),
            who=self._roles(*self._desk_roles()),
            where=self.say(NOWHERE),
            is_specific=True,
        )

    def _remarks(self) -> Processing:
        return Processing(
            activity=Activity.REMARKS,
            name=self.say(N_("Remarks of guards")),
            data=self.say(
                N_("A sentence on why somebody was let in or not; identity numbers are masked.")
            ),
            why=self.say(N_("To answer when somebody asks why.")),
            how_long=self._days(self.facts.remarks_days),
            who=self._roles(Role.GUARD, *_OFFICERS),
            where=self.say(NOWHERE),
        )

    def _survey(self) -> Processing:
        return Processing(
            activity=Activity.SURVEY,
            name=self.say(N_("Survey of satisfaction")),
            data=self.say(
                N_(
                    "Nine marks, service, quarter of the year. Apart from it a mark that this visit"
                    " has answered, which leads to no answer."
                )
            ),
            why=self.say(N_("Permenpan-RB 14/2017 asks every office to do it each year.")),
            how_long=self.say(
                N_("Answers without an end, since they are nobody's; the mark for %(days)s days.")
            )
            % {"days": ASKED_FOR.days},
            who=self._roles(Role.MANAGER, Role.ADMINISTRATOR),
            where=self.say(NOWHERE),
        )

    def _figures(self) -> Processing:
        return Processing(
            activity=Activity.FIGURES,
            name=self.say(N_("Figures and planning")),
            data=self.say(N_("How many came, waited and were served. Nobody is in them.")),
            why=self.say(N_("To plan days, counters and quotas.")),
            how_long=self.say(N_("Without an end.")),
            who=self._roles(Role.MANAGER, Role.ADMINISTRATOR),
            where=self.say(N_("To systems that have a key of this office.")),
        )

    def _staff(self) -> Processing:
        return Processing(
            activity=Activity.STAFF,
            name=self.say(N_("Log-ins of the staff")),
            data=self.say(
                N_(
                    "Name, role, digest of the password, what codes and passkeys are checked with,"
                    " in which browsers a log-in is open, and what was done under the name."
                )
            ),
            why=self.say(N_("To show who decided what.")),
            how_long=self.say(
                N_(
                    "The account until it is removed, log-ins for %(hours)s hours; acts stay in"
                    " the log."
                )
            )
            % {"hours": self.language.decimal(self.settings.web.session_hours, 0)},
            who=self._roles(Role.ADMINISTRATOR),
            where=self.say(NOWHERE),
        )

    def _alerts(self) -> Processing:
        alerts = self.settings.alerts
        where = []
        if alerts.mail_to:
            told = {"to": ", ".join(alerts.mail_to), "host": alerts.mail_host or "?"}
            where.append(self.say(N_("By e-mail to %(to)s through %(host)s.")) % told)
        if alerts.hook_url is not None:
            url = alerts.hook_url.get_secret_value()  # its path may be a secret: told is the host
            where.append(self.say(N_("By a hook to %(host)s.")) % {"host": urlsplit(url).hostname})
        return Processing(
            activity=Activity.ALERTS,
            name=self.say(N_("Alerts")),
            data=self.say(N_("What needs somebody: a device, a queue, a gate. No visitor's name.")),
            why=self.say(N_("So that somebody sees to it in time.")),
            how_long=self.say(N_("In the log without an end.")),
            who=self._roles(Role.OFFICER, Role.MANAGER, Role.ADMINISTRATOR),
            where=" ".join(where),
        )

    def _backup(self) -> Processing:
        backup = self.settings.backup
        where = self.say(N_("No daily backup is configured."))
        if backup.folder is not None:
            told = {"folder": backup.folder, "kept": backup.kept}
            where = self.say(N_("To the folder %(folder)s, the newest %(kept)s are kept.")) % told
        return Processing(
            activity=Activity.BACKUP,
            name=self.say(N_("Backups")),
            data=self.say(N_("All of the above, sealed by a passphrase.")),
            why=self.say(N_("So that nothing is lost with a disk.")),
            how_long=self.say(
                N_(
                    "What is erased here is in backups until these are deleted, which is done by"
                    " age."
                )
            ),
            who=self.say(N_("whoever runs the computer")),
            where=where,
        )

    def _asks(self, check: Check) -> bool:
        """Whether gates ask for it in one of the modes."""
        facts = self.facts
        own = (checks for checks in facts.gates.values() if checks is not None)
        return any(
            check in checks for checks in (facts.everyday_checks, facts.outbreak_checks, *own)
        )

    def _kept_readings(self, days: int) -> str:
        if days == 0:
            return self.say(
                N_("Degrees are measured, decided upon and forgotten; a series has no names.")
            )
        return self.say(N_("Degrees are kept with the visit for %(days)s days.")) % {"days": days}

    def _after_receipt(self, days: int) -> str:
        return self.say(N_("%(days)s days after the receipt's last day.")) % {"days": days}

    def _days(self, days: int) -> str:
        return self.say(N_("%(days)s days.")) % {"days": days}

    def _desk_roles(self) -> tuple[Role, ...]:
        return (Role.GUARD, *_OFFICERS) if self.facts.desk_for_guards else _OFFICERS

    def _roles(self, *roles: Role) -> str:
        return ", ".join(self.say(_ROLE_WORDS[role]) for role in dict.fromkeys(roles))
