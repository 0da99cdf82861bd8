"""Templates take what their contexts give, and nothing that the page's policy forbids."""

from __future__ import annotations

import re
from dataclasses import fields
from zipfile import ZipFile

import pytest
import tablericons
from jinja2 import meta

from dashboard.app import STATIC
from dashboard.contexts.camera import CameraPage, CameraPart
from dashboard.contexts.gate import ElsewherePage
from dashboard.contexts.guard import GateChoice, GateLivePart, GatePage
from dashboard.contexts.help import HelpPage
from dashboard.contexts.kiosk import KioskPage, KioskPart
from dashboard.contexts.mode import ModePage
from dashboard.contexts.outcomes import OutcomesPage
from dashboard.contexts.public import PublicPage, ReceiptShown
from dashboard.contexts.room import DashboardPage, DayPart, EntryPart, RoomPart
from dashboard.contexts.shell import LoginPage, MessagePage
from dashboard.contexts.thermal import ThermalPage, ThermalPart
from dashboard.contexts.thermometer import ThermometerPage, ThermometerPart, ThermometerReport
from dashboard.rendering import TEMPLATES, make_environment

CONTEXTS = {
    "login.html": LoginPage,
    "message.html": MessagePage,
    "gate/choose.html": GateChoice,
    "gate/console.html": GatePage,
    "gate/elsewhere.html": ElsewherePage,
    "gate/stream.html": GateLivePart,
    "gate/live.html": GateLivePart,
    "gate/occupancy.html": GateLivePart,
    "gate/camera.html": CameraPage,
    "gate/camera_live.html": CameraPart,
    "gate/thermometer.html": ThermometerPage,
    "gate/thermometer_live.html": ThermometerPart,
    "gate/thermometer_report.html": ThermometerReport,
    "gate/thermal.html": ThermalPage,
    "gate/thermal_live.html": ThermalPart,
    "help/guard.html": HelpPage,
    "kiosk/page.html": KioskPage,
    "kiosk/elsewhere.html": ElsewherePage,
    "kiosk/live.html": KioskPart,
    "dashboard/page.html": DashboardPage,
    "dashboard/room.html": RoomPart,
    "dashboard/entry.html": EntryPart,
    "dashboard/day.html": DayPart,
    "dashboard/mode.html": ModePage,
    "dashboard/outcomes.html": OutcomesPage,
    "public/home.html": PublicPage,
    "public/receipt.html": ReceiptShown,
}
GLOBALS = {"_", "gettext", "ngettext", "icon"}
ALL = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))


def names_in(template: str) -> set[str]:
    """The names a template and what it includes expect, without the macros it brings along."""
    source = (TEMPLATES / template).read_text(encoding="utf-8")
    wanted = meta.find_undeclared_variables(make_environment().parse(source)) - GLOBALS
    for parent in re.findall(r'{% (?:extends|include) "([^"]+)"', source):
        wanted |= names_in(parent)
    macros = set(re.findall(r"{% macro (\w+)", source))
    imported = set(re.findall(r'{% from "[^"]+" import (\w+)', source))
    imported |= set(re.findall(r"{% set (\w+) =", source))
    loops = set(re.findall(r"{% for (\w+) in", source))
    return wanted - macros - imported - loops - {"mark"}


@pytest.mark.parametrize("name", sorted(CONTEXTS))
def test_a_template_uses_all_of_its_context_and_nothing_else(name: str) -> None:
    given = {field.name for field in fields(CONTEXTS[name])}
    assert names_in(name) <= given
    if name not in {"gate/live.html", "gate/occupancy.html"}:  # parts of gate/stream.html
        assert given - names_in(name) <= {"shell"}


def test_every_page_has_a_context() -> None:
    shared = {"base.html"} | {name for name in ALL if name.startswith("parts/")}
    assert set(ALL) - shared == set(CONTEXTS)


@pytest.mark.parametrize("name", ALL)
def test_no_template_needs_what_the_policy_forbids(name: str) -> None:
    source = (TEMPLATES / name).read_text(encoding="utf-8")
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
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        for icon in re.findall(r'icon\("([a-z0-9-]+)"', source):
            assert f"outline/{icon}.svg" in known, f"{icon} in {name}"


def test_every_picture_a_verdict_names_is_drawn() -> None:
    from dashboard.words import READY, REASONS

    source = (TEMPLATES / "parts/pictures.html").read_text(encoding="utf-8")
    drawn = set(re.findall(r'name == "(\w+)"', source)) | {"closed"}
    assert {wording.picture for wording in (READY, *REASONS.values())} <= drawn


def test_every_stylesheet_and_script_that_is_asked_for_is_there() -> None:
    for name in ALL:
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        for address in re.findall(r'"/static/([^"]+)"', source):
            assert (STATIC / address).is_file()
    for script in STATIC.glob("*.js"):
        for address in re.findall(r'from "\./([^"]+)"', script.read_text(encoding="utf-8")):
            assert (STATIC / address).is_file()


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
    source = (STATIC / "base.css").read_text(encoding="utf-8")
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
