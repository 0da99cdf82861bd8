"""Lessons in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dashboard.training.contexts import LessonCard, LessonGroup, StepRow
from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.accounts import Role
from screening.training.classroom import Attendance, Classroom, Stage
from screening.training.judging import Judged, Mark, Score
from screening.training.lessons import GUARDS_LESSONS, OFFICERS_LESSONS, Deed, Lesson

LESSON_WORDS: dict[str, tuple[str, str]] = {
    "ordinary": (
        N_("An ordinary visitor"),
        N_("A good receipt, clean hands, a usual temperature, a mask: let the gate do its work."),
    ),
    "nose_out": (
        N_("The mask hangs"),
        N_("Somebody wears the mask below the nose. What do you say, what do you press?"),
    ),
    "forged": (
        N_("A forged receipt"),
        N_("The code looks real and its signature is not. Somebody is in a hurry."),
    ),
    "tomorrow": (
        N_("A receipt of tomorrow"),
        N_("Registered this morning, here at noon: the receipt is not good yet."),
    ),
    "fever": (
        N_("Warm twice"),
        N_("Too warm at the first reading. The pause is as long as at your gate."),
    ),
    "party": (
        N_("A family of three"),
        N_("One receipt, three people, and one of them has to wait aside."),
    ),
    "device_out": (
        N_("The thermometer is lost"),
        N_("Its cable comes off while somebody stands there."),
    ),
    "emergency": (
        N_("An emergency without a receipt"),
        N_("Somebody's father is in hospital, and there was no time to register."),
    ),
    "room_full": (
        N_("The room is full"),
        N_("A good receipt, and no seat. Then somebody goes home."),
    ),
    "priority": (
        N_("Priority by law"),
        N_("Three people wait, and the last to come is elderly."),
    ),
    "missed": (
        N_("Nobody comes"),
        N_("You call a number, and nobody stands up. Later somebody does."),
    ),
    "sent_on": (
        N_("Another service"),
        N_("What the visitor needs is not what the ticket says."),
    ),
    "wrong_done": (
        N_("Done by mistake"),
        N_("The counter is done with somebody who still stands there."),
    ),
    "help": (
        N_("You need help"),
        N_("A visitor begins to shout."),
    ),
}
"""Each lesson's title, and what it is about."""

