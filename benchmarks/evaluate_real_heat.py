"""
How well spikes are found in the heat and electricity of real houses.

    make evaluate
    .venv/bin/python -m benchmarks.evaluate_real_heat --weeks 10        a quick look

A Danish house of three years, without weather and without neighbours, and a British one with its
outdoor temperature, from ``../shared/data``; and the electricity of another British one. A week
takes more than it did; each week by itself, by season for heat.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from alerts.detect import Outdoor, found_in_registers
from alerts.detectors.intervals import Register
from alerts.detectors.limits import limits
from alerts.model import AlertKind
from benchmarks.evaluate import WEEK, Cell
from estate.periods import HOUR_MS

Floats = npt.NDArray[np.float64]

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
SEASONS: Mapping[str, Sequence[int]] = {
    "December to February": (12, 1, 2),
    "March to May": (3, 4, 5),
    "June to August": (6, 7, 8),
    "September to November": (9, 10, 11),
}
PUT_IN = ((2.0, 48), (2.0, 96), (2.0, 192), (1.5, 96), (1.5, 192))
"""Times the heat, and within how many hours it is to be found."""
ELECTRICITY_PUT_IN = ((3.0, 96), (4.0, 96))
"""The same of electricity."""
PAST = 400 * 24
"""So many hours before a week are enough to judge it."""
LEAST_PAST = 60 * 24
SEED = 3
YEAR_HOURS = 8766


@dataclass(frozen=True)
class RealHouse:
    """Use of full hours, the zone of its days, and the weather where it is known."""

    name: str
    zone: ZoneInfo
    starts_ms: npt.NDArray[np.int64]
    use_kwh: Floats
    outdoor: Outdoor | None = None
    quantity: str = "heat_kwh"

    def raised_ms(self, use_kwh: Floats, hours: slice) -> list[int]:
        """Return when spikes are raised in some of the hours."""
        value = np.concatenate([[0.0], np.cumsum(use_kwh[hours])])
        starts_ms = self.starts_ms[hours]
        register = Register(
            np.append(starts_ms, starts_ms[-1] + HOUR_MS), value, np.arange(len(value)) == 0
        )
        found = found_in_registers(self.quantity, [register], self.zone, limits(), self.outdoor)
        return [each.raised_ms for each in found if each.kind == AlertKind.SPIKE]

    def delay_hours(self, begin: int, times: float) -> float:
        """Return how late a week of more use is told of, infinite where it is not."""
        use_kwh = self.use_kwh.copy()
        use_kwh[begin : begin + WEEK] *= times
        told = self.raised_ms(use_kwh, slice(max(begin - PAST, 0), begin + WEEK + 2 * 24))
        late = [(each - self.starts_ms[begin]) / HOUR_MS for each in told]
        return min((each for each in late if each >= 0), default=np.inf)

    def begins(self, months: Sequence[int], count: int) -> list[int]:
        """Draw hours of some months."""
        month = pd.to_datetime(self.starts_ms, unit="ms", utc=True).tz_convert(self.zone).month
        hour = np.arange(len(self.starts_ms))
        fits = np.isin(month, months) & (hour >= LEAST_PAST) & (hour < len(hour) - WEEK)
        drawn = np.random.default_rng(SEED).choice(np.flatnonzero(fits), count, replace=False)
        return sorted(map(int, drawn))


def danish() -> RealHouse:
    """Read the Danish meter, number 660."""
    table = pd.read_csv(DATA / "dk_smart_heat_meter" / "processed_final_data_sample.csv.gz")
    starts_ms = _instants_ms(table["time_rounded"])[:-1]
    heat_kwh = np.diff(table["energy_heat_kwh"].to_numpy(np.float64))
    return RealHouse("Danish, no weather", ZoneInfo("Europe/Copenhagen"), starts_ms, heat_kwh)


def british() -> RealHouse:
    """Read the British house, whose gas is hardly more than its heat."""
    folder = DATA / "eemeter_samples"
    starts_ms, gas_kwh = _hours(folder / "uk-gas-hdd-only-hourly-sample-0.csv.gz")
    outdoor = Outdoor(*_hours(folder / "uk-tempC-sample-0.csv.gz"))
    return RealHouse(
        "British, with weather", ZoneInfo("Europe/London"), starts_ms, gas_kwh, outdoor
    )


def british_electricity() -> RealHouse:
    """Read the British house of which the electricity is known."""
    path = DATA / "eemeter_samples" / "uk-electricity-hdd-only-hourly-sample-0.csv.gz"
    zone, quantity = ZoneInfo("Europe/London"), "electricity_kwh"
    return RealHouse("British electricity", zone, *_hours(path), quantity=quantity)


def _hours(path: Path) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return when the hours of a sample begin, and the value of each."""
    table = pd.read_csv(path).dropna()
    return _instants_ms(table.iloc[:, -2]), table.iloc[:, -1].to_numpy(np.float64)


def _instants_ms(texts: pd.Series) -> npt.NDArray[np.int64]:
    instants = pd.to_datetime(texts, utc=True).dt.tz_localize(None).to_numpy()
    return instants.astype("datetime64[ms]").astype(np.int64)


def cells(house: RealHouse, weeks: int) -> Iterator[Cell]:
    """Yield the part found, by season."""
    for season, months in SEASONS.items():
        begins = house.begins(months, weeks)
        for times in sorted({times for times, _ in PUT_IN}, reverse=True):
            delays = [house.delay_hours(begin, times) for begin in begins]
            for within in (hours for each, hours in PUT_IN if each == times):
                yield Cell(f"{house.name}, {season}, x{times:g}", within, delays)


def electricity_cells(house: RealHouse, weeks: int) -> Iterator[Cell]:
    """Yield the part of spikes of electricity found, in weeks of the whole year."""
    begins = house.begins(range(1, 13), weeks)
    for times, within in ELECTRICITY_PUT_IN:
        delays = [house.delay_hours(begin, times) for begin in begins]
        yield Cell(f"{house.name}, x{times:g}", within, delays)


def evaluate() -> None:
    """Print the tables; it is no benchmark, and `make bench` leaves it out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=100, help="of each season")
    weeks = parser.parse_args().weeks
    if not DATA.exists():
        print(f"no real data: {DATA} is not there")
        return
    print("| nothing put in | raised | a year |\n|---|---|---|")
    houses, electricity = [danish(), british()], british_electricity()
    for house in (*houses, electricity):
        told = house.raised_ms(house.use_kwh, slice(None))
        print(f"| {house.name} | spike | {len(told) * YEAR_HOURS / len(house.use_kwh):.2f} |")
    print("\n| put in | within | found (95 %) | n | median |\n|---|---|---|---|---|")
    for cell in chain(
        electricity_cells(electricity, weeks), *(cells(each, weeks) for each in houses)
    ):
        print(cell.sentence(), flush=True)


if __name__ == "__main__":
    evaluate()
