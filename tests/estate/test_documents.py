"""Documents made to keep or fill the machine are refused, at once and with the reason."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.schemes import load_scheme
from estate.errors import DataError, UsageError
from estate.files.documents import (
    DocumentRefused,
    check_depth,
    limits,
    load_json,
    load_toml,
    load_yaml,
    parse_yaml,
)
from estate.files.folder import read_estate
from operations.readings.readings_paths import readings_paths
from operations.settings import read_settings
from telemetry.readings_file.column_map import load_map
from tests.support.shipped_broker import SAMPLE

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
"""Under 2 KB; written out it holds 9^9 values."""
DEEP = "[" * 100_000 + "]" * 100_000


def a_file(directory: Path, content: str | bytes, name: str) -> Path:
    path = directory / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def an_estate(directory: Path) -> Path:
    for path in SAMPLE.iterdir():
        if path.is_file():
            (directory / path.name).write_bytes(path.read_bytes())
    return directory


def refused_estate(directory: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_estate(directory)
    assert {each.name for each in caught.value.findings} >= {"estate.file.unreadable"}
    return str(caught.value)


HOSTILE_YAML: dict[str, tuple[str | bytes, str | None]] = {
    "aliases": (LAUGHS, "refers to another value"),
    "one alias": ("a: &a 1\nb: *a\n", "refers to another value"),
    "itself": ("&a [*a]", "refers to another value"),
    "deep": ("[" * 5000 + "]" * 5000, "levels"),
    "deep by indent": ("".join(f"{' ' * n}a:\n" for n in range(300)), "levels"),
    "many": ("[" + "1,\n" * 30_000 + "]", "values"),
    "large": ("a: 1\n" * 100_000, "larger than"),
    "a long line": ("a: " + "9" * 20_000, "characters"),
    "a long number": ("a: " + "9" * 9_000, "an invalid value"),
    "sixties": ("a: " + ":".join(["59"] * 3000), None),
    "no day": ("a: 2026-02-30", "an invalid value"),
    "code": ("a: !!python/object/apply:os.system [true]", "not valid YAML"),
    "a name twice": ("a: 1\nb: {c: 1, c: 2}\n", "appears twice"),
    "two documents": ("a: 1\n---\nb: 1\n", "not valid YAML"),
    "broken": ("a: [1", "not valid YAML"),
    "bytes": (b"\xff\xfe\x00", "no UTF-8 or is not UTF-8"),
    "a control character": ("a: \x01", "not valid YAML"),
    "half a character": ("a: b\ufffe", "not valid YAML"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE_YAML)
def test_hostile_yaml(tmp_path: Path, name: str) -> None:
    content, says = HOSTILE_YAML[name]
    path = a_file(tmp_path, content, "hostile.yaml")
    if says is None:
        assert isinstance(load_yaml(path)["a"], int)
        return
    with pytest.raises(DocumentRefused) as caught:
        load_yaml(path)
    assert any(each in str(caught.value) for each in says.split(" or "))
    with pytest.raises(UsageError, match=r"hostile\.yaml"):
        load_scheme(str(path))
    with pytest.raises(UsageError, match=r"hostile\.yaml"):
        load_map(str(path))


@pytest.mark.slow
@pytest.mark.parametrize("name", [each for each in HOSTILE_YAML if each != "sixties"])
def test_hostile_building(tmp_path: Path, name: str) -> None:
    content, _ = HOSTILE_YAML[name]
    an_estate(tmp_path)
    a_file(tmp_path, content, "building.yaml")
    assert "building.yaml" in refused_estate(tmp_path)


def test_a_long_value_is_not_repeated_whole(tmp_path: Path) -> None:
    an_estate(tmp_path)
    text = (tmp_path / "building.yaml").read_text("utf-8")
    long = text.replace("tenure: almen", "tenure: " + "almen " * 1500)
    assert long != text
    a_file(tmp_path, long, "building.yaml")
    with pytest.raises(DataError) as caught:
        read_estate(tmp_path)
    assert len(str(caught.value)) < 1000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a = " + DEEP, "characters"),
        ("a = " + "[\n" * 5000 + "]\n" * 5000, "not valid TOML"),
        ("a = " + "[\n" * 40 + "]\n" * 40, "nested"),
        ("a" + ".a" * 4000 + " = 1", "nested"),
        ("a = " + "9" * 9000, "not valid TOML"),
        ("# x\n" * 2_000_000, "larger than"),
        ("a = 1\na = 2\n", "not valid TOML"),
    ],
)
def test_hostile_toml(tmp_path: Path, content: str, says: str) -> None:
    path = a_file(tmp_path, content, "fairvarme.toml")
    with pytest.raises(DocumentRefused, match=says):
        load_toml(path)
    with pytest.raises(UsageError, match=says):
        read_settings(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (DEEP, "not valid JSON"),
        ("[" * 200 + "]" * 200, "nested"),
        ("[" + "[]," * 4_100_000 + "1]", "lists and objects"),
        ("[" + "9" * 5000 + "]", "not valid JSON"),
        ("[1", "not valid JSON"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_hostile_json(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(DocumentRefused, match=says):
        load_json(a_file(tmp_path, content, "hostile.json"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("flat,address,area_m2\n" + "a" * 200_000 + "\n", "characters"),
        ("flat,address,area_m2\n" + "," * 5000 + "\n", "cells"),
        ("," * 5000 + "\n" + "\n" * 100, "cells"),
        ("flat,address,area_m2" + ",x_" * 150 + "\n" + "\n" * 250_000, "rows"),
        ("flat,address,area_m2\n" + '"a\n' * 10, "not a table"),
        ("flat,address,area_m2\n" + "1,a,1\n" * 3_000_000, "larger than"),
    ],
)
def test_hostile_tables(tmp_path: Path, content: str, says: str) -> None:
    an_estate(tmp_path)
    a_file(tmp_path, content, "flats.csv")
    assert says in refused_estate(tmp_path)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.slow
@given(document=values)
def test_plain_yaml_means_what_pyyaml_says(document: object) -> None:
    text = yaml.safe_dump(document)
    assert parse_yaml(text) == yaml.safe_load(text)


@given(document=values)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_plain_json_means_what_the_standard_library_says(tmp_path: Path, document: object) -> None:
    path = a_file(tmp_path, json.dumps(document), "plain.json")
    assert load_json(path) == document


def test_depth_is_counted_in_lists_and_tables() -> None:
    bounds = limits()["toml"]
    document: object = 1
    for _ in range(bounds.depth):
        document = {"a": [document]}
    with pytest.raises(DocumentRefused):
        check_depth(document, bounds)
    check_depth({"a": [1]}, bounds)


ESTATE_FILES = [
    "building.yaml", "flats.csv", "tenancies.csv", "devices.csv",
    "neighbours.csv", "persons.csv", "costs.csv", "aconto.csv",
]  # fmt: skip


@pytest.mark.parametrize("file", ESTATE_FILES)
def test_link_out_of_an_estate_folder_is_not_followed(tmp_path: Path, file: str) -> None:
    """Whoever hands the folder in is shown nothing of what the machine holds elsewhere."""
    secret = a_file(tmp_path, "secret-header\nsecret-cell,secret-more\n", "secret")
    (tmp_path / "estate").mkdir()
    estate = an_estate(tmp_path / "estate")
    (estate / file).unlink(missing_ok=True)
    (estate / file).symlink_to(secret)
    said = refused_estate(estate)
    assert f"{file} is a link" in said
    assert "secret" not in said
    (estate / file).unlink()
    (estate / file).symlink_to(Path("..") / "secret")
    assert f"{file} is a link" in refused_estate(estate)


@pytest.mark.parametrize("file", ["building.yaml", "persons.csv"])
def test_what_is_no_file_is_told_and_not_taken_for_absent(tmp_path: Path, file: str) -> None:
    estate = an_estate(tmp_path)
    path = estate / file
    path.unlink(missing_ok=True)
    for make in (Path.mkdir, os.mkfifo, lambda place: place.symlink_to(file)):
        make(path)
        assert f"{file} is not a file" in refused_estate(estate)
        path.rmdir() if path.is_dir() else path.unlink()


def test_links_within_a_folder_and_to_a_folder_are_followed(tmp_path: Path) -> None:
    """As Kubernetes mounts a folder of settings: each name leads through a folder beside it."""
    inner = tmp_path / "estate" / "..2026_11_26"
    inner.mkdir(parents=True)
    for path in an_estate(inner).iterdir():
        (tmp_path / "estate" / path.name).symlink_to(Path(inner.name) / path.name)
    (tmp_path / "linked").symlink_to(tmp_path / "estate")
    assert read_estate(tmp_path / "linked").flats


def test_link_out_of_a_folder_of_readings_is_not_followed(tmp_path: Path) -> None:
    secret = a_file(tmp_path, "secret,secret\n", "secret.csv")
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal" / "january.csv").symlink_to(secret)
    with pytest.raises(UsageError, match=r"january\.csv is a link"):
        readings_paths(tmp_path / "portal")
    assert readings_paths(tmp_path / "portal" / "january.csv")
