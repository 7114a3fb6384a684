"""
How well alerts find what is put into simulated water and electricity, and what homes are sent.

    make evaluate
    .venv/bin/python -m benchmarks.evaluate_water --quick          three houses
    .venv/bin/python -m benchmarks.evaluate_water --only curve     recall against false messages

The limits were set on seeds from 31000 and 52000, and never on a house of these. Each row prints n
and the Wilson interval of 95 %. ``docs/alerts.md`` holds the last tables with their date.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product

import numpy as np
from scipy.stats import chi2

from alerts.detectors.found import Found
from alerts.detectors.limits import Limits, limits
from alerts.life.kinds import kind_rules
from alerts.model import USED_BY_PEOPLE, WATER, AlertKind
from benchmarks.evaluate import FLATS, HOURS, WEEK, Cell, Floats, house
from benchmarks.evaluate_water_homes import (
    AROUND,
    COLD,
    DAY,
    ELECTRICITY,
    HOT,
    Homes,
    Raised,
    delays,
    found_in,
)

HOUSES, FEW = 23, 3
WITHIN = 96
USELESS_DAYS = 56
SHORT = {HOT: "hot water", COLD: "cold water", ELECTRICITY: "electricity"}
WATERS, EVERYTHING = (HOT, COLD), (HOT, COLD, ELECTRICITY)
METERED = (
    *((EVERYTHING, put) for put in ((HOT,), (COLD,), WATERS, (ELECTRICITY,))),
    *((WATERS, put) for put in ((HOT,), (COLD,), WATERS)),
    *(((name, ELECTRICITY), (name,)) for name in WATERS),
    *(((name,), (name,)) for name in EVERYTHING),
)
"""What a home has meters of, and which of them something is put into."""


def flow_cells(homes: Homes) -> Iterator[Cell]:
    """Put leaks and bursts into water meters."""
    for name, pulse_l, lost in product((HOT, COLD), (1, 10), (0.0, 0.5)):
        unit = {name: pulse_l / 1000}
        words = f"{name[:-3].replace('_', ' ')}, pulses of {pulse_l} l, {lost:.0%} lost"
        for what, kind, flow_l, hours, within in (
            ("leak of 10 l/h", AlertKind.LEAK, 10, WEEK, 48 if lost else WEEK),
            ("burst of 600 l/h", AlertKind.BURST, 600, 6, 2),
        ):
            use = {name: homes.put(name, 1, flow_l / 1000, hours)}
            found = found_in(use, limits(), lost=lost, unit=unit, hours=AROUND)
            yield Cell(f"{what}, {words}", within, delays(found, homes, [name], [kind], WEEK))


def spike_cells(homes: Homes, values: Limits, times: Sequence[float]) -> Iterator[Cell]:
    """Multiply the use of meters for a week, in homes that have some others or none."""
    homes.with_electricity()
    at_home = homes.in_at_home()
    for there, put in METERED:
        for by in times:
            use = {name: homes.use[name] for name in there}
            use |= {name: homes.put(name, by, 0, WEEK) for name in put}
            found = found_in(use, values, hours=AROUND)
            late = delays(found, homes, put, [AlertKind.SPIKE], WEEK + DAY)
            words = f"{_words(put)} x{by:g}, home with {_words(there)}"
            yield Cell(words, WITHIN, late)
            lived = [each for each, in_ in zip(late, at_home, strict=True) if in_]
            yield Cell(f"{words}, somebody in", WITHIN, lived)


def _words(names: Sequence[str]) -> str:
    return " and ".join(SHORT[name] for name in names)


def other_cells(homes: Homes) -> Iterator[Cell]:
    """Put what creeps, runs at night or stands still into meters."""
    yield _creeping(homes)
    night = homes.use[COLD].copy()
    for row, begin in enumerate(homes.begins):
        for day in range(begin // DAY, begin // DAY + 14):
            night[row, day * DAY + 1 : day * DAY + 5] += 0.004
    found = found_in({COLD: night}, limits(), hours=AROUND)
    late = delays(found, homes, [COLD], [AlertKind.NIGHT_USE], 14 * DAY)
    yield Cell("4 l/h from 1 to 5 o'clock", 8 * DAY, late)
    standing = {HOT: homes.put(HOT, 0, 0, 40 * DAY), COLD: homes.use[COLD]}
    found = found_in(standing, limits())
    late = delays(found, homes, [HOT], [AlertKind.STOP], 40 * DAY)
    yield Cell("hot-water meter stands, home with both", 14 * DAY, late)


def _creeping(homes: Homes) -> Cell:
    use, hours = homes.use[HOT].copy(), 90 * DAY
    for row, begin in enumerate(homes.begins):
        part = use[row, begin : begin + hours]
        part += np.linspace(0, 0.005, hours)[: len(part)]
    found = found_in({HOT: use}, limits())
    late = delays(found, homes, [HOT], [AlertKind.SLOW_RISE, AlertKind.LEAK], 95 * DAY)
    return Cell("leak that grows to 5 l/h in 90 days (slow rise or leak)", 95 * DAY, late)


def rate(number: int, years: float) -> str:
    """Return a rate a home-year with the exact interval of a Poisson count of 95 %."""
    low = chi2.ppf(0.025, 2 * number) / 2 / years if number else 0.0
    high = chi2.ppf(0.975, 2 * number + 2) / 2 / years
    return f"{number / years:.2f} ({low:.2f} to {high:.2f})"


def messages(found: Raised) -> Counter[str]:
    """
    Count the messages that homes are sent, by what they are of.

    One of the same meter and kind is the same message until it is cleared; what another alert of
    the home explains is none (`alerts/life/kinds.yaml`).
    """
    rules, told = kind_rules(), Counter[str]()
    by_home: dict[int, list[tuple[str, Found]]] = defaultdict(list)
    for name, row, each in sorted(found, key=lambda one: one[2].raised_ms):
        before = by_home[row]
        same = any(
            name == other and each.kind is one.kind
            and each.start_ms - one.end_ms < rules[each.kind].clear_ms
            for other, one in before
        )  # fmt: skip
        if not same and not any(_explains(other, one, name, each) for other, one in before):
            told[f"{each.kind} of {'water' if name in WATER else name.split('_')[0]}"] += 1
        before.append((name, each))
    return told


def _explains(cause_of: str, cause: Found, name: str, each: Found) -> bool:
    where = kind_rules()[cause.kind].inhibits.get(each.kind)
    overlap = cause.start_ms < each.end_ms and each.start_ms < cause.end_ms
    of_people = where == "use" and {cause_of, name} <= USED_BY_PEOPLE
    return overlap and (of_people or (where in ("meter", "home") and cause_of == name))


def false_messages(homes: Homes, lost: float = 0.0) -> Iterator[str]:
    """Count what homes are sent where nothing was put in, by kind and in all."""
    homes.with_electricity()
    of_homes = {name: homes.use[name] for name in (HOT, COLD, ELECTRICITY)}
    found = found_in(of_homes, limits(), lost=lost)
    for number, seed in enumerate(homes.seeds):
        built = house(seed)
        heat = {"heat_kwh": built.use["heat_kwh"]}
        own = found_in(heat, limits(), outdoor=built.outdoor, lost=lost)
        found += [(name, number * FLATS + row, each) for name, row, each in own]
    told = messages(found)
    for what, count in sorted(told.items()):
        yield f"| {what}, {lost:.0%} lost | {rate(count, homes.count)} | {homes.count} |"
    total = rate(told.total(), homes.count)
    yield f"| **all messages, {lost:.0%} lost** | {total} | {homes.count} |"


def use_messages(homes: Homes, values: Limits) -> Iterator[str]:
    """Count those of water and electricity in homes that have some meters or others."""
    homes.with_electricity()
    for there in dict(METERED):
        told = messages(found_in({name: homes.use[name] for name in there}, values))
        words = f"home with {_words(there)}, all kinds"
        yield f"| {words} | {rate(told.total(), homes.count)} | {homes.count} |"


def above_own_largest(use: Floats, days: int = USELESS_DAYS) -> int:
    """Count the days above the largest of so many days before: what a simple rule tells."""
    daily = use.reshape(len(use), -1, DAY).sum(axis=2)
    windows = np.lib.stride_tricks.sliding_window_view(daily[:, :-1], days, axis=1)
    return int((daily[:, days:] > windows.max(axis=2)).sum())


def useless_rule(homes: Homes) -> Iterator[str]:
    """Count what the rule "above my own 56-day maximum" tells where nothing was put in."""
    years = homes.count * (HOURS / DAY - USELESS_DAYS) / 365
    for name in (HOT, COLD):
        number = above_own_largest(homes.use[name])
        yield f"| above the own {USELESS_DAYS}-day maximum, {name[:-3]} | {rate(number, years)} | |"


def curve(homes: Homes) -> Iterator[str]:
    """Print what of x3 and x4 is found against what is told wrongly, for other limits."""
    yield "| home | belief | false | x3 | x4 |" + "\n|" + 5 * "---|"
    homes.with_electricity()
    for (there, put), belief in product(METERED, (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)):
        values = replace(limits(), belief_water=belief, belief_electricity=belief)
        plain = {name: homes.use[name] for name in there}
        told = messages(found_in(plain, values)).total() / homes.count
        parts = []
        for by in (3, 4):
            use = plain | {name: homes.put(name, by, 0, WEEK) for name in put}
            found = found_in(use, values, hours=AROUND)
            late = delays(found, homes, put, [AlertKind.SPIKE], WITHIN)
            parts.append(f"{np.isfinite(late).mean():.2f}")
        words = f"{_words(there)}; put into {_words(put)}"
        yield f"| {words} | {belief:g} | {told:.2f} | {' | '.join(parts)} |"


def own_ways(homes: Homes) -> Iterator[str]:
    """Find and count the same where the days of a home's meters go together less."""
    apart = homes.apart()
    for one, two in combinations(EVERYTHING, 2):
        usual, less = (_correlation(each.use[one], each.use[two]) for each in (homes, apart))
        yield f"correlation of days, {_words((one, two))}: {less:.2f} instead of {usual:.2f}"
    yield from _table(spike_cells(apart, limits(), (3, 4)))
    yield "\n| nothing put in | a home-year (95 %) | homes |\n|---|---|---|"
    yield from use_messages(apart, limits())


