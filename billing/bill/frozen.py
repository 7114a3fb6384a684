"""Base of a bill's models: frozen pydantic models that serialise to the public JSON."""

from __future__ import annotations

from math import isnan, nan
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer


def _leave_open(schema: dict[str, Any]) -> None:
    """Allow new fields in public documents: only changing or removing one makes a new version."""
    schema.pop("additionalProperties", None)


def _or_nan(value: object) -> object:
    return nan if value is None else value


def _one_nan(value: float) -> float:
    # Always the same NaN object, so that models with an unknown number are equal.
    return nan if isnan(value) else value


def _or_null(value: float) -> float | None:
    return None if isnan(value) else value


MaybeKnown = Annotated[
    float,
    BeforeValidator(_or_nan),
    AfterValidator(_one_nan),
    PlainSerializer(_or_null, return_type=float | None),
]
"""A number that may be unknown: NaN here, null in JSON."""


class Frozen(BaseModel):
    """
    Base of a bill's parts: immutable, unknown fields rejected.

    Reading a public document ignores unknown fields; see `billing.bill.read`.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        use_attribute_docstrings=True,
        json_schema_extra=_leave_open,
    )

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401  fields of the model
        """Return a validated copy with other values of some fields."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return self.model_validate(given | changes)
