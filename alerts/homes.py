"""Mould risk of a building's homes: reads their climate and returns alerts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.coverage import coverage
from alerts.model import Alert, AlertKind
from alerts.mould.mould import materials, mould_index, surface_conditions
from alerts.mould.mould_risk import find_spells
from estate.errors import DataError
from estate.findings import Finding
from estate.periods import HOUR_MS, day_start_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from alerts.coverage import Coverage
    from alerts.mould.mould import MouldIndex, Surface
    from alerts.mould.mould_risk import Spell
    from alerts.rules import AlertRules
    from estate.model import Device, Estate, Flat
    from estate.numbers.arrays import Floats
    from estate.periods import Hours
    from telemetry.series.home_climate import HomeClimate


def mould_alerts(
    estate: Estate, climate: HomeClimate, own: Hours, rules: AlertRules
) -> tuple[list[Alert], Coverage]:
    """
    Find the mould risks of a building's homes over some hours, with the coverage.

    Parameters
    ----------
    estate : Estate
    climate : HomeClimate
    own : Hours
        The hours of the judged period, the last ones of `climate`.
    rules : AlertRules

    Raises
    ------
    DataError
        If a flat's material is not a sensitivity class.
    """
    by_material = _flats_by_material(estate, rules)
    f_rsi = np.array([[_f_rsi(flat, rules)] for flat in estate.flats])
    surface = surface_conditions(
        climate.values["temperature_c"],
        climate.values["humidity_pct"],
        climate.outdoor["temperature_c"],
        f_rsi,
    )
    alerts = [
        alert
        for material, rows in by_material.items()
        for alert in _Homes(estate, climate, surface, material, rows, rules).alerts()
    ]
    verdicts = _verdicts(estate, climate, surface.humidity_pct, own, rules)
    return alerts, coverage(estate.building.id, AlertKind.MOULD_RISK, "homes", verdicts)


def _verdicts(
    estate: Estate, climate: HomeClimate, surface_pct: Floats, own: Hours, rules: AlertRules
) -> Iterator[tuple[str, str | None]]:
    """Yield each flat, and the reason for which its mould risk could not be judged."""
    last = slice(climate.hours.count - own.count, None)
    outdoor = _enough(climate.outdoor["temperature_c"][last], rules)
    doubted = np.logical_or.reduce(list(climate.suspect.values()))[:, last]
    boxes = {each.flat for each in estate.devices_of_kind("climate") if _stands(each, estate, own)}
    for row, flat in enumerate(estate.flats):
        temperature, humidity = (
            _enough(climate.values[name][row, last], rules)
            for name in ("temperature_c", "humidity_pct")
        )
        if _enough(surface_pct[row, last], rules):
            reason = None
        elif flat.flat not in boxes:
            reason = "no_box"
        elif not (temperature and humidity) and doubted[row].mean() >= 1 - rules.judged_part:
            reason = "box_doubted"
        elif not temperature:
            reason = "no_temperature"
        elif not humidity:
            reason = "no_humidity"
        else:
            reason = "few_hours" if outdoor else "no_outdoor_temperature"
        yield flat.flat, reason


def _enough(values: Floats, rules: AlertRules) -> bool:
    return bool(np.isfinite(values).mean() >= rules.judged_part)


def _stands(place: Device, estate: Estate, own: Hours) -> bool:
    zone = estate.building.zone
    ended = place.end is not None and day_start_ms(place.end, zone) <= own.start_ms
    return not ended and day_start_ms(place.start, zone) < own.end_ms


@dataclass(frozen=True)
class _Homes:
    """The homes of a building whose coldest surfaces are of one class."""

    estate: Estate
    climate: HomeClimate
    surface: Surface
    material: str
    rows: Sequence[int]
    rules: AlertRules

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


def _f_rsi(flat: Flat, rules: AlertRules) -> float:
    return rules.f_rsi if flat.f_rsi is None else flat.f_rsi


def _flats_by_material(estate: Estate, rules: AlertRules) -> Mapping[str, list[int]]:
    """Return the rows of the flats of each class."""
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
    """Average the known values; a spell has an hour of growth, so there is one."""
    return round(float(np.nanmean(values)), 1)
