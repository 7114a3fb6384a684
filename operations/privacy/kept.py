"""The table ``kept.yaml``: how long records, persons and files are kept."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict


class Kept(BaseModel):
    """A row; ``kept.yaml`` explains its columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str
    why: str
    days: int = 0
    time: str = ""
    under: dict[str, str] = {}


class KeptTable(BaseModel):
    """The whole table; records by the name of their table in the database."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    records: dict[str, Kept]
    persons: Kept
    estate_changes: Kept
    quarantine: Kept
    files: dict[str, Kept]
    unbounded: dict[str, str]


@cache
def kept() -> KeptTable:
    """Read the table."""
    text = resources.files("operations.privacy").joinpath("kept.yaml").read_text("utf-8")
    return KeptTable.model_validate(yaml.safe_load(text))
