"""``fairvarme payments``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from billing.ledger.model import PaymentKind
from fairvarme.commands.ledger.options import DAY, by_option, on_option
from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json, money

if TYPE_CHECKING:
    from datetime import datetime

    from operations.ledger.payments import Booked

PERCENT = 100


@click.group("payments")
def command() -> None:
    """Book what was paid, see what is owed, and propose what is paid on account."""


@command.command(
    "add",
    epilog=examples(
        "fairvarme payments add --building solgaarden --tenancy 12-1 --amount 1250.50 "
        "--on 2026-04-01 --key bank-8817 --by NAME",
    ),
)
@click.option("--building", metavar="ID", help="Building of the tenancy.")
@click.option("--tenancy", metavar="ID", help="Whose payment it is.")
@click.option("--reference", help="Of a statement, instead of building and tenancy.")
@click.option("--amount", required=True, help="Kroner with a point; negative: it was paid out.")
@on_option
@click.option(
    "--kind", type=click.Choice(get_args(PaymentKind)), default="balance", show_default=True
)
@click.option("--key", required=True, help="The bank's own number of it: it is booked once.")
@by_option
@config_option
@json_option
def add(
    building: str | None,
    tenancy: str | None,
    reference: str | None,
    amount: str,
    day: datetime,
    kind: PaymentKind,
    key: str,
    by: str,
    config: Path | None,
    as_json: bool,
) -> None:
    """Book one payment."""
    from operations.ledger.payments import add_payment, payment_row
    from operations.settings import read_settings

    cells = {
        "building": building, "tenancy": tenancy, "reference": reference, "amount": amount,
        "day": str(day.date()), "kind": kind, "key": key,
    }  # fmt: skip
    row = payment_row({name: cell for name, cell in cells.items() if cell})
    _echo_booked(add_payment(read_settings(config), row, by), as_json)


@command.command("import", epilog=examples("fairvarme payments import bank-2026-04.csv --by NAME"))
@click.argument("file", type=click.Path(path_type=Path))
@by_option
@config_option
@json_option
def import_command(file: Path, by: str, config: Path | None, as_json: bool) -> None:
    """
    Book a file of payments: all of its rows, or none where one is wrong.

    Columns: day, amount, key (the bank's own number), and reference, or building and tenancy;
    kind (on_account, balance) where it is not a balance. What is booked already changes nothing.
    """
    from operations.ledger.payments import import_payments
    from operations.settings import read_settings

    _echo_booked(import_payments(read_settings(config), file, by), as_json)


@command.command("balance", epilog=examples("fairvarme payments balance solgaarden"))
@click.argument("building")
@config_option
@json_option
def balance(building: str, config: Path | None, as_json: bool) -> None:
    """List what each tenancy of a building was claimed and has paid."""
    from operations.ledger.payments import balances
    from operations.settings import read_settings

    found = balances(read_settings(config), building)
    if as_json:
        told = [{**each._asdict(), "left_ore": each.left_ore} for each in found]
        echo_json({"building": building, "tenancies": told})
        return
    for each in found:
        click.echo(
            f"{each.tenancy}: claimed {money(each.claimed_ore)}, paid {money(each.paid_ore)}, "
            f"left {money(each.left_ore)}; on account credited {money(each.credited_ore)}, paid "
            f"{money(each.paid_on_account_ore)}"
        )
    if not found:
        click.echo(f"nothing is booked for {building}")


@command.command(
    "propose",
    epilog=examples("fairvarme payments propose 7 --on 2026-03-02 --price-change 4"),
)
@click.argument("run", type=click.IntRange(min=1))
@click.option("--on", "told", type=DAY, required=True, help="Day on which the tenants are told.")
@click.option(
    "--instalments", type=click.IntRange(1, 12), default=12, show_default=True,
    help="Equal ones within the next period.",
)  # fmt: skip
@click.option(
    "--price-change", type=click.FloatRange(-99, 400), default=0.0, show_default=True,
    help="What heat is expected to cost more. [%]",
)  # fmt: skip
@config_option
@json_option
def propose_command(
    run: int,
    told: datetime,
    instalments: int,
    price_change: float,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Propose what is paid on account after a run: equal amounts, never above the expected cost.

    The first falls due after the notice required by law. A home that was not lived in by the
    same tenancy for the whole period gets no proposal: a summer tells nothing of a winter.
    """
    from operations.ledger.payments import propose
    from operations.settings import read_settings

    settings = read_settings(config)
    found = propose(settings, run, told.date(), instalments, price_change / PERCENT)
    if as_json:
        proposals = [each._asdict() for each in found.proposals]
        echo_json(
            {"first": str(found.first), "instalments": found.instalments, "proposals": proposals}
        )
        return
    click.echo(f"{found.instalments} instalments from {found.first}")
    for each in found.proposals:
        if each.each_ore is None:
            click.echo(f"{each.tenancy}: none ({each.withheld})")
        else:
            click.echo(f"{each.tenancy}: {money(each.each_ore)} of {money(each.expected_ore or 0)}")


def _echo_booked(booked: Booked, as_json: bool) -> None:
    if as_json:
        echo_json({"given": booked.given, "new": booked.new})
        return
    known = booked.given - booked.new
    before = f"; booked before: {known}" if known else ""
    click.echo(f"payments booked: {booked.new}{before}")
