"""
Bills of partial data by the hundred: gaps, moves, late, lost and replaced meters, sparse readings.

    .venv/bin/python -m tests.support.partial_data --bills 300

Each number gives one building, the same on every machine, and for each it must hold that a move
changes no other home's amounts, that sums are exact, that the order of rows means nothing, that
more readings estimate no more hours, and that no home uses more than its meters rose.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from billing.bill.bill import Bill
from billing.schemes import Scheme
from estate.errors import DataError
from estate.files.folder import read_estate
from estate.model import Estate
from estate.numbers.arrays import Floats
from estate.periods import HOUR_MS, Period, day_start_ms
from fairvarme.output import progress_bars
from operations.bill_building import bill_building
from telemetry.readings_file.file import read_readings
from telemetry.stores.store import SampleSource
from tests.support.samples import HandMadeSource

Rows = tuple[str, ...]

PERIODS = (
    Period(date(2025, 1, 1), date(2026, 1, 1)),
    Period(date(2024, 7, 1), date(2025, 7, 1)),
    Period(date(2026, 1, 1), date(2026, 2, 1)),
    Period(date(2024, 2, 1), date(2024, 3, 1)),
    Period(date(2026, 3, 1), date(2026, 5, 1)),
)
MARGIN = timedelta(days=500)
LONG_AGO = date(2020, 1, 1)
ZONE = ZoneInfo("Europe/Copenhagen")
MAY_STOP = frozenset({"billing.register.missing"})
KINDS = {"heat": ("heat_kwh", 40.0), "hot_water": ("hot_water_m3", 0.2)}
"""Quantity of a meter, and about what it counts in a day."""
BUILDING = """\
id: house
name: House
address: Street 1
timezone: Europe/Copenhagen
currency: DKK
language: da
tenure: ejer
schemes: []
"""
HEADERS = {
    "flats": "flat,address,area_m2,position_factor",
    "tenancies": "tenancy,flat,from,to,delivery",
    "devices": "device,kind,flat,from,to,start_register,end_register",
    "costs": "period_start,period_end,item,amount",
}


@dataclass(frozen=True)
class Meter:
    """A meter's readings, and what it truly counted from midnight to midnight."""

    device: str
    quantity: str
    readings: tuple[tuple[int, float], ...]
    true: Callable[[Floats], Floats]


