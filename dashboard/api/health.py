"""``/healthz``, ``/readyz`` and ``/metrics``: for whoever keeps the office running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from pydantic import BaseModel

from dashboard.api.problems import described
from dashboard.web.auth import office_of, threads_of
from dashboard.web.office import Office
from screening.alerts.alerts import AlertKind, AlertState
from screening.decision import Reason
from screening.errors import NotOwner, RecordError
from screening.figures.roll_ups import FiguresRun
from screening.figures.told_waits import last_weeks
from screening.gate.commands import GateControl, Gates
from screening.gate.view import GateView
from screening.readings import DeviceKind

router = APIRouter(tags=["operation"])


class OpenMetrics(Response):
    """Text for a collector (https://prometheus.io/docs/specs/om/open_metrics_spec/)."""

    media_type = CONTENT_TYPE_LATEST


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
    families = [
        _gauge("gerbang_occupancy", "People inside now.", figures.occupancy),
        _gauge("gerbang_capacity", "People inside at most.", figures.capacity),
        _gauge("gerbang_admitted_today", "Admitted since the day began.", figures.admitted),
        _gauge("gerbang_refused_today", "Turned away since the day began.", figures.denied),
        _gauge("gerbang_referred_today", "Referred since the day began.", figures.referred),
        _gauge("gerbang_waiting_outside", "People waiting outside.", figures.waiting_outside),
        _refused_by_reason(figures.denied_by_reason),
        *_of_waits(office),
        *_of_gates(office, await _elsewhere(request)),
        *_of_backups(office),
        _of_alerts(office),
        *_of_figures(office.roll_ups.newest_run()),
    ]
    # A registry of its own: the library's common one also tells of the process and the platform.
    registry = CollectorRegistry()
    registry.register(_Collected(families))
    # The library annotates its collectors, but not the function that writes them.
    return OpenMetrics(generate_latest(registry))  # type: ignore[no-untyped-call]


class _Collected(Collector):
    """Families that were gathered already, for one answer."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def _refused_by_reason(denied_by_reason: Mapping[Reason | str, int]) -> Metric:
    family = GaugeMetricFamily(
        "gerbang_refused_today_by_reason", "Turned away since the day began.", labels=["reason"]
    )
    for reason, count in sorted(denied_by_reason.items()):
        family.add_metric([reason], count)
    return family


def _of_gates(office: Office, elsewhere: list[NotOwner]) -> list[Metric]:
    """Who runs each gate; how the devices of those that run here do."""
    each_gate, each_device = ["gate"], ["gate", "device"]
    owned = GaugeMetricFamily(
        "gerbang_gate_owned", "Whether this process runs the gate.", labels=each_gate
    )
    available = GaugeMetricFamily(
        "gerbang_device_available", "Whether the device answers.", labels=each_device
    )
    faults = CounterMetricFamily(
        "gerbang_device_faults", "Things sent that are no reading.", labels=each_device
    )
    judged = CounterMetricFamily(
        "gerbang_pictures_judged", "Pictures the mask check looked at.", labels=each_device
    )
    for _, view in _gates(office):
        owned.add_metric([view.gate], 1)
        for device in view.devices:
            if not device.is_configured:
                continue
            labels = [view.gate, device.kind]
            available.add_metric(labels, int(device.is_available))
            faults.add_metric(labels, device.faults)
            if device.kind is DeviceKind.CAMERA:
                judged.add_metric(labels, office.pictures_judged(view.gate))
    for error in elsewhere:
        owned.add_metric([error.gate], 0)
    return [owned, available, faults, judged]


def _of_waits(office: Office) -> list[Metric]:
    """How often the waits told in the last four weeks held; nothing before that is known."""
    held = last_weeks(office.waits.held)
    if not held:
        return []
    told = GaugeMetricFamily(
        "gerbang_waits_told",
        "Told waits of the last four weeks that were compared with the call.",
        labels=["service"],
    )
    ratio = GaugeMetricFamily(
        "gerbang_waits_held_ratio", "Which share of them held; 0.8 is aimed at.", labels=["service"]
    )
    for service, one in held.items():
        told.add_metric([service or "all"], one.told)
        ratio.add_metric([service or "all"], one.rate)
    return [told, ratio]


def _of_backups(office: Office) -> list[Metric]:
    """When the newest daily backup was made, 0 for never; nothing where none are made."""
    state = office.backups()
    if state is None:
        return []
    made = 0 if state.newest is None else round(state.newest.timestamp())
    is_fine = int(state.problem is None and not state.is_old(office.clock.now()))
    return [
        _gauge("gerbang_backup_timestamp_seconds", "When the newest backup was made.", made),
        _gauge("gerbang_backup_fine", "Whether it is newer than 36 hours.", is_fine),
    ]


def _of_alerts(office: Office) -> Metric:
    """How many are open, of every kind there is: an absent one would look like a lost collector."""
    open_alerts = Counter((str(one.kind), one.state) for one in office.alerts.current())
    family = GaugeMetricFamily(
        "gerbang_alerts", "What needs somebody now.", labels=["kind", "state"]
    )
    kinds = {str(kind) for kind in AlertKind} | {kind for kind, _ in open_alerts}
    for kind in sorted(kinds):
        for state in (AlertState.TOLD, AlertState.ACKNOWLEDGED):
            family.add_metric([kind, state], open_alerts[kind, state])
    return family


def _of_figures(run: FiguresRun | None) -> list[Metric]:
    """When the kept figures were last compared with the log; nothing before the first night."""
    if run is None:
        return []
    ended = round(run.ended.timestamp())
    return [
        _gauge("gerbang_figures_run_timestamp_seconds", "When the nightly run ended.", ended),
        _gauge("gerbang_figures_days_checked", "Days it compared with the log.", run.checked),
        _gauge("gerbang_figures_days_differing", "Days that differed.", run.differing),
    ]


def _gauge(name: str, text: str, value: int) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


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
