"""Everything that reads, keeps and removes readings knows sealed months."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from estate.errors import StoreUnavailable
from fairvarme.doctor.examine import examine
from operations.privacy.retention import run_retention
from operations.settings import read_settings
from operations.wiring import opened_hot_store, opened_sealed_store, opened_store
from tests.support.sealed_house import DAY_MS, START_MS, make_sealed_house
from tests.support.small_house import BUILDING, PERIOD, READINGS, bill_files, call, call_json


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return make_sealed_house(tmp_path / "house")


def seal(config: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = call_json("readings", "seal", "--config", config)["sealed"]
    return found


@pytest.mark.slow
def test_bills_from_sealed_months_are_the_same_to_the_byte(house: Path, tmp_path: Path) -> None:
    before = bill_files(house, tmp_path / "before")
    with opened_store(read_settings(house)) as store:
        count = store.count(BUILDING)
    due = call_json("readings", "seal", "--dry-run", "--config", house)["due"]
    sealed = seal(house)
    assert {(each["month"], each["quantity"]) for each in due} == {
        (each["month"], each["quantity"]) for each in sealed
    }
    assert len({each["month"] for each in sealed}) >= 12
    with opened_sealed_store(read_settings(house)) as sealed_store:
        assert sealed_store is not None
        # Those that came by a file just now stay until nobody asks what came late.
        assert sealed_store.hot.count(BUILDING) == READINGS.count("\n") - 1
        assert sealed_store.count(BUILDING) == count
    assert bill_files(house, tmp_path / "after") == before
    assert seal(house) == []


@pytest.mark.slow
def test_a_backup_holds_them_once_and_brings_them_back(house: Path, tmp_path: Path) -> None:
    key, backups = tmp_path / "house.key", tmp_path / "backups"
    public = call("backup", "--new-key", key).strip()
    before = bill_files(house, tmp_path / "before")
    seal(house)
    options = (backups, "--recipient", public, "--config", house)
    call("backup", *options)
    again = call_json("backup", *options)
    assert again["new"] <= 2
    # A file is damaged and comes back by its digest.
    for path in house.parent.rglob("2025-03/heat_kwh-*"):
        path.write_bytes(b"PAR1")
    told = call_of(house, "readings", "check", code=1)
    assert [each["name"] for each in told["findings"]] == ["readings.sealed.damaged"]
    assert "2025-03" in told["findings"][0]["data"]["file"]
    mended = call_of(house, "readings", "check", "--backup", backups, "--key", key)
    assert (mended["mended"], mended["findings"]) == (1, [])
    assert bill_files(house, tmp_path / "mended") == before
    # The whole house burns.
    shutil.rmtree(house.parent)
    call("restore", backups, "--key", key, "--into", house.parent)
    assert call_of(house, "readings", "check")["findings"] == []
    assert bill_files(house, tmp_path / "restored") == before


@pytest.mark.slow
def test_a_folder_that_is_gone_is_no_empty_one(house: Path, tmp_path: Path) -> None:
    before = bill_files(house, tmp_path / "before")
    key, backups = tmp_path / "house.key", tmp_path / "backups"
    public = call("backup", "--new-key", key).strip()
    seal(house)
    call("backup", backups, "--recipient", public, "--config", house)
    folder = read_settings(house).sealed_directory
    assert folder is not None
    away = folder.rename(tmp_path / "away")
    said = call(
        "bill", BUILDING, "--period", PERIOD, "--out", tmp_path / "bill", "--config", house, code=1
    )
    assert "if its disk is away, mount it" in said
    assert not list((tmp_path / "bill").rglob("bill.csv"))
    told = call_of(house, "readings", "check", code=1)["findings"]
    # Means of the hours are made again of the readings.
    assert len(told) == len(
        [name for name in away.rglob("*.parquet") if "-hours-" not in str(name)]
    )
    assert "fault" in [each.state for each in examine(house) if each.name == "sealed months"]
    person = f"{BUILDING}/0101-1/0101-1a"
    call("access-request", person, "--out", tmp_path / "told", "--config", house, code=1)
    with pytest.raises(StoreUnavailable, match="mount it"):
        run_retention(read_settings(house))
    # A disk that is mounted again, and one that is gone for good.
    away.rename(folder)
    assert bill_files(house, tmp_path / "mounted") == before
    shutil.rmtree(folder)
    mended = call_of(house, "readings", "check", "--backup", backups, "--key", key)
    assert (mended["mended"], mended["findings"]) == (len(told), [])
    assert bill_files(house, tmp_path / "mended") == before
    assert [each.state for each in examine(house) if each.name == "sealed months"] == ["ok"]


@pytest.mark.slow
def test_what_no_backup_has_is_given_up_and_the_bill_says_so(house: Path, tmp_path: Path) -> None:
    whole = bill_files(house, tmp_path / "before")["findings.json"]
    seal(house)
    for path in house.parent.rglob("2025-12/*-*.parquet"):
        path.unlink()
    lost = call_of(house, "readings", "check", code=1)["findings"]
    done = call_of(house, "readings", "check", "--write-off")
    assert (done["written_off"], done["findings"]) == (2, [])
    assert len(lost) == 3  # the hourly means of the box too
    # Those of the year's end came by a file just now, and are in the hot store still.
    with opened_hot_store(read_settings(house)) as hot:
        hot.forget(BUILDING, ["64000101", "64000102"], "heat_kwh", 0, 2**60)
    findings = bill_files(house, tmp_path / "later")["findings.json"]
    assert b"billing.register.interpolated" not in whole
    assert b"billing.register." in findings
    assert call_of(house, "readings", "check")["findings"] == []


@pytest.mark.slow
def test_retention_removes_what_is_over_its_day_from_sealed_files(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(house)
    now_ms = START_MS + (365 + 200) * DAY_MS
    monkeypatch.setattr("operations.privacy.retention.now_ms", lambda: now_ms)
    run_retention(read_settings(house))
    with opened_store(read_settings(house)) as store:
        left = store.samples(BUILDING, ["box-0101"], "temperature_c", 0, now_ms)
        assert len(left)
        assert now_ms - int(left.time_ms[0]) < 402 * DAY_MS
        assert len(store.samples(BUILDING, ["64000101"], "heat_kwh", 0, now_ms)) > 2900
    months = {path.parent.name for path in house.parent.rglob("temperature_c-*.parquet")}
    assert "2025-03" not in months
    assert "2025-12" in months


@pytest.mark.slow
def test_a_damaged_file_keeps_nothing_else_from_being_removed(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(house)
    (path,) = house.parent.rglob("2025-03/heat_kwh-*")
    path.write_bytes(path.read_bytes()[:-1])
    now_ms = START_MS + (365 + 200) * DAY_MS
    monkeypatch.setattr("operations.privacy.retention.now_ms", lambda: now_ms)
    with pytest.raises(StoreUnavailable, match=path.name):
        run_retention(read_settings(house))
    assert not list(house.parent.rglob("2025-03/temperature_c-*"))


@pytest.mark.slow
def test_nobody_else_may_read_them(house: Path) -> None:
    seal(house)
    files = [path for path in house.parent.rglob("*") if "-sealed/" in str(path)]
    assert len(files) > 30
    assert {path.stat().st_mode & 0o077 for path in files if not path.name.startswith(".")} == {0}


def call_of(config: Path, *arguments: object, code: int = 0) -> Any:  # noqa: ANN401  JSON
    said = call(*arguments, "--json", "--config", config, code=code)
    return json.loads(said.splitlines()[-1])
