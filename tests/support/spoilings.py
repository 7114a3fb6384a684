"""Small spoilings of good files: a cell, a row, an option, a reading."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.broken_inputs import Inputs

Make = Callable[[Path], Inputs]
Spoil = Callable[[Inputs], object]


def by_meters(fraction: float, key: str = "heat_units_position") -> tuple[str, str]:
    return f"key: {key}, fraction: {fraction}", f"key: area, fraction: {round(1 - fraction, 9)}"


def under(*scheme: str, **more: Any) -> Spoil:  # noqa: ANN401  options of Inputs.scheme
    return lambda inputs: inputs.scheme(*scheme, **more)


def swap(file: str, old: str, new: str) -> Spoil:
    return lambda inputs: inputs.spoil(file, old, new)


def more(file: str, *lines: str) -> Spoil:
    return lambda inputs: inputs.add(file, *lines)


def without(file: str, start: str) -> Spoil:
    return lambda inputs: inputs.drop(file, start)


def export(*rows: str, use: bool = False) -> Spoil:
    """Add a portal's export of local hours, and the map that explains it."""

    def spoil(inputs: Inputs) -> None:
        quantity = "{quantity: heat_volume_m3, use: true}" if use else "{quantity: power_kw}"
        inputs.column_map(
            "export.csv",
            "time: {column: Tid, zone: Europe/Copenhagen, interval: hour}\n"
            "device: {column: Enhed}\n"
            f"values: [{quantity[:-1]}, column: Tal}}]\n",
            "Tid;Enhed;Tal",
            *rows,
        )

    return spoil


def both(*spoils: Spoil) -> Spoil:
    return lambda inputs: [spoil(inputs) for spoil in spoils]


def days(period: str) -> Spoil:
    return lambda inputs: inputs.bill_days(period)


def options(*words: str) -> Spoil:
    return lambda inputs: inputs.options.extend(words)


def wrong_rows(inputs: Inputs) -> None:
    inputs.add("readings.csv", *(f"yesterday,heat-A,heat_kwh,{n}" for n in range(101)))


def box_in_the_sun(inputs: Inputs) -> None:
    _rewrite(
        inputs, r"(02-01T1[345]:30.*box-A,temperature_c),.*", lambda found: f"{found[1]},32.00"
    )


def one_reading_of_zero(inputs: Inputs) -> None:
    _rewrite(inputs, r"(02-01T13:30.*box-A,temperature_c),.*", lambda found: f"{found[1]},0.00")


def too_much_heat(inputs: Inputs) -> None:
    """Fit heat meters to homes with known envelopes; that of flat A counts five times its heat."""
    inputs.spoil("flats.csv", "position_factor", "position_factor,heat_loss_w_per_k,gains_w")
    inputs.spoil("flats.csv", ",30,1", ",30,1,25,50")
    inputs.spoil("flats.csv", ",120,0.8", ",120,0.8,100,200")
    for flat, kwh in (("A", 20), ("B", 80)):
        inputs.add("devices.csv", f"heat-{flat},heat,{flat},2020-01-01,")
        for day, register in (("01", 1000), ("03", 1000 + kwh)):
            reading = f"2025-02-{day}T00:00:00+01:00,heat-{flat},heat_kwh,{register}"
            inputs.add("readings.csv", reading)
    inputs.spoil("readings.csv", "heat-A,heat_kwh,1020", "heat-A,heat_kwh,1100")
    inputs.spoil("../own.yaml", "key: degree_hours", "key: heat_units")


def replaced_meter(inputs: Inputs) -> None:
    """A new meter counts from zero, and devices.csv does not say so."""
    later = r"(2025-10.*|2026.*)(heat-A,heat_kwh),(.*)"
    _rewrite(inputs, later, lambda found: f"{found[1]}{found[2]},{float(found[3]) - 3000:.3f}")


def two_meters(inputs: Inputs) -> None:
    """Another meter sends under the same id."""
    inputs.add(
        "readings.csv",
        *(f"2025-{month:02d}-01T12:00:00Z,heat-A,heat_kwh,{9000 + 100 * month}"
          for month in (2, 5, 8, 11)),
    )  # fmt: skip


def meter_that_stands(inputs: Inputs) -> None:
    _rewrite(inputs, "(heat-A,heat_kwh),.*", lambda found: f"{found[1]},1000")


def meter_in_mwh(inputs: Inputs) -> None:
    _rewrite(
        inputs,
        "(heat-A,heat_kwh),(.*)",
        lambda found: f"{found[1]},{float(found[2]) / 1000:.6f}",
    )


def meter_read_too_high(inputs: Inputs) -> None:
    _rewrite(
        inputs,
        "(heat-A,heat_kwh),(.*)",
        lambda found: f"{found[1]},{float(found[2]) * 31:.3f}",
    )


def _rewrite(inputs: Inputs, pattern: str, change: Callable[[re.Match[str]], str]) -> None:
    text = inputs.readings.read_text("utf-8")
    assert re.search(pattern, text)
    inputs.readings.write_text(re.sub(pattern, change, text), "utf-8")


HALF_OF_GAS = under(*by_meters(0.6, "heat_units"), country="DE")
OLD_GAS = "facts: {fuel: gas, insulated_1994: no, pipes_insulated: yes}"
FACTS = "facts: {monthly_information: yes}"
TRIAL = "{scheme: dk-trial-bands, from: 2024-01-01}"
METERED = "{scheme: dk-metered, from: 2024-01-01}"
PERMIT = (
    "{scheme: dk-climate, from: 2024-01-01, "
    "permit: {reference: J1, from: 2025-07-01, to: 2027-01-01}}"
)
HEAT_COST = "2025-01-01,2026-01-01,heat,energy,10000.00,2000.00,9000,final,2026-02-01"
LOSS = "derive:\n  loss: {from: heat, by: fixed, fraction: 0.35}"


def taken_out(by: str) -> str:
    return f"derive:\n  loss: {{from: heat, {by}}}"


def allocators_in_b(inputs: Inputs) -> None:
    inputs.spoil("devices.csv", "heat-B,heat,B", "heat-B,allocator,B")
    inputs.spoil("readings.csv", "heat-B,heat_kwh", "heat-B,allocator_units")
