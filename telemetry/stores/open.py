"""Opens a store by its URL."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from estate.errors import UsageError
from telemetry.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from telemetry.stores.store import HotStore

INFLUXDB_SCHEMES = {"influxdb": "http", "influxdb+https": "https"}
REMEDY = "write sqlite:///path or influxdb://[token@]host:port/database"


def open_store(url: str, *, create: bool = True) -> HotStore:
    """
    Open the store at a URL.

    Parameters
    ----------
    url : str
        ``sqlite:///path`` (a fourth slash starts an absolute path) or
        ``influxdb://[token@]host:port/database[?org=ORGANISATION]``; ``influxdb+https`` encrypts.
        A token is percent-encoded where it holds a slash or an at sign; for InfluxDB 1.8 it is
        ``user:password``.
    create : bool, optional
        Whether to create a missing SQLite file.

    Raises
    ------
    UsageError
        If the URL is none of these; it is not shown, since it may contain a token.
    StoreUnavailable
        If a SQLite file cannot be opened.
    """
    try:
        parts = urlsplit(url)
        named = parts.path.startswith("/") and len(parts.path) > 1
        if parts.scheme == "sqlite" and not parts.netloc and named:
            return SqliteStore(parts.path[1:], create=create)
        if parts.scheme in INFLUXDB_SCHEMES and parts.hostname and parts.path.strip("/"):
            return _open_influxdb(parts)
    except ValueError as error:
        raise UsageError(f"the store's URL cannot be parsed ({error}); {REMEDY}") from error
    raise UsageError(f"the store's URL begins with '{parts.scheme}:' and names no store; {REMEDY}")


def _open_influxdb(parts: SplitResult) -> HotStore:
    # Slow to import, and most installations do not need it.
    from telemetry.stores.influx import InfluxStore

    user_info, _, address = parts.netloc.rpartition("@")
    return InfluxStore(
        f"{INFLUXDB_SCHEMES[parts.scheme]}://{address}",
        parts.path.strip("/"),
        unquote(user_info) or None,
        parse_qs(parts.query).get("org", [""])[0],
    )
