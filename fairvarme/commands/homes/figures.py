"""``fairvarme figures``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json, progress_bars

if TYPE_CHECKING:
    from pathlib import Path

    from operations.staff.month import MonthFigures

WITHHELD = "fewer than five homes"


@click.command(
    "figures",
    epilog=examples("fairvarme figures", "fairvarme figures solgaarden --month 2026-01"),
)
@click.argument("buildings", nargs=-1)
@click.option(
    "--month",
    "months",
    multiple=True,
    metavar="YYYY-MM",
    help="Repeatable. [default: the last one that is over]",
)
@config_option
@json_option
def command(
    buildings: tuple[str, ...], months: tuple[str, ...], config: Path | None, as_json: bool
) -> None:
    """
    Sum up months of BUILDINGS (default: all) for staff and boards, and keep the sums.

    Heat by degree-day, cost and indoor climate of a whole building: the pages of operations and
    the board show them. Of fewer than five homes nothing is kept.
    """
    from estate.periods import Period
    from operations.settings import read_settings
    from operations.staff.figures import keep_figures

    settings = read_settings(config)
    with progress_bars(hidden=as_json) as bars:
        track = partial(bars.track, description="buildings")
        made = keep_figures(settings, buildings, [Period.month(each) for each in months], track)
    if as_json:
        echo_json({"months": [each.model_dump(mode="json") for each in made]})
        return
    for each in made:
        click.echo(f"{each.building} {each.month:%Y-%m}: {_told(each)}")


def _told(month: MonthFigures) -> str:
    if month.withheld is not None:
        return WITHHELD
    heat = month.wh_per_m2_degree_day
    parts = [
        "heat unknown" if month.heat_kwh is None else f"{month.heat_kwh:.0f} kWh",
        *([] if heat is None else [f"{heat:.1f} Wh/(m² K d)"]),
        "cost unknown" if month.cost_ore is None else f"{month.cost_ore / 100:.2f}",
        *([f"{month.climate.good_pct:g} % good hours"] if month.climate else []),
    ]
    return ", ".join(parts)