def _correlation(one: Floats, two: Floats) -> float:
    """Return the median home's correlation of days on which somebody seems to be in."""
    days = [
        np.log(np.maximum(each.reshape(-1, HOURS // DAY, DAY).sum(axis=2), 1e-9))
        for each in (one, two)
    ]
    found = []
    for pair in zip(*days, strict=True):
        in_ = np.all([each > np.median(each) - 1 for each in pair], axis=0)
        found.append(np.corrcoef(pair[0][in_], pair[1][in_])[0, 1])
    return float(np.median(found))


def evaluate_water() -> None:
    """Print the tables; it is no benchmark, and `make bench` leaves it out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--houses", type=int, default=HOUSES, help=f"of {FLATS} flats each")
    parser.add_argument("--quick", action="store_true", help=f"{FEW} houses")
    parser.add_argument("--only", choices=PARTS, help="one of the tables")
    options = parser.parse_args()
    homes = Homes(FEW if options.quick else options.houses)
    for name in [options.only] if options.only else [each for each in PARTS if each != "curve"]:
        for line in PARTS[name](homes):
            print(line, flush=True)
        print()


def _spikes(homes: Homes) -> Iterator[str]:
    yield from _table(spike_cells(homes, limits(), (2, 3, 4)))


def _flows(homes: Homes) -> Iterator[str]:
    yield from _table(flow_cells(homes))


def _others(homes: Homes) -> Iterator[str]:
    yield from _table(other_cells(homes))


def _table(cells: Iterable[Cell]) -> Iterator[str]:
    yield "| put in | within | found (95 %) | n | median |\n|---|---|---|---|---|"
    for cell in cells:
        yield cell.sentence()


def _false(homes: Homes) -> Iterator[str]:
    yield "| nothing put in | a home-year (95 %) | homes |\n|---|---|---|"
    yield from useless_rule(homes)
    yield from use_messages(homes, limits())
    for lost in (0.0, 0.5):
        yield from false_messages(homes, lost)


PARTS: Mapping[str, Callable[[Homes], Iterator[str]]] = {
    "flows": _flows,
    "spikes": _spikes,
    "others": _others,
    "false": _false,
    "own ways": own_ways,
    "curve": curve,
}


if __name__ == "__main__":
    evaluate_water()
