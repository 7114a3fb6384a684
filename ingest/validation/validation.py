"""
Validation rules for readings, applied to one reading or to columns.

The rules in order; the first one broken is the reason:

1. the device's id is well formed
2. the building has the device
3. the source may report it
4. the quantity is known
5. the value is finite
6. the value is physically possible
7. the time is not ahead of now by more than the clock tolerance
8. the device was already in the building
9. it was still there, or there again; a register may be read at the instant its days end
10. a register matches the device's kind in devices.csv
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING

from estate.model import ID_PATTERN
from estate.purposes.table import needs_agreement
from estate.quantities import Quantity, quantities
from ingest.limits import limits
from ingest.reasons import Reason
from ingest.validation.devices import kinds_by_building
from ingest.validation.kinds import contradicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from estate.model import DeviceKind
    from ingest.validation.devices import DeviceSpan, DeviceTable

VERDICTS: tuple[Reason | None, ...] = (None, *Reason)
"""Meaning of the codes of `ReadingRules.verdicts`; 0: the reading may be stored."""

_CODES = {reason: code for code, reason in enumerate(VERDICTS)}
_id_fits = re.compile(ID_PATTERN).fullmatch


@dataclass(frozen=True)
class ReadingRules:
    """
    The rules with their data.

    Attributes
    ----------
    devices : DeviceTable
        Every known device; see `ingest.validation.devices.device_table`.
    quantities : mapping of str to Quantity
        Every known quantity with its physical limits.
    ahead_ms : int
        Clock tolerance: how far a time may be ahead of now. [ms]
    """

    devices: DeviceTable
    quantities: Mapping[str, Quantity] = field(default_factory=quantities)
    ahead_ms: int = field(default_factory=lambda: limits().ahead_ms)

    @cached_property
    def _bounds(self) -> dict[str, tuple[float, float]]:
        return {name: (each.minimum, each.maximum) for name, each in self.quantities.items()}

    def verdict(
        self,
        building: str,
        device: str,
        quantity: str,
        time_ms: int,
        value: float,
        now_ms: int,
        allowed: frozenset[str] | None = None,
    ) -> Reason | None:
        """
        Return the first rule that one reading breaks, or None.

        Parameters
        ----------
        building, device, quantity : str
        time_ms : int
            Device time. [ms since 1970, UTC]
        value : float
            In the quantity's unit.
        now_ms : int
            [ms since 1970, UTC]
        allowed : frozenset of str, optional
            The devices that the source may report; all of the building's by default.
        """
        spans = self.devices.get((building, device))
        if spans is None or (allowed is not None and device not in allowed):
            return self.device_verdict(building, device, allowed)
        fault = self.value_verdict(quantity, value)
        if fault is not None:
            return fault
        if time_ms > now_ms + self.ahead_ms:
            return Reason.TIME_AHEAD
        for start_ms, end_ms, kind, _ in spans:
            if start_ms <= time_ms < end_ms:
                return Reason.KIND_CONTRADICTED if contradicts(quantity, kind) else None
        if self.is_register(quantity) and any(time_ms == span.end_ms for span in spans):
            return None
        before = time_ms < spans[0].start_ms
        return Reason.TIME_BEFORE_PLACEMENT if before else Reason.TIME_OUTSIDE_PLACEMENT

    def is_unagreed(self, building: str, device: str, quantity: str, time_ms: int) -> bool:
        """Whether a resident has not agreed to this being measured: then none of it may be kept."""
        spans = self.unagreed.get((building, device))
        if spans is None or not needs_agreement(quantity):
            return False
        return any(start <= time_ms < end for start, end in spans)

    @cached_property
    def unagreed(self) -> Mapping[tuple[str, str], Sequence[tuple[int, int]]]:
        """Times without a resident's agreement, for the devices that have any. [ms since 1970]"""
        found = (
            (key, [each for span in spans for each in span.unagreed])
            for key, spans in self.devices.items()
        )
        return {key: times for key, times in found if times}

    def device_verdict(
        self, building: str, device: str, allowed: frozenset[str] | None = None
    ) -> Reason | None:
        """Return the first rule that a device itself breaks."""
        if (building, device) not in self.devices:
            return Reason.DEVICE_UNKNOWN if _id_fits(device) else Reason.DEVICE_ID_INVALID
        if allowed is not None and device not in allowed:
            return Reason.DEVICE_NOT_ALLOWED
        return None

    def kind(self, building: str, device: str, time_ms: int) -> DeviceKind | None:
        """Return the kind of a device at a time, None if unknown."""
        spans = self.devices.get((building, device), ())
        return next((kind for start, end, kind, _ in spans if start <= time_ms < end), None)

    def is_register(self, quantity: str) -> bool:
        """Whether a quantity is a cumulative register; an unknown one is not."""
        known = self.quantities.get(quantity)
        return known is not None and known.kind == "register"

    @cached_property
    def kinds(self) -> Mapping[str, Mapping[str, DeviceKind]]:
        """Kind of each device, by building and id."""
        return kinds_by_building(self.devices)

    def value_verdict(self, quantity: str, value: float) -> Reason | None:
        """Return the first rule that a value breaks, without checking device and time."""
        bounds = self._bounds.get(quantity)
        if bounds is None:
            return Reason.QUANTITY_UNKNOWN
        if bounds[0] <= value <= bounds[1]:
            return None
        return Reason.VALUE_IMPOSSIBLE if isfinite(value) else Reason.VALUE_NOT_FINITE

    def verdicts(
        self,
        building: str,
        device: Sequence[str] | npt.NDArray[np.object_],
        quantity: Sequence[str] | npt.NDArray[np.object_],
        time_ms: npt.NDArray[np.int64],
        value: npt.NDArray[np.float64],
        now_ms: int,
        allowed: frozenset[str] | None = None,
    ) -> npt.NDArray[np.int8]:
        """
        Return the first rule that each reading of some columns breaks.

        Parameters
        ----------
        building : str
        device, quantity : (n,) sequence of str
            Lists, arrays or pandas columns.
        time_ms : (n,) int64 array
            Device time. [ms since 1970, UTC]
        value : (n,) float64 array
            In the quantity's unit.
        now_ms : int
            [ms since 1970, UTC]
        allowed : frozenset of str, optional
            The devices that the source may report; all of the building's by default.

        Returns
        -------
        (n,) int8 array
            Indices into `VERDICTS`; 0 may be stored.
        """
        # Imported here and below: importing takes longer than validating many readings.
        import numpy as np
        import pandas as pd

        device_row, device_names = pd.factorize(np.asarray(device, dtype=object))
        quantity_row, quantity_names = pd.factorize(np.asarray(quantity, dtype=object))
        device_fault = self._device_faults(building, device_names, allowed)[device_row]
        bounds = [self._bounds.get(name, (np.nan, np.nan)) for name in quantity_names]
        low, high = np.array(bounds, dtype=np.float64).reshape(-1, 2).T
        spans = [self.devices.get((building, name), ()) for name in device_names]
        register = np.array([self.is_register(name) for name in quantity_names], dtype=np.bool_)
        inside, before = _placed(spans, device_row, time_ms, register[quantity_row])
        contradicted = _contradicted(spans, device_row, time_ms, quantity_names, quantity_row)
        broken = [
            (device_fault != 0, device_fault),
            (np.isnan(low)[quantity_row], _CODES[Reason.QUANTITY_UNKNOWN]),
            (~np.isfinite(value), _CODES[Reason.VALUE_NOT_FINITE]),
            (~_between(value, low[quantity_row], high[quantity_row]),
             _CODES[Reason.VALUE_IMPOSSIBLE]),
            (time_ms > now_ms + self.ahead_ms, _CODES[Reason.TIME_AHEAD]),
            (before, _CODES[Reason.TIME_BEFORE_PLACEMENT]),
            (~inside, _CODES[Reason.TIME_OUTSIDE_PLACEMENT]),
            (contradicted, _CODES[Reason.KIND_CONTRADICTED]),
        ]  # fmt: skip
        conditions, codes = zip(*broken, strict=True)
        verdicts: npt.NDArray[np.int8] = np.select(conditions, codes, default=0).astype(np.int8)
        return verdicts

    def _device_faults(
        self, building: str, names: npt.NDArray[np.object_], allowed: frozenset[str] | None
    ) -> npt.NDArray[np.int8]:
        import numpy as np

        faults = np.zeros(len(names), dtype=np.int8)
        for row, name in enumerate(names):
            if (building, name) not in self.devices:
                known = Reason.DEVICE_UNKNOWN if _id_fits(name) else Reason.DEVICE_ID_INVALID
                faults[row] = _CODES[known]
            elif allowed is not None and name not in allowed:
                faults[row] = _CODES[Reason.DEVICE_NOT_ALLOWED]
        return faults


