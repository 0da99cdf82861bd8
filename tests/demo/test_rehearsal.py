"""Visitors of a rehearsal: they come to every gate that the configuration describes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from dashboard.bootstrap import RunningOffice
from dashboard.demo.rehearsal import rehearsal
from screening.clock import SystemClock
from screening.decision import DecisionKind
from screening.gate.view import GateView
from screening.settings import (
    BarrierSettings,
    GateSettings,
    ScannerSettings,
    Settings,
    ThermometerSettings,
)

PATIENCE_S = 60.0
LOOK_S = 0.2
DESCRIBED = (
    GateSettings(
        name="utama",
        checks=("receipt",),
        scanner=ScannerSettings(model="gm65", port="/dev/not-there"),
        barrier=BarrierSettings(model="lcus-1", usb="1a86:7523"),
    ),
    GateSettings(
        name="suhu",
        checks=("receipt", "temperature"),
        thermometer=ThermometerSettings(
            model="modbus", port="/dev/not-there", register_map="/a/map/of/this/site.toml"
        ),
        scanner=ScannerSettings(model="gm65", port="/dev/not-there"),
    ),
)


async def until(running: RunningOffice, gate: str, happened: Callable[[GateView], bool]) -> None:
    control = running.gates.get(gate)
    news = running.hub.subscribe()
    async with asyncio.timeout(PATIENCE_S):
        while not happened(control.view()):
            await news.next(LOOK_S)
    news.close()


def is_admitted(view: GateView) -> bool:
    return view.verdict is not None and view.verdict.kind is DecisionKind.ADMIT


def test_a_visitor_is_scanned_measured_and_let_in_at_every_gate(tmp_path: Path) -> None:
    settings, clock = Settings(data=tmp_path / "office", gates=DESCRIBED), SystemClock()
    with (
        rehearsal(settings, clock) as rehearsed,
        RunningOffice.open(rehearsed.settings, clock=clock, cameras=rehearsed.cameras) as running,
    ):
        for gate in ("utama", "suhu"):
            asyncio.run(
                until(
                    running,
                    gate,
                    lambda view: all(one.is_available for one in view.devices if one.is_configured),
                )
            )
        told = rehearsed.visit(running)
        for gate in ("utama", "suhu"):
            asyncio.run(until(running, gate, is_admitted))
            assert f"gate {gate}: receipt " in told
        folder = rehearsed.settings.data
        assert folder.exists()
    assert not folder.exists()
    assert not settings.data.exists()
