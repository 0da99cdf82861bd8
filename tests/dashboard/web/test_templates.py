"""Templates take what their contexts give, and nothing that the page's policy forbids."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from importlib.util import cache_from_source
from pathlib import Path
from zipfile import ZipFile

import pytest
import tablericons
from jinja2 import meta

from dashboard.admin.backup_contexts import BackupPage, BackupWork
from dashboard.admin.closing_contexts import ClosingLook, ClosingPage
from dashboard.admin.contexts import ChangesPage, LookPage, OfficePage
from dashboard.admin.hours_contexts import HoursPage
from dashboard.admin.own_words_contexts import WordsPage
from dashboard.admin.people_contexts import KeysPage, PeoplePage, PersonPage, SecretPage
from dashboard.admin.place_contexts import (
    CountersPage,
    DevicesPage,
    GatesPage,
    ModesPage,
    TokenPage,
)
from dashboard.admin.privacy_contexts import PrivacyPage
from dashboard.admin.seat_contexts import SeatsPage
from dashboard.admin.service_contexts import ServicePage, ServicesPage
from dashboard.app import SECTIONS, WEB
from dashboard.counter.contexts import CounterChoice, CounterPage, CounterPart
from dashboard.desk.contexts import (
    CallList,
    DeskBook,
    DeskHome,
    DeskReceipt,
    DeskServices,
    DeskSurvey,
    SlipPart,
)
from dashboard.display.contexts import DisplayPage, DisplayPart
from dashboard.first_start.contexts import (
    BeginPage,
    DonePage,
    GatesStep,
    HoursStep,
    OfficeStep,
    ReceiptStep,
    SeatsStep,
    ServicesStep,
)
from dashboard.guard.contexts import GateChoice, GateLivePart, GatePage
from dashboard.guard.help_words import HelpPage
from dashboard.kiosk.contexts import KioskPage, KioskPart, SurveyKiosk
from dashboard.manager.history_contexts import HistoryPage
from dashboard.manager.log_contexts import LogEntryPage, LogPage
from dashboard.manager.mode_contexts import ModePage
from dashboard.manager.plan_contexts import PlanLookPage, PlanPage, PlanProgress
from dashboard.manager.room_contexts import AlertsPart, DashboardPage, DayPart, EntryPart, RoomPart
from dashboard.manager.survey_contexts import SurveyPage
from dashboard.manager.temperature_contexts import OutcomesPage
from dashboard.setup.camera_contexts import CameraPage, CameraPart
from dashboard.setup.thermal_contexts import ThermalPage, ThermalPart
from dashboard.setup.thermometer.contexts import ThermometerPage, ThermometerPart, ThermometerReport
from dashboard.training.contexts import LessonPage, LessonsPage
from dashboard.visitor.receipt_contexts import (
    ReceiptData,
    ReceiptLivePart,
    ReceiptMove,
    ReceiptShown,
    ReceiptSurvey,
)
from dashboard.visitor.register_contexts import (
    RegisterCheck,
    RegisterDay,
    RegisterDetails,
    RegisterDone,
    RegisterServices,
    RegisterTold,
)
from dashboard.visitor.status_contexts import Badge, NowPart, PublicPage, SignPage, SignPart
from dashboard.visitor.turn import TurnPart
from dashboard.web import rendering
from dashboard.web.account_contexts import (
    AccountPage,
    CodePage,
    JoinPage,
    PasskeyPage,
    RecoveryPage,
    SetUpPage,
)
from dashboard.web.gate.contexts import ElsewherePage
from dashboard.web.rendering import make_environment
from dashboard.web.shell import LoginPage, MessagePage

CONTEXTS = {
    "admin/backup.html": BackupPage,
    "admin/backup_work.html": BackupWork,
    "admin/changes.html": ChangesPage,
    "admin/counters.html": CountersPage,
    "admin/devices.html": DevicesPage,
    "admin/gates.html": GatesPage,
    "admin/hours.html": HoursPage,
    "admin/look.html": LookPage,
    "admin/mode.html": ModesPage,
    "admin/office.html": OfficePage,
    "admin/seats.html": SeatsPage,
    "admin/service.html": ServicePage,
    "admin/services.html": ServicesPage,
    "admin/token.html": TokenPage,
    "admin/words.html": WordsPage,
    "login.html": LoginPage,
    "login_code.html": CodePage,
    "passkey.html": PasskeyPage,
    "second_factor.html": SetUpPage,
    "recovery_codes.html": RecoveryPage,
    "account.html": AccountPage,
    "join.html": JoinPage,
    "admin/people.html": PeoplePage,
    "admin/closing.html": ClosingPage,
    "admin/closing_look.html": ClosingLook,
    "desk/closing.html": CallList,
    "admin/person.html": PersonPage,
    "admin/keys.html": KeysPage,
    "admin/secret.html": SecretPage,
    "message.html": MessagePage,
    "first_start/begin.html": BeginPage,
    "first_start/office.html": OfficeStep,
    "first_start/hours.html": HoursStep,
    "first_start/services.html": ServicesStep,
    "first_start/seats.html": SeatsStep,
    "first_start/gates.html": GatesStep,
    "first_start/receipt.html": ReceiptStep,
    "first_start/done.html": DonePage,
    "guard/choose.html": GateChoice,
    "guard/console.html": GatePage,
    "elsewhere.html": ElsewherePage,
    "guard/stream.html": GateLivePart,
    "guard/live.html": GateLivePart,
    "guard/occupancy.html": GateLivePart,
    "setup/camera.html": CameraPage,
    "setup/camera_live.html": CameraPart,
    "setup/thermometer.html": ThermometerPage,
    "setup/thermometer_live.html": ThermometerPart,
    "setup/thermometer_report.html": ThermometerReport,
    "setup/thermal.html": ThermalPage,
    "setup/thermal_live.html": ThermalPart,
    "guard/help.html": HelpPage,
    "kiosk/page.html": KioskPage,
    "kiosk/survey.html": SurveyKiosk,
    "desk/survey.html": DeskSurvey,
    "manager/survey.html": SurveyPage,
    "training/lesson.html": LessonPage,
    "training/lessons.html": LessonsPage,
    "visitor/receipt_survey.html": ReceiptSurvey,
    "visitor/receipt_data.html": ReceiptData,
    "admin/privacy.html": PrivacyPage,
    "kiosk/elsewhere.html": ElsewherePage,
    "kiosk/live.html": KioskPart,
    "manager/page.html": DashboardPage,
    "manager/room.html": RoomPart,
    "manager/entry.html": EntryPart,
    "manager/day.html": DayPart,
    "manager/alerts.html": AlertsPart,
    "manager/log.html": LogPage,
    "manager/log_entry.html": LogEntryPage,
    "manager/mode.html": ModePage,
    "manager/plan.html": PlanPage,
    "manager/plan_progress.html": PlanProgress,
    "manager/plan_look.html": PlanLookPage,
    "manager/temperature.html": OutcomesPage,
    "manager/history.html": HistoryPage,
    "desk/home.html": DeskHome,
    "desk/services.html": DeskServices,
    "desk/book.html": DeskBook,
    "desk/receipt.html": DeskReceipt,
    "desk/slip.html": SlipPart,
    "counter/page.html": CounterPage,
    "counter/live.html": CounterPart,
    "counter/choose.html": CounterChoice,
    "display/page.html": DisplayPage,
    "display/live.html": DisplayPart,
    "visitor/home.html": PublicPage,
    "visitor/now.html": NowPart,
    "visitor/sign.html": SignPage,
    "visitor/sign_live.html": SignPart,
    "visitor/badge.html": Badge,
    "visitor/receipt.html": ReceiptShown,
    "visitor/receipt_move.html": ReceiptMove,
    "visitor/receipt_live.html": ReceiptLivePart,
    "visitor/receipt_lost.html": ReceiptLivePart,
    "visitor/receipt_state.html": ReceiptLivePart,
    "visitor/receipt_now.html": ReceiptLivePart,
    "visitor/receipt_turn.html": TurnPart,
    "visitor/register_services.html": RegisterServices,
    "visitor/register_told.html": RegisterTold,
    "visitor/register_day.html": RegisterDay,
    "visitor/register_details.html": RegisterDetails,
    "visitor/register_check.html": RegisterCheck,
    "visitor/register_done.html": RegisterDone,
}
GLOBALS = {"_", "gettext", "ngettext", "icon"}
ENVIRONMENT = make_environment(**{section.name: section.templates for section in SECTIONS})
ALL = ENVIRONMENT.list_templates(extensions=["html"])
FILES = {
    str(path.relative_to(section.static)): path
    for section in (WEB, *SECTIONS)
    for path in section.static.rglob("*.*")
}


def source_of(template: str) -> str:
    """What is written in a template."""
    found = ENVIRONMENT.loader.get_source(ENVIRONMENT, template) if ENVIRONMENT.loader else None
    assert found is not None
    return found[0]


def names_in(template: str) -> set[str]:
    """The names a template and what it includes expect, without the macros it brings along."""
    source = source_of(template)
    wanted = meta.find_undeclared_variables(ENVIRONMENT.parse(source)) - GLOBALS
    for parent in re.findall(r'{% (?:extends|include) "([^"]+)"', source):
        wanted |= names_in(parent)
    macros = set(re.findall(r"{% macro (\w+)", source))
    lists = re.findall(r'{% from "[^"]+" import ([\w, ]+?) (?:with context )?%}', source)
    imported = {name.split(" as ")[-1].strip() for one in lists for name in one.split(",")}
    imported |= set(re.findall(r"{% set (\w+) =", source))
    loops = set(re.findall(r"{% for (\w+) in", source))
    return wanted - macros - imported - loops - {"mark"}


@pytest.mark.parametrize("name", sorted(CONTEXTS))
def test_a_template_uses_all_of_its_context_and_nothing_else(name: str) -> None:
    given = {field.name for field in fields(CONTEXTS[name])}
    assert names_in(name) <= given
    if name not in {"guard/live.html", "guard/occupancy.html"}:  # parts of gate/stream.html
        assert given - names_in(name) <= {"shell"}


def test_every_page_has_a_context() -> None:
    shared = {"base.html", "admin/frame.html", "admin/fields.html"} | {
        name for name in ALL if "parts/" in name
    }
    assert set(ALL) - shared == set(CONTEXTS)


@pytest.mark.parametrize("name", ALL)
def test_no_template_needs_what_the_policy_forbids(name: str) -> None:
    source = source_of(name)
    assert not re.search(r"\sstyle=", source)
    assert not re.search(r"\son\w+=", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", source)
    assert "|safe" not in source.replace(" ", "")


def test_every_icon_exists() -> None:
    folder = tablericons.__path__[0]
    with ZipFile(f"{folder}/tablericons.zip") as archive:
        known = set(archive.namelist())
    for name in ALL:
        source = source_of(name)
        for icon in re.findall(r'icon\("([a-z0-9-]+)"', source):
            assert f"outline/{icon}.svg" in known, f"{icon} in {name}"


def test_every_picture_a_verdict_names_is_drawn() -> None:
    from dashboard.web.words import READY, REASONS

    source = source_of("parts/pictures.html")
    drawn = set(re.findall(r'name == "(\w+)"', source)) | {"closed"}
    assert {wording.picture for wording in (READY, *REASONS.values())} <= drawn


def test_every_stylesheet_and_script_that_is_asked_for_is_there() -> None:
    for name in ALL:
        source = source_of(name)
        for address in re.findall(r'"/static/([^"]+)"', source):
            assert address in FILES
    for script in (path for name, path in FILES.items() if name.endswith(".js")):
        for address in re.findall(r'from "\./([^"]+)"', script.read_text(encoding="utf-8")):
            assert address in FILES


def test_no_two_files_of_the_pages_have_one_address() -> None:
    every = [path for section in (WEB, *SECTIONS) for path in section.static.rglob("*.*")]
    assert len(every) == len(FILES)


def test_a_template_is_compiled_once_and_anew_when_its_text_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "compiled"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    beside = Path(cache_from_source(rendering.__file__)).parent
    (tmp_path / "page.html").write_text("old")

    def page() -> str:
        """As a process draws it that has just begun."""
        return make_environment.__wrapped__(new=tmp_path).get_template("new/page.html").render()

    assert page() == "old", "also where nothing can be kept"
    beside.mkdir(parents=True)
    assert page() == "old"
    (kept,) = beside.iterdir()
    compiled = kept.stat().st_mtime_ns
    assert page() == "old"
    assert kept.stat().st_mtime_ns == compiled, "as it was kept"
    (tmp_path / "page.html").write_text("new")
    assert page() == "new"
    assert list(beside.iterdir()) == [kept], "in place of the old one"
    whole = kept.read_bytes()
    for damaged in (b"no bytecode", *(whole[:length] for length in range(len(whole)))):
        kept.write_bytes(damaged)
        assert page() == "new"


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colours(theme: int) -> dict[str, str]:
    """Name and value of each colour: 0 the light theme, 1 the dark one."""
    source = FILES["base.css"].read_text(encoding="utf-8")
    found = re.findall(
        r"--([a-z-]+): (?:light-dark\()?(#[0-9a-f]{6})(?:, (#[0-9a-f]{6})\))?;", source
    )
    return {name: (dark or light) if theme else light for name, light, dark in found}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((f"on-{state}", state) for state in ("admit", "fix", "wait", "refer", "deny", "ready")),
        ("ink", "paper"),
        ("ink", "surface"),
        ("ink", "sunk"),
        ("ink-soft", "paper"),
        ("ink-soft", "surface"),
        ("on-brand", "brand"),
        ("on-brand", "strong"),
        ("on-warn", "warn-ground"),
        ("on-bad", "bad-ground"),
        ("good", "surface"),
        ("bad", "surface"),
        ("good", "paper"),
        ("bad", "paper"),
        ("link", "paper"),
    ],
)
def test_words_stand_out_from_their_ground(ink: str, ground: str, theme: int) -> None:
    known = colours(theme)
    assert contrast(known[ink], known[ground]) >= 4.5
