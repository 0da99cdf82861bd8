"""``gerbang office``: mode, room, quota and checks, changed while the office runs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dashboard.commands.asking import confirm
from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    UsageError,
    ValuesArgument,
    YesOption,
    answer,
    change_office,
    office_record,
    parse_values,
    settings_for,
    wrong_usage,
)
from screening.office.changes import (
    ALERT_LIMITS,
    RETENTION,
    SETTINGS,
    Edit,
    in_mode,
    in_order,
    plain_office,
    with_settings,
)
from screening.office.facts import Mode, OfficeFacts
from screening.office.hours import told_spans
from screening.record import Record
from screening.waiting_room.plan import Sealed

app = typer.Typer(
    help="What the office asks for, and how many may be inside.", no_args_is_help=True
)


@app.command("show")
def show(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Tell what holds now.

    Example: gerbang office show --json
    """
    with office_record(settings_for(data, config)) as record:
        facts = record.facts.current()
    answer(_values(facts), _text(facts), as_json=as_json)


@app.command("set")
def set_values(
    values: ValuesArgument = None,
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change facts of the office, for the next visitor and without a restart.

    Keys: mode, capacity (a number, or seats to follow the open seats), daily_quota (a number or
    none), rows, columns, sealed (in an outbreak: checkerboard, columns, none, or chosen as the
    plan that was taken over), everyday_checks and outbreak_checks (of
    receipt,hands,temperature,mask); name (what people call the office), address, telephone and
    map_link, which visitors read (none takes one away); slot_early_minutes and slot_late_minutes (a
    booked time lets in from so long before until so long after), hold_minutes (a place is kept for
    whoever types),
    desk_for_guards (yes or no: guards may register and look up visitors at /desk, too),
    second_factor (optional, or required: managers and administrators log in with a code as well);
    queue_order (booked_time or arrival: who is called first) and queue_overtakes (how often lawful
    priority may overtake somebody who waits), call_in_minutes (so long a place is kept for whoever
    is called in from the line outside); walking_minutes (whoever is done at the last counter is out
    after so long, or none) and stay_minutes (nobody stays longer, as long as too few visits tell
    how long people stay, or none); message and quiet_hours of the displays;
    queue_alert_waiting, outside_alert_waiting (people), full_alert_percent, wait_target_minutes and
    abandoned_alert_minutes (nobody is called): somebody is told at that limit, with none never.

    Example: gerbang office set capacity=80 daily_quota=350 --operator rina

    Example: gerbang office set address="Jl. Pajajaran 1, Bogor" telephone="+62 251 8321-075"
    """
    typed = parse_values(values)
    if not typed:
        raise UsageError(f"say what to set, KEY=VALUE; keys: {', '.join(SETTINGS)}")
    with wrong_usage():
        edit = with_settings(typed)
    with office_record(settings_for(data, config)) as record:
        _change(record, edit, operator, yes=yes, as_json=as_json)


@app.command("mode")
def set_mode(
    mode: Annotated[Mode, typer.Argument(help="everyday or outbreak.")],
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everyday: the receipt, all seats. Outbreak: receipt, hands, temperature, mask, sealed seats.

    Nobody inside is disturbed; it holds from the next visitor on.

    Example: gerbang office mode everyday --yes
    """
    with office_record(settings_for(data, config)) as record:
        _change(record, in_mode(mode), operator, yes=yes, as_json=as_json)


def lost_by(before: OfficeFacts, after: OfficeFacts) -> list[str]:
    """What another mode or plan of seats takes away, a sentence each."""
    lost = list[str]()
    if before.mode is after.mode and before.chosen is after.chosen:
        return lost
    gates = {name: before.checks_of(name) - after.checks_of(name) for name in before.gates}
    dropped = before.mode_checks - after.mode_checks
    dropped |= frozenset[Any]().union(*gates.values())
    if dropped:
        lost.append(f"Gates will not ask for {', '.join(in_order(dropped))} any more.")
    if after.capacity < before.capacity:
        lost.append(f"{after.capacity} instead of {before.capacity} people may be inside.")
    return lost


def change_facts(record: Record, edit: Edit, operator: str | None, *, yes: bool) -> dict[str, Any]:
    """Change the office after a question where something is lost; what an answer says of it."""
    before = record.facts.current()
    lost = lost_by(before, edit(before))
    if lost:
        confirm(f"{' '.join(lost)} Go on?", is_agreed=yes)
    return change_office(record, edit, operator)


def _change(record: Record, edit: Edit, operator: str | None, *, yes: bool, as_json: bool) -> None:
    changed = change_facts(record, edit, operator, yes=yes)
    facts = record.facts.current()
    text = _text(facts) if changed["changed"] else f"Nothing to change.\n{_text(facts)}"
    answer({**_values(facts), **changed}, text, as_json=as_json)


def _values(facts: OfficeFacts) -> dict[str, Any]:
    return {
        **plain_office(facts),
        "capacity": facts.capacity,
        "capacity_follows_seats": facts.set_capacity is None,
        "checks": {name: in_order(facts.checks_of(name)) for name in sorted(facts.gates)},
        "seat_plan": {
            "rows": facts.rows,
            "columns": facts.columns,
            "sealed": (facts.sealed if facts.mode is Mode.OUTBREAK else Sealed.NONE).value,
            "sealed_in_outbreak": facts.sealed.value,
            "distance_m": None if facts.chosen is None else facts.chosen.distance_m,
            "rooms": list(facts.plan.rooms_by_name),
            "seats": len(facts.plan.seats),
            "open_seats": len(facts.plan.open_seats),
        },
    }


def _text(facts: OfficeFacts) -> str:
    follows = ", as many as there are open seats" if facts.set_capacity is None else ""
    return "\n".join(
        [
            f"mode         {facts.mode}",
            f"capacity     {facts.capacity}{follows}",
            f"daily quota  {facts.daily_quota or 'no limit'}",
            f"seats        {_told_seats(facts)}, {len(facts.plan.open_seats)} open"
            f" (in an outbreak: {_told_sealed(facts)})",
            f"everyday     {_listed(in_order(facts.everyday_checks))}",
            f"outbreak     {_listed(in_order(facts.outbreak_checks))}",
            f"name         {facts.name or 'as the configuration says'}",
            f"address      {facts.address or 'not told'}",
            f"telephone    {facts.telephone or 'not told'}",
            f"map          {facts.map_link or 'not told'}",
            f"booked time  from {facts.slot_early_minutes} min before"
            f" until {facts.slot_late_minutes} min after; held {facts.hold_minutes} min",
            f"desk         officers{' and guards' if facts.desk_for_guards else ''}",
            f"log-in       second factor {facts.second_factor} for managers and administrators",
            f"queue        by {facts.queue_order.replace('_', ' ')}; priority overtakes nobody"
            f" more than {facts.queue_overtakes} times; who is called in from outside has"
            f" {facts.call_in_minutes} min",
            f"leaving      {_told_leaving(facts)}",
            f"displays     {facts.message or 'no message'}; {_told_quiet(facts)}",
            f"alerts       {', '.join(_told_limits(facts)) or 'none'}",
            f"kept         {', '.join(f'{key} {getattr(facts, key)}' for key in RETENTION)}",
            *(
                f"gate {name}: {_listed(in_order(facts.checks_of(name)))}"
                + (" (its own)" if facts.gates[name] is not None else "")
                for name in sorted(facts.gates)
            ),
        ]
    )


def _told_leaving(facts: OfficeFacts) -> str:
    walking, stay = facts.walking_minutes, facts.stay_minutes
    done = "never by being done" if walking is None else f"{walking} min after the last counter"
    return f"{done}; {'no longest stay' if stay is None else f'nobody stays over {stay} min'}"


def _told_quiet(facts: OfficeFacts) -> str:
    return f"silent {told_spans(facts.quiet_hours)}" if facts.quiet_hours else "never silent"


def _told_limits(facts: OfficeFacts) -> list[str]:
    return [
        f"{key} {getattr(facts, key)}" for key in ALERT_LIMITS if getattr(facts, key) is not None
    ]


def _told_seats(facts: OfficeFacts) -> str:
    if facts.sealed is not Sealed.CHOSEN:
        return f"{facts.rows} x {facts.columns}"
    rooms = [room for room in facts.plan.rooms_by_name if room]
    return f"{len(facts.plan.seats)} as measured{' in ' if rooms else ''}{', '.join(rooms)}"


def _told_sealed(facts: OfficeFacts) -> str:
    if facts.chosen is None or facts.sealed is not Sealed.CHOSEN:
        return f"sealed by {facts.sealed}"
    count, metres = len(facts.chosen.open_seats), facts.chosen.distance_m
    return f"{count} open at {metres:g} m, as chosen"


def _listed(checks: list[str]) -> str:
    return ", ".join(checks) or "nothing"
