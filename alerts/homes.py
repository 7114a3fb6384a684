"""Mould risk of a building's homes: reads their climate and returns alerts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from alerts.coverage import coverage
from alerts.model import AlertKind
from alerts.mould.mould import materials
from alerts.mould.rooms import find_mould_risks
from estate.errors import DataError
from estate.findings import Finding
from estate.periods import day_start_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alerts.coverage import Coverage
    from alerts.model import Alert
    from alerts.rules import AlertRules
    from estate.model import Device, Estate
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

    Raises
    ------
    DataError
        If a flat's material is not a sensitivity class.
    """
    risks = find_mould_risks(estate, climate, _flats_by_material(estate, rules), rules)
    verdicts = _verdicts(estate, climate, risks.frozen, own, rules)
    return risks.alerts, coverage(estate.building.id, AlertKind.MOULD_RISK, "homes", verdicts)


def _verdicts(
    estate: Estate, climate: HomeClimate, frozen: Bools, own: Hours, rules: AlertRules
) -> Iterator[tuple[str, str | None]]:
    """Yield each flat, and the reason why its mould risk could not be judged, if any."""
    last = slice(climate.hours.count - own.count, None)
    outdoor = _enough(climate.outdoor["temperature_c"][last], rules)
    doubted = np.logical_or.reduce(list(climate.suspect.values()))[:, last]
    boxes = {each.flat for each in estate.devices_of_kind("climate") if _stands(each, estate, own)}
    for row, flat in enumerate(estate.flats):
        temperature, humidity = (
            _enough(climate.values[name][row, last], rules)
            for name in ("temperature_c", "humidity_pct")
        )
        known = (
            climate.values["temperature_c"][row, last] + climate.values["humidity_pct"][row, last]
        )
        if frozen[row]:
            reason = "frozen_index"
        elif _enough(known + climate.outdoor["temperature_c"][last], rules):
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
