"""The answers that define a new installation, and the kinds of sources that it can have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import TypeAdapter, ValidationError

from estate.model import BuildingId
from ingest.sources import known_zone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

ASCII_OF = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "y"})
TLS_PORTS = 7000, 7001
"""Above that of the broker on this machine."""
_is_host = re.compile(r"[A-Za-z0-9:]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?").fullmatch


@dataclass(frozen=True)
class Answers:
    """
    The questions put to the person who installs.

    Attributes
    ----------
    building : str
        Id of the building, after which topics and folders are named.
    name, address : str
    tenure : str
        Tenure: almen, privat, andel or ejer.
    timezone, language : str
    sources : tuple of str
        Names of ``sources.yaml``.
    host : str
        The name by which boxes and gateways reach the broker.
    port : int
        Of the broker on this machine; the TLS ports are 7000 and 7001 above it.
    health_port, portal_port : int
        Of the worker's health pages, and of the portal.
    today : date
    """

    building: str
    name: str
    address: str
    tenure: str
    timezone: str
    language: str
    sources: tuple[str, ...]
    host: str
    port: int
    health_port: int
    portal_port: int
    today: date

    def source_rows(self) -> list[dict[str, Any]]:
        """Return the rows of the sources, with the building in their topics."""
        return [_filled(source_kinds()[name], self.building) for name in self.sources]

    def faults(self) -> Iterator[str]:
        """Return the unusable answers, each with its remedy."""
        asked = (fault_of_building(self.building), fault_of_host(self.host))
        yield from (fault for fault in asked if fault)
        try:
            known_zone(self.timezone)
        except ValueError as error:
            yield f"--timezone {self.timezone}: {error}"
        yield from self._port_faults()

    def _port_faults(self) -> Iterator[str]:
        broker = [self.port, *(self.port + each for each in TLS_PORTS)]
        ports = [*broker, self.health_port, self.portal_port]
        for port in sorted({each for each in ports if ports.count(each) > 1}):
            yield (
                f"port {port} is used twice: the broker listens on {', '.join(map(str, broker))}, "
                f"the worker's health pages on {self.health_port}, the portal on "
                f"{self.portal_port}; choose others with --port, --health-port, --portal-port"
            )


def fault_of_building(name: str) -> str | None:
    """Return what is wrong with a building's id, with the remedy; None if it is valid."""
    try:
        TypeAdapter(BuildingId).validate_python(name)
    except ValidationError:
        alike = re.sub(r"[^a-z0-9]+", "-", name.lower().translate(ASCII_OF)).strip("-")
        return (
            f"{name!r} cannot be part of topics and folders: an id has letters a to z, digits and "
            f". _ : - alone, such as {alike[:64] or 'solgaarden'}; the name may have any"
        )
    return None


def fault_of_host(name: str) -> str | None:
    """Return what is wrong with the broker's name, with the remedy; None if it is valid."""
    if _is_host(name):
        return None
    return f"{name!r} is not a host's name or address; write one such as broker.housing.example"


@cache
def source_kinds() -> dict[str, dict[str, Any]]:
    """Return the table of sources."""
    text = resources.files("fairvarme.init").joinpath("sources.yaml").read_text("utf-8")
    table: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return table


def _filled(row: dict[str, Any], building: str) -> dict[str, Any]:
    filled = {
        name: value.format(building=building) if isinstance(value, str) else value
        for name, value in row.items()
    }
    return {"gateway": None, **filled}
