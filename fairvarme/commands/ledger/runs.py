"""``fairvarme runs``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
from typing_extensions import override

from billing.ledger.model import Channel, State
from fairvarme.commands.ledger.options import DAY, by_option, on_option, tenancy_option
from fairvarme.commands.ledger.settlements import command as settlements_command
from fairvarme.commands.ledger.shown import (
    echo_approval,
    echo_standing,
    facts_of,
    line,
    run_of,
    shown_of,
    told_of,
)
from fairvarme.options import config_option, examples, json_option
from fairvarme.output import as_local, echo_json, money, progress_bars, progress_on

if TYPE_CHECKING:
    from datetime import datetime

run_argument = click.argument("run", type=click.IntRange(min=1))


@click.group("runs")
def command() -> None:
    """
    Look at approved bills, and note what happens to them.

    A bill is kept as a draft or approved by `fairvarme bill`. From its approval on nothing changes
    it; what is wrong is put right by a new run that says what it replaces.
    """


command.add_command(settlements_command)


@command.command("list", epilog=examples("fairvarme runs list --building solgaarden"))
@config_option
@click.option("--building", metavar="ID", help="Only runs of this building.")
@json_option
def list_command(config: Path | None, building: str | None, as_json: bool) -> None:
    """List drafts and runs, with where each stands."""
    from operations.ledger.runs import list_runs
    from operations.settings import read_settings

    listed = list_runs(read_settings(config), building)
    if as_json:
        drafts = [
            {"draft": each.number, "state": State.DRAFT, **facts_of(each.facts)}
            for each in listed.drafts
        ]
        echo_json({"drafts": drafts, "runs": [run_of(*each) for each in listed.runs]})
        return
    for draft in listed.drafts:
        click.echo(f"draft {draft.number}: {line(draft.facts)}, kept by {draft.made_by}")
    for run, standing in listed.runs:
        click.echo(f"run {run.number}: {line(run.facts)}, {standing.state}")
    if not listed.drafts and not listed.runs:
        click.echo("there are no runs")


@command.command("show", epilog=examples("fairvarme runs show 7"))
@run_argument
@config_option
@json_option
def show(run: int, config: Path | None, as_json: bool) -> None:
    """Show everything about a run: its statements, steps, documents, and what it changes."""
    from operations.ledger.runs import show_run
    from operations.settings import read_settings

    settings = read_settings(config)
    shown = show_run(settings, run)
    if as_json:
        echo_json(shown_of(shown))
        return
    facts = shown.run.facts
    click.echo(f"run {run}: {line(facts)}, {shown.standing.state}")
    approved = as_local(shown.run.approved_ms, settings.service.timezone)
    click.echo(f"approved by {shown.run.approved_by} {approved}")
    click.echo(f"digest {shown.run.digest}")
    if facts.deadline:
        click.echo(f"to be served by {facts.deadline}")
    if shown.objections_until:
        click.echo(f"objections until {shown.objections_until}")
    for tenancy, state in shown.standing.statements.items():
        served = shown.standing.served.get(tenancy)
        click.echo(f"  {tenancy}: {state}{f' since {served}' if served else ''}")
    for each in shown.differences:
        click.echo(
            f"  {each.tenancy}: cost {money(each.cost_before_ore)} -> {money(each.cost_ore)}, "
            f"balance {money(each.balance_before_ore)} -> {money(each.balance_ore)}"
        )


@command.command("approve", epilog=examples("fairvarme runs approve 3 --by NAME"))
@click.argument("draft", type=click.IntRange(min=1))
@by_option
@click.option("--allow", "allowed", multiple=True, metavar="NAME", help="As of `fairvarme bill`.")
@config_option
@json_option
def approve_command(
    draft: int, by: str, allowed: tuple[str, ...], config: Path | None, as_json: bool
) -> None:
    """Approve a draft: from then on nothing changes it."""
    from operations.bill_files import check_allowed
    from operations.ledger.approval import approve
    from operations.settings import read_settings

    approval = approve(read_settings(config), draft, by, check_allowed(allowed))
    if as_json:
        echo_json(told_of(approval.run))
        return
    for finding in approval.findings:
        click.echo(finding.message, err=True)
    echo_approval(approval.run)


@command.command("discard", epilog=examples("fairvarme runs discard 3"))
@click.argument("draft", type=click.IntRange(min=1))
@config_option
@json_option
def discard_command(draft: int, config: Path | None, as_json: bool) -> None:
    """Throw a draft away."""
    from operations.ledger.approval import discard
    from operations.settings import read_settings

    discard(read_settings(config), draft)
    if as_json:
        echo_json({"draft": draft, "discarded": True})
        return
    click.echo(f"draft {draft} is discarded")


@command.command(
    "serve",
    epilog=examples("fairvarme runs serve 7 --on 2026-03-02 --channel letter --by NAME"),
)
@run_argument
@on_option
@click.option(
    "--channel", type=click.Choice(get_args(Channel)), required=True, help="How they were given."
)
@click.option(
    "--tenancy", "tenancies", multiple=True, metavar="ID",
    help="Whose statement; repeatable. [default: all that are not served yet]",
)  # fmt: skip
@by_option
@config_option
@json_option
def serve_command(
    run: int,
    day: datetime,
    channel: Channel,
    tenancies: tuple[str, ...],
    by: str,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Note that statements were served: time limits run from that day.

    What is served after the deadline repays, and claims nothing.
    """
    from operations.ledger.runs import serve
    from operations.settings import read_settings

    settings = read_settings(config)
    echo_standing(run, serve(settings, run, day.date(), channel, tenancies, by), as_json, tenancies)


