"""Derivation of an item from another one by a scheme."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from estate.record import Record

DerivationMethod = Literal[
    "metered_energy", "unmetered_energy", "kwh_per_m3", "water_temperature", "kwh_per_m2", "fixed"
]


PARAMETERS = {"kwh_per_m3": "kwh_per_m3", "water_temperature": "hot_c", "fixed": "fraction"}
"""Methods with a parameter, and its name."""


ITEM_PATTERN = r"^[a-z][a-z0-9_]{0,31}$"


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Derivation(Record):
    """
    How an item is derived from another one.

    Attributes
    ----------
    by : tuple of str
        Methods in order; the first that the building has measurements for is used.
    fraction : float or None
        For ``fixed``. [1]
    kwh_per_m3 : float or None
        For ``kwh_per_m3``: heat of a cubic metre of hot water. [kWh/m³]
    hot_c : float or None
        For ``water_temperature``, if building.yaml does not state it. [°C]
    """

    source: Annotated[str, Field(alias="from", pattern=ITEM_PATTERN)]
    by: Annotated[tuple[DerivationMethod, ...], Field(min_length=1), BeforeValidator(_as_list)]
    fraction: Annotated[float, Field(gt=0, lt=1)] | None = None
    kwh_per_m3: Annotated[float, Field(gt=0, le=200)] | None = None
    hot_c: Annotated[float, Field(gt=10, le=95)] | None = None

    @model_validator(mode="after")
    def _parameters_fit_the_methods(self) -> Self:
        for method, parameter in PARAMETERS.items():
            given = getattr(self, parameter) is not None
            if given != (method in self.by):
                raise ValueError(f"{parameter} belongs to {method}; give both or neither")
        return self
