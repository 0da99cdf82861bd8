"""Desk: one person at the page of one gate's thermometer, and every answer that they may get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from dashboard.setup.thermometer.contexts import (
    ThermometerLive,
    ThermometerPage,
    ThermometerPart,
    Typed,
)
from dashboard.setup.thermometer.figures import FigureWords
from dashboard.setup.thermometer.page import NOTHING_TYPED, ThermometerWords
from dashboard.setup.thermometer.standing import Standing
from dashboard.web.auth import GateSession, ManagerSession, RoleRefused, check_form, office_of
from dashboard.web.gate.control import LIVE_HEADER, Control
from dashboard.web.language import Language
from dashboard.web.office import Office
from dashboard.web.rendering import renderer_of
from dashboard.web.typed_numbers import typed_number
from screening.accounts import Role, WebSession
from screening.gate.commands import GateControl, KeepFree
from screening.gate.view import GateView
from screening.temperature.instrument.commissioning import Commissioning
from screening.temperature.instrument.drafts import Draft, Purpose
from screening.temperature.window import CelsiusRange

PREFIX = "/gate/{gate}/thermometer"

WHERE = {Purpose.STAFF: "#step-staff", Purpose.STEPS: "#step-steady", Purpose.CHECK: "#check"}
"""The place on the page that belongs to a purpose."""


def form_routes() -> APIRouter:
    """A router for what changes something: each of its forms needs its token."""
    return APIRouter(prefix=PREFIX, include_in_schema=False, dependencies=[Depends(check_form)])


@dataclass(frozen=True, slots=True)
class Desk:
    """What is known and done where one person looks at one gate's thermometer."""

    request: Request
    session: WebSession
    control: GateControl

    @property
    def office(self) -> Office:
        """The collaborators."""
        return office_of(self.request)

    @property
    def language(self) -> Language:
        """What the person reads."""
        return renderer_of(self.request).language(self.request)

    @property
    def figures(self) -> FigureWords:
        """Writes what was measured."""
        return FigureWords(self.language, self.office.settings.site.zone)

    @property
    def can_commission(self) -> bool:
        """Whether the person may set a thermometer up."""
        return self.session.role in {Role.MANAGER, Role.ADMINISTRATOR}

    def require(self, purpose: Purpose) -> None:
        """Everybody here may check. Raises RoleRefused for the rest of who may not set up."""
        if purpose is not Purpose.CHECK and not self.can_commission:
            raise RoleRefused(self.session.role)

    def change(self, change: Callable[[Draft], Draft]) -> Draft:
        """The draft of this gate, changed and kept. Raises RecordError."""
        office = self.office
        return office.drafts.change(self.control.view().gate, change, now=office.clock.now())

    def keep_on(self, view: GateView) -> None:
        """A gate that is kept free stays so for as long as the next value may take."""
        if view.hold is not None and not view.hold.is_ending:
            self.control.do(KeepFree(operator=self.session.user))

    # --- the answers ---------------------------------------------------------------------------

    def part(self) -> str:
        """The changing part of the page."""
        renderer = renderer_of(self.request)
        context = ThermometerPart(shell=renderer.shell(self.request), live=self._live())
        return renderer.part("setup/thermometer_live.html", context)

    def page(
        self, *, notice: str | None = None, typed: Typed = NOTHING_TYPED, status: int = 200
    ) -> Response:
        """The whole page."""
        renderer = renderer_of(self.request)
        context = ThermometerPage(
            shell=renderer.shell(self.request), live=self._live(typed), notice=notice
        )
        return renderer.page(self.request, "setup/thermometer.html", context, status=status)

    def done(self, where: str) -> Response:
        """It was done, and ``where`` on the page it shows."""
        if LIVE_HEADER in self.request.headers:
            return HTMLResponse(self.part())
        return RedirectResponse(f"/gate/{self.control.view().gate}/thermometer{where}", 303)

    def refused(self, message: str, typed: Typed = NOTHING_TYPED) -> Response:
        """Nothing was done for a reason that still has to be translated."""
        return self.notice(self.language.say(message), typed)

    def notice(self, sentence: str, typed: Typed = NOTHING_TYPED) -> Response:
        """Nothing was done; what was typed stands in its field again."""
        if LIVE_HEADER in self.request.headers:
            return Response(sentence, status_code=409, media_type="text/plain")
        return self.page(notice=sentence, typed=typed, status=409)

    def _live(self, typed: Typed = NOTHING_TYPED) -> ThermometerLive:
        office, view = self.office, self.control.view()
        now = office.clock.now()
        draft = office.drafts.get(view.gate, now=now)
        commissioning = office.thermometers.commissioning(view.gate)
        if is_used(draft, commissioning):
            office.drafts.forget(view.gate)
            draft = Draft(view.gate)
        if view.thermometer is not None:
            draft = draft.of_model(view.thermometer.model)
        standing = Standing(
            view=view,
            draft=draft,
            commissioning=commissioning,
            check=office.thermometers.newest_check(view.gate),
            reports=office.reports.names(view.gate) if self.can_commission else (),
            reports_kept_days=office.reports.kept_days,
            report_deleted_at=None
            if commissioning is None
            else office.reports.deleted_at(commissioning.at),
            now=now,
            can_commission=self.can_commission,
            sees_gate=self.session.role in {Role.GUARD, Role.ADMINISTRATOR},
            by=self.session.user,
        )
        return ThermometerWords(self.language, office.settings.site.zone).live(standing, typed)


def is_used(draft: Draft, newest: Commissioning | None) -> bool:
    """Whether the newest commissioning was made of this draft."""
    return newest is not None and draft.key != "" and newest.draft_key == draft.key


def number_in(text: str, limits: CelsiusRange) -> float | None:
    """The typed number, comma or point; None when it is none or outside of ``limits``."""
    value = typed_number(text)
    return value if value is not None and value in limits else None


def _of_gate(request: Request, session: GateSession, control: Control) -> Desk:
    return Desk(request, session, control)


def _of_manager(request: Request, session: ManagerSession, control: Control) -> Desk:
    return Desk(request, session, control)


GateDesk = Annotated[Desk, Depends(_of_gate)]
"""Whoever works at the gate or sets it up."""
ManagerDesk = Annotated[Desk, Depends(_of_manager)]
"""Whoever may set a thermometer up."""
