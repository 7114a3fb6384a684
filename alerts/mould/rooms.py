"""Mould risks of a building's homes, each judged by its dampest room."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from alerts.model import Alert, AlertKind
from alerts.mould.cause import cause_of
from alerts.mould.mould import materials, mould_index, surface_conditions
from alerts.mould.mould_risk import find_spells
from alerts.mould.outlook import SATURATED_PCT, WEEK_HOURS, Air, outlook, warns
from estate.periods import HOUR_MS, local_date
from telemetry.series.held import held

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from alerts.mould.mould import MouldIndex, Surface
    from alerts.mould.mould_risk import Spell
    from alerts.rules import AlertRules
    from estate.model import Estate, Flat
    from estate.numbers.arrays import Bools, Floats, Integers
    from telemetry.series.home_climate import HomeClimate


class Room(NamedTuple):
    """A room with boxes of its own, or a home as a whole; `flat` is its row in the estate."""

    flat: int
    name: str


@dataclass(frozen=True)
class MouldRisks:
    """
    What was found.

    Attributes
    ----------
    alerts : list of Alert
        One per home and spell, for its dampest room.
    frozen : (flats,) bool array
        Whether the index has been at or above the limit since readings ended.
    """

    alerts: list[Alert]
    frozen: Bools


def find_mould_risks(
    estate: Estate,
    climate: HomeClimate,
    by_material: Mapping[str, Sequence[int]],
    rules: AlertRules,
) -> MouldRisks:
    """
    Follow the coldest surface of each room.

    Parameters
    ----------
    estate : Estate
    climate : HomeClimate
    by_material : mapping of str to sequence of int
        Rows of the flats of each class.
    rules : AlertRules
    """
    risks = MouldRisks([], np.zeros(len(estate.flats), dtype=np.bool_))
    ends, days = _day_ends(climate), _days_of_year(estate, climate)
    for material, flats in by_material.items():
        rooms, temperature_c, humidity_pct = _rooms(climate, flats)
        outdoor_c, outdoor_pct = climate.outdoor["temperature_c"], climate.outdoor["humidity_pct"]
        measured = np.isfinite(temperature_c + humidity_pct + outdoor_c)
        bridged = partial(held, most_hours=rules.held_hours)
        air = Air(
            bridged(temperature_c), bridged(humidity_pct), bridged(outdoor_c),
            bridged(outdoor_pct), days,
        )  # fmt: skip
        _Surfaces(estate, climate, rooms, air, measured, material, rules, ends).find(risks)
    return risks


def _day_ends(climate: HomeClimate) -> Integers:
    hours = climate.hours
    return np.searchsorted(hours.starts_ms, np.asarray(hours.day_starts_ms[1:])).astype(np.int64)


def _days_of_year(estate: Estate, climate: HomeClimate) -> Floats:
    first = local_date(climate.hours.start_ms, estate.building.zone)
    return np.arange(climate.hours.count) / 24 + first.timetuple().tm_yday - 1


def _rooms(climate: HomeClimate, flats: Sequence[int]) -> tuple[list[Room], Floats, Floats]:
    """Return the rooms of some flats, and their temperature and humidity, (rooms, hours)."""
    own: dict[int, list[int]] = defaultdict(list)
    for row, (flat, _) in enumerate(climate.rooms):
        own[flat].append(row)
    rooms = [Room(flat, climate.rooms[row][1]) for flat in flats for row in own[flat]]
    whole = [Room(flat, "") for flat in flats if flat not in own or not own[flat]]
    of_rooms = [row for flat in flats for row in own[flat]]
    of_homes = [each.flat for each in whole]
    temperature_c, humidity_pct = (
        np.concatenate([climate.by_room[name][of_rooms], climate.values[name][of_homes]])
        if of_rooms
        else climate.values[name][of_homes]
        for name in ("temperature_c", "humidity_pct")
    )
    return [*rooms, *whole], temperature_c, humidity_pct


@dataclass(frozen=True)
class _Surfaces:
    """The coldest surfaces of some rooms, all of one class; `air` bridges what is not measured."""

    estate: Estate
    climate: HomeClimate
    rooms: Sequence[Room]
    air: Air
    measured: Bools
    material: str
    rules: AlertRules
    day_ends: Integers

    def find(self, risks: MouldRisks) -> None:
        rules, air = self.rules, self.air
        f_rsi = np.array([[f_rsi_of(self.estate.flats[each.flat], rules)] for each in self.rooms])
        surface = surface_conditions(
            air.temperature_c, air.humidity_pct, air.outdoor_c, f_rsi.reshape(-1, 1)
        )
        material = materials()[self.material]
        course = mould_index(surface.temperature_c, surface.humidity_pct, material, rules.decline)
        least = round(rules.judged_part * WEEK_HOURS)
        ahead = outlook(course.index, air, self.day_ends, f_rsi, material, rules.decline, least)
        warned = warns(
            course.index, ahead, self.day_ends, rules.mould_index, rules.outlook_index,
            rules.likely_index,
        )  # fmt: skip
        spells = find_spells(course, warned)
        risks.alerts.extend(
            self._alert(course, surface, together) for together in _by_home(self.rooms, spells)
        )
        silent = np.isnan(surface.humidity_pct[:, -self._frozen_hours() :]).all(axis=1)
        for row in np.flatnonzero(silent & (course.index[:, -1] >= rules.mould_index)).tolist():
            risks.frozen[self.rooms[row].flat] = True

    def _frozen_hours(self) -> int:
        return round(self.rules.frozen_days * 24)

    def _alert(self, course: MouldIndex, surface: Surface, spells: Sequence[Spell]) -> Alert:
        """Return the alert of a home's rooms, with the evidence of the dampest."""
        worst = max(spells, key=lambda each: (each.index_max, -each.row))
        flat, start_ms = self.estate.flats[self.rooms[worst.row].flat], self.climate.hours.start_ms
        return Alert(
            building=self.estate.building.id,
            flat=flat.flat,
            kind=AlertKind.MOULD_RISK,
            device=None,
            start_ms=start_ms + min(each.start for each in spells) * HOUR_MS,
            end_ms=start_ms + max(each.end for each in spells) * HOUR_MS,
            raised_ms=start_ms + min(each.raised for each in spells) * HOUR_MS,
            evidence=self._evidence(course, surface, worst, flat) | self._named(spells, worst),
        )

    def _named(self, spells: Sequence[Spell], worst: Spell) -> dict[str, Any]:
        """Return the damp rooms; nothing if a home has boxes in only one room."""
        names = sorted({self.rooms[each.row].name for each in spells})
        return {"room": self.rooms[worst.row].name, "damp_rooms": names} if any(names) else {}

    def _evidence(
        self, course: MouldIndex, surface: Surface, spell: Spell, flat: Flat
    ) -> dict[str, Any]:
        span = (spell.row, slice(spell.start, spell.end))
        room_pct, surface_pct = self.air.humidity_pct[span], surface.humidity_pct[span]
        evidence = {
            "index_max": round(spell.index_max, 2),
            "index_limit": self.rules.mould_index,
            "index_raised": round(float(course.index[spell.row, spell.raised - 1]), 2),
            "damp_hours": int(np.count_nonzero(course.growing[span])),
            "surface_humidity_mean_pct": _mean(surface_pct),
            "surface_temperature_mean_c": _mean(surface.temperature_c[span]),
            "room_humidity_mean_pct": _mean(room_pct),
            "room_temperature_mean_c": _mean(self.air.temperature_c[span]),
            "missing_hours": int(np.count_nonzero(~self.measured[span])),
            "frozen_hours": _longest(np.isnan(surface.humidity_pct[spell.row, spell.start :])),
            "clipped_hours": int(np.count_nonzero(room_pct > SATURATED_PCT)),
            "f_rsi": f_rsi_of(flat, self.rules),
            "f_rsi_assumed": flat.f_rsi is None,
            "material": self.material,
        }
        cause = cause_of(
            self.air.temperature_c[span], np.minimum(room_pct, SATURATED_PCT),
            self.air.outdoor_c[span[1]], self.air.outdoor_pct[span[1]],
            f_rsi_of(flat, self.rules), self.rules,
        )  # fmt: skip
        if cause is not None:
            evidence["moisture_excess_mean_g_per_m3"] = round(cause.moisture_excess_g_per_m3, 1)
            if cause.wall_share is not None:
                evidence["wall_share"] = round(cause.wall_share, 2)
                evidence["moisture_share"] = round(1 - cause.wall_share, 2)
        return evidence


def f_rsi_of(flat: Flat, rules: AlertRules) -> float:
    """Return the temperature factor of a flat's coldest surface, its own or the assumed one."""
    return rules.f_rsi if flat.f_rsi is None else flat.f_rsi


def _by_home(rooms: Sequence[Room], spells: Sequence[Spell]) -> Iterator[list[Spell]]:
    """Yield each home's overlapping spells together."""
    by_flat: dict[int, list[Spell]] = defaultdict(list)
    for each in spells:
        by_flat[rooms[each.row].flat].append(each)
    for own in by_flat.values():
        together: list[Spell] = []
        end = 0
        for each in sorted(own, key=lambda spell: (spell.start, spell.row)):
            if together and each.start >= end:
                yield together
                together = []
            together.append(each)
            end = max(end, each.end)
        yield together


def _longest(missing: Bools) -> int:
    """Return the longest run of missing hours."""
    edges = np.flatnonzero(np.diff(np.pad(missing.astype(np.int8), 1)))
    return int(np.max(edges[1::2] - edges[::2], initial=0))


def _mean(values: Floats) -> float:
    """Average the known values; a spell has an hour of growth, so there is one."""
    return round(float(np.nanmean(values)), 1)
