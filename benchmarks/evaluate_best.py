"""
How well a jump of water could be found at best, by who knows each home and the jump.

    make evaluate
    .venv/bin/python -m benchmarks.evaluate_best --houses 6        a quick look

The usual day, the weekend and the spread are those of the home's whole year without what was put
in, and the jump is as large as the one that was put in. What learns from the days before alone can
hardly do better. The limit is set so that just so many are told wrongly.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np

from alerts.detectors.limits import Limits, limits
from alerts.detectors.medians import MAD_SCALE
from alerts.detectors.use.belief import Belief, Home
from alerts.detectors.use.usual_day import UsualDay
from benchmarks.evaluate import START, WEEK, Cell, Flags, Floats
from benchmarks.evaluate_water import HOUSES, WITHIN
from benchmarks.evaluate_water_homes import COLD, DAY, HOT, Homes

AWAY_PART = 0.16
"""A day of less than so much of the usual use is one on which nobody is in."""
FALSE_A_YEAR = (0.1, 0.2, 0.4)
REST_DAYS = 14
"""What is told again so soon is the same."""
LIMITS = 1 - np.logspace(-6, 0, 240)


def litres(use_m3: Floats) -> Floats:
    """Return litres of days, (homes, days)."""
    return np.asarray(1000 * use_m3.reshape(len(use_m3), -1, DAY).sum(axis=2))


def known_days(use_l: Floats) -> tuple[Floats, Floats]:
    """Return what is usual of each day of homes, (homes, days), and their spread, as logarithms."""
    weekend = np.array([(START + timedelta(day)).weekday() >= 5 for day in range(use_l.shape[1])])
    usual_l = np.median(use_l, axis=1, keepdims=True)
    log = np.log(np.where(use_l > AWAY_PART * usual_l, use_l, np.nan))
    level = np.where(weekend, *(
        np.nanmedian(log[:, kind], axis=1, keepdims=True) for kind in (weekend, ~weekend)
    ))  # fmt: skip
    spread = MAD_SCALE * np.nanmedian(np.abs(log - level), axis=1)
    return level, spread


def believed(use_l: Floats, level: Floats, spread: Floats, values: Limits) -> Floats:
    """Return how likely a jump is on each day, (homes, days)."""
    belief = Belief(len(use_l), values, Home(np.ones(1), np.ones((1, 1))))
    log = np.log(np.where(use_l > AWAY_PART * np.exp(level), np.maximum(use_l, 1), np.nan))
    together = np.ones((len(use_l), 1, 1))
    return np.stack(
        [
            belief.step(own[:, None], UsualDay(usual[:, None], spread[:, None], together))
            for own, usual in zip(log.T, level.T, strict=True)
        ],
        axis=1,
    )


def told_a_year(likely: Floats, limit: float) -> float:
    """Return how often homes are told, a home-year; again within two weeks is the same."""
    high: Flags = likely > limit
    before = np.zeros_like(high)
    for back in range(1, REST_DAYS + 1):
        before[:, back:] |= high[:, :-back]
    return float((high & ~before).sum() / len(likely) / (likely.shape[1] / 365))


def cells(homes: Homes) -> Iterator[Cell]:
    """Yield what is found of three and four times the water, at some rates of wrong ones."""
    at_home = homes.in_at_home()
    for name in (HOT, COLD):
        plain = litres(homes.use[name])
        level, spread = known_days(plain)
        for times in (3.0, 4.0):
            values = replace(limits(), belief_jump_times=times)
            calm = believed(plain, level, spread, values)
            likely = believed(litres(homes.put(name, times, 0, WEEK)), level, spread, values)
            rates = np.array([told_a_year(calm, limit) for limit in LIMITS])
            for most in FALSE_A_YEAR:
                limit = float(LIMITS[rates <= most].min())
                late = [
                    _delay(row > limit, begin)
                    for row, begin in zip(likely, homes.begins, strict=True)
                ]
                lived = [each for each, there in zip(late, at_home, strict=True) if there]
                words = f"{name[:-3].replace('_', ' ')} x{times:g} at {most:g} wrong a year"
                yield Cell(f"best possible: {words}, somebody in", WITHIN, lived)


def _delay(high: Flags, begin: int) -> float:
    """Return the hours until the end of the first high day from an hour on."""
    days = np.flatnonzero(high[begin // DAY :])
    return float((begin // DAY + days[0] + 1) * DAY - begin) if len(days) else np.inf


def evaluate() -> None:
    """Print the table; it is no benchmark, and `make bench` leaves it out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--houses", type=int, default=HOUSES)
    parser.add_argument("--quick", action="store_true", help="three houses")
    asked = parser.parse_args()
    print("| put in | within | found (95 %) | n | median |\n|---|---|---|---|---|")
    for cell in cells(Homes(3 if asked.quick else asked.houses)):
        print(cell.sentence(), flush=True)


if __name__ == "__main__":
    evaluate()
