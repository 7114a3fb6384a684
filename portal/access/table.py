"""The access table: a row for every route, in one file for each kind of visitor."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from operations.visitors.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self


class Clip(StrEnum):
    """
    What a route is restricted to for a visitor.

    Attributes
    ----------
    OPEN
        Nobody's data; needs no log-in.
    TOKEN
        What the secret in the address is for; needs no log-in.
    PERSON
        The visitor's own data, which the route finds by their identity.
    HOME
        The tenancy that the address names, if it is the visitor's own, and only its days.
    BUILDING
        The building that the address names, if the visitor works for it.
    BUILDINGS
        The buildings that the visitor works for.
    """

    OPEN = "open"
    TOKEN = "token"  # noqa: S105  no secret
    PERSON = "person"
    HOME = "home"
    BUILDING = "building"
    BUILDINGS = "buildings"


class Access(BaseModel):
    """
    A row of the table.

    Attributes
    ----------
    roles : frozenset of Role
        Who may make the request; empty for everybody.
    clip : Clip
    scope : str or None
        The scope that a program's token needs; without it no program may make the request.
    recorded : str or None
        The event recorded when staff look, or act for a resident.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: frozenset[Role] = frozenset()
    clip: Clip
    scope: str | None = None
    recorded: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.clip in (Clip.OPEN, Clip.TOKEN)) != (not self.roles):
            raise ValueError("a route that needs a log-in says whose, and no other does")
        return self


@cache
def access_table() -> Mapping[str, Access]:
    """Read the rows of all files, by method and route, such as ``GET /home``."""
    found: dict[str, Access] = {}
    for file in resources.files("portal.access").iterdir():
        if file.name.endswith(".yaml"):
            for route, row in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
                if route in found:
                    raise ValueError(f"{file.name}: {route} has a row already")
                found[route] = Access.model_validate(row)
    return found
