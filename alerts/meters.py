"""Leaks and spikes of a building's meters: reads their registers and returns alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.coverage import coverage
from alerts.detect import found_in_registers
from alerts.detectors.intervals import registers_of
from alerts.detectors.limits import limits
from alerts.detectors.use.beside import BESIDE
from alerts.model import Alert, AlertKind
from alerts.stays import WATER, Stay, placed, stays_of, within
from estate.devices import REGISTER_OF
from estate.periods import HOUR_MS, day_start_ms
from telemetry.series.registers.one_register import fitting_samples
from telemetry.series.registers.register_breaks import register_limits
from telemetry.series.registers.registers import hourly_use, register_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from alerts.coverage import Coverage
    from alerts.detect import Outdoor
    from alerts.detectors.found import Found
    from alerts.detectors.intervals import Register
    from alerts.rules import AlertRules
    from estate.model import DeviceKind, Estate
    from estate.numbers.arrays import Bools, Floats
    from estate.periods import Hours
    from telemetry.readings import Samples
    from telemetry.stores.store import SampleSource


KINDS: tuple[DeviceKind, ...] = ("cold_water", "electricity", "heat", "hot_water")
LITRES_PER_M3 = 1000.0


def meter_alerts(
    estate: Estate,
    source: SampleSource,
    hours: Hours,
    own: Hours,
    rules: AlertRules,
    outdoor: Outdoor | None = None,
) -> tuple[list[Alert], list[Coverage]]:
    """
    Find leaks and unusual use in a building's meters, with the coverage.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    hours : Hours
    own : Hours
        The hours of the judged period, the last ones of `hours`.
    rules : AlertRules
    outdoor : Outdoor, optional
        The outdoor temperature by which heat is judged.

    Raises
    ------
    StoreUnavailable
    """
    found: list[Alert] = []
    covered: list[Coverage] = []
    read = {kind: _Meters.read(estate, source, kind, hours, rules) for kind in KINDS}
    by_household = {REGISTER_OF[kind]: each.by_household(estate) for kind, each in read.items()}
    for kind, meters in read.items():
        found += meters.alerts(estate, outdoor, by_household)
        if kind in WATER:
            flows = meters.flows(estate)
            covered += meters.covered(estate, AlertKind.LEAK, flows, _unread(flows), own)
        use = meters.daily_use(estate)
        covered += meters.covered(estate, AlertKind.SPIKE, use, _unusual(use), own)
    return found, covered


@dataclass(frozen=True)
class _Use:
    """
    Use of stays, (stays, hours or days), NaN where missing or outside of the stay.

    Attributes
    ----------
    starts_ms : (hours or days,) array
    inside : (stays, hours or days) bool array
        Whether the meter was there.
    """

    stays: Sequence[Stay]
    values: Floats
    starts_ms: npt.NDArray[np.int64]
    inside: npt.NDArray[np.bool_]


def _unread(use: _Use) -> Mapping[str, npt.NDArray[np.bool_]]:
    """Return, by reason, where a stay's flow cannot be judged."""
    return {"far_apart": np.isnan(use.values)}


def _unusual(use: _Use) -> Mapping[str, Bools]:
    """Return, by reason, where a stay's day cannot be compared with its usual use."""
    known = np.isfinite(use.values)
    before = np.cumsum(known, axis=1) - known
    return {"far_apart": ~known, "no_history": before < limits().usual_least_days}


