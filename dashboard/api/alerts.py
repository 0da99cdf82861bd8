"""``GET /api/v1/alerts``: what needs somebody now."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from dashboard.api.problems import described
from dashboard.web.alert_words import AlertWords
from dashboard.web.auth import StatusKey, office_of
from dashboard.web.language import Language
from dashboard.web.office_words import words_of
from dashboard.web.rendering import renderer_of
from screening.alerts.alerts import AlertState

router = APIRouter(tags=["alerts"])


class AlertTold(BaseModel):
    """One alert. ``what``, ``to_do`` and ``rule`` are in the language of the site."""

    id: int = Field(description="The row of the log that raised it")
    kind: str = Field(description="Which rule, such as queue_long")
    subject: str = Field(description="A service, gate, gate/device, group of reasons, or machine")
    state: AlertState = Field(description="told: nobody takes care of it yet; acknowledged")
    value: float = Field(description="What was found when it was raised, in the rule's unit")
    limit: float = Field(description="The limit that it reached")
    detail: str = Field(description="A code, or a device's own message")
    raised_at: datetime = Field(description="UTC")
    acknowledged_by: str | None = Field(description="Who takes care of it")
    acknowledged_at: datetime | None
    what: str
    to_do: str
    rule: str


class AlertsNow(BaseModel):
    """All that is not over, oldest first."""

    alerts: list[AlertTold]


@router.get("/alerts", responses=described(401, 403, 503))
def alerts(request: Request, key: StatusKey) -> AlertsNow:
    """What needs somebody, and who takes care of it; from memory."""
    office = office_of(request)
    words = AlertWords(words_of(request, _language(request)))
    told = [(one, words.line(one)) for one in office.alerts.current()]
    return AlertsNow(
        alerts=[
            AlertTold(
                id=one.alert_id,
                kind=str(one.kind),
                subject=one.subject,
                state=one.state,
                value=one.value,
                limit=one.limit,
                detail=one.detail,
                raised_at=one.raised_at,
                acknowledged_by=one.acknowledged_by,
                acknowledged_at=one.acknowledged_at,
                what=line.headline,
                to_do=line.advice,
                rule=line.rule,
            )
            for one, line in told
        ]
    )


def _language(request: Request) -> Language:
    """The site's: a program has none."""
    site = office_of(request).settings.site
    return renderer_of(request).languages.choose(None, site.language)
