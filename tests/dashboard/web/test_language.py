"""The catalogues are whole, and say nothing they must not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.manager.mode_words import OFFICE_MODES
from dashboard.visitor.words import CHANNELS
from dashboard.web import words
from dashboard.web.language import Languages
from dashboard.web.locale.collect import catalogue_files, collect, read, untranslated
from screening.accounts import Role
from screening.decision import Check, DecisionKind, Reason
from screening.gate.clock_watch import ClockWarning
from screening.gate.view import CheckState, GateMode
from screening.office.facts import Mode
from screening.readings import DeviceKind, DeviceTrouble
from screening.services.catalogue import Channel
from screening.visits import EntryKind
from tests.dashboard.fakes import NOON

FORBIDDEN = re.compile(r"\b(fever|febrile|demam|sakit panas)\b", re.IGNORECASE)
LANGUAGES = Languages()


def test_both_languages_are_there() -> None:
    assert set(LANGUAGES) == {"id", "en"}


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.parent.parent.name)
def test_no_sentence_is_missing_or_left_over(path: Path) -> None:
    catalogue = read(path)
    assert untranslated(catalogue) == []
    wanted = {message.id for message in collect() if message.id}
    assert {message.id for message in catalogue if message.id} == wanted


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.parent.parent.name)
def test_placeholders_survive_translation(path: Path) -> None:
    for message in read(path):
        one = message.id if isinstance(message.id, str) else message.id[0]
        said = message.string if isinstance(message.string, str) else message.string[0]
        assert set(re.findall(r"%\(\w+\)[sd]", one)) == set(re.findall(r"%\(\w+\)[sd]", said))


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_every_code_has_words_in_every_language(code: str) -> None:
    say = LANGUAGES[code].say
    for reason in Reason:
        wording = words.REASONS[reason]
        for sentence in (wording.headline, wording.visitor, wording.guard):
            assert say(sentence)
            assert code == "en" or say(sentence) != sentence
    tables = [
        (words.VERDICTS, DecisionKind),
        (words.CHECKS, Check),
        (words.CHECK_STATES, CheckState),
        (words.MODES, GateMode),
        (OFFICE_MODES, Mode),
        (words.DEVICES, DeviceKind),
        (words.WITHOUT_DEVICE, DeviceKind),
        (words.TROUBLES, DeviceTrouble),
        (words.ROLES, Role),
        (words.ENTRIES, EntryKind),
        (CHANNELS, Channel),
        (words.CLOCKS, ClockWarning),
    ]
    for table, codes in tables:
        assert set(table) == set(codes)


def test_the_five_verdicts_are_five_different_words() -> None:
    for language in LANGUAGES.values():
        assert len({language.say(word) for word in words.VERDICTS.values()}) == len(DecisionKind)


def test_nothing_speaks_of_an_illness() -> None:
    for path in catalogue_files():
        for message in read(path):
            said = message.string if isinstance(message.string, str) else " ".join(message.string)
            assert not FORBIDDEN.search(f"{message.id} {said}"), message.id


def test_numbers_and_times_are_written_as_the_language_does() -> None:
    zone_name = "Asia/Jakarta"
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(zone_name)
    indonesian, english = LANGUAGES["id"], LANGUAGES["en"]
    assert (indonesian.decimal(36.44), english.decimal(36.44)) == ("36,4", "36.4")
    assert (indonesian.signed(-0.5, 2), english.signed(1.25, 2)) == ("-0,50", "+1.25")
    assert (indonesian.time(NOON, zone), english.time(NOON, zone)) == ("12.00", "12:00")
    assert indonesian.day(NOON, zone) == "Selasa, 24 November 2026"
    assert english.count("%(num)d fault", "%(num)d faults", 1) == "1 fault"


def test_an_unknown_language_falls_back_to_the_sites() -> None:
    assert LANGUAGES.choose("xx", "id").code == "id"
    assert LANGUAGES.choose(None, "en").code == "en"
