"""
What the field does to a register, on a simulated January of the sample building.

The ways are those of ../shared/data/field_reports (README) and others like them; the right use is
what the meter counted from the first to the last of its own readings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner

from billing.bill.bill import Bill, RegisterUse
from estate.files.folder import read_estate
from estate.findings import Finding
from estate.model import Estate
from estate.numbers.arrays import Floats
from estate.periods import Period
from firmware_sim.cli import main
from operations.bill_building import bill_building
from telemetry.readings import Samples
from telemetry.readings_file.file import read_readings
from telemetry.stores.store import SampleSource

pytestmark = pytest.mark.slow

Spoil = Callable[[Floats], Floats]

SAMPLE = Path(__file__).parents[2] / "estate" / "sample"
JANUARY = Period.month("2026-01")
HEAT, WATER = "64000102", "71000102"
HEAT_KWH, WATER_M3 = 683.32, 0.916


@dataclass(frozen=True)
class Spoiled:
    """A source in which some registers are others."""

    source: SampleSource
    spoil: dict[tuple[str, str], Spoil]

    def samples(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> Samples:
        found = self.source.samples(building, devices, quantity, start_ms, end_ms)
        value = found.value.copy()
        for row, device in enumerate(devices):
            own = found.device_index == row
            if own.any() and (device, quantity) in self.spoil:
                value[own] = self.spoil[device, quantity](value[own])
        return Samples(found.device_index, found.time_ms, value, found.quality)


@dataclass(frozen=True)
class January:
    """The building, its readings, and its bill where nothing is wrong with them."""

    estate: Estate
    source: SampleSource
    bill: Bill


@pytest.fixture(scope="module")
def january(tmp_path_factory: pytest.TempPathFactory) -> January:
    folder = tmp_path_factory.mktemp("january")
    words = ["--estate", SAMPLE, "--month", "2026-01", "--seed", "1", "--no-events", "--even-days"]
    files = ["--readings", folder / "january.csv", "--truth", folder / "truth.json"]
    told = CliRunner().invoke(main, ["write", *map(str, [*words, *files])])
    assert told.exit_code == 0, told.output
    estate, file = read_estate(SAMPLE), read_readings(folder / "january.csv")
    source = file.keep(np.ones(len(file.columns().time_ms), dtype=np.bool_))
    return January(estate, source, bill_building(estate, source, JANUARY))


def spoiled(january: January, spoil: Spoil, meter: str = HEAT, kind: str = "heat_kwh") -> Bill:
    source = Spoiled(january.source, {(meter, kind): spoil})
    return bill_building(january.estate, source, JANUARY)


def register(bill: Bill, meter: str = HEAT) -> RegisterUse:
    own = next(each for each in bill.statements if each.flat == "0102")
    return next(each for each in own.registers if each.device == meter)


def told(bill: Bill, meter: str = HEAT) -> list[Finding]:
    """Return the findings that name a meter."""
    return [each for each in bill.findings if each.data.get("device") == meter]


def number(value: Floats) -> npt.NDArray[np.int64]:
    """Number the readings of a series from 0."""
    return np.arange(len(value))


def in_turn(*strangers: float | None) -> Spoil:
    """Put strangers in the place of readings in turn; None leaves the meter's own."""

    def spoil(value: Floats) -> Floats:
        place = number(value) % len(strangers)
        foreign = np.array([np.nan if each is None else each for each in strangers])[place]
        return np.where(np.isnan(foreign), value, foreign)

    return spoil


def dip(size: float, first: int, last: int) -> Spoil:
    return lambda value: np.where(
        (number(value) >= first) & (number(value) <= last), value - size, value
    )


def zeros(*places: int) -> Spoil:
    return lambda value: np.where(np.isin(number(value), places), 0.0, value)


def test_the_building_s_bill_where_nothing_is_wrong(january: January) -> None:
    assert register(january.bill).use == pytest.approx(HEAT_KWH, abs=1e-6)
    assert register(january.bill, WATER).use == pytest.approx(WATER_M3, abs=1e-9)
    water = next(
        each for each in january.bill.rows if (each.flat, each.item) == ("0102", "hot_water")
    )
    assert water.amount_ore == 8331
    assert not told(january.bill)
    assert not told(january.bill, WATER)


@pytest.mark.parametrize(
    ("spoil", "left_out"),
    [
        (in_turn(None, 38, 0), 496),
        (in_turn(None, 0, 90_000), 496),
        (in_turn(None, 38, 38), 496),
        (in_turn(None, 12, 12, 12, 12, 12, 12, 12), 651),
        (in_turn(None, 38), 372),
        (in_turn(*[None] * 9, 38), 74),
        (in_turn(*[None] * 4, 99_999, *[None] * 3), 93),
        (zeros(17), 1),
        (zeros(17, 230, 231, 500), 4),
        (dip(30, 300, 302), 3),
        (dip(400, 250, 420), 171),
        (dip(44_000, 500, 501), 2),
    ],
    ids=[
        "38 and 0 in turn", "0 and 90,000 in turn", "38 at two of three", "12 at seven of eight",
        "every second 38", "every tenth 38", "every eighth 99,999", "one zero", "four zeros",
        "a small dip", "a large dip", "a dip nearly to zero",
    ],
)  # fmt: skip
def test_the_register_s_own_readings_are_billed_and_the_rest_is_told_once(
    january: January, spoil: Spoil, left_out: int
) -> None:
    bill = spoiled(january, spoil)
    assert register(bill).use == pytest.approx(HEAT_KWH, abs=1e-6)
    (finding,) = told(bill)
    assert finding.name == "billing.register.left_out"
    assert finding.data["left_out"] == left_out
    assert [row.amount_ore for row in bill.rows] == [row.amount_ore for row in january.bill.rows]


