"""Assigns meters to the days of a flat, and the days to parties."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from billing.measured.spans import Span
    from estate.model import Device, DeviceKind, Estate


@dataclass(frozen=True)
class Cut:
    """Days of a placement that belong to one span."""

    span: int
    days: Period


@dataclass(frozen=True)
class Placement:
    """
    A meter in a flat over days of a period.

    Attributes
    ----------
    stay : Period
        The days on which it was there.
    whole : Period
        These, and adjacent days on which the flat had no meter of its kind.
    cuts : tuple of Cut
        `whole` by the spans of the flat.
    """

    device: Device
    flat: str
    stay: Period
    whole: Period
    cuts: tuple[Cut, ...]

    @property
    def before_it(self) -> Period | None:
        """Days before it without a meter."""
        return self.whole.overlap(self.whole.start, self.stay.start)

    @property
    def after_it(self) -> Period | None:
        """Days after it on which no meter stood."""
        return self.whole.overlap(self.stay.end, self.whole.end)


def placements_of(estate: Estate, spans: Sequence[Span], kind: DeviceKind) -> list[Placement]:
    """
    Return the placements of the meters of one kind in the days of some spans.

    Days of a flat without a meter belong to those fitted next, or if there are none, to
    those that were there last: their use is estimated with them.
    """
    placed: dict[str, list[Device]] = defaultdict(list)
    for device in estate.devices_of_kind(kind):
        if device.flat is not None:
            placed[device.flat].append(device)
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, span in enumerate(spans):
        numbers[span.flat].append(number)
    return [
        replace(each, cuts=_cuts(each.whole, {number: spans[number] for number in own}))
        for flat, own in numbers.items()
        for each in _of_flat(flat, placed[flat], [spans[number].period for number in own])
    ]


def _of_flat(
    flat: str, devices: Sequence[Device], periods: Sequence[Period]
) -> Iterator[Placement]:
    days = Period(min(each.start for each in periods), max(each.end for each in periods))
    stays = [
        (device, stay)
        for device in devices
        if (stay := days.overlap(device.start, device.end)) is not None
    ]
    for device, stay in stays:
        others = [other for _, other in stays]
        start = max((other.end for other in others if other.end <= stay.start), default=days.start)
        bare = not any(other.start < stay.start <= other.end for other in others)
        last = all(other.end <= stay.end for other in others)
        whole = Period(start if bare else stay.start, days.end if last else stay.end)
        yield Placement(device, flat, stay, whole, ())


def _cuts(whole: Period, spans: Mapping[int, Span]) -> tuple[Cut, ...]:
    return tuple(
        Cut(number, days)
        for number, span in spans.items()
        if (days := whole.overlap(span.period.start, span.period.end)) is not None
    )
