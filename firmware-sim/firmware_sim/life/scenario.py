"""
Scenarios: households, events and device faults from a YAML file.

::

    households: {"0101": cold_saver}
    events:
      - {kind: burst, flat: "0102", from: 2026-01-10T14:00, to: 2026-01-10T15:30, size: 600}
    faults:
      - {kind: stuck, device: box-0101, from: 2026-01-05, to: 2026-01-20}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from firmware_sim.clock import instant_ms
from firmware_sim.life.events import Event, EventKind, make_event
from firmware_sim.life.people import personas

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from firmware_sim.folder import House


class FaultKind(StrEnum):
    """Kind of a device fault; meanings, sizes and units are in ``faults.yaml``."""

    STUCK = "stuck"
    CO2_OFFSET = "co2_offset"
    IN_THE_SUN = "in_the_sun"
    IN_A_BAG = "in_a_bag"
    IN_THE_STAIRWELL = "in_the_stairwell"
    UNPLUGGED_AT_NIGHT = "unplugged_at_night"
    METER_SWAPPED = "meter_swapped"
    ROLLOVER = "rollover"
    STANDING = "standing"
    COARSE_PULSES = "coarse_pulses"
    NEGATIVE_STEP = "negative_step"
    REPEATED_HOUR = "repeated_hour"
    ENERGY_IN_GJ = "energy_in_gj"
    NULL_VALUE = "null_value"
    CODE_127 = "code_127"
    HALF_OF_RADIO_LOST = "half_of_radio_lost"
    REBOOT = "reboot"
    BATTERY_EMPTY = "battery_empty"
    CLOCK_1970 = "clock_1970"
    CLOCK_DRIFT = "clock_drift"
    DUPLICATE_SENDS = "duplicate_sends"
    LATE_SENDS = "late_sends"


class ScenarioInvalid(Exception):
    """The scenario is invalid; the message ends with the remedy."""


@dataclass(frozen=True)
class Fault:
    """
    A fault of one device over some local days.

    Attributes
    ----------
    start, end : date
        End exclusive.
    size : float
        Size in the unit of its kind.
    """

    device: str
    kind: FaultKind
    start: date
    end: date
    size: float

    @property
    def unit(self) -> str:
        """Unit of the size."""
        return str(fault_table()[self.kind]["unit"])


@dataclass(frozen=True)
class Scenario:
    """A scenario; `households` maps flats to personas."""

    households: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    faults: tuple[Fault, ...] = ()


NOTHING = Scenario()


@cache
def fault_table() -> Mapping[str, Any]:
    """Return the kinds of faults."""
    text = resources.files("firmware_sim.life").joinpath("faults.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def read_scenario(path: Path, house: House) -> Scenario:
    """
    Read a scenario for a house.

    Raises
    ------
    ScenarioInvalid
        Names the invalid entry.
    """
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
        households = {
            str(flat): str(name) for flat, name in (document.get("households") or {}).items()
        }
        _known(households.keys(), house.flats, "flat")
        _known(households.values(), personas(), "persona")
        return Scenario(
            households,
            tuple(_event(house, row) for row in document.get("events") or ()),
            tuple(_fault(house, row) for row in document.get("faults") or ()),
        )
    except (OSError, AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise ScenarioInvalid(
            f"{path} is invalid ({type(error).__name__}: {error}); "
            "docs/simulator.md shows the format"
        ) from error


def _event(house: House, row: dict[str, Any]) -> Event:
    flat = str(row["flat"])
    _known([flat], house.flats, "flat")
    start, end = (_instant(row[name], house.zone) for name in ("from", "to"))
    if instant_ms(start, house.zone) >= instant_ms(end, house.zone):
        raise ValueError(f"from {start} to {end} are not times in order")
    return make_event(house, EventKind(row["kind"]), flat, start, end, row.get("size"))


def _instant(value: Any, zone: ZoneInfo) -> date:  # noqa: ANN401  YAML knows some times, not all
    """Return a local day, or an aware instant; a time without an offset is local."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return value
    raise ValueError(f"{value} is neither a day nor a time")


def _fault(house: House, row: dict[str, Any]) -> Fault:
    device, kind = str(row["device"]), FaultKind(row["kind"])
    _known([device], {each.device for each in house.devices}, "device")
    start, end = _days(row)
    size = row.get("size", fault_table()[kind]["size"])
    return Fault(device, kind, start, end, float(size))


def _days(row: dict[str, Any]) -> tuple[date, date]:
    start, end = row["from"], row["to"]
    if not (isinstance(start, date) and isinstance(end, date) and start < end):
        raise ValueError(f"from {start} to {end} are not days in order")
    return start, end


def _known(names: Any, known: Any, what: str) -> None:  # noqa: ANN401  collections of str
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ValueError(f"no such {what}: {', '.join(unknown)}")
