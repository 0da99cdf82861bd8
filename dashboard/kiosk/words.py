"""What the screen beside the gate says aloud: no more than it shows, and nothing about health."""

from __future__ import annotations

from dashboard.web.gate.contexts import VerdictCard
from dashboard.web.language import Language
from dashboard.web.queue_words import spoken_label
from dashboard.web.words import N_
from screening.decision import DecisionKind, Reason
from screening.gate.view import VerdictView

NEVER_ALOUD = frozenset({Reason.SECOND_READING_PAUSE, Reason.ELEVATED_TWICE})
"""An officer tells it in private."""


def is_aloud(verdict: VerdictView | None) -> bool:
    """Whether others may hear it."""
    return (
        verdict is not None
        and verdict.kind is not DecisionKind.REFER
        and verdict.reason not in NEVER_ALOUD
    )


def spoken_verdict(card: VerdictCard, language: Language) -> str:
    """What to do, and with an admission seat and number; ``card`` is written in that language."""
    said = [_sentence(card.headline)]
    if card.seat is None and card.ticket is None:
        said.append(_sentence(card.say))
    if card.seat is not None:
        said.append(language.say(N_("Your seat is %(seat)s.")) % {"seat": card.seat})
    if card.ticket is not None:
        number = spoken_label(card.ticket, language)
        said.append(language.say(N_("Your queue number is %(number)s.")) % {"number": number})
    return " ".join(said)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
