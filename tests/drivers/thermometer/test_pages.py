"""The documentation page of each model: what it must hold, and that its examples are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.commands.thermometer_capture import sentence
from drivers.thermometer.models import MODELS, decode_stream

DOCS = Path(__file__).parents[3] / "docs"
PAGES = {path.stem: path.read_text("utf-8") for path in (DOCS / "thermometers").glob("*.md")}
VARIANTS = {
    "gy-mcu90615": "gy-mcu90614",
    "optris-hs": "optris",
    "optris-burst": "optris",
}
EXAMPLE = re.compile(
    r"```bash\nprintf '([^']*)' \| gerbang thermometer decode - --model (\S+)\n```\n\n"
    r"```text\n(.*?)```\n",
    re.DOTALL,
)
EXAMPLES = [
    pytest.param(*found.groups(), id=f"{page}-{number}")
    for page, text in sorted(PAGES.items())
    for number, found in enumerate(EXAMPLE.finditer(text))
]


def test_every_model_has_a_page_and_is_in_the_list_of_devices() -> None:
    assert {VARIANTS.get(name, name) for name in MODELS} == set(PAGES)
    devices = (DOCS / "devices.md").read_text("utf-8")
    assert all(f"`{name}`" in devices for name in MODELS)
    assert all(f"(thermometers/{page}.md)" in devices for page in PAGES)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_tells_wires_a_command_to_try_a_place_and_figures(page: str) -> None:
    text = PAGES[page]
    heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert {"Wiring", "Try it", "Where to mount it", "Figures"} <= set(heads)
    assert f"gerbang thermometer watch --model {page} --port" in text
    assert "8N1" in text or page == "senxor"  # which has a USB plug and nothing to set
    assert "Not tried on real hardware yet" in text
    assert "60 cm" in text or "gy-mcu90614.md#what-it-sees" in text
    assert EXAMPLE.search(text)


@pytest.mark.parametrize(("octets", "model", "told"), EXAMPLES)
def test_an_example_on_a_page_prints_what_the_page_says(octets: str, model: str, told: str) -> None:
    wire = octets.encode("ascii").decode("unicode_escape").encode("latin-1")
    printed = [sentence(item) for item in decode_stream(model, [wire])]
    assert printed == told.splitlines()
