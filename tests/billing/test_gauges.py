"""
What boxes in the field report, through files to a bill and alerts: right, and never in silence.

January of the sample building, seed 1. Each fault is put into the box of flat 0102 alone.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import pytest

from alerts.run import check_building, find_alerts
from billing.bill.bill import Bill
from estate.errors import DataError
from estate.files.folder import read_estate
from estate.findings import disqualifications
from estate.periods import Period
from operations.bill_files import bill_files
from telemetry.readings_file.file import read_readings

pytestmark = pytest.mark.slow

ESTATE = Path(str(resources.files("estate").joinpath("sample")))
PERIOD = "2026-01-01/2026-02-01"
FLAT, BOX = "0102", "box-0102"
HOURS = 744

Spoil = Callable[[int, float], float]
"""A reading's number in its series, from 0 on, and its value; gives what is sent instead."""


@dataclass(frozen=True)
class January:
    lines: list[str]
    folder: Path

    def spoiled(self, quantity: str, spoil: Spoil) -> Path:
        """Write the month with one quantity of the box as the fault makes it."""
        number, lines = 0, []
        for line in self.lines:
            time, device, name, value = line.split(",")
            if (device, name) == (BOX, quantity):
                lines.append(f"{time},{device},{name},{spoil(number, float(value)):g}")
                number += 1
            else:
                lines.append(line)
        assert number == 4 * HOURS
        path = self.folder / f"{quantity}.csv"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    def bill(self, readings: Path) -> Bill:
        return bill_files(ESTATE, readings, PERIOD, None, self.folder / "out")


