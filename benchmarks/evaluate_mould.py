"""
How early homes are warned of mould, and how often for nothing, on seven measured houses.

    make evaluate
    .venv/bin/python -m benchmarks.evaluate_mould --houses 2        a quick look

Of each Finnish house of TRH-database the measured air of the room and outdoors is taken as it is,
with water added that stays, behind walls of several f_Rsi and of two classes of material. A warning
counts as right if the index reaches 1 within 60 days. ``docs/alerts.md`` holds the last table.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest

from alerts.mould.mould import first_hour, materials, mould_index, surface_conditions
from alerts.mould.mould_risk import find_spells
from alerts.mould.outlook import WEEK_HOURS, Air, outlook, warns
from alerts.rules import rules
from alerts.runs import runs
from telemetry.series.humidity import water_g_per_m3

Floats = npt.NDArray[np.float64]

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "trh1_finland"
HOUSES = ("R1", "R2", "R3", "R4", "R5", "R6", "R7")
ADDED_G_PER_M3 = (0.0, 1.0, 2.0, 3.0, 4.0)
WALLS = (0.50, 0.55, 0.60, 0.65, 0.70, 0.75)
CLASSES = ("very_sensitive", "sensitive")
WITHIN_DAYS, MOULD, FULL_PCT = 60, 1.0, 100.0


def climate_of(house: str) -> Air:
    """Read a house's whole days."""
    indoor = _hourly(house, "sisailma" if house == "R1" else "indoor1", "T", "RH")
    weather = _hourly(house, "fmi", *(("T", "RH") if house == "R1" else ("Te", "RHe")))
    weather = weather.reindex(indoor.index)
    hours = len(indoor) // 24 * 24
    times = pd.DatetimeIndex(indoor.index[:hours])
    of_year = np.asarray(times.day_of_year, dtype=np.float64) - 1 + np.asarray(times.hour) / 24
    temperature_c, humidity_pct, outdoor_c, outdoor_pct = (
        frame[name].to_numpy(dtype=np.float64)[:hours]
        for frame in (indoor, weather)
        for name in ("temperature_c", "humidity_pct")
    )
    return Air(temperature_c[None], humidity_pct[None], outdoor_c, outdoor_pct, of_year)


def _hourly(house: str, file: str, *names: str) -> pd.DataFrame:
    frame = pd.read_csv(DATA / house / f"{file}.csv.gz", index_col=0, parse_dates=True)
    frame = frame[list(names)].set_axis(["temperature_c", "humidity_pct"], axis=1)
    return frame.resample("h").mean()


def with_water(air: Air, added_g_per_m3: float) -> Air:
    """Return a house's air with water added to it."""
    full = water_g_per_m3(air.temperature_c, np.full_like(air.temperature_c, FULL_PCT))
    humidity = np.minimum(air.humidity_pct + added_g_per_m3 / full * FULL_PCT, FULL_PCT)
    return Air(air.temperature_c, humidity, air.outdoor_c, air.outdoor_pct, air.day_of_year)


@dataclass
class Outcome:
    """
    What became of the spells of damp.

    Attributes
    ----------
    leads_days : list of float
        Of each crossing of index 1, the days since the warning; 0 without one.
    crossings, warned_before, warnings, right : int
    """

    leads_days: list[float] = field(default_factory=list)
    crossings: int = 0
    warned_before: int = 0
    warnings: int = 0
    right: int = 0

    def row(self, name: str) -> str:
        """Return a row of the table."""
        lead = np.median(self.leads_days) if self.leads_days else np.nan
        return (
            f"| {name} | {part(self.warned_before, self.crossings)} | {self.crossings} "
            f"| {lead:.1f} d | {part(self.right, self.warnings)} | {self.warnings} |"
        )


def part(found: int, number: int) -> str:
    """Return a part with Wilson's interval of 95 %."""
    if not number:
        return "-"
    low, high = binomtest(found, number).proportion_ci(method="wilson")
    return f"{found / number:.2f} ({low:.2f} to {high:.2f})"


