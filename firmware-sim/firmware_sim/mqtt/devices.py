"""
Readings of the devices of a simulated building: boxes every quarter-hour, meters hourly.

From the first instant of the days to the last, so that every register is read at both edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.clock import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, day_start_ms
from firmware_sim.mqtt.connection import Sender
from firmware_sim.mqtt.faults import Series, apply_fault
from firmware_sim.mqtt.messages import (
    Sent,
    box_messages,
    box_topic,
    gateway_name,
    meter_messages,
    radio,
)
from firmware_sim.parameters import parameters
from firmware_sim.streams import stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firmware_sim.arrays import Floats, Integers
    from firmware_sim.folder import Placement
    from firmware_sim.life.scenario import Fault
    from firmware_sim.physics.building import Simulation

    Noise = dict[str, np.random.Generator]

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
"""Range of a register's initial value, by quantity."""
SPREADS = {
    "temperature_c": ("box_temperature_noise_c", 2), "humidity_pct": ("box_humidity_noise_pct", 1),
    "co2_ppm": ("box_co2_noise_ppm", 0),
}  # fmt: skip
"""Parameter of a box's noise, and its decimals, by quantity."""
SCALES = {
    "temperature_c": (-40.0, 125.0), "humidity_pct": (0.0, 100.0), "co2_ppm": (0.0, 40_000.0),
}  # fmt: skip
"""Range of a box's sensors, by quantity."""
DEVICE_DAYS = 3_000
"""Devices times days generated at a time; it does not affect the messages."""
FOREVER_MS = 2**62


