"""The guard's help, made of the very words that the guard's page shows."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.gate.next_act import BUTTONS, Act
from dashboard.web.language import Language
from dashboard.web.shell import Shell
from dashboard.web.words import N_, NEXT_PLEASE, READY, REASONS, VERDICTS, WITHOUT_DEVICE, Wording
from screening.decision import DecisionKind, Reason

_KINDS: dict[Reason, DecisionKind] = {
    Reason.ADMITTED: DecisionKind.ADMIT,
    Reason.RETURNED: DecisionKind.ADMIT,
    Reason.EMERGENCY: DecisionKind.ADMIT,
    Reason.OVERRIDE: DecisionKind.ADMIT,
    Reason.ROOM_FULL: DecisionKind.WAIT,
    Reason.SECOND_READING_PAUSE: DecisionKind.WAIT,
    Reason.LANE_BUSY: DecisionKind.WAIT,
    Reason.RECORD_UNAVAILABLE: DecisionKind.WAIT,
    Reason.ELEVATED_TWICE: DecisionKind.REFER,
}

MEANINGS: dict[DecisionKind, str] = {
    DecisionKind.ADMIT: N_("All is in order. The barrier opens once; seat and number are shown."),
    DecisionKind.FIX: N_("Something is still missing. The gate goes on by itself once it is done."),
    DecisionKind.WAIT: N_("Not now, but soon. The receipt stays unused and the lane is free."),
    DecisionKind.REFER: N_("An officer measures again, in private. A person confirms it."),
    DecisionKind.DENY: N_("Not today with this receipt. Say why, and what the visitor can do."),
}

ACTS: dict[Act, str] = {
    Act.SCAN: N_("Puts the cursor into the scanner's field. A number can be typed there."),
    Act.HANDS: N_("When you saw the hands being cleaned."),
    Act.TEMPERATURE: N_("Type what the handheld thermometer shows; comma and point both count."),
    Act.MASK: N_("Say what you see, or exempt: a niqab in private, a medical reason is believed."),
    Act.CONFIRM: N_("You stand by it as a person. The lane is free afterwards."),
    Act.NEXT: N_("Takes the verdict away: the lane is free."),
    Act.UNDO: N_("Nobody walked through: the seat is free and the receipt unused again."),
    Act.OVERRIDE: N_("Let in or refuse against the machine, with your name and a reason."),
}

ALWAYS: tuple[tuple[str, str, str], ...] = (
    (
        N_("Without a receipt"),
        "Alt R",
        N_("For emergencies and walk-in services, with the reason. The checks stay."),
    ),
    (
        N_("Priority"),
        "Alt Y",
        N_("By law: 60 years or older, disability, pregnant, small child, victim of a disaster."),
    ),
    (
        N_("Somebody went out"),
        "Alt X",
        N_("When nobody scanned the way out. The page asks once more."),
    ),
    (
        N_("Count heads"),
        "Alt J",
        N_("When the number inside seems wrong: type how many people you counted."),
    ),
    (
        N_("Call who waits"),
        "Alt P",
        N_("Whose pause is over, or who waits outside when a place is free."),
    ),
    (
        N_("Change guard"),
        "",
        N_("The next guard logs in on the same screen; the change is written down."),
    ),
)
"""What is pressed at any time: its words, its key and what it does."""

TIPS: tuple[tuple[str, str], ...] = (
    (
        N_("A party has one receipt"),
        N_("Scan it once for each person. Each of them is measured."),
    ),
    (
        N_("Waiting outside"),
        N_(
            "Who came while the room was full is listed by name. When a place is free, the first is"
            " called in by itself; press Came when they stand at the door."
        ),
    ),
    (
        N_("Waiting aside"),
        N_("After the pause call them back by name; they are measured a second time."),
    ),
    (
        N_("Out and back"),
        N_("Scan at the way out. On the same day the receipt lets its holder in again."),
    ),
    (
        N_("The thermometer is being checked"),
        N_("Scan as usual. Visitors wait meanwhile, or you measure them by hand."),
    ),
    (
        N_("The thermal picture"),
        N_(
            "The cross is on the hottest spot of the face. Without a cross there is no value; the "
            "words under the picture say why."
        ),
    ),
    (
        N_("No connection to the server."),
        N_("Let nobody in by this screen until it is back. Nothing that was written is lost."),
    ),
)

PICTURES = ("ready", "hands", "admit", "wait", "deny")
"""Of the page in its states, made by ``make pictures``: ``static/help/<language>-<name>.jpg``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpStep:
    """One thing that the screen says, what is said to the visitor, and what the guard does."""

    headline: str
    say: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpState:
    """One of the states: its word, what it means, and all that may stand under it."""

    state: str
    word: str
    meaning: str
    steps: tuple[HelpStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAct:
    """A button: its words, its key, and what it is for."""

    word: str
    key: str
    use: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage:
    """``guard/help.html``; ``pictures`` are (address, what it shows)."""

    shell: Shell
    states: tuple[HelpState, ...]
    acts: tuple[HelpAct, ...]
    tips: tuple[tuple[str, str], ...]
    without_device: tuple[str, ...]
    pictures: tuple[tuple[str, str], ...]


def kind_of(reason: Reason) -> DecisionKind:
    """The state under which a reason stands."""
    if reason in _KINDS:
        return _KINDS[reason]
    return DecisionKind.FIX if reason in _STEPS else DecisionKind.DENY


_STEPS = {
    Reason.SHOW_RECEIPT,
    Reason.CLEAN_HANDS,
    Reason.STAND_STILL,
    Reason.STEP_CLOSER,
    Reason.STEP_BACK,
    Reason.FACE_CAMERA,
    Reason.STAND_IN_MIDDLE,
    Reason.TAKE_GLASSES_OFF,
    Reason.HOT_OBJECT,
    Reason.ONE_AT_A_TIME,
    Reason.PUT_MASK_ON,
    Reason.COVER_NOSE,
    Reason.TOO_DARK,
    Reason.BACKLIT,
    Reason.GUARD_MEASURES,
    Reason.GUARD_CHECKS_MASK,
    Reason.READINGS_DISAGREE,
    Reason.ABANDONED,
}


def help_page(shell: Shell) -> HelpPage:
    """The whole help in the language of ``shell``."""
    language = shell.language
    say = language.say

    def step(wording: Wording) -> HelpStep:
        return HelpStep(
            headline=say(wording.headline), say=say(wording.visitor), do=say(wording.guard)
        )

    ready = HelpState(
        state="ready",
        word=say(NEXT_PLEASE),
        meaning=say(N_("Nobody is being checked. The scanner is heard.")),
        steps=(step(READY),),
    )
    states = tuple(
        HelpState(
            state=kind.value,
            word=say(VERDICTS[kind]),
            meaning=say(MEANINGS[kind]),
            steps=tuple(
                dict.fromkeys(step(REASONS[reason]) for reason in Reason if kind_of(reason) is kind)
            ),
        )
        for kind in DecisionKind
    )
    return HelpPage(
        shell=shell,
        states=(ready, *states),
        acts=_acts(language),
        tips=tuple((say(title), say(words)) for title, words in TIPS),
        without_device=tuple(say(words) for words in WITHOUT_DEVICE.values()),
        pictures=tuple(
            (f"/static/help/{language.code}-{name}.jpg", words)
            for name, words in zip(
                PICTURES,
                (
                    say(NEXT_PLEASE),
                    say(REASONS[Reason.CLEAN_HANDS].headline),
                    say(VERDICTS[DecisionKind.ADMIT]),
                    say(VERDICTS[DecisionKind.WAIT]),
                    say(VERDICTS[DecisionKind.DENY]),
                ),
                strict=True,
            )
        ),
    )


def _acts(language: Language) -> tuple[HelpAct, ...]:
    say = language.say
    keyed = (
        HelpAct(
            word=say(button.word),
            key=button.key if button.key == "F2" else f"Alt {button.key}",
            use=say(ACTS[act]),
        )
        for act, button in BUTTONS.items()
    )
    always = (HelpAct(word=say(word), key=key, use=say(use)) for word, key, use in ALWAYS)
    return (*keyed, *always)
