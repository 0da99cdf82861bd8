"""Every device of every gate as it is now, with what to do; and which screens are open."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import around
from dashboard.admin.counters import screens_of
from dashboard.admin.device_words import NEEDS_SOMEBODY, DeviceWords
from dashboard.admin.place_contexts import DevicesPage, GateDevices, OpenLine
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.gate.words import gate_words_of
from dashboard.web.open_screens import open_screens_of
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.errors import NotOwner, UnknownGate

router = APIRouter(prefix="/admin/devices", include_in_schema=False)


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """All of it; nothing is measured for this page."""
    office, renderer = office_of(request), renderer_of(request)
    words = DeviceWords(renderer.language(request), office)
    gates = tuple(_gate(request, words, name) for name in office.gates.names())
    wrong = sum(one.state in NEEDS_SOMEBODY for gate in gates for one in gate.devices)
    is_wired = any(one.state != "absent" for gate in gates for one in gate.devices)
    context = DevicesPage(
        shell=renderer.shell(request),
        around=around(request),
        summary=words.summary(
            wrong, elsewhere=sum(not gate.is_here for gate in gates), is_wired=is_wired
        ),
        is_fine=wrong == 0,
        gates=gates,
        screens=tuple(_screens(request, words)),
    )
    return renderer.page(request, "admin/devices.html", context)


def _gate(request: Request, words: DeviceWords, name: str) -> GateDevices:
    office = office_of(request)
    title = office.facts.current().gate_titles.get(name, name)
    try:
        view = office.gates.get(name).view()
    except NotOwner as error:
        away = gate_words_of(request).elsewhere(error, "/admin/devices")
        return GateDevices(name=name, title=title, is_here=False, runs=away.words, link=away.link)
    except UnknownGate:  # it was taken away meanwhile
        return GateDevices(name=name, title=title, is_here=False, runs="", link=None)
    configured = next((one for one in office.settings.gates if one.name == name), None)
    cards = (words.card(view, device, configured) for device in view.devices)
    return GateDevices(
        name=name,
        title=title,
        is_here=True,
        runs="",
        link=None,
        devices=tuple(sorted(cards, key=lambda one: one.state not in NEEDS_SOMEBODY)),
    )


def _screens(request: Request, words: DeviceWords) -> Iterable[OpenLine]:
    """Every display, kiosk and counter; a counter's page is open where an officer works."""
    seen, say = open_screens_of(request).seen(), words.language.say
    for screen in screens_of(request, {}):
        if screen.kind != "sign":  # it asks now and then, and is open nowhere
            path = screen.path
            yield words.screen(screen.kind, screen.title, path, seen.get(path))
    for counter in office_of(request).facts.current().counters.values():
        title = say(N_("Counter %(counter)s")) % {"counter": counter.place}
        path = f"/counter/{counter.name}"
        yield words.screen("counter", title, path, seen.get(path))