@dataclass(frozen=True)
class Case:
    """
    A building as files.

    Attributes
    ----------
    tables : dict of str to tuple of str
        Rows of the estate's tables.
    """

    number: int
    period: Period
    scheme: Scheme
    tables: Mapping[str, Rows]
    meters: tuple[Meter, ...]

    def estate(self, folder: Path) -> Estate:
        """Write the estate folder and read it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "building.yaml").write_text(BUILDING, "utf-8")
        for name, rows in self.tables.items():
            text = "\n".join([HEADERS[name], *rows])
            (folder / f"{name}.csv").write_text(text + "\n", "utf-8")
        return read_estate(folder)

    def source(self) -> HandMadeSource:
        rows = {
            (meter.device, meter.quantity): [
                (time_ms, value, 0) for time_ms, value in meter.readings
            ]
            for meter in self.meters
        }
        return HandMadeSource(rows)

    def shuffled(self, rng: np.random.Generator) -> Case:
        """Return the same in another order of rows."""
        tables = {name: tuple(rng.permutation(rows).tolist()) for name, rows in self.tables.items()}
        return replace(self, tables=tables)

    def with_tenancies(self, rows: Sequence[str]) -> Case:
        """Return the same with other tenancies."""
        return replace(self, tables={**self.tables, "tenancies": tuple(rows)})


@dataclass
class Tally:
    """What was billed, and what did not hold."""

    bills: int = 0
    stopped: int = 0
    broken: list[str] = field(default_factory=list)
    how: Counter[str] = field(default_factory=Counter)


def a_case(number: int) -> Case:
    """Draw a building."""
    rng = np.random.default_rng(number)
    period = PERIODS[rng.integers(len(PERIODS))]
    flats = [f"{each + 1:02d}" for each in range(rng.integers(3, 7))]
    tables = {
        "flats": tuple(f"{flat},Street {flat},{rng.integers(30, 120)},1" for flat in flats),
        "tenancies": tuple(f"{flat}-0,{flat},{LONG_AGO},,digital" for flat in flats),
        "costs": tuple(
            f"{period.start},{period.end},{item},{rng.integers(1_000, 10_000_000) / 100:.2f}"
            for item in KINDS
        ),
    }
    devices: list[str] = []
    meters: list[Meter] = []
    for flat in flats:
        for kind in KINDS:
            for side in range(1 + (rng.random() < 0.15)):  # two risers now and then
                rows, own = _a_place(f"{kind}-{flat}-{side}", kind, flat, period, rng)
                devices += rows
                meters += own
    return Case(
        number, period, _a_scheme(rng), {**tables, "devices": tuple(devices)}, tuple(meters)
    )


def _a_scheme(rng: np.random.Generator) -> Scheme:
    metered = round(float(rng.choice([0.4, 0.5, 0.7, 1.0])), 2)
    rules: dict[str, object] = {
        "id": "own", "valid_from": LONG_AGO, "source": "made for this test", "items": {
            item: [
                {"key": key, "fraction": metered},
                *([{"key": "area", "fraction": round(1 - metered, 2)}] if metered < 1 else []),
            ]
            for item, key in (("heat", "heat_units"), ("hot_water", "hot_water_m3"))
        },
    }  # fmt: skip
    if rng.random() < 0.5:
        rules["estimated_area_ceiling"] = 0.25
    return Scheme.model_validate(rules)


def _a_place(
    name: str, kind: str, flat: str, period: Period, rng: np.random.Generator
) -> tuple[list[str], list[Meter]]:
    """Return rows of devices.csv and the meters of one place: one, late, replaced, or none."""
    change = period.start + timedelta(days=int(rng.integers(1, period.days)))
    fate = rng.random()
    if fate < 0.05:
        return [], []
    if fate < 0.15:
        first = float(rng.choice([0.0, 37.5])) if rng.random() < 0.7 else None
        late = f"{name},{kind},{flat},{change},,{_cell(first)},"
        shown = 500.0 if first is None else first
        return [late], [_a_meter(name, kind, change, None, shown, rng, period)]
    if fate < 0.25:
        old = _a_meter(f"{name}-old", kind, LONG_AGO, change, 8_000.0, rng, period)
        end = float(old.true(np.array([_ms(change)]))[0])
        new = _a_meter(name, kind, change, None, 0.0, rng, period)
        return [
            f"{name}-old,{kind},{flat},{LONG_AGO},{change},,{end:.3f}",
            f"{name},{kind},{flat},{change},,0,",
        ], [old, new]
    ends = change if fate < 0.3 else None
    row = f"{name},{kind},{flat},{LONG_AGO},{ends or ''},,"
    return [row], [_a_meter(name, kind, LONG_AGO, ends, 9_000.0, rng, period)]


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _ms(day: date) -> int:
    return day_start_ms(day, ZONE)


def _a_meter(
    name: str,
    kind: str,
    start: date,
    end: date | None,
    first: float,
    rng: np.random.Generator,
    period: Period,
) -> Meter:
    """Draw a register's days and when it was read."""
    quantity, usual = KINDS[kind]
    day_one = max(start, period.start - MARGIN)
    last_day = min(end or date.max, period.end + MARGIN)
    days = np.arange((last_day - day_one).days + 1)
    winter = 1 + 0.8 * np.cos(2 * np.pi * (days + day_one.timetuple().tm_yday) / 365)
    use = rng.gamma(2.0, usual / 2, len(days)) * (winter if kind == "heat" else 1.0)
    times = _ms(day_one) + days * 24 * HOUR_MS
    total = first + np.concatenate([[0.0], np.cumsum(use[:-1])])

    def true(time_ms: Floats) -> Floats:
        return np.asarray(np.interp(time_ms, times, total))

    read_ms = _read_at(times[0], times[-1], period, rng)
    value = np.round(true(read_ms), 3)
    if rng.random() < 0.1:
        value[rng.random(len(value)) < 0.05] = 0.0
    readings = tuple(zip(read_ms.astype(int).tolist(), value.tolist(), strict=True))
    return Meter(name, quantity, readings, true)


