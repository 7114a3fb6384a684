"""The table of purposes, ``purposes.yaml``, and what follows from it."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict

from estate.quantities import quantities

if TYPE_CHECKING:
    from collections.abc import Mapping


class Form(StrEnum):
    """In which form something is kept and seen; ``purposes.yaml`` explains each."""

    READING = "reading"
    HOURLY = "hourly"
    DAILY = "daily"
    EDGE = "edge"
    BUILDING = "building"


class Reader(StrEnum):
    """Who may see something."""

    RESIDENT = "resident"
    CASE = "case"
    ACCOUNTANT = "accountant"
    OPERATOR = "operator"
    BOARD = "board"
    NOBODY = "nobody"


class Purpose(BaseModel):
    """
    A row of the table; ``purposes.yaml`` explains its columns.

    Attributes
    ----------
    kept_days : int
        From the end of the local day. [d]
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str
    quantities: frozenset[str]
    form: Form
    basis: str
    agreed: bool
    seen_by: frozenset[Reader]
    kept_days: int
    source: str


@cache
def purposes() -> Mapping[str, Purpose]:
    """
    Read the table, by the name of the purpose.

    Raises
    ------
    ValueError
        A row names a quantity that there is not, or a quantity has no row.
    """
    text = resources.files("estate.purposes").joinpath("purposes.yaml").read_text("utf-8")
    rows = yaml.safe_load(text)["purposes"]
    found = {name: Purpose.model_validate(row) for name, row in rows.items()}
    named = frozenset[str]().union(*(each.quantities for each in found.values()))
    differing = sorted(named.symmetric_difference(quantities()))
    if differing:
        raise ValueError(f"purposes.yaml and quantities.yaml differ in {', '.join(differing)}")
    return found


@cache
def kept_days(quantity: str, form: Form) -> int | None:
    """
    Return how long a quantity is kept in a form, by its longest purpose. [d]

    Returns
    -------
    int or None
        None: no purpose keeps it in that form.

    Examples
    --------
    >>> kept_days("co2_ppm", Form.READING), kept_days("co2_ppm", Form.HOURLY)
    (400, 1100)
    >>> kept_days("co2_ppm", Form.EDGE) is None
    True
    """
    days = (
        each.kept_days
        for each in purposes().values()
        if quantity in each.quantities and each.form is form
    )
    return max(days, default=None)


@cache
def may_see(reader: Reader, quantity: str, form: Form) -> bool:
    """
    Whether somebody may see a quantity in a form, for any purpose.

    Examples
    --------
    >>> may_see(Reader.RESIDENT, "co2_ppm", Form.READING)
    True
    >>> may_see(Reader.OPERATOR, "co2_ppm", Form.READING)
    False
    """
    return any(
        quantity in each.quantities and each.form is form and reader in each.seen_by
        for each in purposes().values()
    )


@cache
def needs_agreement(quantity: str) -> bool:
    """Whether a home's quantity is stored only on days to which the resident has agreed."""
    return all(each.agreed for each in purposes().values() if quantity in each.quantities)