@pytest.mark.parametrize("size", [1.0, 5.0, 12.0])
def test_a_dip_of_any_size_leaves_end_less_start(january: January, size: float) -> None:
    bill = spoiled(january, dip(size, 300, 302))
    assert register(bill).use == pytest.approx(HEAT_KWH, abs=1e-6)
    assert {each.name for each in told(bill)} <= {"billing.register.left_out"}


def test_a_stranger_at_the_period_s_start_costs_an_estimated_hour(january: January) -> None:
    bill = spoiled(january, in_turn(38, None, None))
    assert register(bill).use == pytest.approx(HEAT_KWH, rel=0.005)
    assert register(bill).estimated_hours <= 2
    assert (register(bill).method, len(told(bill))) == ("own_rate", 1)


def other(value: Floats) -> Floats:
    """Return another meter's register of about the same use."""
    return np.asarray(20_000 + np.cumsum(np.random.default_rng(4).gamma(2, 0.45, len(value))))


@pytest.mark.parametrize("every", [2, 3])
def test_two_registers_among_each_other_are_missing(january: January, every: int) -> None:
    bill = spoiled(january, lambda value: np.where(number(value) % every, value, other(value)))
    assert register(bill).method == "like_homes"
    (finding,) = told(bill)
    assert finding.name == "billing.register.not_one_meter"
    assert finding.data["first"] == "2026-01-01"
    assert finding.data["last"] == "2026-02-01"


@pytest.mark.parametrize("days", [(5, 9), (20, 22)])
def test_days_of_another_meter_are_left_out(january: January, days: tuple[int, int]) -> None:
    def spoil(value: Floats) -> Floats:
        day = number(value) // 24
        return np.where((day >= days[0]) & (day < days[1]), other(value), value)

    bill = spoiled(january, spoil)
    assert register(bill).use == pytest.approx(HEAT_KWH, abs=1e-6)
    (finding,) = told(bill)
    assert finding.data["left_out"] == 24 * (days[1] - days[0])


@pytest.mark.parametrize("strangers", [(None, 0, 69), (None, 69, 0, 12), (None, None, 69)])
def test_allocators_with_strangers_in_turn(
    january: January, strangers: tuple[float | None, ...]
) -> None:
    """Units of a third of a kWh, which rise from 30."""

    def units(value: Floats) -> Floats:
        return np.asarray(30 + np.floor((value - value[0]) / 3))

    meters = [each for each in january.estate.devices if each.kind == "heat" and each.flat]
    others = [each for each in january.estate.devices if each not in meters]
    allocators = [each.model_copy(update={"kind": "allocator"}) for each in meters]
    estate = replace(january.estate, devices=(*allocators, *others))
    turn = in_turn(*strangers)
    names = [each.device for each in allocators]

    def bill(spoil: Spoil) -> Bill:
        spoils = {(name, "heat_kwh"): units for name in names}
        source = Renamed(Spoiled(january.source, spoils | {(HEAT, "heat_kwh"): spoil}))
        return bill_building(estate, source, JANUARY)

    clean = register(bill(units))
    found = bill(lambda value: turn(units(value)))
    assert (clean.quantity, clean.use) == ("allocator_units", 227)
    right = register(found).use == clean.use
    (finding,) = told(found)
    assert right or finding.name == "billing.register.not_one_meter"
    assert finding.name.endswith(("left_out", "not_one_meter"))


@dataclass(frozen=True)
class Renamed:
    """A source whose heat meters are allocators."""

    source: Spoiled

    def samples(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> Samples:
        asked = "heat_kwh" if quantity == "allocator_units" else quantity
        return self.source.samples(building, devices, asked, start_ms, end_ms)


def test_a_water_meter_that_stands_still_while_others_turn_is_told(january: January) -> None:
    bill = spoiled(january, lambda value: np.full(len(value), 7.0), WATER, "hot_water_m3")
    (finding,) = told(bill, WATER)
    assert finding.name == "billing.register.still"
    assert finding.data["since"] == "2026-01-01"
    assert register(bill, WATER).use == 0


def test_a_meter_of_an_empty_flat_may_stand_still(january: January) -> None:
    tenancies = tuple(each for each in january.estate.tenancies if each.flat != "0102")
    estate = replace(january.estate, tenancies=tenancies)
    still = {(WATER, "hot_water_m3"): lambda value: np.full(len(value), 7.0)}
    bill = bill_building(estate, Spoiled(january.source, still), JANUARY)
    assert not told(bill, WATER)
