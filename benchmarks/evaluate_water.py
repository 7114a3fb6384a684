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
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from zoneinfo import ZoneInfo

import numpy as np
from scipy.stats import chi2

from alerts.detect import Meters, Outdoor, detect
from alerts.detectors.found import Found
from alerts.detectors.limits import Limits, limits
from alerts.life.kinds import kind_rules
from alerts.model import USED_BY_PEOPLE, WATER, AlertKind
from benchmarks.evaluate import (
    END,
    FIRST_DAY,
    FLATS,
    HOURS,
    LAST_DAY,
    START,
    START_MS,
    WEEK,
    ZONE,
    Cell,
    Flags,
    Floats,
    lives,
    samples_of,
)
from estate.periods import HOUR_MS
from firmware_sim.clock import Clock
from firmware_sim.life.living import Households
from firmware_sim.life.scenario import Scenario
from firmware_sim.physics.building import simulate
from firmware_sim.results.comparison import ring

HOT, COLD, ELECTRICITY = "hot_water_m3", "cold_water_m3", "electricity_kwh"
FIRST_SEED = 93_000
WARM_UP_DAYS = 80
"""So much of the past is read before something is put in: more than any detector remembers."""
HOUSES, FEW = 23, 3
PULSE = {HOT: 0.001, COLD: 0.001, ELECTRICITY: 0.01, "heat_kwh": 0.01}
WITHIN = 96
DAY = 24
ALL = slice(0, HOURS)
AROUND = slice((FIRST_DAY - WARM_UP_DAYS) * DAY, (LAST_DAY + 16) * DAY)
"""What is put in for a week or two, and what came before it."""
USELESS_DAYS = 56


@dataclass(frozen=True)
class House:
    """Use of the hours of a year by register, (homes, hours), and the weather."""

    use: Mapping[str, Floats]
    outdoor: Outdoor


@cache
def house(seed: int) -> House:
    """Simulate a house."""
    built = ring()
    households = dict(zip(built.flats, (each.name for each in lives(seed)), strict=True))
    simulation = simulate(built, START, END, seed, events=False, scenario=Scenario(households))
    use = {
        name: np.diff(register, axis=1)[:, :HOURS]
        for name, register in simulation.record.registers.items()
        if name in PULSE
    }
    outdoor_c = simulation.weather.temperature_c[simulation.first_step :]
    hourly_c = outdoor_c[: HOURS * 12].reshape(-1, 12).mean(axis=1)
    time_ms = START_MS + np.arange(len(hourly_c), dtype=np.int64) * HOUR_MS
    return House(use, Outdoor(time_ms, hourly_c))


def water(seeds: Iterable[int]) -> dict[str, Floats]:
    """Return the water of the hours of a year of the homes of some houses, (homes, hours)."""
    flows: dict[str, list[Floats]] = {HOT: [], COLD: []}
    for seed in seeds:
        lived = Households(ring(), lives(seed), seed).live(Clock(START, END, ZoneInfo("UTC"), 5))
        for name, flow_l in ((HOT, lived.hot_water_l), (COLD, lived.cold_water_l)):
            flows[name].append(flow_l.reshape(-1, 12, FLATS).sum(axis=1).T / 1000)
    return {name: np.vstack(each)[:, :HOURS] for name, each in flows.items()}


