"""
What the devices of a simulated building have to say: boxes every quarter-hour, meters on the hour.

From the first instant of the days to the last, so that every register stands at both edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firmware_sim.clock import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, day_start_ms
from firmware_sim.connection import Sender
from firmware_sim.faults import Series, apply_fault
from firmware_sim.messages import (
    Sent,
    box_messages,
    box_topic,
    gateway_name,
    meter_messages,
    radio,
)
from firmware_sim.parameters import parameters

if TYPE_CHECKING:
    from firmware_sim.building import Simulation
    from firmware_sim.folder import Placement
    from firmware_sim.scenario import Fault

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

LITRES_PER_M3 = 1000.0
BOXES = frozenset({"climate", "outdoor"})
REGISTERS = {
    "heat": ("heat_kwh", 2), "main_heat": ("heat_kwh", 2), "hot_water": ("hot_water_m3", 3),
    "cold_water": ("cold_water_m3", 3), "electricity": ("electricity_kwh", 2),
    "allocator": ("allocator_units", 0),
}  # fmt: skip
"""Quantity and digits of a meter's register, by its kind."""
FIRST_REGISTERS = {
    "heat_kwh": (8_000, 60_000), "hot_water_m3": (50, 600), "cold_water_m3": (80, 900),
    "electricity_kwh": (2_000, 30_000), "allocator_units": (0, 400),
}  # fmt: skip
"""Between these a register stands when the simulation begins, by quantity."""


