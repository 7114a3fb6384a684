"""The base of what an estate is described by, and the types of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class Record(BaseModel):
    """
    Base of every row of an estate: frozen, unknown fields rejected.

    Attributes
    ----------
    families : mapping of str to str
        For columns named by the user: their prefix, and the field that holds them by column.
    """

    families: ClassVar[Mapping[str, str]] = {}
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Row(Record):
    """
    Base of a row of a file.

    Attributes
    ----------
    own_columns : mapping of str to str
        What the user's own columns (``x_``) hold, by column. Kept with the estate and nowhere else:
        neither the evidence of a bill nor the API has them.
    """

    families: ClassVar[Mapping[str, str]] = {"x_": "own_columns"}
    own_columns: Mapping[str, str] = Field(default={}, exclude=True)

    def __hash__(self) -> int:
        """Hash what cannot change; equal rows have equal hashes."""
        values = (each for each in self.__dict__.values() if not isinstance(each, Mapping))
        return hash((type(self), *values))
