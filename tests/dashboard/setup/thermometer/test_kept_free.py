"""A gate that is kept free while somebody is measured for its thermometer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from screening.decision import Check, DecisionKind, Reason
from screening.gate.commands import KeepFree, OpenAgain
from screening.gate.view import HoldView
from tests.dashboard.conftest import send
from tests.dashboard.fakes import NOON, FakeGateControl, FakeOffice, verdict, view_of
from tests.dashboard.setup.thermometer.page import PAGE, act

HOLD = HoldView(by="budi", until=NOON + timedelta(minutes=10), is_ending=False)


def asks_no_receipt(gate: FakeGateControl, hold: HoldView | None = None) -> None:
    """A gate at which whoever stands there is the next visitor."""
    checks = (Check.TEMPERATURE, Check.MASK)
    gate.shown = replace(gate.shown, checks_required=checks, hold=hold)


@pytest.mark.usefixtures("commissioned")
def test_where_no_receipt_is_asked_for_no_value_is_taken_before_the_gate_is_kept_free(
    guard: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    asks_no_receipt(gate)
    page = guard.get(PAGE)
    assert page.context["live"].must_be_kept_free
    assert "Kosongkan dulu gerbang" in page.text
    assert act(guard, "take", purpose="check").status_code == 409
    assert not fake.office.drafts.get("utama", now=NOON).taken

    assert act(guard, "keep-free").status_code == 303
    assert KeepFree(operator="budi") in gate.done
    asks_no_receipt(gate, HOLD)
    assert act(guard, "take", purpose="check").status_code == 303
    assert fake.office.drafts.get("utama", now=NOON).taken


@pytest.mark.usefixtures("commissioned")
def test_it_is_kept_free_for_longer_with_each_value(
    guard: TestClient, gate: FakeGateControl
) -> None:
    act(guard, "take", purpose="check")
    assert KeepFree(operator="budi") not in gate.done
    act(guard, "drop", purpose="check")
    gate.shown = replace(gate.shown, hold=HOLD)
    act(guard, "take", purpose="check")
    assert KeepFree(operator="budi") in gate.done


@pytest.mark.usefixtures("commissioned")
def test_the_page_says_who_keeps_it_free_and_how_it_ends(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = replace(gate.shown, hold=HOLD)
    page = guard.get(PAGE)
    assert "budi mengosongkan gerbang, paling lama sampai 12.10." in page.text
    act(guard, "open-again")
    assert gate.done[-1] == OpenAgain()

    gate.shown = replace(gate.shown, hold=replace(HOLD, is_ending=True))
    page = guard.get(PAGE)
    assert f"{PAGE}/open-again" not in page.text
    assert "Menjauhlah dari alat" in page.text


@pytest.mark.parametrize("path", ["/gate/utama", "/kiosk/utama"])
def test_guard_and_visitor_read_that_the_thermometer_is_being_checked(
    guard: TestClient, gate: FakeGateControl, path: str
) -> None:
    gate.shown = view_of("utama", hold=HOLD)
    page = guard.get(path)
    card = page.context["live"].verdict
    assert (card.state, card.attempt_id) == ("wait", None)
    assert "Termometer sedang diperiksa" in page.text
    assert "Mohon tunggu sebentar." in page.text

    guard.cookies.set("gerbang_language", "en")
    assert "Please wait a moment." in guard.get(path).text


def test_a_visitor_whose_receipt_was_scanned_meanwhile_is_told_to_wait(
    guard: TestClient, gate: FakeGateControl
) -> None:
    waits = verdict(DecisionKind.FIX, Reason.GUARD_MEASURES)
    gate.shown = view_of("utama", hold=HOLD, verdict=waits)
    card = guard.get("/gate/utama").context["live"].verdict
    assert (card.state, card.attempt_id) == ("wait", waits.attempt_id)

    gate.shown = view_of("utama", hold=HOLD, verdict=verdict(DecisionKind.DENY, Reason.EXPIRED))
    assert guard.get("/gate/utama").context["live"].verdict.state == "deny"


def test_the_guard_ends_it_from_the_gates_page(guard: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of("utama", hold=HOLD)
    assert 'action="/gate/utama/open-again"' in guard.get("/gate/utama").text
    send(guard, "/gate/utama", "/gate/utama/open-again")
    assert gate.done == [OpenAgain()]
