"""The tables that a profile may write or read, and their columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["text", "day", "amount", "number", "count"]
Value = str | int | float | date | None
Record = dict[str, Value]
"""Values by column; None is not known."""
NUMERIC: frozenset[Kind] = frozenset({"amount", "number", "count"})


@dataclass(frozen=True)
class Column:
    """A column of a table, and what it contains."""

    kind: Kind
    meaning: str


@dataclass(frozen=True)
class TableKind:
    """A table of records, and its columns by name."""

    meaning: str
    columns: Mapping[str, Column]


@cache
def tables() -> Mapping[str, TableKind]:
    """Read the tables by name."""
    text = resources.files("billing.exchange").joinpath("columns.yaml").read_text("utf-8")
    document = yaml.safe_load(text)
    return {
        name: TableKind(
            row["meaning"],
            {key: Column(**each) for key, each in (document["common"] | row["columns"]).items()},
        )
        for name, row in document["tables"].items()
    }
