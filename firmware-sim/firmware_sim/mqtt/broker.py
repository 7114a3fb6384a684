"""Address of a broker, and errors of the connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

PORT = 1883


class BrokerProblem(Exception):
    """The broker does not accept messages; the error text ends with the remedy."""


@dataclass(frozen=True)
class BrokerAddress:
    """Address of a broker, with name and password."""

    host: str
    port: int
    username: str | None
    password: str | None = field(repr=False)
    protocol: Literal["5", "3.1.1"] = "5"

    @classmethod
    def parse(cls, url: str, protocol: Literal["5", "3.1.1"]) -> BrokerAddress:
        """Parse ``mqtt://[user:password@]host[:port]``; raise `BrokerProblem` if invalid."""
        try:
            parts = urlsplit(url)
            port = parts.port or PORT
        except ValueError:
            parts, port = urlsplit(""), PORT
        if parts.scheme != "mqtt" or not parts.hostname:
            raise BrokerProblem("write the broker as mqtt://[user:password@]host[:port]")
        name, password = (
            unquote(part) if part else None for part in (parts.username, parts.password)
        )
        return cls(parts.hostname, port, name, password, protocol)

    def __str__(self) -> str:
        """Return the address without name and password."""
        return f"{self.host}:{self.port}"