STEP_WORDS: dict[str, tuple[str, str]] = {
    "good_comes": (
        N_("%(name)s shows a receipt."),
        N_("Confirm the clean hands, and let camera and thermometer decide. Overrule nothing."),
    ),
    "nose_comes": (
        N_("%(name)s comes, the mask below the nose."),
        N_("Ask to cover the nose and wait: the camera sees it. Do not enter a mask yourself."),
    ),
    "forged_comes": (
        N_("%(name)s says: “Please, I am late already!”"),
        N_("A forged receipt never lets in. Say so, then press Next visitor."),
    ),
    "early_comes": (
        N_("%(name)s says: “I registered this morning.”"),
        N_("A receipt is good from the day after. Say which day, then press Next visitor."),
    ),
    "warm_comes": (
        N_("%(name)s shows a receipt, and looks tired."),
        N_("One warm reading is no reason to refuse: they sit aside until the pause is over."),
    ),
    "warm_again": (
        N_("The pause is over, and %(name)s stands before the gate again."),
        N_("Warm twice is for an officer with a clinical thermometer: confirm the referral."),
    ),
    "party_first": (
        N_("%(name)s and two others have one receipt. The first one comes."),
        N_("Each person of a party is checked alone."),
    ),
    "party_warm": (
        N_("The second one of the family comes."),
        N_("Who is warm sits aside, and keeps a place of the receipt."),
    ),
    "party_third": (
        N_("The third one of the family comes."),
        N_("Who sits aside holds nobody up: the others go in meanwhile."),
    ),
    "party_back": (
        N_("The pause is over, and the second one comes back."),
        N_("Well at the second reading is well: they come in with the same receipt."),
    ),
    "unmeasured_comes": (
        N_("%(name)s shows a receipt, and the thermometer is lost."),
        N_("Measure by hand and type what you read: no reading is never a pass."),
    ),
    "hospital_comes": (
        N_("%(name)s has no receipt: “My father is in hospital!”"),
        N_("Press Without a receipt, with service and reason. All other checks remain."),
    ),
    "full_comes": (
        N_("%(name)s shows a good receipt, and every seat is taken."),
        N_("Nobody is let into a full room. They get a place in the line outside."),
    ),
    "place_frees": (
        N_("Somebody goes home, and %(name)s stands at the door again."),
        N_("Who waited first comes first: note that they came, and let the gate check them."),
    ),
    "one_waits": (
        N_("Somebody waits."),
        N_("Call the next one."),
    ),
    "one_comes": (
        N_("Whom you called stands before you."),
        N_("Say that they are here: the time of serving begins."),
    ),
    "elderly_waits": (
        N_("Three people wait. One of them is elderly."),
        N_("Call the next one: who has priority by law is called first."),
    ),
    "is_served": (
        N_("The matter is settled, and the visitor thanks you."),
        N_("Say that it is done, so that the next one can be called."),
    ),
    "nobody_comes": (
        N_("Nobody stands up."),
        N_("Call once more before you give anybody up."),
    ),
    "still_nobody": (
        N_("Still nobody comes."),
        N_("Note that they did not come. The number is kept, and the next one is called."),
    ),
    "comes_late": (
        N_("“I was outside, I am so sorry!” says the one you called before."),
        N_("Take the number back, or call it: they keep their place and register for nothing."),
    ),
    "needs_other": (
        N_("“I need a family card, really”, says the visitor."),
        N_("Send them on to that service. Done would end the visit, and they would queue again."),
    ),
    "was_ended": (
        N_("Somebody pressed Done for you, and the visitor still stands there."),
        N_("Undo the last act, before you call anybody else."),
    ),
    "shouts": (
        N_("The visitor shouts and strikes the table."),
        N_("Ask for help at once: the guard and the other counters see it."),
    ),
    "guard_is_there": (
        N_("The guard stands beside you, and the visitor calms down."),
        N_("Say that the help is over, so that nobody comes in vain."),
    ),
}
"""What happens in each step, and what is right and why."""

MARKS: dict[Mark, str] = {
    Mark.RIGHT: N_("Right"),
    Mark.LATE: N_("Right, but late"),
    Mark.WRONG: N_("Wrong"),
    Mark.MISSED: N_("Not done"),
    Mark.NOT_REACHED: N_("Not reached"),
}

DEEDS: dict[Deed, str] = {
    Deed.ADMITTED: N_("The gate let them in"),
    Deed.MASK_SAID: N_("You entered a mask yourself"),
    Deed.OVERRIDDEN: N_("You let them in against the gate"),
    Deed.TURNED_AWAY: N_("You turned them away"),
    Deed.EMERGENCY: N_("Let in as an emergency"),
    Deed.SENT_ASIDE: N_("They sat aside"),
    Deed.WAITS_OUTSIDE: N_("They wait outside"),
    Deed.CONFIRMED: N_("You confirmed the referral"),
    Deed.CLEARED: N_("You freed the gate"),
    Deed.LEFT_STANDING: N_("Nobody told them anything"),
    Deed.CALLED: N_("You called"),
    Deed.RECALLED: N_("You called again"),
    Deed.ARRIVED: N_("You noted that they are here"),
    Deed.PARKED: N_("You put the number aside"),
    Deed.MISSED: N_("You noted that nobody came"),
    Deed.TAKEN_BACK: N_("You took the number back"),
    Deed.FORWARDED: N_("You sent them on"),
    Deed.DONE: N_("You pressed Done"),
    Deed.UNDONE: N_("You undid the last act"),
    Deed.HELP: N_("You asked for help"),
    Deed.HELP_OVER: N_("You said that the help is over"),
}

