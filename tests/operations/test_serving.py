"""An installation that many threads ask at once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from estate.model import Estate
from estate.sources.folders import FolderEstates
from operations.serving import serving
from tests.support.portal_house import HOUSE, OTHER, house, other_house, settings_of


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
