"""
The weights and the money of a bill once more, in plain Python: loops, dates and fractions.

A second implementation of what docs/heat-split.md says, one hour and one tenancy at a time, from
the readings. It shares no arithmetic with the packages; numbers of rules are written out.
"""

from __future__ import annotations

import statistics
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from estate.model import Estate, Flat
from estate.periods import Period
from tests.support.samples import HandMadeSource

HOUR = timedelta(hours=1)
PER_MILLE = {1: 170, 2: 150, 3: 130, 4: 80, 5: 40, 9: 30, 10: 80, 11: 120, 12: 160}
SUMMER_DAYS = 92
Known = list[float | None]


@dataclass(frozen=True)
class Plain:
    """A building over a period."""

    estate: Estate
    source: HandMadeSource
    period: Period

    @property
    def zone(self) -> ZoneInfo:
        return self.estate.building.zone

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def hours(self) -> list[datetime]:
        hour, hours = self.midnight(self.period.start), []
        while hour < self.midnight(self.period.end):
            hours.append(hour)
            hour += HOUR
        return hours

    def local(self, hour: datetime) -> date:
        return hour.astimezone(self.zone).date()

    def hourly(self, device: str) -> Known:
        """Return the mean temperature of each hour."""
        rows = self.source.rows.get((device, "temperature_c"), [])
        means: Known = []
        for hour in self.hours():
            start = round(hour.timestamp() * 1000)
            values = [
                v for t, v, quality in rows if start <= t < start + 3_600_000 and not quality & 1
            ]
            means.append(sum(values) / len(values) if values else None)
        return means

    def outdoor(self) -> list[float]:
        return straight(self.hourly("out"))

    def temperatures(self) -> dict[str, list[float]]:
        outdoor = self.outdoor()
        measured = {flat.flat: self.hourly(f"b{flat.flat}") for flat in self.estate.flats}
        found = {name: filled(own, outdoor) for name, own in measured.items() if any_known(own)}
        others = [sum(column) / len(found) for column in zip(*found.values(), strict=True)]
        return {name: found.get(name, others) for name in measured}

    def colour_weights(self) -> dict[str, list[float]]:
        """Weigh each hour by its colour, a gap by one worse than the worse edge."""
        measured = {flat.flat: self.hourly(f"b{flat.flat}") for flat in self.estate.flats}
        together = lost_together([own for own in measured.values() if any_known(own)])
        found = {name: coloured(own, together) for name, own in measured.items() if any_known(own)}
        others = [sum(column) / len(found) for column in zip(*found.values(), strict=True)]
        return {name: found.get(name, others) for name in measured}

    def weights(self, component: dict[str, object]) -> dict[str, float]:
        """Weigh each tenancy (and each landlord's span) by a measured key."""
        found: dict[str, float] = {}
        outdoor, temperatures = self.outdoor(), self.temperatures()
        position = self.positions()
        hours, colours = self.hours(), self.colour_weights()
        for name, flat, start, end in self.spans():
            factor = position[flat.flat] if component.get("position") else 1.0
            if component["key"] in ("heat_units", "heat_units_position"):
                factor = position[flat.flat] if component["key"] == "heat_units_position" else 1.0
                found[name] = found.get(name, 0.0) + factor * self.use(flat, start, end)
                continue
            by_day: dict[date, float] = {}
            for number, hour in enumerate(hours):
                own, outside = temperatures[flat.flat][number], outdoor[number]
                day = self.local(hour)
                if start <= day < end and in_season(day, component.get("season")):
                    floor = component.get("floor_c", -99)
                    assert isinstance(floor, int)
                    part = part_of_hour(str(component["key"]), flat, max(own, floor), outside)
                    if component["key"] == "climate_bands":
                        part = colours[flat.flat][number] / len(hours)
                    by_day[day] = by_day.get(day, 0.0) + part
            days = by_day.values()
            if component["key"] == "own_heat_loss":
                total = sum(max(wh, 0.0) for wh in days) / 1000
            else:
                total = flat.area_m2 * sum(days)
            found[name] = found.get(name, 0.0) + factor * total
        return found

    def spans(self) -> list[tuple[str, Flat, date, date]]:
        spans = []
        for flat in self.estate.flats:
            day = self.period.start
            while day < self.period.end:
                end = day
                party = self.party(flat.flat, day)
                while end < self.period.end and self.party(flat.flat, end) == party:
                    end += timedelta(1)
                spans.append((party, flat, day, end))
                day = end
        return spans

    def party(self, flat: str, day: date) -> str:
        for tenancy in self.estate.tenancies:
            if (
                tenancy.flat == flat
                and tenancy.start <= day
                and (not tenancy.end or day < tenancy.end)
            ):
                return tenancy.tenancy
        return f"landlord:{flat}"

    def positions(self) -> dict[str, float]:
        needs = {}
        for flat in self.estate.flats:
            assert flat.heat_loss_w_per_k is not None
            needs[flat.flat] = flat.heat_loss_w_per_k * (20 - -12) / flat.area_m2
        return {name: min(needs.values()) / need for name, need in needs.items()}

    def use(self, flat: Flat, start: date, end: date) -> float:
        return self.register(flat, end) - self.register(flat, start)

    def register(self, flat: Flat, day: date) -> float:
        """Return the register at midnight, between the readings around it by degree-days."""
        at = self.midnight(day)
        rows = [
            (datetime.fromtimestamp(t / 1000, UTC), v)
            for t, v, _ in self.source.rows[f"m{flat.flat}", "heat_kwh"]
        ]
        before, low = max(row for row in rows if row[0] <= at)
        after, high = min(row for row in rows if row[0] >= at)
        if before == after:
            return low
        share = self.degree_days(before, at) / self.degree_days(before, after)
        return low + (high - low) * share

    def degree_days(self, start: datetime, end: datetime) -> float:
        total, at = 0.0, start
        while at < end:
            day = self.local(at)
            midnight = self.midnight(day + timedelta(1))
            length = midnight - self.midnight(day)
            upto = min(midnight, end)
            total += day_part(day) * ((upto - at) / length)
            at = upto
        return total

    def fixed(self, key: str, item: str) -> dict[str, Fraction]:
        """Weigh by area or equally, exactly; within a flat by degree-days or days."""
        found: dict[str, Fraction] = {}
        for name, flat, start, end in self.spans():
            whole = Fraction(round((flat.area_m2 if key == "area" else 1) * 10**6))
            own, all_days = (
                sum(
                    Fraction(day_part(first + timedelta(n))) if item == "heat" else Fraction(1)
                    for n in range((last - first).days)
                )
                for first, last in ((start, end), (self.period.start, self.period.end))
            )
            found[name] = found.get(name, Fraction(0)) + whole * own / all_days / 10**6
        return found


