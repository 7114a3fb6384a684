"""Mould risk of a building's homes: reads their climate and names what was found."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.model import Alert, AlertKind
from alerts.mould import materials, mould_index, surface_conditions
from alerts.mould_risk import find_spells
from estate.errors import DataError
from estate.findings import Finding
from estate.periods import HOUR_MS
from telemetry.climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from alerts.mould import MouldIndex, Surface
    from alerts.mould_risk import Spell
    from alerts.rules import Rules
    from estate.model import Estate, Flat
    from estate.periods import Hours
    from telemetry.climate import HomeClimate
    from telemetry.store import SampleSource

    Floats = npt.NDArray[np.float64]


def mould_alerts(estate: Estate, source: SampleSource, hours: Hours, rules: Rules) -> list[Alert]:
    """
    Find the mould risks of a building's homes.

    Raises
    ------
    DataError
        Where a flat names a material that is no class.
    StoreUnavailable
    """
    by_material = _flats_by_material(estate, rules)
    climate = home_climate(source, estate, hours)
    f_rsi = np.array([[_f_rsi(flat, rules)] for flat in estate.flats])
    surface = surface_conditions(
        climate.values["temperature_c"],
        climate.values["humidity_pct"],
        climate.outdoor["temperature_c"],
        f_rsi,
    )
    return [
        alert
        for material, rows in by_material.items()
        for alert in _Homes(estate, climate, surface, material, rows, rules).alerts()
    ]


@dataclass(frozen=True)
class _Homes:
    """The homes of a building whose coldest surfaces are of one class."""

    estate: Estate
    climate: HomeClimate
    surface: Surface
    material: str
    rows: Sequence[int]
    rules: Rules

    def alerts(self) -> Iterator[Alert]:
        course = mould_index(
            self.surface.temperature_c[self.rows],
            self.surface.humidity_pct[self.rows],
            materials()[self.material],
            self.rules.decline,
        )
        for spell in find_spells(course, self.rules.mould_index):
            yield self._alert(course, spell)

    def _alert(self, course: MouldIndex, spell: Spell) -> Alert:
        home = self.rows[spell.row]
        flat, start_ms = self.estate.flats[home], self.climate.hours.start_ms
        growing = course.growing[spell.row, spell.start : spell.end]
        span = (home, slice(spell.start, spell.end))
        evidence = {
            "index_max": round(spell.index_max, 2),
            "index_limit": self.rules.mould_index,
            "damp_hours": int(np.count_nonzero(growing)),
            "surface_humidity_mean_pct": _mean(self.surface.humidity_pct[span]),
            "surface_temperature_mean_c": _mean(self.surface.temperature_c[span]),
            "room_humidity_mean_pct": _mean(self.climate.values["humidity_pct"][span]),
            "room_temperature_mean_c": _mean(self.climate.values["temperature_c"][span]),
            "missing_hours": int(np.count_nonzero(np.isnan(self.surface.humidity_pct[span]))),
            "f_rsi": _f_rsi(flat, self.rules),
            "material": self.material,
        }
        return Alert(
            building=self.estate.building.id,
            flat=flat.flat,
            kind=AlertKind.MOULD_RISK,
            device=None,
            start_ms=start_ms + spell.start * HOUR_MS,
            end_ms=start_ms + spell.end * HOUR_MS,
            raised_ms=start_ms + spell.raised * HOUR_MS,
            evidence=evidence,
        )


def _f_rsi(flat: Flat, rules: Rules) -> float:
    return rules.f_rsi if flat.f_rsi is None else flat.f_rsi


def _flats_by_material(estate: Estate, rules: Rules) -> Mapping[str, list[int]]:
    """Give the rows of the flats of each class."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, flat in enumerate(estate.flats):
        rows[flat.material or rules.material].append(row)
    unknown = [
        Finding(
            "alerts.material.unknown",
            f"flat {estate.flats[row].flat} has the material '{name}'; "
            f"write one of {', '.join(materials())} in flats.csv",
            {"flat": estate.flats[row].flat, "material": name},
        )
        for name in sorted(rows.keys() - materials().keys())
        for row in rows[name]
    ]
    if unknown:
        raise DataError(unknown)
    return rows


def _mean(values: Floats) -> float:
    """Average what is known; a spell has an hour of growth, so that something is."""
    return round(float(np.nanmean(values)), 1)
