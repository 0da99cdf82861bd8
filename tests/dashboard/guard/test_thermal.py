"""The thermal picture on the guard's page: for whom, how fresh, and why there is no value."""

from __future__ import annotations

import numpy as np
import pytest
from fastapi.testclient import TestClient

from dashboard.web.gate.thermal_refusals import MEASURED, REFUSALS
from dashboard.web.language import Languages
from screening.gate.thermal import STALE_AFTER_S, ThermalSight, ThermalView
from screening.readings import ThermalPicture
from screening.temperature.array import Refusal
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import FakeGateControl, FakeOffice, view_of

PAGE = "/gate/utama"
PICTURE = f"{PAGE}/thermal.png"


def array_sees(fake: FakeOffice, *, seconds_ago: float = 0.0) -> ThermalSight:
    """A person of 36 degC before the array of the gate "utama", in one picture."""
    sight = ThermalSight()
    celsius = np.full((24, 32), 26, np.float32)
    celsius[8:16, 12:20] = 34.0
    celsius[11, 14] = 36.0
    sight.take(ThermalPicture(celsius, 30.0, fake.clock.monotonic_s() - seconds_ago))
    object.__setattr__(
        fake.office, "thermal_sight", lambda gate: sight if gate == "utama" else None
    )
    return sight


def seen(*refusals: Refusal) -> ThermalView:
    return ThermalView(rows=24, columns=32, refusals=refusals, follows_face=True)


def test_the_newest_picture_is_a_png_that_nobody_keeps(guard: TestClient, fake: FakeOffice) -> None:
    array_sees(fake)
    answer = guard.get(PICTURE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"\x89PNG")


def test_without_an_array_or_with_an_old_picture_there_is_none(
    guard: TestClient, fake: FakeOffice
) -> None:
    assert guard.get(PICTURE).status_code == 204
    array_sees(fake, seconds_ago=STALE_AFTER_S + 1)
    assert guard.get(PICTURE).status_code == 204


def test_it_is_for_guards_only(client: TestClient, logged_in: Browse, fake: FakeOffice) -> None:
    array_sees(fake)
    assert client.get(PICTURE).status_code == 401
    assert logged_in("rina").get(PICTURE).status_code == 403
    assert logged_in("admin").get(PICTURE).status_code == 200
    assert logged_in("budi").get("/gate/loteng/thermal.png").status_code == 404


def test_the_guards_page_shows_it_with_its_scale(guard: TestClient, gate: FakeGateControl) -> None:
    assert guard.get(PAGE).context["live"].thermal is None
    assert 'data-camera="/gate/utama/thermal.png"' not in guard.get(PAGE).text
    gate.shown = view_of("utama", thermal=seen())
    answer = guard.get(PAGE)
    assert 'data-camera="/gate/utama/thermal.png"' in answer.text
    thermal = answer.context["live"].thermal
    assert thermal.state == "measured"
    assert thermal.scale.ticks == ((0, "24"), (25, "28"), (50, "32"), (75, "36"), (100, "40"))
    assert "titik terpanas di dalam garis" in answer.text


@pytest.mark.parametrize("refusal", Refusal)
def test_every_reason_for_no_value_is_told_with_what_to_do(
    guard: TestClient, gate: FakeGateControl, refusal: Refusal
) -> None:
    gate.shown = view_of("utama", thermal=seen(refusal))
    answer = guard.get(PAGE)
    thermal = answer.context["live"].thermal
    assert thermal.state in {"none", "fault"}
    assert thermal.words in answer.text
    assert thermal.act in answer.text


def test_of_several_reasons_the_first_to_act_on_is_told(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of("utama", thermal=seen(Refusal.TOO_FEW_PIXELS, Refusal.OUTSIDE_ARRAY))
    thermal = guard.get(PAGE).context["live"].thermal
    assert thermal.state == "none"
    assert "belum seluruhnya" in thermal.words
    gate.shown = view_of("utama", thermal=seen(Refusal.STUCK_COLUMN_AT_MAXIMUM))
    assert guard.get(PAGE).context["live"].thermal.state == "fault"


@pytest.mark.parametrize("code", ["id", "en"])
def test_all_of_it_is_said_in_both_languages(code: str) -> None:
    say = Languages()[code].say
    for sentence in (MEASURED, *(text for w in REFUSALS.values() for text in (w.why, w.act))):
        assert (say(sentence) == sentence) is (code == "en")