@dataclass(frozen=True)
class Fleet:
    """
    The devices of a simulated building.

    Attributes
    ----------
    simulation : Simulation
    seed : int
        Of the devices' noise and first registers.
    """

    simulation: Simulation
    seed: int

    def messages(self) -> list[Sent]:
        """Give every message in the order of sending."""
        house = self.simulation.house
        streams = np.random.SeedSequence(self.seed, spawn_key=(1,)).spawn(len(house.devices))
        messages: list[Sent] = []
        for placement, stream in zip(house.devices, streams, strict=True):
            messages += self._device(placement, np.random.default_rng(stream))
        return sorted(messages, key=lambda message: (message.time_ms, message.topic))

    def senders(self) -> list[Sender]:
        """Name what has a connection of its own: each box, and the gateway of the meters."""
        building, placed = self._building, self.simulation.house.devices
        boxes = {p.device: f"{box_topic(building, p)}/status" for p in placed if p.kind in BOXES}
        senders = [Sender(device, topic) for device, topic in boxes.items()]
        if any(placement.kind in REGISTERS for placement in placed):
            senders.append(Sender(gateway_name(building), None))
        return senders

    @property
    def _building(self) -> str:
        return self.simulation.house.building

    @property
    def _start_ms(self) -> int:
        return int(self.simulation.clock.step_start_ms[self.simulation.first_step])

    def _faults(self, placement: Placement) -> list[Fault]:
        faults = self.simulation.scenario.faults
        return [fault for fault in faults if fault.device == placement.device]

    def _device(self, placement: Placement, rng: np.random.Generator) -> list[Sent]:
        if placement.kind in BOXES:
            series, put = self._box(placement, rng), box_messages
        elif placement.kind in REGISTERS:
            series, put = self._meter(placement, rng), meter_messages
        else:
            return []
        faults = self._faults(placement)
        for fault in faults:
            series = apply_fault(series, fault, self.simulation.house.zone)
        messages = put(self._building, placement, series, faults)
        return radio(list(messages), faults, self.simulation.house.zone, rng)

    def _box(self, placement: Placement, rng: np.random.Generator) -> Series:
        times = np.arange(self._start_ms, self.simulation.clock.end_ms, QUARTER_MS)
        columns = self._climate(placement, times, rng)
        columns["battery_v"] = self._battery(placement, times)
        sequence = (times - self._start_ms) // QUARTER_MS
        return self._standing(placement, Series(times, times, columns, sequence))

    def _battery(self, placement: Placement, times: Integers) -> Floats:
        """Give the voltage of a battery that is as old as the box in its place."""
        values = parameters()
        placed_ms = day_start_ms(placement.start, self.simulation.house.zone)
        fallen_v = (times - placed_ms) / DAY_MS * values.battery_v_per_day
        return np.asarray(
            np.round(np.maximum(values.battery_full_v - fallen_v, values.battery_end_v), 2)
        )

    def _climate(
        self, placement: Placement, times: Integers, rng: np.random.Generator
    ) -> dict[str, Floats]:
        """Give what a box measures, noise and resolution included, by quantity."""
        values = parameters()
        co2_ppm = None
        if placement.kind == "outdoor" or placement.flat is None:
            weather, steps = self.simulation.weather, self._steps_before(times)
            temperature_c, humidity_pct = weather.temperature_c[steps], weather.humidity_pct[steps]
        else:
            flat = self.simulation.house.flats.index(placement.flat)
            temperature_c, humidity_pct, co2_ppm = (
                self.simulation.record.states[name][flat, : len(times)].astype(np.float64)
                for name in ("temperature_c", "humidity_pct", "co2_ppm")
            )

        def noisy(exact: Floats, spread: float, digits: int) -> Floats:
            return np.round(exact + spread * rng.standard_normal(len(exact)), digits)

        temperature = noisy(temperature_c, values.box_temperature_noise_c, 2)
        humidity = noisy(humidity_pct, values.box_humidity_noise_pct, 1)
        columns = {"temperature_c": temperature, "humidity_pct": np.clip(humidity, 0, 100)}
        if co2_ppm is not None:
            columns["co2_ppm"] = np.clip(noisy(co2_ppm, values.box_co2_noise_ppm, 0), 0, 40_000)
        return columns

    def _meter(self, placement: Placement, rng: np.random.Generator) -> Series:
        times = np.arange(self._start_ms, self.simulation.clock.end_ms + 1, HOUR_MS)
        quantity, digits = REGISTERS[placement.kind]
        first = float(rng.integers(*FIRST_REGISTERS[quantity]))
        counted = self._counted(placement)
        # A counter shows what it has passed, not the nearest.
        shown = np.floor((first + counted) * 10**digits + 1e-6) / 10**digits
        columns = {quantity: shown}
        if placement.kind == "heat":
            litres_per_kwh = parameters().heat_volume_l_per_kwh
            columns["heat_volume_m3"] = np.round(shown * litres_per_kwh / LITRES_PER_M3, 2)
        sequence = (times - self._start_ms) // HOUR_MS
        return self._standing(placement, Series(times, times, columns, sequence))

    def _counted(self, placement: Placement) -> Floats:
        """Give what a meter has counted by each hour, shape (hours + 1,). [its register's unit]"""
        record = self.simulation.record
        if placement.kind == "main_heat":
            return record.main_heat_kwh
        if placement.flat is None:
            return np.zeros(len(record.main_heat_kwh))
        quantity, _ = REGISTERS[placement.kind]
        in_kwh = placement.kind == "allocator"
        counted = record.registers["heat_kwh" if in_kwh else quantity]
        scale = parameters().allocator_units_per_kwh if in_kwh else 1.0
        return np.asarray(counted[self.simulation.house.flats.index(placement.flat)] * scale)

    def _steps_before(self, times: Integers) -> Integers:
        """Give the step that ends at each instant."""
        clock = self.simulation.clock
        return (times - clock.start_ms) // (clock.step_minutes * MINUTE_MS) - 1

    def _standing(self, placement: Placement, series: Series) -> Series:
        """Keep what is sent while a device stands in its place."""
        zone = self.simulation.house.zone
        kept = series.sent_ms >= day_start_ms(placement.start, zone)
        if placement.end is not None:
            kept &= series.sent_ms < day_start_ms(placement.end, zone)
        return series.only(kept)
