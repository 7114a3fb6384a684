"""``fairvarme alerts``."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.options import Day, config_option, examples, json_option, period_option
from fairvarme.output import as_local, echo_json, progress_bars, progress_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alerts.life.case import Case
    from alerts.life.states import Event
    from alerts.model import Alert
    from operations.alerts.listed import Listed
    from operations.alerts.run import AlertRun


@click.group("alerts")
def command() -> None:
    """Find, list and answer consumption and mould alerts."""


@command.command(
    "run", epilog=examples("fairvarme alerts run solgaarden --period 2026-01-01/2026-02-01")
)
@click.argument("buildings", nargs=-1)
@period_option("the last 14")
@click.option("--whole", is_flag=True, help="Look for every kind now, also where it is not due.")
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes. [default: alerts.processes, 1]"
)
@config_option
@json_option
def run(
    buildings: tuple[str, ...],
    period: str | None,
    whole: bool,
    jobs: int | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Check the readings of BUILDINGS for alerts (default: all buildings), and queue messages.

    Once a day each building is looked at in whole; in between for what can be dangerous within
    hours: leaks, bursts, what meters say themselves, and homes that get cold.

    An event is recorded once, whichever run finds it; it ends when it has been silent for long
    enough, and is withdrawn when its readings were corrected. What residents and staff are to be
    told waits in the outbox. The output also shows for how many homes or meters each check could
    judge, and why not for the others. A building whose estate is not in order is left out, and the
    exit code is 1.
    """
    from estate.periods import Period
    from operations.alerts.run import run_alerts
    from operations.settings import read_settings

    days, settings = Period.parse(period) if period else None, read_settings(config)
    with progress_bars(hidden=as_json) as bars:
        on_done = progress_on(bars, "buildings")
        done = run_alerts(settings, buildings, days, whole=whole, jobs=jobs, on_done=on_done)
    _show_run(done, settings.service.timezone, as_json)
    if done.findings:
        sys.exit(1)


@command.command("own-limits", epilog=examples("fairvarme alerts own-limits"))
@config_option
@json_option
def own_limits(config: Path | None, as_json: bool) -> None:
    """
    Queue a message to residents who used more yesterday than a limit of their own.

    Limits and goals are set by residents in the portal. Each limit is told of once a month at most,
    a goal once a year, by the channel that the person chose, and not in the quiet hours.
    """
    from operations.residents.own_limits import tell_own_limits
    from operations.settings import read_settings

    number = tell_own_limits(read_settings(config))
    if as_json:
        echo_json({"queued": number})
        return
    click.echo(f"{number} queued; fairvarme outbox send sends them")


def _show_run(done: AlertRun, zone: str, as_json: bool) -> None:
    looked, announced = done.looked, done.announced
    found = [alert for each in looked for alert in each.checked.alerts]
    covered = [each for building in looked for each in building.covered]
    findings = [*done.findings, *(finding for each in covered for finding in each.findings())]
    if as_json:
        echo_json(
            {
                "alerts": [asdict(alert) for alert in found],
                "checks": [each.as_dict() for each in covered],
                "findings": [finding.as_dict() for finding in findings],
                "tiers": {each.building: {"tier": each.tier, "why": each.why} for each in looked},
                "queued": dict(announced.queued),
                "taken_back": announced.taken_back,
                "unreached": [each.id for each in announced.unreached],
            }
        )
        return
    _show_found(found, zone)
    for tier, number in sorted(Counter(each.tier for each in looked).items()):
        click.echo(f"{number} looked at: {tier}")
    for each in covered:
        click.echo(each.sentence())
    for finding in findings:
        click.echo(finding.message, err=True)
    for channel, number in sorted(announced.queued.items()):
        click.echo(f"{number} by {channel} queued; fairvarme outbox send sends them")
    for case in announced.unreached:
        click.echo(
            f"{case.building} {case.flat}: nobody can be told of {case.kind} within the hour; give "
            "the home a phone or mail in persons.csv, or name on_call in [alerts] of the settings",
            err=True,
        )


def _show_found(alerts: Sequence[Alert], zone: str) -> None:
    for alert in alerts:
        evidence = ", ".join(f"{name} {value}" for name, value in alert.evidence.items())
        click.echo(
            f"{alert.building} {alert.flat} {alert.kind} "
            f"{as_local(alert.start_ms, zone)} to {as_local(alert.end_ms, zone)}: {evidence}"
        )
    if not alerts:
        click.echo("no alerts")


@command.command("list", epilog=examples("fairvarme alerts list --building solgaarden --all"))
@click.option("--building", metavar="ID", help="Only this building.")
@click.option("--all", "with_closed", is_flag=True, help="Those that are over or withdrawn too.")
@config_option
@json_option
def list_alerts(
    building: str | None, with_closed: bool, config: Path | None, as_json: bool
) -> None:
    """List the alerts that are open: where, how they stand, since when, what to do."""
    from operations.alerts.acts import list_alerts
    from operations.settings import read_settings

    found = list_alerts(read_settings(config), building, with_closed=with_closed)
    if as_json:
        echo_json({"alerts": [each.as_dict() for each in found]})
        return
    for each in found:
        click.echo(_line(each))
    if not found:
        click.echo("no alerts")


