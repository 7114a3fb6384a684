"""
The house of the golden bills, fitted piece by piece: seven flats over two years.

No random number and no sine: its readings are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from estate.model import Aconto, Cost, Device, Estate, Flat, Neighbour, Tenancy
from estate.numbers.arrays import Floats
from estate.periods import HOUR_MS, Period, day_start_ms
from telemetry.readings import Samples
from tests.support.estates import device, estate, flat, tenancy

READ = Period(date(2023, 12, 28), date(2026, 1, 4))
HOUR_OF_READING = 7
Columns = tuple[npt.NDArray[np.int64], Floats]


@dataclass
class ColumnSource:
    """A source of samples from columns: (device, quantity) to rising times and values."""

    columns: dict[tuple[str, str], Columns] = field(default_factory=dict)

    def samples(
        self,
        building: str,  # noqa: ARG002  the columns are of one building
        devices: Sequence[str],
        quantity: str,
        start_ms: int,
        end_ms: int,
    ) -> Samples:
        rows, times, values = [np.empty(0, np.int32)], [np.empty(0, np.int64)], [np.empty(0)]
        for index, name in enumerate(devices):
            if (name, quantity) in self.columns:
                time_ms, value = self.columns[name, quantity]
                first, last = np.searchsorted(time_ms, [start_ms, end_ms])
                rows.append(np.full(last - first, index, np.int32))
                times.append(time_ms[first:last])
                values.append(value[first:last])
        value = np.concatenate(values)
        quality = np.zeros(len(value), np.uint8)
        return Samples(np.concatenate(rows), np.concatenate(times), value, quality)


def noise(number: int, count: int) -> Floats:
    """Return whole numbers from 0 to 99 that look like noise."""
    return (np.arange(count) * 7919 + number * 104729) * 31 % 9973 % 100 / 1.0


def hours_of(period: Period) -> npt.NDArray[np.int64]:
    zone = estate((), (), (), ()).building.zone
    return period.hours(zone).starts_ms + HOUR_MS // 2


def outdoor_c(times: npt.NDArray[np.int64]) -> Floats:
    """Return a year and a day as triangles: from -6 °C in January to 20 °C in July."""
    hour = (times - int(day_start_ms(date(2024, 1, 15), _zone()))) // HOUR_MS
    year, day = np.abs(hour % 8766 - 4383) / 4383, np.abs(hour % 24 - 14) / 14
    return np.round(20 - 25 * year - 4 * day + noise(1, len(times)) / 100, 2)


def _zone() -> Any:  # noqa: ANN401  of the standard library
    return estate((), (), (), ()).building.zone


FLATS = (
    flat("1", 62, heat_loss_w_per_k=88, gains_w=210, volume_m3=155, shares=3),
    flat("2", 85.5, heat_loss_w_per_k=104.5, gains_w=260, volume_m3=214, shares=5),
    flat("3", 48, heat_loss_w_per_k=70, gains_w=150, volume_m3=120, shares=2),
    flat("4", 103, heat_loss_w_per_k=150, gains_w=300, volume_m3=258, shares=6),
    flat("5", 71, heat_loss_w_per_k=80, gains_w=220, volume_m3=178, shares=4),
    flat("6", 66, heat_loss_w_per_k=92, gains_w=200, volume_m3=165, shares=4),
    flat("7", 55, heat_loss_w_per_k=66, gains_w=180, volume_m3=138, shares=3),
)
NEIGHBOURS = tuple(
    Neighbour(flat_a=a, flat_b=b, coupling_w_per_k=k)
    for a, b, k in (
        ("1", "2", 60), ("2", "3", 45), ("1", "4", 80), ("2", "5", 75), ("3", "6", 50),
        ("4", "5", 55), ("5", "6", 40), ("6", "7", 0),
    )
)  # fmt: skip
TENANCIES = (
    tenancy("1a", "1"),
    tenancy("2a", "2", end=date(2025, 1, 18)),
    tenancy("2b", "2", date(2025, 1, 22), date(2025, 10, 26)),
    tenancy("2c", "2", date(2025, 11, 1)),
    tenancy("3a", "3", end=date(2025, 6, 12)),
    tenancy("3b", "3", date(2025, 6, 12)),
    tenancy("4a", "4", end=date(2025, 1, 25)),
    tenancy("4b", "4", date(2025, 2, 1), date(2025, 9, 1)),
    tenancy("5a", "5").model_copy(update={"climate_refused": True}),
    tenancy("6a", "6"),
    tenancy("7a", "7"),
)
ACONTO = tuple(
    Aconto(tenancy=name, period_start=start, period_end=end, amount_ore=ore)
    for name, start, end, ore in (
        ("1a", date(2025, 1, 1), date(2026, 1, 1), 1_440_000),
        ("2a", date(2025, 1, 1), date(2025, 2, 1), 130_050),
        ("2b", date(2025, 2, 1), date(2025, 10, 1), 1_100_000),
        ("6a", date(2024, 12, 1), date(2025, 3, 1), 350_001),
    )
)


@dataclass
class House:
    """Seven flats over two years, fitted piece by piece."""

    source: ColumnSource = field(default_factory=ColumnSource)
    devices: list[Device] = field(default_factory=list)

    def fit(self, name: str, kind: str, flat_name: str | None, **more: Any) -> None:  # noqa: ANN401
        self.devices.append(device(name, kind, flat_name, **more))

    def outdoors(self) -> None:
        self.fit("out", "outdoor", None)
        times = hours_of(READ)
        keep = np.ones(len(times), dtype=np.bool_)
        keep[9_000:9_007] = keep[15_500:15_520] = False
        self.source.columns["out", "temperature_c"] = times[keep], outdoor_c(times)[keep]
        damp = np.round(80 + noise(2, len(times)) / 10, 1)
        self.source.columns["out", "humidity_pct"] = times[keep], damp[keep]

    def box(
        self, flat_name: str, level_c: float, gaps: Sequence[tuple[int, int]] = (), end: int = -1
    ) -> None:
        """Fit a box that measures two years in hours; gaps are hours since READ began."""
        name, number = f"b{flat_name}", int(flat_name)
        self.fit(name, "climate", flat_name)
        times = hours_of(READ)
        hour = np.arange(len(times))
        keep = np.ones(len(times), dtype=np.bool_)
        for first, last in gaps:
            keep[first:last] = False
        keep[end if end > 0 else len(keep) :] = False
        keep[(hour * 31 + number * 7) % 211 == 0] = False
        day = np.abs((hour + number) % 24 - 12) / 12
        temperature = level_c + 1.4 * day + 0.04 * outdoor_c(times) + noise(number, len(hour)) / 400
        humidity = (
            38 + 9 * day + (hour // 24 * 5 + number * 3) % 17 + noise(number + 20, len(hour)) / 50
        )
        # Every fourth night the air of an evening leaves by the hour.
        decay = (hour // 24 + number) % 4 == 0
        night = np.maximum((hour + number) % 24 - 1, 0)
        co2 = 640 + 900 * np.abs((hour + 3 * number) % 24 - 12) / 12 + noise(number + 40, len(hour))
        co2 = np.where(decay & (night < 5), 430 + 1100 * 0.65**night, co2)
        for quantity, values, digits in (
            ("temperature_c", temperature, 2), ("humidity_pct", humidity, 1), ("co2_ppm", co2, 0),
        ):  # fmt: skip
            self.source.columns[name, quantity] = times[keep], np.round(values, digits)[keep]

    def boxes(self) -> None:
        """Boxes in all flats but 5, which refused one; 6 is unplugged often, 7 has a new one."""
        self.box("1", 20.6, [(8_900, 8_930), (12_000, 12_003)])
        self.box("2", 22.1)
        self.box("3", 19.2, [(9_100, 9_300)])
        self.box("4", 17.4)
        self.box("6", 21.3, [(8_880 + 24 * day, 8_898 + 24 * day) for day in range(60)])
        self.box("7", 23.4, [(0, 11_000)])

    def meter(
        self,
        name: str,
        kind: str,
        flat_name: str | None,
        per_day: float,
        quantity: str,
        *,
        by_weather: bool = False,
        first: date = READ.start,
        last: date = READ.end,
        register: float = 1_000.0,
        every: int = 1,
        wraps: float | None = None,
        **more: Any,  # noqa: ANN401  columns of devices.csv
    ) -> None:
        """Fit a meter that is read in the morning of every day, or of every few days."""
        self.fit(name, kind, flat_name, **more)
        days = Period(first, last).each()
        zone = _zone()
        times = np.array([day_start_ms(day, zone) + HOUR_OF_READING * HOUR_MS for day in days])
        per = per_day * (0.5 + noise(sum(map(ord, name)), len(times)) / 100)
        if by_weather:
            per = per * np.maximum(17 - outdoor_c(times), 0) / 10
        total = register + np.concatenate([[0.0], np.cumsum(per)[:-1]])
        total = total if wraps is None else total % wraps
        self.source.columns[name, quantity] = times[::every], np.round(total, 3)[::every]

    def heat_meters(self, *flats: str) -> None:
        """Heat meters: 3 is swapped, 4 dies in autumn, 6 rolls over, 7 is read seldom."""
        rates = dict(zip("1234567", (26, 24, 11, 30, 14, 21, 12), strict=True))
        for name in flats:
            more: dict[str, Any] = {"serial": f"S-{name}00"}
            if name == "3":
                swap = date(2025, 1, 10)
                self.meter(
                    "h3", "heat", "3", 11, "heat_kwh", by_weather=True, last=swap, serial="S-300",
                    end=swap, end_register=4_400.0,
                )  # fmt: skip
                more |= {"start": swap, "start_register": 0.0, "serial": "S-301"}
                self.meter(
                    "h3b", "heat", "3", 11, "heat_kwh", by_weather=True, register=3.0,
                    first=date(2025, 1, 11), **more,
                )  # fmt: skip
                continue
            if name == "4":
                more |= {"last": date(2025, 10, 20)}
            if name == "6":
                more |= {"register": 94_000.0, "wraps": 100_000.0}
            if name == "7":
                more |= {"every": 45}
            self.meter(f"h{name}", "heat", name, rates[name], "heat_kwh", by_weather=True, **more)

    def allocators(self, *flats: str) -> None:
        for name in flats:
            for room in ("a", "b"):
                self.meter(
                    f"e{name}{room}", "allocator", name, 9 + int(name), "allocator_units",
                    by_weather=True, factor=1.25 if room == "a" else 0.8, room=room,
                )  # fmt: skip

    def water(self, *flats: str) -> None:
        for name in flats:
            rate = 0.09 + int(name) / 100
            self.meter(f"w{name}", "hot_water", name, rate, "hot_water_m3", register=20.0)

    def beside(self) -> None:
        """Cold water in all flats but one, electricity in three; nobody counts cooling."""
        for name in "123456":
            self.meter(f"c{name}", "cold_water", name, 0.2, "cold_water_m3", register=10.0)
        for name in "124":
            self.meter(f"p{name}", "electricity", name, 5.5, "electricity_kwh")

    def common(self) -> None:
        self.meter("main", "main_heat", None, 300, "heat_kwh", by_weather=True)
        self.meter("tank", "heat", None, 45, "heat_kwh", last=date(2025, 12, 10))
        self.meter("plant", "hot_water", None, 1.1, "hot_water_m3")

    def estate(self, costs: Sequence[Cost], flats: Sequence[Flat] = FLATS, **of: Any) -> Estate:  # noqa: ANN401
        own = estate(flats, TENANCIES, sorted(self.devices, key=_device_id), costs, **of)
        return Estate(
            own.building, own.flats, NEIGHBOURS, _sorted(own.tenancies), (), own.devices,
            own.costs, ACONTO,
        )  # fmt: skip


def _device_id(row: Device) -> str:
    return row.device


def _sorted(rows: Sequence[Tenancy]) -> tuple[Tenancy, ...]:
    return tuple(sorted(rows, key=lambda row: row.tenancy))


def full_house() -> House:
    house = House()
    house.outdoors()
    house.boxes()
    house.heat_meters(*"1234567")
    house.water(*"123456")
    house.beside()
    house.common()
    return house
