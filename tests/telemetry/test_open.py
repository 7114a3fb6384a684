"""Stores by URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from estate.errors import UsageError
from telemetry.stores.influx import InfluxStore
from telemetry.stores.open import open_store
from telemetry.stores.sqlite import SqliteStore


def test_a_sqlite_url_has_an_absolute_path_after_four_slashes(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/x.sqlite")
    assert isinstance(store, SqliteStore)
    assert (tmp_path / "x.sqlite").exists()
    store.close()


def test_a_sqlite_url_has_a_relative_path_after_three(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///x.sqlite").close()
    assert (tmp_path / "x.sqlite").exists()


@pytest.mark.parametrize(
    ("url", "name", "headers"),
    [
        ("influxdb://db.example:8086/fair", "InfluxDB db.example:8086/fair", {}),
        (
            "influxdb://se%2Fcret@db.example:8086/fair?org=house",
            "InfluxDB db.example:8086/fair",
            {"Authorization": "Token se/cret"},
        ),
        (
            "influxdb+https://user:pass@db.example/fair",
            "InfluxDB db.example/fair",
            {"Authorization": "Token user:pass"},
        ),
    ],
)
def test_an_influxdb_url_names_server_database_and_token(
    url: str, name: str, headers: dict[str, str]
) -> None:
    store = open_store(url)
    assert isinstance(store, InfluxStore)
    assert store.name == name
    assert store._headers == headers
    store.close()


@pytest.mark.parametrize(
    "url",
    [
        "", "readings.sqlite", "/data/x", "sqlite://x", "sqlite:", "sqlite:///", "sqlite:data/x", "mysql://h/d",
        "influxdb://secret@host:8086", "influxdb:///x", "influxdb://secret@[::1/x",
        "influxdb://secret@host:notaport/x",
    ],
)  # fmt: skip
def test_any_other_url_is_wrong_usage_and_shows_no_token(url: str) -> None:
    with pytest.raises(UsageError, match="influxdb://") as caught:
        open_store(url)
    assert "secret" not in str(caught.value)