def _read_at(first: int, last: int, period: Period, rng: np.random.Generator) -> Floats:
    """Draw when a meter was read: how often, with gaps, until it was lost, or never."""
    step_days = rng.choice([0.25, 1, 7, 30, 90, 365], p=[0.05, 0.35, 0.2, 0.15, 0.1, 0.15])
    times = np.arange(first + rng.random() * 24 * HOUR_MS, last, step_days * 24 * HOUR_MS)
    edges = [day_ms for day in (period.start, period.end) if first <= (day_ms := _ms(day)) <= last]
    if rng.random() < 0.4:
        times = np.union1d(times, edges)
    for _ in range(rng.integers(0, 3)):
        start = rng.uniform(first, last)
        times = times[(times < start) | (times > start + rng.uniform(1, 90) * 24 * HOUR_MS)]
    fate = rng.random()
    if fate < 0.06:
        return np.empty(0)
    if fate < 0.2:
        times = times[times < rng.uniform(_ms(period.start), _ms(period.end))]
    return np.unique(np.round(times))


def moves(case: Case, rng: np.random.Generator) -> tuple[str, list[str]]:
    """Let one flat change hands once to three times, with empty days now and then."""
    flats = [row.split(",")[0] for row in case.tables["flats"]]
    flat = flats[rng.integers(len(flats))]
    days = sorted(
        int(day) for day in rng.choice(np.arange(1, case.period.days), rng.integers(1, 4), False)
    )
    rows = [row for row in case.tables["tenancies"] if f",{flat}," not in row]
    start = LONG_AGO
    for number, day in enumerate(days):
        end = case.period.start + timedelta(days=day)
        rows.append(f"{flat}-{number},{flat},{start},{end},digital")
        start = end
        if rng.random() < 0.4:
            start += timedelta(days=int(rng.integers(1, 4)))
    rows.append(f"{flat}-{len(days)},{flat},{start},,digital")
    return flat, _without_overlaps(rows, flat)


def _without_overlaps(rows: Sequence[str], flat: str) -> list[str]:
    """Leave out stays that an empty day made end before they begin."""
    kept = []
    for row in rows:
        _, own, start, end, _ = row.split(",")
        if own != flat or not end or date.fromisoformat(start) < date.fromisoformat(end):
            kept.append(row)
    return kept


def check(case: Case, folder: Path, tally: Tally) -> None:
    """Bill a case in several ways, and tell what does not hold."""
    rng = np.random.default_rng([case.number, 1])
    plain = _bill(case, folder / "plain", case.source(), tally)
    flat, rows = moves(case, rng)
    moved_case = case.with_tenancies(rows)
    moved = _bill(moved_case, folder / "moved", case.source(), tally)
    if plain is None or moved is None:
        if (plain is None) != (moved is None):
            tally.broken.append(f"{case.number}: a move decides whether there is a bill")
        return
    for bill in (plain, moved):
        tally.broken += [
            f"{case.number}: {text}" for text in (*_sums(bill), *_too_much(case, bill))
        ]
    if by_flat(plain) != by_flat(moved):
        tally.broken.append(
            f"{case.number}: the move in flat {flat} changed {_changes(plain, moved)}"
        )
    shuffled = _bill_of_files(moved_case.shuffled(rng), folder / "shuffled", rng, tally)
    if shuffled is None or _rows(shuffled) != _rows(moved):
        tally.broken.append(f"{case.number}: the order of rows changed the bill")
    finer = _with_more_readings(case, rng)
    more = _bill(finer, folder / "finer", finer.source(), tally)
    if more is None or _coarser(plain, more):
        tally.broken.append(f"{case.number}: more readings estimated more hours")


def _bill(case: Case, folder: Path, source: SampleSource, tally: Tally) -> Bill | None:
    tally.bills += 1
    try:
        bill = bill_building(case.estate(folder), source, case.period, case.scheme)
    except DataError as error:
        names = {each.name for each in error.findings}
        if not names & MAY_STOP:
            tally.broken.append(f"{case.number}: stopped by {sorted(names)}")
        tally.stopped += 1
        return None
    tally.how.update(each.method for statement in bill.statements for each in statement.registers)
    return bill


