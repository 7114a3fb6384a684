"""Release notes are the sections of CHANGELOG.md, and the version stands in one place."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from operations.upgrade import check
from operations.upgrade.notes import (
    UNRELEASED,
    Release,
    changelog,
    notes_between,
    read_releases,
    this_version,
)
from tests.support.small_house import call, call_json, make_house

ROOT = Path(__file__).parents[2]
TEXT = """\
# Changelog

## [Unreleased]

- Not yet.

## [0.10.0] - 2027-02-01

### Changed
- Ten.

## [0.2.0] - 2026-12-01

- Two.

## [0.1.0] - 2026-11-01

- One.
"""


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ("0.1.0", "0.1.0", []),
        ("0.1.0", "0.2.0", ["0.2.0"]),
        ("0.1.0", "0.10.0", ["0.10.0", "0.2.0"]),
        ("0.2.0", "0.10.0", ["0.10.0"]),
        ("0.10.0", "0.2.0", []),
    ],
)
def test_the_sections_between_two_versions(before: str, now: str, told: list[str]) -> None:
    assert [each.name for each in notes_between(read_releases(TEXT), before, now)] == told


def test_a_section_is_told_whole_with_its_day() -> None:
    assert read_releases(TEXT)[1] == Release("0.10.0", "2027-02-01", "### Changed\n- Ten.")


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == project["version"] == this_version()
    (first, *others) = read_releases(changelog())
    assert first.name == UNRELEASED
    assert all(each.day and re.fullmatch(r"\d+\.\d+\.\d+", each.name) for each in others)
    if others:
        assert others[0].name == project["version"]


def test_a_release_is_printed_for_its_tag() -> None:
    words = [sys.executable, "-m", "operations.upgrade.notes", UNRELEASED]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("### Added")


def test_an_upgrade_tells_what_is_new_since_the_last_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_house(tmp_path / "house")
    recipient = call("backup", "--new-key", tmp_path / "key").strip()
    with config.open("a") as file:
        file.write(f'\n[backup]\ndirectory = "{tmp_path}/kept"\nrecipients = ["{recipient}"]\n')
    call("backup", "--config", config)
    monkeypatch.setattr(check, "changelog", lambda: TEXT)
    assert call_json("upgrade", "--check", "--config", config)["notes"] == []
    monkeypatch.setattr(check, "this_version", lambda: "0.10.0")
    told = call("upgrade", "--check", "--config", config)
    assert told.index("new in 0.10.0 (2027-02-01)") < told.index("new in 0.2.0 (2026-12-01)")
    assert "Not yet." not in told