@command.command(
    "bounce",
    epilog=examples(
        "fairvarme runs bounce 7 --tenancy 12-1 --on 2026-03-05 --by NAME",
    ),
)
@run_argument
@tenancy_option
@on_option
@by_option
@config_option
@json_option
def bounce(
    run: int, tenancy: str, day: datetime, by: str, config: Path | None, as_json: bool
) -> None:
    """Note that a statement came back: it is not served, and goes out again as a letter."""
    _step(config, run, State.BOUNCED, day, by, tenancy, as_json=as_json)


@command.command(
    "object",
    epilog=examples(
        "fairvarme runs object 7 --tenancy 12-1 --on 2026-03-20 --note 'the meter of the "
        "kitchen' --by NAME",
    ),
)
@run_argument
@tenancy_option
@on_option
@click.option("--note", default="", help="To what; it stays in the ledger for good, so no names.")
@by_option
@config_option
@json_option
def object_command(
    run: int, tenancy: str, day: datetime, note: str, by: str, config: Path | None, as_json: bool
) -> None:
    """Note that a resident objects to a statement."""
    _step(config, run, State.OBJECTED, day, by, tenancy, note, as_json=as_json)


@command.command(
    "answer",
    epilog=examples(
        "fairvarme runs answer 7 --tenancy 12-1 --on 2026-04-01 --by NAME",
    ),
)
@run_argument
@tenancy_option
@on_option
@click.option("--note", default="", help="How; it stays in the ledger for good, so no names.")
@by_option
@config_option
@json_option
def answer(
    run: int, tenancy: str, day: datetime, note: str, by: str, config: Path | None, as_json: bool
) -> None:
    """Note that an objection is answered, and the statement stays as it is."""
    _step(config, run, State.ANSWERED, day, by, tenancy, note, as_json=as_json)


@command.command("close", epilog=examples("fairvarme runs close 7 --on 2026-05-02 --by NAME"))
@run_argument
@on_option
@by_option
@config_option
@json_option
def close(run: int, day: datetime, by: str, config: Path | None, as_json: bool) -> None:
    """Close a run, once all statements are served and nobody may object any more."""
    _step(config, run, State.CLOSED, day, by, as_json=as_json)