def _bill_of_files(case: Case, folder: Path, rng: np.random.Generator, tally: Tally) -> Bill | None:
    lines = [
        f"{time_ms / 1000:.3f},{meter.device},{meter.quantity},{value!r}"
        for meter in case.meters
        for time_ms, value in meter.readings
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "readings.csv"
    order = rng.permutation(len(lines))
    rows = [lines[each] for each in order] or [f"0,{case.meters[0].device},heat_kwh,1"]
    path.write_text("\n".join(["time,device,quantity,value", *rows]) + "\n", "utf-8")
    file = read_readings(path)
    source = file.keep(np.ones(len(file.columns().time_ms), dtype=np.bool_))
    return _bill(case, folder / "estate", source, tally)


def by_flat(bill: Bill) -> dict[tuple[str, str], int]:
    """Sum what each flat pays under each component. [øre]"""
    amounts: dict[tuple[str, str], int] = defaultdict(int)
    for row in bill.rows:
        amounts[row.flat, row.component] += row.amount_ore
    return dict(amounts)


def _changes(bill: Bill, other: Bill) -> list[tuple[str, str]]:
    before, after = by_flat(bill), by_flat(other)
    return [each for each in before if before[each] != after.get(each)]


def _rows(bill: Bill) -> list[tuple[str, str, int, float]]:
    return sorted((row.tenancy, row.component, row.amount_ore, row.weight) for row in bill.rows)


def _sums(bill: Bill) -> Iterator[str]:
    if sum(row.amount_ore for row in bill.rows) != bill.total_ore:
        yield "the rows do not add up to the costs"
    if len({(row.tenancy, row.component) for row in bill.rows}) != len(bill.rows):
        yield "a tenancy has a component twice"


def _too_much(case: Case, bill: Bill) -> Iterator[str]:
    """Find meters of which nothing is estimated and more is billed than they rose."""
    used: dict[str, float] = defaultdict(float)
    estimated: dict[str, int] = defaultdict(int)
    for statement in bill.statements:
        for each in statement.registers:
            used[each.device] += each.use
            estimated[each.device] += each.estimated_hours
    for meter in case.meters:
        if meter.device not in used or estimated[meter.device] or not meter.readings:
            continue
        span = np.array([meter.readings[0][0], meter.readings[-1][0]], dtype=np.float64)
        # A register read by hand at installation reaches farther.
        first = min(span[0], _ms(case.period.start))
        rose = float(np.diff(meter.true(np.array([first, max(span[1], _ms(case.period.end))])))[0])
        if used[meter.device] > rose + 0.01:
            yield f"{meter.device} used {used[meter.device]:.3f} and rose {rose:.3f}"


def _with_more_readings(case: Case, rng: np.random.Generator) -> Case:
    """Read the meters that nothing is wrong with at five more times between their readings."""
    finer = []
    for meter in case.meters:
        own = dict(meter.readings)
        if len(own) > 1 and min(list(own.values())[1:]) > 0:
            times = rng.uniform(min(own), max(own), 5).round()
            values = meter.true(times).round(3).tolist()
            own |= dict(zip(times.astype(int).tolist(), values, strict=True))
        finer.append(replace(meter, readings=tuple(sorted(own.items()))))
    return replace(case, meters=tuple(finer))


def _coarser(before: Bill, after: Bill) -> bool:
    hours = [
        sum(each.estimated_hours for own in bill.statements for each in own.registers)
        for bill in (before, after)
    ]
    return hours[1] > hours[0]


def main() -> int:
    """Bill as many buildings as are asked for; 1 where something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--bills", type=int, default=300, help="at least so many bills")
    parser.add_argument("--first", type=int, default=0, help="number of the first building")
    words = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder, progress_bars() as bars:
        task = bars.add_task("bills", total=words.bills)
        number = words.first
        while tally.bills < words.bills:
            check(a_case(number), Path(folder) / str(number), tally)
            bars.update(task, completed=min(tally.bills, words.bills))
            number += 1
    buildings = f"{number - words.first} buildings, {tally.stopped} stopped"
    how = ", ".join(f"{method} {count}" for method, count in sorted(tally.how.items()))
    lines = [f"{tally.bills} bills of {buildings}", how, *tally.broken]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(tally.broken))


if __name__ == "__main__":
    sys.exit(main())