GROUPS = {
    Role.GUARD: (N_("At the gate"), GUARDS_LESSONS),
    Role.OFFICER: (N_("At the counter"), OFFICERS_LESSONS),
}
PREPARED = N_("The lesson is being prepared: some seconds.")
OVER = N_("The lesson is over. See how it went.")
WAITING = N_("Well done. Wait for what comes next.")
PASSED = N_("Everything was right.")
LATELY = N_("Everything was right, and %(late)s of %(steps)s steps took too long.")
FAILED = N_("%(right)s of %(steps)s steps were right. The lesson ends with the first that is not.")
BUSY = N_("%(who)s takes a lesson at the moment. Only one can be taken at a time.")
TO_GATE, TO_COUNTER = N_("To the gate"), N_("To the counter")
MINUTES = N_("about %(count)s min")
SECONDS = N_("%(count)s s")


@dataclass(frozen=True, slots=True)
class TrainingWords:
    """Writes in one language about the lessons of this classroom."""

    language: Language
    classroom: Classroom

    def groups(self, role: Role | None) -> tuple[LessonGroup, ...]:
        """The lessons of a role; an administrator's are all."""
        return tuple(
            LessonGroup(
                title=self.language.say(title),
                place=self.place(whose),
                lessons=tuple(map(self._card, lessons)),
            )
            for whose, (title, lessons) in GROUPS.items()
            if role in {whose, Role.ADMINISTRATOR}
        )

    def title(self, lesson: Lesson) -> str:
        """Its name."""
        return self.language.say(LESSON_WORDS[lesson.code][0])

    def place(self, role: Role) -> str:
        """The address of the page on which this role's lessons are taken."""
        if role is Role.GUARD:
            return f"/gate/{self.classroom.gate}"
        return f"/counter/{self.classroom.counter}"

    def place_words(self, role: Role) -> str:
        """What leads there."""
        return self.language.say(TO_GATE if role is Role.GUARD else TO_COUNTER)

    def said(self, attendance: Attendance) -> str:
        """What happens now."""
        progress = attendance.progress
        if attendance.stage is Stage.PREPARED:
            return self.language.say(PREPARED)
        step = progress.step
        if step is None:
            return self.language.say(OVER)
        if progress.begun_s is None:
            return self.language.say(WAITING if progress.judged else PREPARED)
        return self._happened(step.code, attendance.person)

    def busy(self, attendance: Attendance | None) -> str:
        """Why nothing was started."""
        who = "" if attendance is None else attendance.trainee
        return self.language.say(BUSY) % {"who": who}

    def result(self, score: Score) -> str:
        """The lesson in a sentence."""
        if score.is_passed and not score.late:
            return self.language.say(PASSED)
        told = LATELY if score.is_passed else FAILED
        good = score.right + score.late
        return self.language.say(told) % {
            "right": good,
            "late": score.late,
            "steps": score.steps,
        }

    def row(self, judged: Judged, person: str) -> StepRow:
        """A step as it was judged."""
        say = self.language.say
        return StepRow(
            mark=judged.mark,
            word=say(MARKS[judged.mark]),
            happened=self._happened(judged.step.code, person),
            rule=say(STEP_WORDS[judged.step.code][1]),
            did="" if judged.deed is None else say(DEEDS[judged.deed]),
            took="" if judged.took_s is None else self._seconds(judged.took_s),
            limit=self._seconds(judged.step.within_s),
        )

    def _happened(self, code: str, person: str) -> str:
        return self.language.say(STEP_WORDS[code][0]) % {"name": person}

    def _seconds(self, seconds: float) -> str:
        return self.language.say(SECONDS) % {"count": self.language.whole(round(seconds))}

    def _card(self, lesson: Lesson) -> LessonCard:
        title, about = LESSON_WORDS[lesson.code]
        seconds = sum(step.within_s for step in lesson.steps) / 2
        minutes = math.ceil((seconds + lesson.pauses * self.classroom.pause_s) / 60)
        return LessonCard(
            code=lesson.code,
            title=self.language.say(title),
            about=self.language.say(about),
            minutes=self.language.say(MINUTES) % {"count": self.language.whole(minutes)},
        )