@command.command("statements", epilog=examples("fairvarme runs statements 7 --out statements"))
@run_argument
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Output folder.")
@click.option("--on", "day", type=DAY, help="Day of delivery. [default: the period's last]")
@config_option
@json_option
def statements(
    run: int, out: Path, day: datetime | None, config: Path | None, as_json: bool
) -> None:
    """
    Print the statements of a run, each with its payment reference and what it replaces.

    Amounts are those that were approved; names, addresses and contacts are those of now.
    """
    from operations.ledger.statements import print_statements
    from operations.settings import read_settings

    with progress_bars(hidden=as_json) as bars:
        task = bars.add_task("statements", total=None)
        written = print_statements(
            read_settings(config),
            run,
            out,
            day.date() if day else None,
            lambda number: bars.update(task, completed=number),
        )
    if as_json:
        findings = [each.as_dict() for each in written.findings]
        echo_json(
            {"run": run, "files": [str(each) for each in written.paths], "findings": findings}
        )
        return
    for finding in written.findings:
        click.echo(finding.message, err=True)
    click.echo(f"run {run}: {len(written.paths)} statements in {out}")


def _bill(context: click.Context) -> click.Command:
    from fairvarme.cli import main

    bill = main.get_command(context, "bill")
    if bill is None:
        raise LookupError("the program has no command bill")
    return bill


class LikeBill(click.Command):
    """Takes the options of ``fairvarme bill``, all but the run that is corrected."""

    @override
    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the own parameters, and those of the other command."""
        return [
            *super().get_params(ctx),
            *(each for each in _bill(ctx).params if each.name != "corrects"),
        ]


@command.command(
    "correct",
    cls=LikeBill,
    epilog=examples(
        "fairvarme runs correct 7 --estate estates/solgaarden --readings 2025.csv "
        "--period 2025-01-01/2026-01-01 --out again --reason late_reading --approve --by "
        "NAME",
    ),
)
@run_argument
@click.pass_context
def correct(context: click.Context, /, run: int, **options: object) -> None:
    """
    Bill a run's period again, as a new run in its place: `fairvarme bill --corrects RUN`.

    Needs --reason, --by, and --draft or --approve.
    """
    context.invoke(_bill(context), corrects=run, **options)


@command.command("account", epilog=examples("fairvarme runs account 7 --out account-2025"))
@run_argument
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Output folder.")
@config_option
@json_option
def account(run: int, out: Path, config: Path | None, as_json: bool) -> None:
    """Write the building account of a run: a page (PDF), a workbook, and CSV files."""
    from operations.ledger.account import write_account
    from operations.settings import read_settings

    paths = write_account(read_settings(config), run, out)
    if as_json:
        echo_json({"run": run, "files": [str(each) for each in paths]})
        return
    click.echo(f"run {run}: {', '.join(each.name for each in paths)} in {out}")


@command.command("verify", epilog=examples("fairvarme runs verify"))
@click.option(
    "--contains",
    "digests",
    multiple=True,
    metavar="DIGEST",
    help="Digest of an entry, as `runs show` printed it; fails where it is none any more.",
)
@config_option
@json_option
def verify_command(digests: tuple[str, ...], config: Path | None, as_json: bool) -> None:
    """Compute every digest and sum of the ledger anew: was a row changed, added or taken out?"""
    from estate.errors import DataError
    from operations.ledger.runs import verify_ledger
    from operations.settings import read_settings

    with progress_bars(hidden=as_json) as bars:
        verified = verify_ledger(read_settings(config), digests, progress_on(bars, "runs"))
    if as_json:
        echo_json(
            {
                "entries": verified.entries,
                "head": verified.head,
                "findings": [each.as_dict() for each in verified.findings],
            }
        )
    if verified.findings:
        raise DataError(verified.findings)
    if not as_json:
        click.echo(f"{verified.entries} entries are as they were written; head {verified.head}")


def _step(
    config: Path | None,
    run: int,
    state: State,
    day: datetime,
    by: str,
    tenancy: str = "",
    note: str = "",
    *,
    as_json: bool,
) -> None:
    from operations.ledger.runs import step
    from operations.settings import read_settings

    settings = read_settings(config)
    standing = step(settings, run, state, day.date(), by, tenancy, note)
    echo_standing(run, standing, as_json, (tenancy,) if tenancy else ())
