"""
What the devices of a simulated building send: boxes their own JSON, meters wmbusmeters JSON.

Every box sends an array of quarter-hours once an hour, every meter its registers on the hour, from
the first instant of the month to the last.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from firmware_sim.clock import HOUR_MS, MINUTE_MS, day_start_ms, iso
from firmware_sim.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware_sim.building import Simulation
    from firmware_sim.folder import Placement

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

QUARTER_MS = 15 * MINUTE_MS
WATT_HOURS_PER_KWH = 1000.0
LITRES_PER_M3 = 1000.0
FIRST_REGISTERS = {"heat_kwh": (8_000, 60_000), "hot_water_m3": (50, 600)}
"""Between these a register stands when the simulation begins, by quantity."""


class Sample(NamedTuple):
    """One reading: device time in ms since 1970, UTC, and value in the quantity's unit."""

    time_ms: int
    device: str
    quantity: str
    value: float


@dataclass(frozen=True)
class Sent:
    """
    One MQTT message.

    Attributes
    ----------
    time_ms : int
        When it is sent. [ms since 1970, UTC]
    samples : tuple of Sample
        The readings that it holds.
    """

    time_ms: int
    topic: str
    payload: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Fleet:
    """
    The devices of a simulated month.

    Attributes
    ----------
    simulation : Simulation
    seed : int
        Of the devices' noise and first registers.
    """

    simulation: Simulation
    seed: int

    def messages(self) -> list[Sent]:
        """Give every message of the month in the order of sending."""
        house = self.simulation.house
        streams = np.random.SeedSequence(self.seed, spawn_key=(1,)).spawn(len(house.devices))
        messages: list[Sent] = []
        for placement, stream in zip(house.devices, streams, strict=True):
            rng = np.random.default_rng(stream)
            if placement.kind in ("climate", "outdoor"):
                messages += self._box(placement, rng)
            elif placement.kind in ("heat", "main_heat", "hot_water"):
                messages += self._meter(placement, rng)
        return sorted(messages, key=lambda message: (message.time_ms, message.topic))

    def statuses(self) -> list[Sent]:
        """Give the retained message with which each box says that it is there."""
        return [
            Sent(self._start_ms, f"{self._box_topic(placement)}/status", "online", ())
            for placement in self.simulation.house.devices
            if placement.kind in ("climate", "outdoor")
        ]

    @property
    def _start_ms(self) -> int:
        clock = self.simulation.clock
        return int(clock.step_start_ms[self.simulation.first_step])

    def _box_topic(self, placement: Placement) -> str:
        return f"fairvarme/v1/{self.simulation.house.building}/{placement.device}"

    def _box(self, placement: Placement, rng: np.random.Generator) -> Iterator[Sent]:
        times = np.arange(self._start_ms, self.simulation.clock.end_ms, QUARTER_MS)
        columns = self._climate(placement, times, rng)
        times, columns = self._standing(placement, times, columns)
        per_hour: dict[int, list[int]] = {}
        for row, time_ms in enumerate(times.tolist()):
            per_hour.setdefault(time_ms // HOUR_MS, []).append(row)
        for rows in per_hour.values():
            yield self._box_message(placement, times, columns, rows)

    def _box_message(
        self,
        placement: Placement,
        times: Integers,
        columns: dict[str, list[float]],
        rows: list[int],
    ) -> Sent:
        records, samples = [], []
        for row in rows:
            time_ms = int(times[row])
            values = {name: column[row] for name, column in columns.items()}
            records.append({"time": iso(time_ms), **values})
            samples += [
                Sample(time_ms, placement.device, name, value) for name, value in values.items()
            ]
        topic = f"{self._box_topic(placement)}/readings"
        return Sent(int(times[rows[-1]]), topic, json.dumps(records), tuple(samples))

    def _climate(
        self, placement: Placement, times: Integers, rng: np.random.Generator
    ) -> dict[str, list[float]]:
        """Give what a box measures, noise and resolution included, by quantity."""
        values, steps = parameters(), self._steps_before(times)
        course, weather = self.simulation.course, self.simulation.weather
        if placement.kind == "outdoor" or placement.flat is None:
            temperature_c, humidity_pct = weather.temperature_c[steps], weather.humidity_pct[steps]
            co2_ppm = None
        else:
            flat = self.simulation.house.flats.index(placement.flat)
            temperature_c = course.temperature_c[steps, flat]
            humidity_pct = course.humidity_pct[steps, flat]
            co2_ppm = course.co2_ppm[steps, flat]

        def noisy(exact: Floats, spread: float, digits: int) -> Floats:
            return np.round(exact + spread * rng.standard_normal(len(exact)), digits)

        temperature = noisy(temperature_c, values.box_temperature_noise_c, 2)
        humidity = noisy(humidity_pct, values.box_humidity_noise_pct, 1)
        columns = {
            "temperature_c": temperature.tolist(),
            "humidity_pct": np.clip(humidity, 0, 100).tolist(),
        }
        if co2_ppm is not None:
            noise_ppm = values.box_co2_noise_ppm
            columns["co2_ppm"] = np.clip(noisy(co2_ppm, noise_ppm, 0), 0, 40_000).tolist()
        return columns

    def _meter(self, placement: Placement, rng: np.random.Generator) -> Iterator[Sent]:
        clock = self.simulation.clock
        times = np.arange(self._start_ms, clock.end_ms + 1, HOUR_MS)
        columns = self._registers(placement, times, rng)
        times, columns = self._standing(placement, times, columns)
        media, fields = METERS[placement.kind]
        for row, time_ms in enumerate(times.tolist()):
            values = {name: column[row] for name, column in columns.items()}
            telegram = {
                "_": "telegram",
                "media": media,
                "meter": "kamheat" if media == "heat" else "flowiq2200",
                "name": f"{placement.kind}-{placement.flat or 'main'}",
                "id": placement.device,
                "status": "OK",
                **{fields[name]: value for name, value in values.items()},
                "timestamp": iso(time_ms),
            }
            topic = f"{self.simulation.house.building}/wmbusmeters/{placement.device}"
            samples = tuple(
                Sample(time_ms, placement.device, name, value) for name, value in values.items()
            )
            yield Sent(time_ms, topic, json.dumps(telegram), samples)

    def _registers(
        self, placement: Placement, times: Integers, rng: np.random.Generator
    ) -> dict[str, list[float]]:
        """Give a meter's registers, in its resolution, by quantity."""
        steps = self._steps_before(times)

        def register(use: Floats, quantity: str, digits: int) -> list[float]:
            first = float(rng.integers(*FIRST_REGISTERS[quantity]))
            counted = np.cumsum(use)
            rounded: list[float] = np.round(first + counted[steps], digits).tolist()
            return rounded

        if placement.kind == "hot_water":
            litres = self._of_flats(self.simulation.course.hot_water_l, placement)
            return {"hot_water_m3": register(litres / LITRES_PER_M3, "hot_water_m3", 3)}
        if placement.kind == "main_heat":
            return {"heat_kwh": register(self.main_heat_kwh, "heat_kwh", 2)}
        watts = self._of_flats(self.simulation.course.heat_w, placement)
        energy_kwh = watts * parameters().step_hours / WATT_HOURS_PER_KWH
        kwh = register(energy_kwh, "heat_kwh", 2)
        litres_per_kwh = parameters().heat_volume_l_per_kwh
        volume_m3 = [round(value * litres_per_kwh / LITRES_PER_M3, 2) for value in kwh]
        return {"heat_kwh": kwh, "heat_volume_m3": volume_m3}

    def _of_flats(self, columns: Floats, placement: Placement) -> Floats:
        """Take a flat's column; a meter without a flat counts nothing of any home's."""
        if placement.flat is None:
            return np.zeros(len(columns))
        return columns[:, self.simulation.house.flats.index(placement.flat)]

    @cached_property
    def main_heat_kwh(self) -> Floats:
        """Heat that the building takes: radiators, hot water and pipes, shape (steps,). [kWh]"""
        values, course = parameters(), self.simulation.course
        hot_water_wh = course.hot_water_l.sum(axis=1) * values.hot_water_wh_per_l
        pipes_w = values.circulation_w_per_flat * course.heat_w.shape[1]
        wh = (course.heat_w.sum(axis=1) + pipes_w) * values.step_hours + hot_water_wh
        return np.asarray(wh / WATT_HOURS_PER_KWH)

    def _steps_before(self, times: Integers) -> Integers:
        """Give the step that ends at each instant."""
        clock = self.simulation.clock
        return (times - clock.start_ms) // (clock.step_minutes * MINUTE_MS) - 1

    def _standing(
        self, placement: Placement, times: Integers, columns: dict[str, list[float]]
    ) -> tuple[Integers, dict[str, list[float]]]:
        """Keep what is sent while a device stands in its place."""
        zone = self.simulation.house.zone
        kept = times >= day_start_ms(placement.start, zone)
        if placement.end is not None:
            kept &= times < day_start_ms(placement.end, zone)
        rows = np.flatnonzero(kept)
        return times[rows], {
            name: [column[row] for row in rows] for name, column in columns.items()
        }


METERS = {
    "heat": (
        "heat",
        {"heat_kwh": "total_energy_consumption_kwh", "heat_volume_m3": "total_volume_m3"},
    ),
    "main_heat": ("heat", {"heat_kwh": "total_energy_consumption_kwh"}),
    "hot_water": ("warm water", {"hot_water_m3": "total_m3"}),
}
"""Medium and fields of a telegram, by kind of meter."""
