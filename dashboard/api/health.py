"""``/healthz``, ``/readyz`` and ``/metrics``: for whoever keeps the office running."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from dashboard.api.problems import described
from dashboard.web.auth import office_of, threads_of
from dashboard.web.office import Office
from screening.errors import NotOwner, RecordError
from screening.gate.commands import GateControl, Gates
from screening.gate.view import DeviceView, GateView
from screening.readings import DeviceKind

router = APIRouter(tags=["operation"])


class OpenMetrics(Response):
    """Text for a collector (https://prometheus.io/docs/specs/om/open_metrics_spec/)."""

    media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"


class DeviceReady(BaseModel):
    """One device; an unconfigured one is done by hand for good.

    ``trouble``: *echo*, the adapter echoes; *flood*, it sends more than anybody can show;
    *poster*, a code that is no receipt stays before it.
    """

    configured: bool
    available: bool
    since: datetime
    last_error: str | None
    faults: int
    trouble: str | None = None


class GateReady(BaseModel):
    """One gate; ``manual`` means that the guard does a missing device's work.

    ``elsewhere`` means that another process runs it, at ``owner`` where that is known, or none.
    ``busy_since``: it is in one piece of work that takes long; the disk or the database may hang.
    """

    mode: str
    clock_warning: str | None
    busy_since: datetime | None
    devices: dict[str, DeviceReady]
    owner: str | None = None


class Ready(BaseModel):
    """The record answers; the gates and their devices."""

    status: str
    gates: dict[str, GateReady]


@router.get("/healthz")
async def healthz() -> Alive:
    """The process is alive."""
    return Alive()


@router.get("/readyz", responses=described(503))
async def readyz(request: Request) -> Ready:
    """The record can be read (503 otherwise), and how each device does."""
    office = office_of(request)
    office.figures()
    since = office.room.down_since()
    if since is not None:
        raise RecordError(f"The record could not be read since {since.isoformat()}.")
    elsewhere = await _elsewhere(request)
    return Ready(
        status="ready",
        gates={
            error.gate: GateReady(
                mode="elsewhere",
                clock_warning=None,
                busy_since=None,
                devices={},
                owner=error.address,
            )
            for error in elsewhere
        }
        | {
            view.gate: GateReady(
                mode=view.mode,
                clock_warning=view.clock_warning,
                busy_since=control.busy_since(),
                devices={
                    device.kind: DeviceReady(
                        configured=device.is_configured,
                        available=device.is_available,
                        since=device.since,
                        last_error=device.last_error,
                        faults=device.faults,
                        trouble=device.trouble,
                    )
                    for device in view.devices
                },
            )
            for control, view in _gates(office)
        },
    )


@router.get("/metrics", response_class=OpenMetrics, responses=described(503))
async def metrics(request: Request) -> Response:
    """The same numbers for a collector, as OpenMetrics text."""
    office = office_of(request)
    figures = office.figures()
    lines = [
        *_gauge("gerbang_occupancy", "People inside now.", figures.occupancy),
        *_gauge("gerbang_capacity", "People inside at most.", figures.capacity),
        *_gauge("gerbang_admitted_today", "Admitted since the day began.", figures.admitted),
        *_gauge("gerbang_refused_today", "Turned away since the day began.", figures.denied),
        *_gauge("gerbang_referred_today", "Referred since the day began.", figures.referred),
        *_gauge("gerbang_waiting_outside", "People waiting outside.", figures.waiting_outside),
        *_family("gerbang_refused_today_by_reason", "gauge", "Turned away since the day began."),
        *(
            f'gerbang_refused_today_by_reason{{reason="{_escaped(reason)}"}} {count}'
            for reason, count in sorted(figures.denied_by_reason.items())
        ),
    ]
    here, elsewhere = _gates(office), await _elsewhere(request)
    lines += _family("gerbang_gate_owned", "gauge", "Whether this process runs the gate.")
    lines += [f'gerbang_gate_owned{{gate="{view.gate}"}} 1' for _, view in here]
    lines += [f'gerbang_gate_owned{{gate="{error.gate}"}} 0' for error in elsewhere]
    devices = [(view.gate, device) for _, view in here for device in view.devices]
    lines += _family("gerbang_device_available", "gauge", "Whether the device answers.")
    lines += [
        f"gerbang_device_available{_labels(gate, device)} {int(device.is_available)}"
        for gate, device in devices
        if device.is_configured
    ]
    lines += _family("gerbang_device_faults", "counter", "Things sent that are no reading.")
    lines += [
        f"gerbang_device_faults_total{_labels(gate, device)} {device.faults}"
        for gate, device in devices
        if device.is_configured
    ]
    lines += _family("gerbang_pictures_judged", "counter", "Pictures the mask check looked at.")
    lines += [
        f"gerbang_pictures_judged_total{_labels(gate, device)} {office.pictures_judged(gate)}"
        for gate, device in devices
        if device.is_configured and device.kind is DeviceKind.CAMERA
    ]
    lines += _backups(office)
    return OpenMetrics("\n".join([*lines, "# EOF", ""]))


def _backups(office: Office) -> list[str]:
    """When the newest daily backup was made, 0 for never; nothing where none are made."""
    state = office.backups()
    if state is None:
        return []
    made = 0 if state.newest is None else round(state.newest.timestamp())
    is_fine = int(state.problem is None and not state.is_old(office.clock.now()))
    return [
        *_gauge("gerbang_backup_timestamp_seconds", "When the newest backup was made.", made),
        *_gauge("gerbang_backup_fine", "Whether it is newer than 36 hours.", is_fine),
    ]


def _gates(office: Office) -> list[tuple[GateControl, GateView]]:
    """The gates that run here, each with its newest view."""
    running = [office.gates.running(name) for name in office.gates.names()]
    return [(control, control.view()) for control in running if control is not None]


async def _elsewhere(request: Request) -> list[NotOwner]:
    """Why the other gates are not here; the record tells who runs them."""
    gates = office_of(request).gates
    others = [name for name in gates.names() if gates.running(name) is None]
    return await threads_of(request).ask(partial(_not_owned, gates, others)) if others else []


def _not_owned(gates: Gates, names: list[str]) -> list[NotOwner]:
    found = []
    for name in names:
        try:
            gates.get(name)
        except NotOwner as error:
            found.append(error)
    return found


def _labels(gate: str, device: DeviceView) -> str:
    return f'{{gate="{gate}",device="{device.kind}"}}'


def _escaped(label: str) -> str:
    """A label's value as OpenMetrics writes it; a newer version's reason may be any text."""
    return label.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _family(name: str, kind: str, text: str) -> list[str]:
    return [f"# TYPE {name} {kind}", f"# HELP {name} {text}"]


def _gauge(name: str, text: str, value: int) -> list[str]:
    return [*_family(name, "gauge", text), f"{name} {value}"]
