"""Mould risk of a building's homes: reads their climate and returns alerts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from alerts.coverage import coverage
from alerts.model import AlertKind
from alerts.mould.mould import materials
from alerts.mould.rooms import find_mould_risks
from estate.periods import day_start_ms
from telemetry.series.held import held

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alerts.coverage import Coverage
    from alerts.model import Alert
    from alerts.rules import AlertRules
    from estate.model import Device, Estate, Flat
    from estate.numbers.arrays import Bools, Floats
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
    """
    risks = find_mould_risks(estate, climate, _flats_by_material(estate, rules), rules)
    verdicts = _verdicts(estate, climate, risks.frozen, own, rules)
    return risks.alerts, coverage(estate.building.id, AlertKind.MOULD_RISK, "homes", verdicts)


def _verdicts(
    estate: Estate, climate: HomeClimate, frozen: Bools, own: Hours, rules: AlertRules
) -> Iterator[tuple[str, str | None]]:
    """Yield each flat, and the reason why its mould risk could not be judged, if any."""
    last = slice(climate.hours.count - own.count, None)
    outdoor_c, temperature_c, humidity_pct = (
        held(each, rules.held_hours)[..., last]
        for each in (
            climate.outdoor["temperature_c"],
            climate.values["temperature_c"],
            climate.values["humidity_pct"],
        )
    )
    doubted = np.logical_or.reduce(list(climate.suspect.values()))[:, last]
    boxes = {each.flat for each in estate.devices_of_kind("climate") if _stands(each, estate, own)}
    for row, flat in enumerate(estate.flats):
        temperature, humidity = (
            _enough(each[row], rules) for each in (temperature_c, humidity_pct)
        )
        all_doubted = doubted[row].mean() >= 1 - rules.judged_part
        # The first that holds is the reason; the empty one means that the home could be judged.
        reasons = {
            "unknown_material": _material_of(flat, rules) not in materials(),
            "frozen_index": frozen[row],
            "": _enough(temperature_c[row] + humidity_pct[row] + outdoor_c, rules),
            "no_box": flat.flat not in boxes,
            "box_doubted": not (temperature and humidity) and all_doubted,
            "no_temperature": not temperature,
            "no_humidity": not humidity,
            "few_hours": _enough(outdoor_c, rules),
        }
        first = (reason for reason, holds in reasons.items() if holds)
        yield flat.flat, next(first, "no_outdoor_temperature") or None


def _enough(values: Floats, rules: AlertRules) -> bool:
    return bool(np.isfinite(values).mean() >= rules.judged_part)


def _stands(place: Device, estate: Estate, own: Hours) -> bool:
    zone = estate.building.zone
    ended = place.end is not None and day_start_ms(place.end, zone) <= own.start_ms
    return not ended and day_start_ms(place.start, zone) < own.end_ms


def _flats_by_material(estate: Estate, rules: AlertRules) -> Mapping[str, list[int]]:
    """Return the rows of the flats of each class; a flat of an unknown one is in none."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, flat in enumerate(estate.flats):
        rows[_material_of(flat, rules)].append(row)
    return {name: rows[name] for name in rows if name in materials()}


def _material_of(flat: Flat, rules: AlertRules) -> str:
    return flat.material or rules.material