class Homes:
    """All homes of some houses."""

    def __init__(self, houses: int) -> None:
        self.seeds = range(FIRST_SEED, FIRST_SEED + houses)
        self.use = water(self.seeds)
        self.count = houses * FLATS
        draw = np.random.default_rng(7)
        self.begins: list[int] = draw.integers(FIRST_DAY * DAY, LAST_DAY * DAY, self.count).tolist()

    def with_electricity(self) -> None:
        """Simulate what takes longer: the houses themselves."""
        self.use[ELECTRICITY] = np.vstack([house(seed).use[ELECTRICITY] for seed in self.seeds])

    def put(self, name: str, times: float, more: float, hours: int) -> Floats:
        """Return the use of a register with something put in from each home's own hour on."""
        use = self.use[name].copy()
        for row, begin in enumerate(self.begins):
            part = use[row, begin : begin + hours]
            part[:] = part * times + more
        return use

    def in_at_home(self) -> Flags:
        """Return which homes used water as usual on most of the days that count."""
        days = self.use[COLD].reshape(self.count, -1, DAY).sum(axis=2)
        usual = np.median(days, axis=1)
        lived = [
            (days[row, begin // DAY : begin // DAY + 5] > 0.2 * usual[row]).sum() >= 4
            for row, begin in enumerate(self.begins)
        ]
        return np.array(lived)


Raised = list[tuple[str, int, Found]]
"""Register, row of the home, and what was found."""


def found_in(
    use: Mapping[str, Floats],
    values: Limits,
    *,
    together: bool = True,
    lost: float = 0.0,
    unit: Mapping[str, float] = PULSE,
    outdoor: Outdoor | None = None,
    hours: slice = ALL,
) -> Raised:
    """Return what is found in registers of the same homes, or of unrelated ones."""
    meters = []
    for number, (name, counted) in enumerate(use.items()):
        homes = [f"{row:04d}" for row in range(len(counted))]
        samples = samples_of(counted, unit[name], lost, seed=1 + number)
        start_ms, end_ms = (START_MS + hour * HOUR_MS for hour in (hours.start, hours.stop))
        samples = samples.keep((samples.time_ms >= start_ms) & (samples.time_ms <= end_ms))
        devices = [f"{name} {home}" for home in homes]
        meters.append(Meters(name, devices, samples, homes if together else ()))
    found = detect(meters, ZONE, values, outdoor)
    return [(device.split()[0], int(device.split()[1]), each) for device, each in found]


def delays(
    found: Raised, homes: Homes, names: Iterable[str], kinds: Iterable[AlertKind], longest: float
) -> list[float]:
    """Return the hours from each home's beginning to the first alert of it."""
    wanted = set(product(names, kinds))
    first = [np.inf] * homes.count
    for name, row, each in found:
        late = (each.raised_ms - START_MS) / HOUR_MS - homes.begins[row]
        if (name, each.kind) in wanted and 0 <= late <= longest:
            first[row] = min(first[row], late)
    return first


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
    """Multiply the use of water meters for a week."""
    at_home = homes.in_at_home()
    plain = {name: homes.use[name] for name in (HOT, COLD)}
    for put, by in product(((HOT,), (COLD,), (HOT, COLD)), times):
        words = " and ".join(name[:-3].replace("_", " ") for name in put)
        use = plain | {name: homes.put(name, by, 0, WEEK) for name in put}
        found = found_in(use, values, hours=AROUND)
        late = delays(found, homes, put, [AlertKind.SPIKE], WEEK + DAY)
        yield Cell(f"{words} x{by:g}, home with both meters", WITHIN, late)
        lived = [each for each, there in zip(late, at_home, strict=True) if there]
        yield Cell(f"{words} x{by:g}, home with both meters, somebody in", WITHIN, lived)
    for name, by in product((HOT, COLD), times):
        found = found_in({name: homes.put(name, by, 0, WEEK)}, values, hours=AROUND)
        late = delays(found, homes, [name], [AlertKind.SPIKE], WEEK + DAY)
        words = name[:-3].replace("_", " ")
        yield Cell(f"{words} x{by:g}, this meter alone", WITHIN, late)
        lived = [each for each, there in zip(late, at_home, strict=True) if there]
        yield Cell(f"{words} x{by:g}, this meter alone, somebody in", WITHIN, lived)


def other_cells(homes: Homes) -> Iterator[Cell]:
    """Put what creeps, runs at night or stands still into meters."""
    homes.with_electricity()
    for by in (2.0, 3.0):
        found = found_in({ELECTRICITY: homes.put(ELECTRICITY, by, 0, WEEK)}, limits(), hours=AROUND)
        late = delays(found, homes, [ELECTRICITY], [AlertKind.SPIKE], WEEK + DAY)
        yield Cell(f"electricity x{by:g} for a week", WITHIN, late)
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


def alone_messages(homes: Homes, values: Limits) -> Iterator[str]:
    """Count the same of homes with one water meter."""
    for name in (HOT, COLD):
        told = messages(found_in({name: homes.use[name]}, values))
        words = f"{name[:-3].replace('_', ' ')} alone, water of all kinds"
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
    yield "| home | belief | false | hot x3 | hot x4 | cold x3 | cold x4 |" + "\n|" + 7 * "---|"
    plain = {name: homes.use[name] for name in (HOT, COLD)}
    for belief in (0.8, 0.9, 0.95):
        values = replace(limits(), belief_with_others=belief)
        told = f"{messages(found_in(plain, values)).total() / homes.count:.2f}"
        found = [
            found_in(plain | {name: homes.put(name, by, 0, WEEK)}, values, hours=AROUND)
            for name, by in product((HOT, COLD), (3, 4))
        ]
        yield _row(homes, "both meters", f"{belief:g}", told, found)
    for belief in (0.4, 0.5, 0.6, 0.7, 0.8):
        values = replace(limits(), belief_water=belief)
        counts = [
            messages(found_in({name: homes.use[name]}, values)).total() for name in (HOT, COLD)
        ]
        found = [
            found_in({name: homes.put(name, by, 0, WEEK)}, values, hours=AROUND)
            for name, by in product((HOT, COLD), (3, 4))
        ]
        told = ", ".join(f"{each / homes.count:.2f}" for each in counts)
        yield _row(homes, "one meter", f"{belief:g}", told, found)


def _row(homes: Homes, home: str, values: str, told: str, found: Sequence[Raised]) -> str:
    parts = []
    for name, each in zip((HOT, HOT, COLD, COLD), found, strict=True):
        late = delays(each, homes, [name], [AlertKind.SPIKE], WITHIN)
        parts.append(f"{np.isfinite(late).mean():.2f}")
    return f"| {home} | {values} | {told} | {' | '.join(parts)} |"


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
    yield from alone_messages(homes, limits())
    for lost in (0.0, 0.5):
        yield from false_messages(homes, lost)


PARTS: Mapping[str, Callable[[Homes], Iterator[str]]] = {
    "flows": _flows,
    "spikes": _spikes,
    "others": _others,
    "false": _false,
    "curve": curve,
}


if __name__ == "__main__":
    evaluate_water()
