"""Simulated homes of every way of living, with faults of their boxes, as a source of readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from estate.files.folder import read_estate
from estate.model import Estate
from estate.periods import HOUR_MS, Hours, Period
from firmware_sim.folder import read_house
from firmware_sim.life.events import EventKind, make_event
from firmware_sim.life.people import personas
from firmware_sim.life.scenario import Fault, FaultKind, Scenario, fault_table
from firmware_sim.mqtt.faults import Series, apply_fault
from firmware_sim.physics.building import Simulation, simulate
from telemetry.readings import Samples

FOLDER = Path(str(resources.files("estate").joinpath("sample")))
QUARTER_MS = HOUR_MS // 4
NOISE = {"temperature_c": (0.05, 2), "humidity_pct": (0.3, 1), "co2_ppm": (10.0, 0)}
BOX_QUANTITIES = tuple(NOISE)


def a_fault(kind: FaultKind, box: str, start: date, end: date) -> Fault:
    return Fault(box, kind, start, end, float(fault_table()[kind]["size"]))


@dataclass(frozen=True)
class Homes:
    """
    The sample building over a period, with a persona in each flat.

    It is a source of samples: boxes every quarter-hour, registers at midnight.
    """

    period: Period
    faults: tuple[Fault, ...] = ()
    badly_aired: EventKind | None = None
    """What keeps fresh air from every home all the time."""
    seed: int = 1

    def with_faults(self, faults: Sequence[Fault]) -> Homes:
        other = replace(self, faults=tuple(faults))
        # The building is the same; only its boxes are not.
        other.__dict__["simulation"] = self.simulation
        return other

    @cached_property
    def estate(self) -> Estate:
        return read_estate(FOLDER)

    @cached_property
    def hours(self) -> Hours:
        return self.period.hours(self.estate.building.zone)

    @cached_property
    def households(self) -> dict[str, str]:
        names = list(personas())
        flats = [flat.flat for flat in self.estate.flats]
        return {flat: names[number % len(names)] for number, flat in enumerate(flats)}

    @cached_property
    def simulation(self) -> Simulation:
        house = read_house(FOLDER)
        start, end = self.period.start, self.period.end
        kind, flats = self.badly_aired, self.households
        events = tuple(make_event(house, kind, flat, start, end) for flat in flats) if kind else ()
        scenario = Scenario(households=flats, events=events)
        # Each persona on all of its days; trips would leave some homes empty.
        return simulate(house, start, end, self.seed, events=False, scenario=scenario, even=True)

    @cached_property
    def rows(self) -> dict[tuple[str, str], tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]:
        """Times and values by device and quantity."""
        found = {}
        for device in self.estate.devices:
            flat = None if device.flat is None else self.estate.flat_index[device.flat]
            if device.kind in ("climate", "outdoor"):
                series = self._box(device.device, flat)
                for name, column in series.columns.items():
                    known = np.isfinite(column)
                    found[device.device, name] = (series.time_ms[known], column[known])
            elif device.kind in ("heat", "hot_water") and flat is not None:
                name = "heat_kwh" if device.kind == "heat" else "hot_water_m3"
                found[device.device, name] = self._register(name, flat)
        return found

    def samples(
        self,
        building: str,  # noqa: ARG002  the rows are of one building
        devices: Sequence[str],
        quantity: str,
        start_ms: int,
        end_ms: int,
    ) -> Samples:
        index, times, values = [], [], []
        for number, device in enumerate(devices):
            time_ms, value = self.rows.get((device, quantity), (np.array([]), np.array([])))
            kept = (time_ms >= start_ms) & (time_ms < end_ms)
            index.append(np.full(int(kept.sum()), number, dtype=np.int32))
            times.append(time_ms[kept].astype(np.int64))
            values.append(value[kept].astype(np.float64))
        joined = np.concatenate(values) if values else np.zeros(0)
        return Samples(
            np.concatenate(index) if index else np.zeros(0, dtype=np.int32),
            np.concatenate(times) if times else np.zeros(0, dtype=np.int64),
            joined,
            np.zeros(len(joined), dtype=np.uint8),
        )

    def _steps_before(self, time_ms: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        clock = self.simulation.clock
        return (time_ms - clock.start_ms) // (clock.step_minutes * 60_000) - 1

    def _box(self, name: str, flat: int | None) -> Series:
        times = np.arange(self.hours.start_ms, self.hours.end_ms, QUARTER_MS, dtype=np.int64)
        if flat is None:
            steps = self._steps_before(times)
            weather = self.simulation.weather
            columns = {each: getattr(weather, each)[steps] for each in BOX_QUANTITIES[:2]}
        else:
            states = self.simulation.record.states
            columns = {
                each: states[each][flat, : len(times)].astype(np.float64) for each in BOX_QUANTITIES
            }
        rng = np.random.default_rng(0 if flat is None else flat + 1)
        for each, exact in columns.items():
            spread, digits = NOISE[each]
            columns[each] = np.round(exact + spread * rng.standard_normal(len(exact)), digits)
        series = Series(times, times, columns, np.arange(len(times)))
        for fault in self.faults:
            if fault.device == name:
                series = apply_fault(series, fault, self.estate.building.zone)
        return series

    def _register(
        self, quantity: str, flat: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        times = np.array(self.hours.day_starts_ms, dtype=np.int64)
        hours = (times - self.hours.start_ms) // HOUR_MS
        return times, 100 + self.simulation.record.registers[quantity][flat, hours]
