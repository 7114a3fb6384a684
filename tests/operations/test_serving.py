"""An installation that many threads ask at once."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import rmtree

import pytest

from estate.files.writer import write_folder
from estate.model import Cost, Estate
from estate.sources.folders import FolderEstates
from operations.readings.seal import seal_months
from operations.serving import Serving, serving
from operations.sharing.store_pool import MOST
from telemetry.readings import Reading
from telemetry.stores.open import open_store
from tests.support.portal_house import HOUSE, OTHER, house, other_house, settings_of

COST = Cost.model_validate(
    {
        "period_start": date(2026, 1, 1), "period_end": date(2026, 2, 1), "item": "heat",
        "kind": "energy", "amount_ore": 10_000,
    }
)  # fmt: skip


def test_whoever_asks_first_and_together_is_shown_every_building(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = FolderEstates.read

    def slowly(source: FolderEstates, building: str) -> Estate:
        time.sleep(0.05)
        return read(source, building)

    monkeypatch.setattr(FolderEstates, "read", slowly)
    found: list[set[str]] = []
    with serving(settings_of(tmp_path, house(), other_house())) as installation:
        ask = lambda: found.append(set(installation.estates().by_building))  # noqa: E731
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert found == [{HOUSE, OTHER}] * 8


def test_what_is_kept_is_made_anew_after_its_time(tmp_path: Path) -> None:
    now = [1_000]
    with serving(settings_of(tmp_path, house()), lambda: now[0]) as installation:
        made = iter(range(10))
        seen = [installation.kept("key", 500, lambda: next(made)) for _ in range(2)]
        now[0] += 499
        seen.append(installation.kept("key", 500, lambda: next(made)))
        now[0] += 1
        seen.append(installation.kept("key", 500, lambda: next(made)))
        installation.look_again()
        seen.append(installation.kept("key", 500, lambda: next(made)))
    assert seen == [0, 0, 0, 1, 2]


def test_what_one_process_changed_is_shown_by_the_others_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.serving.LOOK_SECONDS", 1e9)
    settings, shared = settings_of(tmp_path, house()), tmp_path / "shared"
    shared.mkdir()
    with (
        serving(settings, shared=shared) as one,
        serving(settings, shared=shared) as other,
        serving(settings) as alone,
    ):
        for each in (one, other, alone):
            assert each.estates().by_building[HOUSE].costs == ()
        rmtree(tmp_path / HOUSE)
        write_folder(tmp_path / HOUSE, replace(house(), costs=(COST,)))
        one.look_again()
        for each in (one, other):
            assert each.estates().by_building[HOUSE].costs == (COST,)
        assert alone.estates().by_building[HOUSE].costs == ()


def test_threads_read_at_once_each_by_a_store_of_its_own(tmp_path: Path) -> None:
    together = threading.Barrier(MOST, timeout=30)
    seen: list[int] = []

    def read(installation: Serving) -> None:
        with installation.store() as store:
            together.wait()
            store.count(HOUSE)
            seen.append(id(store))

    with serving(settings_of(tmp_path, house())) as installation:
        for _ in range(2):
            threads = [threading.Thread(target=read, args=(installation,)) for _ in range(MOST)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
    assert len(seen) == 2 * MOST
    assert len(set(seen)) == MOST


def test_months_that_were_sealed_are_read_as_the_others(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, house())
    start_ms = round(datetime(2025, 1, 15, tzinfo=UTC).timestamp() * 1000)
    row = Reading(HOUSE, "climate-0101", "temperature_c", start_ms, 20.5, 0, start_ms)
    with serving(settings) as installation, installation.store() as store:
        store.write([row])
    assert seal_months(settings)
    with closing(open_store(settings.store)) as hot:
        assert hot.count(HOUSE) == 0
    with serving(settings) as installation, installation.store() as store:
        found = store.samples(HOUSE, ["climate-0101"], "temperature_c", start_ms, start_ms + 1)
    assert found.value.tolist() == [20.5]


def test_without_the_folder_a_change_is_still_found(tmp_path: Path) -> None:
    shared = tmp_path / "tidied-up"
    with serving(settings_of(tmp_path, house()), shared=shared) as installation:
        assert installation.estates().by_building[HOUSE].costs == ()
        rmtree(tmp_path / HOUSE)
        write_folder(tmp_path / HOUSE, replace(house(), costs=(COST,)))
        installation.look_again()
        assert installation.estates().by_building[HOUSE].costs == (COST,)
