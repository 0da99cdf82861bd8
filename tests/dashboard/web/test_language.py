"""The catalogues are whole, and say nothing they must not."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.manager.mode_words import OFFICE_MODES
from dashboard.visitor.words import CHANNELS
from dashboard.web import words
from dashboard.web.language import CATALOGUE_NAME, CATALOGUES, Languages, known_languages
from dashboard.web.locale.collect import begin, catalogue_files, collect, read, untranslated
from screening.accounts import Role
from screening.decision import Check, DecisionKind, Reason
from screening.gate.clock_watch import ClockWarning
from screening.gate.view import CheckState, GateMode
from screening.office.changes import with_changed_service
from screening.office.facts import Mode
from screening.office.services import Channel
from screening.readings import DeviceKind, DeviceTrouble
from screening.settings import load_settings
from screening.visits import EntryKind
from tests.dashboard.fakes import NOON, make_office

FORBIDDEN = re.compile(r"\b(fever|febrile|demam|sakit panas)\b", re.IGNORECASE)
LANGUAGES = Languages()


@cache
def sentences() -> frozenset[object]:
    """The ids of all that code and templates say."""
    return frozenset(message.id for message in collect() if message.id)


def test_both_languages_are_there() -> None:
    assert {"id", "en"} <= set(LANGUAGES)


JAVANESE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Language"
msgstr "Basa"
"""


@pytest.fixture
def catalogues(tmp_path: Path) -> Path:
    """The product's languages, and one more folder."""
    folder = tmp_path / "locale"
    shutil.copytree(CATALOGUES, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    one_more = folder / "jv" / "LC_MESSAGES"
    one_more.mkdir(parents=True)
    (one_more / CATALOGUE_NAME).write_text(JAVANESE, "utf-8")
    return folder


def test_one_more_folder_is_one_more_language_of_the_pages(catalogues: Path) -> None:
    fake = make_office()
    for code, name in (("KTP", "Kertu KTP"), ("KK", "none")):
        edit = with_changed_service(code, {"name_jv": name, "name_en": "Any"})
        fake.record.facts.change(edit, operator="rina", at=NOON)
    client = TestClient(create_app(fake.office, Languages(catalogues)))
    assert 'lang="jv"' in client.get("/").text
    client.get("/preferences", params={"language": "jv"})
    page = client.get("/").text
    assert '<html lang="jv"' in page
    assert "Basa" in page
    assert "Kertu KTP" in page
    assert "Kartu keluarga" in page  # which has no name in it: the office's own language


def test_pages_begin_in_the_language_of_the_office(catalogues: Path) -> None:
    settings = load_settings(None, languages=known_languages(catalogues), site={"language": "jv"})
    fake = make_office(settings=settings)
    client = TestClient(create_app(fake.office, Languages(catalogues)))
    assert '<html lang="jv"' in client.get("/").text


def test_a_new_catalogue_begins_with_every_sentence_still_to_be_said(catalogues: Path) -> None:
    path = begin(catalogues, "su")
    assert len(untranslated(read(path))) == len(sentences())
    assert "su" in Languages(catalogues)
    assert Languages(catalogues)["su"].say("Language") == "Language"
    with pytest.raises(ValueError, match="not a language"):
        begin(catalogues, "xx-nowhere")


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.parent.parent.name)
def test_no_sentence_is_missing_or_left_over(path: Path) -> None:
    catalogue = read(path)
    assert untranslated(catalogue) == []
    assert {message.id for message in catalogue if message.id} == sentences()


@pytest.mark.parametrize("path", catalogue_files(), ids=lambda path: path.parent.parent.name)
def test_placeholders_survive_translation(path: Path) -> None:
    for message in read(path):
        many = message.id if isinstance(message.id, str) else message.id[-1]
        said = message.string if isinstance(message.string, str) else message.string[-1]
        assert set(re.findall(r"%\(\w+\)[sd]", many)) == set(re.findall(r"%\(\w+\)[sd]", said))


@pytest.mark.parametrize(
    ("code", "ours", "over"),
    [("en", "not a receipt of ours", "run out"), ("id", "bukan bukti daftar kantor ini", "habis")],
)
def test_another_code_is_none_of_ours_and_not_called_out_of_date(
    code: str, ours: str, over: str
) -> None:
    say = LANGUAGES[code].say
    for reason in (Reason.RECEIPT_UNREADABLE, Reason.UNKNOWN_ISSUER):
        wording = words.REASONS[reason]
        assert ours in say(wording.headline).lower()
        for sentence in (wording.headline, wording.visitor, wording.guard):
            assert over not in say(sentence).lower()
        assert ours in say(wording.visitor).lower()
    assert over in say(words.REASONS[Reason.EXPIRED].headline).lower()


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


def test_a_guard_and_an_officer_have_one_word_each_in_indonesian() -> None:
    (path,) = [one for one in catalogue_files() if one.parent.parent.name == "id"]
    meant = {"penjaga": r"guard|person|shift", "petugas": r"officer|staff", "satpam": r"$^"}
    for message in read(path):
        for word, english in meant.items():
            if word in str(message.string).lower():
                assert re.search(english, str(message.id).lower()), message.string


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