def _placed(
    spans: Sequence[Sequence[DeviceSpan]],
    row: npt.NDArray[np.intp],
    time_ms: npt.NDArray[np.int64],
    register: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which readings are within a span of their device, and which before the first."""
    import numpy as np

    table = _edges_ms(spans)
    inside = np.zeros(len(time_ms), dtype=np.bool_)
    for start_ms, end_ms in table:
        inside |= (start_ms[row] <= time_ms) & (time_ms - register < end_ms[row])
    first = table[0, 0] if len(table) else np.zeros(len(spans), dtype=np.int64)
    return inside, time_ms < first[row]


def _contradicted(
    spans: Sequence[Sequence[DeviceSpan]],
    row: npt.NDArray[np.intp],
    time_ms: npt.NDArray[np.int64],
    quantity_names: npt.NDArray[np.object_],
    quantity_row: npt.NDArray[np.intp],
) -> npt.NDArray[np.bool_]:
    """Return which readings are a register of another kind than their device's."""
    import numpy as np

    found = np.zeros(len(time_ms), dtype=np.bool_)
    for place, (start_ms, end_ms) in enumerate(_edges_ms(spans)):
        kinds = [each[place].kind if place < len(each) else None for each in spans]
        other = np.array([[contradicts(name, kind) for name in quantity_names] for kind in kinds])
        if other.any():
            within = (start_ms[row] <= time_ms) & (time_ms < end_ms[row])
            found |= within & other[row, quantity_row]
    return found


def _edges_ms(spans: Sequence[Sequence[DeviceSpan]]) -> npt.NDArray[np.int64]:
    """Return spans as (places, start and end, devices); unused ones end before they start."""
    import numpy as np

    most = max((len(each) for each in spans), default=0)
    table = np.zeros((most, 2, len(spans)), dtype=np.int64)
    table[:, 1] = -1
    for column, each in enumerate(spans):
        for place, span in enumerate(each):
            table[place, :, column] = span.start_ms, span.end_ms
    return table


def _between(
    value: npt.NDArray[np.float64], low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    return (low <= value) & (value <= high)