@dataclass(frozen=True)
class Fleet:
    """
    The devices of a simulated building.

    Attributes
    ----------
    simulation : Simulation
    seed : int
        Seed of the devices' noise and initial registers.
    """

    simulation: Simulation
    seed: int

    def messages(self) -> Iterator[Sent]:
        """Yield every message in the order of sending, generated some days at a time."""
        kinds = BOXES | REGISTERS.keys()
        placed = [each for each in self.simulation.house.devices if each.kind in kinds]
        noises = {placement: self._noise(placement) for placement in placed}
        faulty = {
            placement: list(self._device(placement, self._start_ms, FOREVER_MS, noises[placement]))
            for placement in placed
            if self._faults(placement)
        }
        for first_ms, end_ms in self._spans(max(DEVICE_DAYS // max(len(placed), 1), 1)):
            made = [
                message
                for placement in placed
                for message in (
                    (m for m in faulty[placement] if first_ms <= m.time_ms < end_ms)
                    if placement in faulty
                    else self._device(placement, first_ms, end_ms, noises[placement])
                )
            ]
            yield from sorted(made, key=lambda message: (message.time_ms, message.topic))

    def _spans(self, days: int) -> Iterator[tuple[int, int]]:
        """Split time from the start on into spans of some days; the last never ends."""
        first_ms, end_ms = self._start_ms, self.simulation.clock.end_ms
        while first_ms < end_ms:
            next_ms = first_ms + days * DAY_MS
            yield first_ms, next_ms if next_ms < end_ms else FOREVER_MS
            first_ms = next_ms

    def senders(self) -> list[Sender]:
        """Return what has a connection of its own: each box, and the gateway of the meters."""
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

    def _stream(self, purpose: str, placement: Placement) -> np.random.Generator:
        return stream(self.seed, purpose, f"{placement.device} {placement.start}")

    def _noise(self, placement: Placement) -> Noise:
        """Return a random stream per quantity, so that results do not depend on the spans."""
        return {each: self._stream(f"noise of {each}", placement) for each in SPREADS}

    def _device(
        self, placement: Placement, first_ms: int, end_ms: int, noise: Noise
    ) -> Iterable[Sent]:
        """Return a device's messages of a span; all if it has faults, which depend on the past."""
        if placement.kind in BOXES:
            series, put = self._box(placement, first_ms, end_ms, noise), box_messages
        else:
            series, put = self._meter(placement, first_ms, end_ms), meter_messages
        faults, zone = self._faults(placement), self.simulation.house.zone
        for fault in faults:
            series = apply_fault(series, fault, zone)
        messages = list(put(self._building, placement, series, faults))
        return radio(messages, faults, zone, self._stream("radio", placement))

    def _box(self, placement: Placement, first_ms: int, end_ms: int, noise: Noise) -> Series:
        times = np.arange(first_ms, min(end_ms, self.simulation.clock.end_ms), QUARTER_MS)
        columns = self._climate(placement, times, noise)
        columns["battery_v"] = self._battery(placement, times)
        sequence = (times - self._start_ms) // QUARTER_MS
        return self._standing(placement, Series(times, times, columns, sequence))

    def _battery(self, placement: Placement, times: Integers) -> Floats:
        """Return the voltage of a battery as old as the box's placement."""
        values = parameters()
        placed_ms = day_start_ms(placement.start, self.simulation.house.zone)
        fallen_v = (times - placed_ms) / DAY_MS * values.battery_v_per_day
        return np.asarray(
            np.round(np.maximum(values.battery_full_v - fallen_v, values.battery_end_v), 2)
        )

    def _climate(self, placement: Placement, times: Integers, noise: Noise) -> dict[str, Floats]:
        """Return a box's measurements with noise and resolution, by quantity."""
        columns = {}
        for quantity, exact in self._exact(placement, times).items():
            spread, digits = SPREADS[quantity]
            off = getattr(parameters(), spread) * noise[quantity].standard_normal(len(exact))
            columns[quantity] = np.clip(np.round(exact + off, digits), *SCALES[quantity])
        return columns

    def _exact(self, placement: Placement, times: Integers) -> dict[str, Floats]:
        """Return the true values by quantity; no carbon dioxide outdoors."""
        weather = self.simulation.weather
        if placement.kind == "outdoor" or placement.flat is None:
            steps = self._steps_before(times)
            return {
                "temperature_c": weather.temperature_c[steps],
                "humidity_pct": weather.humidity_pct[steps],
            }
        flat = self.simulation.house.flats.index(placement.flat)
        quarters = (times - self._start_ms) // QUARTER_MS
        states = self.simulation.record.states
        return {name: states[name][flat, quarters].astype(np.float64) for name in SPREADS}

    def _meter(self, placement: Placement, first_ms: int, end_ms: int) -> Series:
        times = np.arange(first_ms, min(end_ms, self.simulation.clock.end_ms + 1), HOUR_MS)
        quantity, digits = REGISTERS[placement.kind]
        first = float(self._stream("register", placement).integers(*FIRST_REGISTERS[quantity]))
        counted = self._counted(placement)[(times - self._start_ms) // HOUR_MS]
        # A counter truncates rather than rounds.
        shown = np.floor((first + counted) * 10**digits + 1e-6) / 10**digits
        columns = {quantity: shown}
        if placement.kind == "heat":
            litres_per_kwh = parameters().heat_volume_l_per_kwh
            columns["heat_volume_m3"] = np.round(shown * litres_per_kwh / LITRES_PER_M3, 2)
        sequence = (times - self._start_ms) // HOUR_MS
        return self._standing(placement, Series(times, times, columns, sequence))

    def _counted(self, placement: Placement) -> Floats:
        """Return a meter's count at each hour, (hours + 1,). [its register's unit]"""
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
        """Return the step that ends at each instant."""
        clock = self.simulation.clock
        return (times - clock.start_ms) // (clock.step_minutes * MINUTE_MS) - 1

    def _standing(self, placement: Placement, series: Series) -> Series:
        """Keep what is sent while a device is in its place."""
        zone = self.simulation.house.zone
        kept = series.sent_ms >= day_start_ms(placement.start, zone)
        if placement.end is not None:
            kept &= series.sent_ms < day_start_ms(placement.end, zone)
        return series.only(kept)
