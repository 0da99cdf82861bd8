"""``gerbang alert``: what needs somebody, and whether messages about it arrive."""

from __future__ import annotations

import secrets

import typer

from dashboard.alerts.channels import channels_of
from dashboard.alerts.credentials import alert_problems
from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    answer,
    iso,
    office_record,
    settings_for,
)
from dashboard.storage import first_facts
from screening.clock import SystemClock
from screening.errors import DeliveryError, SettingsError

app = typer.Typer(help="What needs somebody, and who is told.", no_args_is_help=True)


@app.command("list")
def list_(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Tell what needs somebody now, and who takes care of it.

    Example: gerbang alert list --json
    """
    settings = settings_for(data, config)
    zone = settings.site.zone
    with office_record(settings) as record:
        alerts = record.alerts.open_alerts()
    told = [
        {
            "id": one.alert_id,
            "kind": str(one.kind),
            "subject": one.subject,
            "value": one.value,
            "limit": one.limit,
            "detail": one.detail,
            "raised_at": iso(one.raised_at, zone),
            "acknowledged_by": one.acknowledged_by,
        }
        for one in alerts
    ]
    lines = [
        f"{one.alert_id}  {one.kind} {one.subject}: {one.value:g}, limit {one.limit:g}, since"
        f" {iso(one.raised_at, zone)}; {one.acknowledged_by or 'nobody'} takes care of it"
        for one in alerts
    ]
    answer({"alerts": told}, "\n".join(lines or ["Nothing needs anybody."]), as_json=as_json)


@app.command("test")
def try_out(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Send a test to every address of [alerts] and tell what came of it. Exit 1 where one failed.

    Nothing is written to the record, and no office need be running.

    Example: gerbang alert test --config /etc/gerbang/gerbang.toml
    """
    settings = settings_for(data, config)
    problems = alert_problems(settings.alerts)
    if problems:
        raise SettingsError(problems)
    facts = first_facts(settings)
    channels = channels_of(settings, lambda: facts, SystemClock().now)
    if not channels:
        raise DeliveryError("[alerts] names nobody to tell: set mail_to and mail_host, or hook_url")
    told: dict[str, str | None] = {}
    for name, channel in channels.items():
        try:
            channel.try_out(f"test-{secrets.token_hex(8)}")
        except DeliveryError as error:
            told[name.value] = str(error)
        else:
            told[name.value] = None
    lines = [f"{name}: {trouble or 'taken'}" for name, trouble in told.items()]
    sent = [
        {"channel": name, "taken": trouble is None, "problem": trouble}
        for name, trouble in told.items()
    ]
    answer({"channels": sent}, "\n".join(lines), as_json=as_json)
    if any(told.values()):
        raise typer.Exit(1)