def part_of_hour(key: str, flat: Flat, own: float, outside: float) -> float:
    if key == "degree_hours":
        return max(own - outside, 0.0)
    if key == "base_temperature":
        return max(own - 16, 0.0)
    assert flat.heat_loss_w_per_k is not None
    assert flat.gains_w is not None
    return flat.heat_loss_w_per_k * (own - outside) - flat.gains_w


def lost_together(homes: list[Known]) -> list[bool]:
    """Tell the hours that three and a quarter of the homes lost, of those that have most hours."""
    living = [own for own in homes if 2 * own.count(None) <= len(own)]
    lost = [sum(value is None for value in column) for column in zip(*living, strict=True)]
    return [each >= max(3, len(living) / 4) for each in lost]


def coloured(own: Known, together: list[bool]) -> list[float]:
    weights = [None if value is None else colour_weight(value) for value in own]
    known = [weight for weight in weights if weight is not None]
    result = []
    for hour, weight in enumerate(weights):
        if weight is not None:
            result.append(weight)
            continue
        edges = [each for each in beside(own, hour) if each is not None]
        if together[hour]:
            result.append(sum(known) / len(known))
        elif min(abs(hour - each) for each in edges) <= 24:
            worse = max(weights[each] or 0.0 for each in edges)
            result.append({1.0: 1.5, 1.5: 2.0, 2.0: 2.0}[worse])
        else:
            result.append(sum(known) / len(known))
    return result


def colour_weight(temperature_c: float) -> float:
    if 19 <= temperature_c <= 22:
        return 1.0
    return 1.5 if 18 <= temperature_c <= 25 else 2.0


def in_season(day: date, season: object) -> bool:
    if season is None:
        return True
    assert season == ["10-01", "05-01"]
    return day.month >= 10 or day.month <= 4


def day_part(day: date) -> float:
    if day.month in (6, 7, 8):
        return 40 / SUMMER_DAYS
    return PER_MILLE[day.month] / monthrange(day.year, day.month)[1]


def any_known(values: Known) -> bool:
    return any(value is not None for value in values)


def beside(values: Known, hour: int) -> tuple[int | None, int | None]:
    """Return the known hours nearest before and after a gap."""
    before = next((h for h in range(hour, -1, -1) if values[h] is not None), None)
    after = next((h for h in range(hour, len(values)) if values[h] is not None), None)
    return before, after


def between(values: Known, hour: int) -> float:
    before, after = beside(values, hour)
    low = values[before] if before is not None else None
    high = values[after] if after is not None else None
    if low is None or high is None:
        known = low if high is None else high
        assert known is not None
        return known
    assert before is not None
    assert after is not None
    return low if before == after else low + (high - low) * (hour - before) / (after - before)


def straight(values: Known) -> list[float]:
    return [between(values, hour) for hour in range(len(values))]


def filled(own: Known, outdoor: list[float]) -> list[float]:
    pairs = [
        (outside, value) for outside, value in zip(outdoor, own, strict=True) if value is not None
    ]
    outsides, known = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    slope, level = 0.0, sum(known) / len(known)
    if len(known) >= 48 and max(outsides) - min(outsides) >= 0.5:
        slope, level = statistics.linear_regression(outsides, known)
    usual = [level + slope * outside for outside in outdoor]
    rest: Known = [
        None if value is None else value - common for value, common in zip(own, usual, strict=True)
    ]
    result = []
    for hour, value in enumerate(own):
        if value is not None:
            result.append(value)
            continue
        near = min(abs(hour - each) for each in beside(own, hour) if each is not None)
        guess = usual[hour] + between(rest, hour) * max(1 - near / 24, 0)
        result.append(min(max(guess, min(known)), max(known)))
    return result


def shares(amount_ore: int, weights: list[Fraction]) -> list[int]:
    """Split by largest remainder, ties to the lower position."""
    total = sum(weights)
    exact = [abs(amount_ore) * weight / total for weight in weights]
    whole = [int(each) for each in exact]
    order = sorted(range(len(exact)), key=lambda number: (whole[number] - exact[number], number))
    for number in order[: abs(amount_ore) - sum(whole)]:
        whole[number] += 1
    return whole if amount_ore >= 0 else [-each for each in whole]