def _line(each: Listed) -> str:
    case = each.case
    explained = f", explained by {case.inhibited_by}" if case.inhibited_by else ""
    return (
        f"{case.id}  {case.building} {case.flat} ({each.address})  {case.kind}  {case.state}"
        f"{explained}  {each.since} to {each.until}\n    {each.title}. {each.to_do}"
    )


ids_argument = click.argument("ids", nargs=-1, required=True)
note_option = click.option("--note", default="", help="What was found or done; kept.")


@command.command("ack", epilog=examples("fairvarme alerts ack 3fa2b81c --note 'plumber called'"))
@ids_argument
@click.option("--in-work", is_flag=True, help="Somebody works on it already.")
@note_option
@config_option
@json_option
def acknowledge(
    ids: tuple[str, ...], in_work: bool, note: str, config: Path | None, as_json: bool
) -> None:
    """Acknowledge the alerts IDS; their first characters are enough."""
    from alerts.life.states import Event

    _act(ids, Event.WORK_BEGAN if in_work else Event.ACKNOWLEDGED, note, config, as_json)


@command.command("resolve", epilog=examples("fairvarme alerts resolve 3fa2b81c --note 'new valve'"))
@ids_argument
@note_option
@config_option
@json_option
def resolve(ids: tuple[str, ...], note: str, config: Path | None, as_json: bool) -> None:
    """Resolve the alerts IDS; later signs reopen them."""
    from alerts.life.states import Event

    _act(ids, Event.ENDED, note, config, as_json)


@command.command(
    "silence",
    epilog=examples("fairvarme alerts silence 3fa2b81c --until 2026-12-24 --label guests"),
)
@ids_argument
@click.option(
    "--until",
    required=True,
    type=Day(),
    help="First day on which it may be heard of again.",
)
@click.option("--label", required=True, help="What the resident answered, such as guests; kept.")
@config_option
@json_option
def silence(
    ids: tuple[str, ...], until: datetime, label: str, config: Path | None, as_json: bool
) -> None:
    """Send nothing about the alerts IDS, and their like in the same home, for some days."""
    from operations.alerts import acts
    from operations.settings import read_settings

    _show_acted(acts.silence(read_settings(config), ids, until.date(), label), as_json)


@command.command(
    "answer",
    epilog=examples("fairvarme alerts answer 3fa2b81c yes", "fairvarme alerts answer 3fa2b81c no"),
)
@click.argument("id_", metavar="ID")
@click.argument("given", metavar="yes|no", type=click.Choice(["yes", "no"]))
@config_option
@json_option
def answer(id_: str, given: str, config: Path | None, as_json: bool) -> None:
    """
    Take down what a resident answered to the question in the message of the alert ID.

    "yes" explains it, and nobody is told of it and its like for some days; "no" leaves it open.
    The answer is kept as the alert's label.
    """
    from operations.alerts import acts
    from operations.settings import read_settings

    _show_acted([acts.take_answer(read_settings(config), id_, given)], as_json)


@command.command(
    "air", epilog=examples("fairvarme alerts air solgaarden --period 2026-01-01/2026-02-01")
)
@click.argument("building")
@period_option()
@config_option
@json_option
def air(building: str, period: str, config: Path | None, as_json: bool) -> None:
    """
    Show the air of BUILDING's homes: hours in the classes of EN 16798-1, too warm, dry, stale.

    An hour without a reading that is believed is in no class.
    """
    from estate.periods import Period
    from operations.alerts.air import building_air
    from operations.settings import read_settings

    homes = building_air(read_settings(config), building, Period.parse(period))
    if as_json:
        echo_json({"homes": [asdict(each) for each in homes]})
        return
    for each in homes:
        classes = ", ".join(
            f"{name} {count} h" for name, count in each.hours_by_class["all"].items()
        )
        warm = " (more than a year should have)" if each.too_warm else ""
        click.echo(
            f"{each.flat}: {classes}, unknown {each.unknown_hours} h; too warm "
            f"{each.overheated_hours} h{warm}, dry {each.dry_hours} h, stale {each.stale_hours} h, "
            f"cool {each.cool_hours} h"
        )


def _act(ids: Sequence[str], event: Event, note: str, config: Path | None, as_json: bool) -> None:
    from operations.alerts import acts
    from operations.settings import read_settings

    _show_acted(acts.act(read_settings(config), ids, event, note), as_json)


def _show_acted(cases: Sequence[Case], as_json: bool) -> None:
    if as_json:
        echo_json({"alerts": [{"id": each.id, "state": str(each.state)} for each in cases]})
        return
    for each in cases:
        click.echo(f"{each.id} {each.building} {each.flat} {each.kind}: {each.state}")
