"""What a bill was computed from besides its evidence, so that it can be computed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Self

from billing.compute import compute_bill
from billing.law.choice import asked_scheme
from billing.law.legality import with_first_deadline
from billing.schemes import Scheme
from estate.model import Aconto, Cost
from estate.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection

    from billing.bill.bill import Bill
    from billing.measured.evidence import Evidence
    from estate.model import Building, Estate
    from estate.periods import Period


class Asked(Record):
    """
    Costs, charges and rules of a bill.

    Attributes
    ----------
    scheme : Scheme
        The requested one; the law may have replaced it with another.
    own_scheme : bool
        Whether it is the building's own.
    first_issued, first_deadline : date or None
        Of the bill that this one corrects.
    """

    costs: tuple[Cost, ...]
    aconto: tuple[Aconto, ...]
    scheme: Scheme
    own_scheme: bool
    allowed: tuple[str, ...] = ()
    issued: date | None = None
    first_issued: date | None = None
    first_deadline: date | None = None

    @classmethod
    def of(
        cls,
        estate: Estate,
        period: Period,
        scheme: Scheme | None,
        allowed: Collection[str],
        issued: date | None,
        first_issued: date | None = None,
        first_deadline: date | None = None,
    ) -> Self:
        """
        Collect the costs, charges and rules of an estate for a bill.

        Raises
        ------
        DataError
            If the building names no scheme for the period.
        """
        return cls(
            costs=estate.costs,
            aconto=estate.aconto,
            scheme=asked_scheme(estate.building, period, scheme),
            own_scheme=scheme is None,
            allowed=tuple(sorted(allowed)),
            issued=issued,
            first_issued=first_issued,
            first_deadline=first_deadline,
        )

    def bill(self, evidence: Evidence) -> Bill:
        """Compute the bill; the same evidence gives the same øre. Raises as `compute_bill` does."""
        bill = compute_bill(
            self._as_named(evidence),
            self.costs,
            self.scheme,
            aconto=self.aconto,
            allowed=self.allowed,
            issued=self.issued,
            first_issued=self.first_issued,
        )
        return with_first_deadline(bill, self.first_deadline) if self.first_deadline else bill

    def _as_named(self, evidence: Evidence) -> Evidence:
        """Name the building's own scheme by its id, since a file given by path may disappear."""
        if not self.own_scheme:
            return evidence
        building = _with_own(evidence.estate.building, evidence.period, self.scheme)
        return replace(evidence, estate=replace(evidence.estate, building=building))

    def as_bytes(self) -> bytes:
        """Write it as JSON."""
        return self.model_dump_json(by_alias=True).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read `as_bytes`."""
        return cls.model_validate_json(content)


def _with_own(building: Building, period: Period, scheme: Scheme) -> Building:
    in_force = max(
        (each for each in building.schemes if each.start <= period.start),
        key=lambda each: each.start,
    )
    named = tuple(
        each.model_copy(update={"scheme": scheme.id}) if each is in_force else each
        for each in building.schemes
    )
    return building.model_copy(update={"schemes": named})
