"""
What a device measures where its messages and devices.csv say different things.

devices.csv says what a device is. A register of another kind from it is a contradiction: it is
told with both, and which of the two counts is for the installation to decide.
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
"""What counts of the two."""

REGISTERS = frozenset(REGISTER_OF.values())


def contradicts(quantity: str, kind: DeviceKind | None) -> bool:
    """Return whether a quantity is a register that a device of a kind does not have."""
    return quantity in REGISTERS and kind is not None and quantity != REGISTER_OF.get(kind)


class Settled(NamedTuple):
    """
    What became of a measurement that devices.csv contradicts.

    Attributes
    ----------
    measurement : Measurement or None
        As it counts; None where it does not.
    both : str
        What the message says and what devices.csv does; empty where they agree after all.
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
    Let one of the two count, as the installation has decided.

    Parameters
    ----------
    measurement : Measurement
        Of a register that the device does not have by its kind.
    kind : str
        In devices.csv.
    counts : {'devices', 'message'}, optional
        Which side counts; undecided, neither does.
    beside : sequence of Measurement
        Of the same message. A device that sends its own register too, such as a heat meter with
        pulse inputs, contradicts nothing.
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