class Rule(Protocol):
    """Says after which hours a home is warned, of its index and its outlook."""

    def __call__(
        self, index: Floats, ahead: Floats, day_ends: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]: ...


def as_shipped(
    index: Floats, ahead: Floats, day_ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Warn as alerts do."""
    of = rules()
    return warns(index, ahead, day_ends, of.mould_index, of.outlook_index, of.likely_index)


def at_the_limit(
    index: Floats,
    ahead: Floats,  # noqa: ARG001  a rule's argument
    day_ends: npt.NDArray[np.int64],  # noqa: ARG001
) -> npt.NDArray[np.bool_]:
    """Warn at the limit alone."""
    return index >= rules().mould_index


def by_outlook(
    index: Floats, ahead: Floats, day_ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Warn by the outlook alone."""
    return warns(index, ahead, day_ends, np.inf, rules().outlook_index, 0.0)


RULES: dict[str, Rule] = {
    "as shipped": as_shipped,
    "at 0.5 alone": at_the_limit,
    "by the outlook alone": by_outlook,
}


def judge(house: str) -> Iterator[tuple[str, str, Outcome]]:
    """Yield each rule's outcome of a house, by class of material."""
    measured, limits = climate_of(house), rules()
    day_ends = np.arange(24, measured.temperature_c.shape[1] + 1, 24, dtype=np.int64)
    f_rsi = np.array(WALLS)[:, None]
    for added, name in product(ADDED_G_PER_M3, CLASSES):
        one, material = with_water(measured, added), materials()[name]
        walls = (len(WALLS), 1)
        air = Air(
            np.tile(one.temperature_c, walls), np.tile(one.humidity_pct, walls), one.outdoor_c,
            one.outdoor_pct, one.day_of_year,
        )  # fmt: skip
        surface = surface_conditions(air.temperature_c, air.humidity_pct, air.outdoor_c, f_rsi)
        course = mould_index(surface.temperature_c, surface.humidity_pct, material, limits.decline)
        least = round(limits.judged_part * WEEK_HOURS)
        ahead = outlook(course.index, air, day_ends, f_rsi, material, limits.decline, least)
        for rule, warned in RULES.items():
            outcome = Outcome()
            hours = warned(course.index, ahead, day_ends)
            _count(outcome, course.index, {(s.row, s.start): s.raised for s in
                                           find_spells(course, hours)})  # fmt: skip
            yield rule, name, outcome


def _count(outcome: Outcome, index: Floats, raised: dict[tuple[int, int], int]) -> None:
    for row, start, end in runs(index > 0):
        crossed = int(first_hour(index[row, start:end], MOULD))
        after = raised.get((row, start), 0) - start
        warned, grown = after > 0, crossed >= 0
        lead_days = (crossed + 1 - after) / 24 if warned and grown else 0.0
        outcome.warnings += warned
        outcome.right += warned and grown and lead_days <= WITHIN_DAYS
        if grown:
            outcome.crossings += 1
            outcome.warned_before += lead_days > 0
            outcome.leads_days.append(max(lead_days, 0.0))


def evaluate() -> None:
    """Print the table; it is no benchmark, and `make bench` leaves it out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--houses", type=int, default=len(HOUSES))
    if not DATA.is_dir():
        print("skipped: ../shared/data/trh1_finland is not here")
        return
    sums: dict[tuple[str, str], Outcome] = {}
    for house in HOUSES[: parser.parse_args().houses]:
        for rule, name, one in judge(house):
            for key in ((rule, "all"), (rule, name), (rule, house)):
                of = sums.setdefault(key, Outcome())
                of.leads_days += one.leads_days
                for count in ("crossings", "warned_before", "warnings", "right"):
                    setattr(of, count, getattr(of, count) + getattr(one, count))
    print("| warned | before index 1 (95 %) | n | lead | led to 1 in 60 days (95 %) | warnings |")
    print("|---|---|---|---|---|---|")
    for rule, where in sorted(sums, key=lambda key: (list(RULES).index(key[0]), key[1])):
        if where == "all" or rule == "as shipped":
            print(sums[rule, where].row(f"{rule}, {where}"))


if __name__ == "__main__":
    evaluate()