@dataclass(frozen=True)
class _Meters:
    """The registers of one kind of meter over an axis of hours."""

    kind: DeviceKind
    devices: Sequence[str]
    read_samples: Samples
    samples: Samples
    hours: Hours
    rules: AlertRules

    @classmethod
    def read(
        cls, estate: Estate, source: SampleSource, kind: DeviceKind, hours: Hours, rules: AlertRules
    ) -> _Meters:
        devices = sorted({each.device for each in placed(estate, kind)})
        # A register at an edge is interpolated from the readings around it.
        margin_ms = rules.day_edge_gap_hours * HOUR_MS
        first, last = hours.start_ms - margin_ms, hours.end_ms + margin_ms + 1
        register = REGISTER_OF[kind]
        samples = source.samples(estate.building.id, devices, register, first, last)
        # A total of 0 in one short telegram is not a new meter, nor is the next reading a burst.
        fitting = fitting_samples(samples, len(devices), register)
        return cls(kind, devices, samples, fitting, hours, rules)

    def flows(self, estate: Estate) -> _Use:
        """Return the litres of each hour that lies in an interval in which a leak is judged."""
        stays = [
            Stay(each.device, each.flat or "", each.start, each.end)
            for each in placed(estate, self.kind)
        ]
        longest_ms = round(limits().interval_most_hours * HOUR_MS)
        use = hourly_use(self.samples, len(self.devices), self.hours, longest_ms) * LITRES_PER_M3
        return self._of_stays(use, self.hours.starts_ms, estate, stays)

    def daily_use(self, estate: Estate) -> _Use:
        """Return the litres or kWh of each day."""
        stays = stays_of(estate, self.kind)
        day_starts_ms = np.asarray(self.hours.day_starts_ms, dtype=np.int64)
        unit = LITRES_PER_M3 if self.kind in WATER else 1.0
        use = self._daily_use(day_starts_ms) * unit
        return self._of_stays(use, day_starts_ms[:-1], estate, stays)

    def alerts(
        self,
        estate: Estate,
        outdoor: Outdoor | None,
        by_household: Mapping[str, Sequence[tuple[Stay, Register]]],
    ) -> Iterator[Alert]:
        """Yield the meters' alerts, judging each household separately, by its other meters too."""
        quantity = REGISTER_OF[self.kind]
        own = by_household[quantity]
        others = [
            [
                [
                    register
                    for name in group
                    for other, register in by_household[name]
                    if stay.shares_home_with(other)
                ]
                for stay, _ in own
            ]
            for group in BESIDE.get(quantity, ())
        ]
        registers, zone = [register for _, register in own], estate.building.zone
        for found in found_in_registers(quantity, registers, zone, limits(), outdoor, others):
            yield named(estate, own[found.row][0], quantity, found)

    def by_household(self, estate: Estate) -> list[tuple[Stay, Register]]:
        """Return the registers of each meter in each household's days."""
        zone, quantity, detectors = estate.building.zone, REGISTER_OF[self.kind], limits()
        most = register_limits().most_per_hour[quantity]
        registers = registers_of(self.read_samples, len(self.devices), most, detectors)
        of_device = dict(zip(self.devices, registers, strict=True))
        stays = stays_of(estate, self.kind)
        return [(stay, within(of_device[stay.device], stay, zone)) for stay in stays]

    def covered(
        self,
        estate: Estate,
        check: AlertKind,
        use: _Use,
        lacks: Mapping[str, npt.NDArray[np.bool_]],
        own: Hours,
    ) -> list[Coverage]:
        """Yield the coverage of a check; nothing if there are no meters."""
        within = use.starts_ms >= own.start_ms
        read = np.bincount(
            self.samples.device_index[self.samples.time_ms >= own.start_ms],
            minlength=len(self.devices),
        )
        has_read = dict(zip(self.devices, (read > 0).tolist(), strict=True))
        verdicts = [
            (stay.device, self._lack(row, use.inside[row] & within, lacks, has_read[stay.device]))
            for row, stay in enumerate(use.stays)
            if (use.inside[row] & within).any()
        ]
        if not verdicts:
            return []
        return [coverage(estate.building.id, f"{check} of {self.kind}", "meters", verdicts)]

    def _lack(
        self,
        row: int,
        within: npt.NDArray[np.bool_],
        lacks: Mapping[str, npt.NDArray[np.bool_]],
        has_read: bool,
    ) -> str | None:
        if not has_read:
            return "no_readings"
        most, lacking = 1 - self.rules.judged_part, np.zeros_like(within)
        for reason, each in lacks.items():
            lacking = lacking | each[row]
            if lacking[within].mean() > most:
                return reason
        return None

    def _daily_use(self, day_starts_ms: npt.NDArray[np.int64]) -> Floats:
        """Return the use of each register in each day, shape (devices, days)."""
        edges = register_at(self.samples, len(self.devices), day_starts_ms)
        near = edges.gap_ms <= self.rules.day_edge_gap_hours * HOUR_MS
        use = np.diff(np.where(near, edges.value, np.nan), axis=1)
        return np.where(use >= 0, use, np.nan)

    def _of_stays(
        self,
        use: Floats,
        starts_ms: npt.NDArray[np.int64],
        estate: Estate,
        stays: Sequence[Stay],
    ) -> _Use:
        """Return a row for each stay, NaN outside of its days."""
        row = {device: number for number, device in enumerate(self.devices)}
        placed = use[[row[stay.device] for stay in stays]]
        inside = np.ones(placed.shape, dtype=np.bool_)
        zone = estate.building.zone
        for number, stay in enumerate(stays):
            inside[number] = starts_ms >= day_start_ms(stay.start, zone)
            if stay.end is not None:
                inside[number] &= starts_ms < day_start_ms(stay.end, zone)
        return _Use(stays, np.where(inside, placed, np.nan), starts_ms, inside)


def named(estate: Estate, stay: Stay, quantity: str, found: Found) -> Alert:
    """Return a finding as an alert of its home."""
    return Alert(
        building=estate.building.id,
        flat=stay.flat,
        kind=found.kind,
        device=stay.device,
        start_ms=found.start_ms,
        end_ms=found.end_ms,
        raised_ms=found.raised_ms,
        evidence={"quantity": quantity, **found.evidence},
    )
