"""
Detects days on which a home uses more heat than weather and neighbours explain, or none.

A day's heat is compared with the home's line, as a logarithm; the median of similar meters on the
same day is subtracted, then the home's own level of the weeks before. What is left is judged by how
much the home's own days vary: a home that its line fits well is reported sooner. If the outdoor
air is not measured, a normal year's season substitutes for the weather; a cold spell explains more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from alerts.detectors.days import NEVER_MS
from alerts.detectors.episodes import Episodes
from alerts.detectors.heat_jumps.jump import Day, Jumps
from alerts.detectors.heat_jumps.scatter import OwnScatter
from alerts.detectors.heat_line import HeatLine, fit_heat_line
from alerts.detectors.medians import median_of_known, usual
from alerts.detectors.use.excess import Unit
from alerts.detectors.use.slow import slow_rises
from alerts.model import AlertKind

if TYPE_CHECKING:
    from alerts.detectors.days import Days
    from alerts.detectors.found import Found
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Bools, Floats, Integers


class Weather(NamedTuple):
    """
    Outdoor temperature of days.

    Attributes
    ----------
    outdoor_c : (days,) array
        Daily mean, NaN where unknown. [°C]
    measured : bool
        Whether it was measured at the place; otherwise it is that of the season.
    """

    outdoor_c: Floats
    measured: bool


def heat_alerts(days: Days, weather: Weather, settled_ms: Integers, limits: Limits) -> list[Found]:
    """
    Find days of too much heat, days of none, and heat that creeps up.

    Parameters
    ----------
    days : Days
        Of similar meters. [kWh]
    weather : Weather
    settled_ms : (days,) int64 array
        Time of the reading from which a day can be compared with those of other meters; far ahead
        if there is none yet. [ms since 1970, UTC]
    limits : Limits
    """
    watch = _HeatWatch(days, weather, settled_ms, limits)
    for day in range(len(days.start_ms)):
        if settled_ms[day] == NEVER_MS:
            break
        watch.step(day)
    return [*watch.spikes.found(), *watch.stops.found(), *watch.slow_rises()]


def lagged(outdoor_c: Floats, part: float) -> Floats:
    """Return the temperature that a building feels: partly that of the day before. [°C]"""
    before = np.concatenate([outdoor_c[:1], outdoor_c[:-1]])
    before = np.where(np.isnan(before), outdoor_c, before)
    return (1 - part) * outdoor_c + part * before


class _HeatWatch:
    def __init__(self, days: Days, weather: Weather, settled_ms: Integers, limits: Limits) -> None:
        meters, count = days.use.shape
        self._days, self._settled_ms, self._limits = days, settled_ms, limits
        self._measured = weather.measured
        self._outdoor_c = lagged(weather.outdoor_c, limits.line_lag_part)
        self._lines: list[HeatLine | None] = [None] * meters
        self._fitted = np.full(meters, -limits.line_refit_days)
        self._odd = np.zeros((meters, count), dtype=np.bool_)
        self._ring = np.full((meters, limits.usual_days), np.nan)
        self._scatter, self._jumps = OwnScatter(meters, limits), Jumps(meters, limits)
        self._used, self._expected = (np.zeros(meters) for _ in range(2))
        self._high_days, self._still_days, self._since = (
            np.zeros(meters, dtype=np.int64) for _ in range(3)
        )
        # The heat of each line at 0 °C, as it is now and as it was first.
        self._at_0_c, self._first_at_0_c = (np.full(meters, np.nan) for _ in range(2))
        self._alike = np.full((meters, count), np.nan)
        self.spikes = Episodes(meters, AlertKind.SPIKE, limits)
        self.stops = Episodes(meters, AlertKind.STOP, limits)

    def step(self, day: int) -> None:
        limits, use = self._limits, self._days.use[:, day]
        line = self._line(day)
        off = np.log((use + 1) / (line + 1))
        group, alone = self._group(day, off)
        rest = off - group
        known = np.isfinite(rest)
        level = self._level(alone)
        expected = (line + 1) * np.exp(level + group) - 1
        judged = known & (expected >= limits.heat_least_kwh) & ~self._mild(line, alone)
        self._spikes(day, judged, expected, self._kwh_per_k(level, alone))
        self._stops(day, known & (expected >= limits.heat_stop_kwh), use, expected)
        self._teach(day, known, line, rest, use - expected)
        if not alone:
            # Early in autumn people put off heating, which a line does not reflect.
            cold = judged & ~self._mild(line, alone=True)
            self._alike[:, day] = self._as_at_0_c(day, off, cold)

    def slow_rises(self) -> list[Found]:
        """
        Find heat that has crept up, with days converted to 0 °C and relative to the other homes.

        Without weather and similar meters, heat rises with the winter by itself, and is not judged.
        """
        limits = self._limits
        rises = replace(limits, slow_times=limits.heat_slow_times)
        days = replace(self._days, use=self._alike)
        return slow_rises(
            days, Unit("kwh", limits.heat_floor_kwh), rises, limits.heat_slow_within_days
        )

    def _as_at_0_c(self, day: int, off: Floats, cold: Bools) -> Floats:
        """Return a cold day's use at 0 °C, corrected for the change of the whole house since."""
        at_0_c = np.where(cold, self._at_0_c, np.nan)
        self._first_at_0_c = np.where(np.isnan(self._first_at_0_c), at_0_c, self._first_at_0_c)
        # A line adapts to what creeps up; line and deviation together do not.
        use = np.exp(off) * at_0_c
        house = self._middle((use / self._first_at_0_c)[self._told(day)])
        return np.asarray(use / np.where(np.isnan(house), 1.0, house))

    def _line(self, day: int) -> Floats:
        """Return the heat of each meter's line on a day; 0 where there is no line yet."""
        limits, outdoor_c = self._limits, self._outdoor_c[day]
        first = max(day - limits.line_most_days, 0)
        due = day - self._fitted >= limits.line_refit_days
        for row in np.flatnonzero(due).tolist():
            past = np.where(self._odd[row, first:day], np.nan, self._days.use[row, first:day])
            if np.count_nonzero(np.isfinite(past)) < limits.line_least_days:
                continue
            fitted = fit_heat_line(past, self._outdoor_c[first:day], limits)
            self._fitted[row] = day
            if fitted is None:
                continue
            if self._lines[row] is None:
                # A deviation from the median home says nothing about one from a line.
                self._ring[row] = np.nan
            self._lines[row] = fitted
            self._at_0_c[row] = fitted.expected(0.0)
        return np.array(
            [0.0 if line is None else float(line.expected(outdoor_c)) for line in self._lines]
        )

    def _mild(self, line: Floats, alone: bool) -> Bools:
        """Return which homes' lines are near their base, where the balance temperature matters."""
        limits = self._limits
        part = limits.heat_alone_mild_part if alone else limits.heat_mild_part
        return line < part * self._at_0_c

    def _kwh_per_k(self, level: Floats, alone: bool) -> Floats:
        """Return what an unmeasured cold spell would use, per kelvin."""
        slopes = [0.0 if line is None else line.slope_kwh_per_k for line in self._lines]
        unknown = 1.0 if alone else self._limits.cold_known_part
        return np.asarray(unknown * np.array(slopes) * np.exp(np.nan_to_num(level)))

    def _group(self, day: int, off: Floats) -> tuple[Floats, bool]:
        """
        Return the median deviation of similar meters, of those known in time.

        Those with a line are compared with one another; those without are compared with all in
        kWh, and not at all if there is weather and they are too few. The second value says whether
        meters are judged without weather and without others.
        """
        lined = np.array([line is not None for line in self._lines])
        told = self._told(day)
        of_lines = self._middle(off[told & lined])
        of_all = self._middle(np.log(self._days.use[told, day] + 1))
        alone = not self._measured and np.isnan(of_lines)
        plain = of_all if self._measured else np.nan_to_num(of_all)
        return np.where(lined, np.nan_to_num(of_lines), plain), bool(alone)

    def _told(self, day: int) -> Bools:
        """Return the meters for which a day was known in time."""
        return np.asarray(self._days.closed_ms[:, day] <= self._settled_ms[day])

    def _middle(self, off: Floats) -> float:
        """Return the median of the known values; NaN if they are too few."""
        known = off[np.isfinite(off)]
        return float(np.median(known)) if len(known) >= self._limits.group_meters else np.nan

    def _level(self, alone: bool) -> Floats:
        """Return the home's own level: of the last weeks, or of the last months if higher."""
        limits = self._limits
        short = median_of_known(self._ring[:, -limits.heat_level_days :], limits.heat_least_days)
        if alone:
            return short
        return np.fmax(short, median_of_known(self._ring, limits.heat_least_days))

    def _spikes(self, day: int, judged: Bools, expected: Floats, kwh_per_k: Floats) -> None:
        limits, off_kwh = self._limits, self._days.use[:, day] - expected
        part = usual(self._ring, limits.heat_least_days).spread
        scatter = self._scatter.today(expected, part)
        judged = judged & np.isfinite(off_kwh / scatter.news_kwh)
        jumped = self._jumps.step(Day(off_kwh, expected, kwh_per_k), scatter, judged)
        spreads = np.where(judged, off_kwh / scatter.day_kwh, 0.0)
        self._run(day, judged, spreads >= limits.heat_high_spreads, expected)
        raised = judged & (self._high_days > 0) & (jumped >= limits.heat_belief) & self._enough()
        for row in np.flatnonzero(raised & ~self.spikes.is_open).tolist():
            start_ms = int(self._days.start_ms[self._since[row]])
            self.spikes.raise_(row, start_ms, *self._ends(day, row), self._evidence(row))
        was_open = self.spikes.is_open.copy()
        self.spikes.step(spreads >= limits.calm_z, judged, int(self._days.end_ms[day]))
        self._forget(was_open & ~self.spikes.is_open)

    def _run(self, day: int, judged: Bools, high: Bools, expected: Floats) -> None:
        """Add a day to the run of consecutive high days; one that is not judged is left out."""
        self._since[high & (self._high_days == 0)] = day
        for total, value in (
            (self._used, self._days.use[:, day]),
            (self._expected, expected),
            (self._high_days, np.ones_like(self._high_days)),
        ):
            total[high] += value[high]
            total[judged & ~high] = 0

    def _enough(self) -> Bools:
        """Return where the excess is large enough to be worth a message."""
        limits = self._limits
        return (self._used > limits.heat_least_times * self._expected) & (
            self._used - self._expected > limits.heat_floor_kwh * self._high_days
        )

    def _forget(self, rows: Bools) -> None:
        """Start again after a spike."""
        self._high_days[rows] = self._used[rows] = self._expected[rows] = 0
        self._jumps.forget(rows)

    def _stops(self, day: int, season: Bools, use: Floats, expected: Floats) -> None:
        limits = self._limits
        still = season & (use <= limits.heat_stop_part * expected)
        self._still_days = np.where(
            still, self._still_days + 1, np.where(season, 0, self._still_days)
        )
        frost = self._measured and self._outdoor_c[day] <= limits.heat_stop_frost_c
        least = limits.heat_stop_frost_days if frost else limits.heat_stop_days
        for row in np.flatnonzero(
            still & (self._still_days >= least) & ~self.stops.is_open
        ).tolist():
            start_ms = int(self._days.start_ms[max(day - int(self._still_days[row]) + 1, 0)])
            evidence = {
                "used_kwh": round(float(use[row]), 1),
                "expected_kwh": round(float(expected[row]), 1),
            }
            self.stops.raise_(row, start_ms, *self._ends(day, row), evidence)
        self.stops.step(still, season & ~still, int(self._days.end_ms[day]))

    def _ends(self, day: int, row: int) -> tuple[int, int]:
        """Return the end of a day, and the time of the reading that it needed."""
        told = max(int(self._days.closed_ms[row, day]), int(self._settled_ms[day]))
        return int(self._days.end_ms[day]), told

    def _teach(self, day: int, known: Bools, line: Floats, rest: Floats, off_kwh: Floats) -> None:
        limits = self._limits
        open_ = self.spikes.is_open | self.stops.is_open
        self._odd[:, day] = open_
        stays = self.spikes.close_long()
        self._ring[stays] = np.nan
        self._forget(stays)
        heated = known & ~open_ & (self._days.use[:, day] >= limits.heat_least_kwh / 2)
        heated &= (line == 0) | (line >= limits.heat_least_kwh / 2)
        self._ring[heated, :-1] = self._ring[heated, 1:]
        self._ring[heated, -1] = rest[heated]
        self._scatter.add(off_kwh, heated)

    def _evidence(self, row: int) -> dict[str, float]:
        return {
            "used_kwh": round(float(self._used[row]), 1),
            "expected_kwh": round(float(self._expected[row]), 1),
            "high_days": int(self._high_days[row]),
        }
