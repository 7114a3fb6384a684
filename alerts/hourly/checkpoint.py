"""
What a daily run keeps of a building for the hourly runs after it, and its serialisation.

If it is missing, or belongs to another version or other meters, a daily run makes it again: it
contains nothing that does not follow from the readings.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from alerts.coverage import Coverage
from alerts.detectors.limits import limits
from alerts.heating.limits import heating_limits
from alerts.hourly.cold import ColdHours
from alerts.hourly.flows import Flows, flows_since, follow_flows, touched
from alerts.hourly.state import Unfit
from alerts.rules import rules
from alerts.run import looked_at
from alerts.stays import WATER, stays_of
from estate.periods import HOUR_MS, Period, local_date
from telemetry.series.home_climate import home_climate
from telemetry.stores.late import LATE_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from alerts.model import Alert
    from estate.model import DeviceKind, Estate
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import SampleSource

VERSION = 2
"""Of what is kept: raised whenever a detector of it goes by something else."""
LAG_MS = LATE_MS + HOUR_MS
"""Meters are followed up to so long before the run: what came later is read again, or is late."""


@dataclass(frozen=True)
class Checkpoint:
    """
    The checkpoint of a building.

    Attributes
    ----------
    fingerprint : str
        Of its version, limits and meters.
    start : date
        First day of the period of the run that made it.
    made_ms : int
        When it was made. [ms since 1970, UTC]
    flows : mapping of str to Flows
        By kind of water meter.
    cold : ColdHours
    coverage : sequence of Coverage
        Of the run that made it.
    """

    fingerprint: str
    start: date
    made_ms: int
    flows: Mapping[DeviceKind, Flows]
    cold: ColdHours
    coverage: Sequence[Coverage] = ()

    def fits(self, estate: Estate) -> bool:
        """Whether it belongs to these meters and this version."""
        return self.fingerprint == fingerprint(estate)

    def outdated_by(self, estate: Estate, late: Iterable[tuple[str, str, int]]) -> bool:
        """Whether late readings change a time that it covers."""
        return touched(estate, self.flows, late)


def fingerprint(estate: Estate) -> str:
    """Return a digest of a building's homes and devices, the limits and the version."""
    stays = [(kind, stays_of(estate, kind)) for kind in WATER]
    lets = [(each.tenancy, each.flat, each.start, each.end) for each in estate.tenancies]
    places = [
        (each.device, each.kind, each.flat, each.start, each.end, each.room)
        for each in estate.devices
    ]
    of = (stays, lets, sorted(map(repr, places)), estate.building.timezone)
    text = repr((VERSION, limits(), heating_limits(), *of))
    return hashlib.sha256(text.encode()).hexdigest()


def make_checkpoint(
    estate: Estate,
    source: SampleSource,
    period: Period,
    now_ms: int,
    climate: HomeClimate | None = None,
    coverage: Sequence[Coverage] = (),
) -> Checkpoint:
    """
    Follow a building until some hours ago, and keep the detectors' state.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    period : Period
        Of the run along with which it is made.
    now_ms : int
        [ms since 1970, UTC]
    climate : HomeClimate, optional
        Of the days that such a run covers, if already read.
    coverage : sequence of Coverage, optional
        Of that run.

    Raises
    ------
    StoreUnavailable
    """
    zone = estate.building.zone
    hours = looked_at(period).hours(zone)
    # As in a full run, a register at an edge follows from the readings around it.
    margin_ms = rules(period.start).day_edge_gap_hours * HOUR_MS
    flows = follow_flows(estate, source, hours.start_ms - margin_ms, now_ms - LAG_MS)
    climate = climate or home_climate(source, estate, hours)
    cold = ColdHours.of(estate, source, climate, local_date(now_ms, zone))
    return Checkpoint(fingerprint(estate), period.start, now_ms, flows, cold, tuple(coverage))


def water_since(
    estate: Estate, source: SampleSource, checkpoint: Checkpoint, period: Period
) -> list[Alert]:
    """
    Return a building's leaks and bursts, from a checkpoint and the readings since.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    checkpoint : Checkpoint
        One that `fits`.
    period : Period
        Begins with the first day of the checkpoint's.

    Raises
    ------
    Unfit
    StoreUnavailable
    """
    margin_ms = rules(period.start).day_edge_gap_hours * HOUR_MS
    end_ms = period.hours(estate.building.zone).end_ms + margin_ms + 1
    return flows_since(estate, source, checkpoint.flows, end_ms)


def as_bytes(checkpoint: Checkpoint) -> bytes:
    """Return a checkpoint as bytes."""
    head = {
        "fingerprint": checkpoint.fingerprint,
        "start": checkpoint.start.isoformat(),
        "made_ms": checkpoint.made_ms,
        "cold_day": checkpoint.cold.day.isoformat(),
        "coverage": [_covered(each) for each in checkpoint.coverage],
    }
    arrays: dict[str, Any] = {"head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)}
    for kind, flows in checkpoint.flows.items():
        arrays |= {f"{kind}/{name}": each for name, each in flows.arrays().items()}
    arrays |= {f"cold/{name}": each for name, each in checkpoint.cold.arrays.items()}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def from_bytes(data: bytes) -> Checkpoint:
    """
    Return the checkpoint that some bytes hold.

    Raises
    ------
    Unfit
        If they are not one.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        head = json.loads(arrays.pop("head").tobytes())
        of_kinds = {kind: _part(arrays, f"{kind}/") for kind in WATER}
        return Checkpoint(
            head["fingerprint"],
            date.fromisoformat(head["start"]),
            int(head["made_ms"]),
            {kind: Flows.of_arrays(own) for kind, own in of_kinds.items()},
            ColdHours(date.fromisoformat(head["cold_day"]), _part(arrays, "cold/")),
            tuple(Coverage(**row) for row in head["coverage"]),
        )
    except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile, zlib.error) as error:
        raise Unfit(str(error)) from error


def _part(arrays: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): each for name, each in arrays.items() if name.startswith(prefix)
    }


def _covered(coverage: Coverage) -> dict[str, Any]:
    return {
        "building": coverage.building, "check": coverage.check, "what": coverage.what,
        "judged": coverage.judged,
        "not_judged": {reason: list(ids) for reason, ids in coverage.not_judged.items()},
    }  # fmt: skip