@pytest.fixture(scope="module")
def january(tmp_path_factory: pytest.TempPathFactory) -> January:
    folder = tmp_path_factory.mktemp("january")
    readings = folder / "readings.csv"
    command = [
        sys.executable, "-m", "firmware_sim", "write", "--estate", str(ESTATE), "--no-events",
        "--month", "2026-01", "--seed", "1", "--readings", str(readings),
        "--truth", str(folder / "truth.json"),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return January(readings.read_text("utf-8").splitlines(), folder)


@pytest.fixture(scope="module")
def honest(january: January) -> Bill:
    return january.bill(january.folder / "readings.csv")


def climate_part(bill: Bill) -> float:
    """Return what flat 0102 pays for its own heat loss. [kr.]"""
    found = [row for row in bill.rows if (row.flat, row.component) == (FLAT, "heat-3")]
    return sum(row.amount_ore for row in found) / 100


def told(bill: Bill, name: str) -> list[dict[str, object]]:
    return [dict(each.data) for each in bill.findings if each.name == name]


def boxes(bill: Bill) -> list[dict[str, object]]:
    return told(bill, "billing.climate.suspect")


def test_the_honest_month_is_told_nothing(honest: Bill) -> None:
    assert boxes(honest) == told(honest, "billing.climate.glitch") == []


@pytest.mark.parametrize(
    ("quantity", "spoil", "readings"),
    [
        pytest.param(
            "temperature_c",
            lambda n, value: 0.0 if n % 24 == 0 else value,
            124,
            id="zero-each-24th",
        ),
        pytest.param(
            "temperature_c", lambda n, value: -40.0 if n % 3 == 1 else value, 992, id="each-third"
        ),
        pytest.param(
            "temperature_c",
            lambda n, value: 44.0 if n % 96 in (49, 50) else value,
            62,
            id="two-a-day",
        ),
        pytest.param(
            "co2_ppm", lambda n, value: 9999.0 if n % 50 == 0 else value, 60, id="co2-code"
        ),
        pytest.param(
            "humidity_pct", lambda n, value: 100.0 if n % 40 == 7 else value, 75, id="humidity-full"
        ),
    ],
)
def test_single_values_that_return_are_left_out_and_counted(
    january: January, honest: Bill, quantity: str, spoil: Spoil, readings: int
) -> None:
    bill = january.bill(january.spoiled(quantity, spoil))
    assert climate_part(bill) == pytest.approx(climate_part(honest), abs=0.3)
    expected = {"flat": FLAT, "device": BOX, "quantity": quantity, "readings": readings}
    assert told(bill, "billing.climate.glitch") == [expected]
    assert boxes(bill) == []


def test_values_that_cannot_be_are_named_by_row(january: January, honest: Bill) -> None:
    bill = january.bill(
        january.spoiled("temperature_c", lambda n, value: -100.0 if n == 1000 else value)
    )
    assert climate_part(bill) == pytest.approx(climate_part(honest), abs=0.05)


def test_where_every_second_value_is_foreign_no_hour_is_believed(january: January) -> None:
    bill = january.bill(january.spoiled("temperature_c", lambda n, value: 0.0 if n % 2 else value))
    (left_out,) = told(bill, "billing.climate.glitch")
    assert left_out["device"] == BOX
    (missing,) = told(bill, "billing.climate.estimated")
    assert missing["flat"] == FLAT
    assert missing["missing_hours"] == pytest.approx(HOURS, abs=2)


@pytest.mark.parametrize(
    ("spoil", "reason", "hours"),
    [
        pytest.param(lambda _, value: value * 9 / 5 + 21, "implausible", HOURS, id="fahrenheit"),
        pytest.param(lambda n, _: 55.6 + n % 15 / 10, "implausible", HOURS, id="as-reported"),
        pytest.param(lambda n, value: 35.0 if n % 96 < 20 else value, "no_home", 155, id="hot"),
        pytest.param(lambda n, value: value + 14 + n % 3, "no_home", HOURS, id="too-warm"),
        pytest.param(lambda n, _: -0.1 * (n % 9), "no_home", HOURS, id="frost"),
        pytest.param(lambda *_: 21.0, "temperature_still", HOURS, id="what-is-set"),
        pytest.param(
            lambda n, _: 21.0 if 24 <= n % 96 < 88 else 17.0, "temperature_still", HOURS,
            id="set-by-day-and-night",
        ),
        pytest.param(
            lambda n, _: 21.0 if 25 <= n % 96 < 90 else 17.0, "temperature_still", HOURS,
            id="set-within-the-hour",
        ),
    ],
)  # fmt: skip
def test_a_temperature_that_no_home_has_is_doubted_and_the_box_is_blamed(
    january: January, honest: Bill, spoil: Spoil, reason: str, hours: int
) -> None:
    bill = january.bill(january.spoiled("temperature_c", spoil))
    (doubt,) = boxes(bill)
    assert (doubt["flat"], doubt["device"], doubt["reason"]) == (FLAT, BOX, reason)
    assert doubt["suspect_hours"] == pytest.approx(hours, abs=3)
    assert told(bill, "billing.register.implausible") == []
    # The doubted hours are estimated: never cheaper, and nothing like 743.33.
    assert climate_part(honest) * 0.99 <= climate_part(bill) <= climate_part(honest) * 1.3


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(lambda *_: 99.9, "saturated", id="99.9-all-month"),
        pytest.param(lambda n, value: 99.9 if n > 700 else value, "saturated", id="later"),
        pytest.param(lambda n, _: 99.0 + n % 11 / 10, "saturated", id="never-dry"),
        pytest.param(lambda *_: 45.0, "humidity_still", id="45-all-month"),
    ],
)
def test_a_humidity_that_stands_is_doubted_alone(
    january: January, honest: Bill, spoil: Spoil, reason: str
) -> None:
    readings = january.spoiled("humidity_pct", spoil)
    bill = january.bill(readings)
    assert {(each["device"], each["reason"]) for each in boxes(bill)} >= {(BOX, reason)}
    assert climate_part(bill) == climate_part(honest)
    found = find_alerts(read_estate(ESTATE), read_readings(readings), Period.parse(PERIOD))
    assert [alert for alert in found if alert.flat == FLAT] == []


@pytest.mark.parametrize("level", [400.0, 1850.0])
def test_carbon_dioxide_that_stands_is_doubted_alone(
    january: January, honest: Bill, level: float
) -> None:
    bill = january.bill(january.spoiled("co2_ppm", lambda *_: level))
    assert {(each["device"], each["reason"]) for each in boxes(bill)} >= {(BOX, "co2_still")}
    assert climate_part(bill) == climate_part(honest)


def test_without_outdoor_temperature_it_is_that_which_lacks(january: January) -> None:
    lines = [line for line in january.lines if "box-outdoor" not in line]
    readings = january.folder / "no-outdoor.csv"
    readings.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(DataError) as caught:
        january.bill(readings)
    assert [each.name for each in disqualifications(caught.value.findings)] == [
        "billing.outdoor.missing"
    ]
    assert "heat_loss_w_per_k" not in str(caught.value)
    checked = check_building(read_estate(ESTATE), read_readings(readings), Period.parse(PERIOD))
    (mould,) = (each for each in checked.coverage if each.check == "mould_risk")
    assert (mould.judged, list(mould.not_judged)) == (0, ["no_outdoor_temperature"])
