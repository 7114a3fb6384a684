"""
Compares a home's use with the same days a year before, heat adjusted for weather.

Only if the same tenancy had the home then, so that nobody sees a previous tenant's use; and
only metered use in both years, no estimates.
"""

from __future__ import annotations

from collections import defaultdict
from math import isfinite, isnan
from typing import TYPE_CHECKING

from billing.bill.explanations import YearBefore
from billing.measured.spans import counts_heat
from estate.devices import REGISTER_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from billing.bill.bill import RegisterUse
    from billing.measured.evidence import Evidence
    from estate.model import DeviceKind

MEASURED = frozenset({"measured", "interpolated"})


def put_to_weather(use: float, degree_days_then: float, degree_days_now: float) -> float:
    """
    Adjust a heat use from the weather of one period to that of another.

    Parameters
    ----------
    use : float
        Room heat, without hot water. [any unit]
    degree_days_then, degree_days_now : float
        [K d]

    Returns
    -------
    float
        NaN if there were no degree-days to scale from.
    """
    return use * degree_days_now / degree_days_then if degree_days_then > 0 else float("nan")


def years_before(evidence: Evidence, kinds: Iterable[DeviceKind]) -> list[tuple[YearBefore, ...]]:
    """
    Compare what each span's meters of some kinds counted with the same days a year before.

    Returns
    -------
    list of tuple of YearBefore
        Per span, one for each quantity known in both years.
    """
    found: dict[int, list[YearBefore]] = defaultdict(list)
    earlier = evidence.earlier
    for kind in kinds:
        if kind not in earlier.use:
            continue
        rows = zip(
            evidence.meters[kind].registers,
            earlier.use[kind].tolist(),
            earlier.degree_days_then.tolist(),
            earlier.degree_days_now.tolist(),
            strict=True,
        )
        for number, (registers, use, then, now) in enumerate(rows):
            before = _compared(REGISTER_OF[kind], _measured_use(registers), use, then, now)
            if before:
                found[number].append(before)
    return [tuple(found[number]) for number in range(len(evidence.spans))]


def _measured_use(registers: Sequence[RegisterUse]) -> float | None:
    if not registers or any(each.method not in MEASURED for each in registers):
        return None
    return sum(each.use for each in registers)


def _compared(
    quantity: str, use: float | None, before: float, then: float, now: float
) -> YearBefore | None:
    if use is None or isnan(before):
        return None
    corrected = put_to_weather(before, then, now) if counts_heat(quantity) else before
    return (
        YearBefore(quantity=quantity, use=use, before=before, corrected=corrected)
        if isfinite(corrected)
        else None
    )
