"""
Resolves contradictions between messages and devices.csv about what a device measures.

devices.csv defines what a device is. A register of another kind is a contradiction: it is
reported with both, and the installation decides which of the two counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from estate.devices import REGISTER_OF
from estate.numbers.units import own_unit
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.model import DeviceKind
    from ingest.decoders.payload.outcomes import Measurement

KindFrom = Literal["devices", "message"]
"""The side that counts."""

REGISTERS = frozenset(REGISTER_OF.values())


def contradicts(quantity: str, kind: DeviceKind | None) -> bool:
    """Return whether a quantity is a register that a device of a kind does not have."""
    return quantity in REGISTERS and kind is not None and quantity != REGISTER_OF.get(kind)


class Settled(NamedTuple):
    """
    Result for a measurement that contradicts devices.csv.

    Attributes
    ----------
    measurement : Measurement or None
        As it counts; None if it does not.
    both : str
        The message's and devices.csv's view; empty if they agree after all.
    """

    measurement: Measurement | None
    both: str = ""


def settle(
    measurement: Measurement,
    kind: DeviceKind | None,
    counts: KindFrom | None,
    beside: Sequence[Measurement],
) -> Settled:
    """
    Apply the installation's decision to a contradicting measurement.

    Parameters
    ----------
    measurement : Measurement
        A register that the device does not have by its kind.
    kind : str
        The device's kind in devices.csv.
    counts : {'devices', 'message'}, optional
        Which side counts; undecided, neither does.
    beside : sequence of Measurement
        Measurements of the same message. A device that also sends its own register, such as a heat
        meter with pulse inputs, contradicts nothing.
    """
    device, quantity, _, _, quality = measurement
    own = REGISTER_OF.get(kind) if kind else None
    if any(each.device == device and each.quantity == own for each in beside):
        return Settled(measurement)
    both = f"{quantity} from a device of kind {kind}"
    noted = measurement._replace(quality=int(quality | Quality.NOTICE))
    if counts == "message":
        return Settled(noted, both)
    if counts == "devices" and own is not None and own_unit(own) == own_unit(quantity):
        return Settled(noted._replace(quantity=own), both)
    return Settled(None, both)
