"""The estate folder: what is read, and that each fault is found with its place and remedy."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from estate.errors import DataError
from estate.files.folder import read_estate
from estate.findings import Finding

SAMPLE = Path(str(resources.files("estate").joinpath("sample")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the sample that a test may spoil."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "estate"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def findings_of(folder: Path) -> tuple[Finding, ...]:
    with pytest.raises(DataError) as caught:
        read_estate(folder)
    return caught.value.findings


def test_sample_has_what_a_building_has() -> None:
    estate = read_estate(SAMPLE)
    assert [len(estate.flats), len(estate.placements)] == [12, 38]
    assert {flat.stairwell for flat in estate.flats} == {"1", "3"}
    assert len({flat.area_m2 for flat in estate.flats}) > 5
    moves = [rows for rows in estate.tenancies_of.values() if len(rows) == 2]
    assert [[row.end for row in rows] for rows in moves] == [[date(2026, 1, 16), None]]
    assert estate.tenancies_of["0212"][-1].end == date(2025, 12, 1)
    assert {row.flat for row in estate.tenancies if row.delivery == "paper"} == {
        "0101", "0121", "0202",
    }  # fmt: skip
    assert any(person.protected for person in estate.persons)
    permit = estate.building.schemes[0].permit
    assert permit is not None
    assert permit.reference.startswith("PRØVE")


def test_amounts_are_ore_and_signed() -> None:
    amounts = {cost.kind: cost.amount_ore for cost in read_estate(SAMPLE).costs[::-1]}
    assert amounts["rebate"] == -18040


def test_order_of_rows_does_not_matter(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        header, *rows = path.read_text("utf-8").splitlines()
        path.write_text("\n".join([header, *reversed(rows)]) + "\n", "utf-8")
    assert read_estate(folder) == read_estate(SAMPLE)


NUMERIC = {
    "area_m2", "volume_m3", "heat_loss_w_per_k", "gains_w", "f_rsi", "coupling_w_per_k",
    "amount", "vat_amount", "energy_kwh",
}  # fmt: skip


def test_danish_spreadsheet_reads_the_same(folder: Path) -> None:
    """UTF-8 with byte-order mark, semicolons, decimal commas, CRLF and blank rows at the end."""
    for path in folder.glob("*.csv"):
        header, *rows = csv.reader(path.read_text("utf-8").splitlines())
        danish = [
            [
                cell.replace(".", ",") if name in NUMERIC else cell
                for name, cell in zip(header, row, strict=True)
            ]
            for row in rows
        ]
        text = "\r\n".join(";".join(row) for row in [header, *danish, ["", "", ""]])
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_estate(folder) == read_estate(SAMPLE)


Fault = tuple[str, str, str, str, dict[str, object], str]
FAULTS: list[Fault] = [
    ("flats.csv", "area_m2", "area", "estate.column.missing", {"column": "area_m2"}, "add it"),
    ("flats.csv", "area_m2", "area", "estate.column.unknown", {"column": "area"}, "x_"),
    ("flats.csv", ",material", ",area_m2", "estate.column.twice", {"column": "area_m2"}, "rename"),
    ("flats.csv", ",74,", ",-74,", "estate.cell.invalid",
     {"file": "flats.csv", "row": 2, "column": "area_m2", "value": "-74"}, "above 0"),
    ("flats.csv", ",74,", ",,", "estate.cell.invalid",
     {"row": 2, "column": "area_m2", "value": None}, "fill it in"),
    ("flats.csv", ",74,", ",nan,", "estate.cell.invalid", {"column": "area_m2"}, "number"),
    ("flats.csv", ",74,", ',"74,5",', "estate.cell.invalid", {"value": "74,5"}, "such as 74.5"),
    ("flats.csv", "0102,", "0101,", "estate.rows.duplicate", {"row": 3, "other": 2}, "remove one"),
    ("flats.csv", "0102,", "01/02,", "estate.cell.invalid", {"column": "flat"}, "match"),
    ("tenancies.csv", "0111-2,0111,2026-01-16", "0111-2,0111,2026-01-15", "estate.rows.overlap",
     {"file": "tenancies.csv", "start": "2026-01-15"}, "start this one later"),
    ("tenancies.csv", "2026-01-16,digital", "2001-01-16,digital", "estate.rows.order",
     {"from": "2023-10-01", "to": "2001-01-16"}, "after the last"),
    ("tenancies.csv", ",2019-08-01,", ",01-08-2019,", "estate.cell.invalid",
     {"column": "from", "value": "01-08-2019"}, "2026-01-31"),
    ("tenancies.csv", ",2019-08-01,", ",1564617600,", "estate.cell.invalid",
     {"column": "from"}, "2026-01-31"),
    ("tenancies.csv", ",paper", ",post", "estate.cell.invalid",
     {"column": "delivery"}, "'digital' or 'paper'"),
    ("tenancies.csv", ",to,", ",until,", "estate.column.missing", {"column": "to"}, "add it"),
    ("devices.csv", "climate,0101", "climate,0999", "estate.rows.unknown",
     {"file": "devices.csv", "row": 2, "value": "0999"}, "add it there"),
    ("devices.csv", "64000101,heat", "64000102,heat", "estate.rows.overlap", {}, "end that row"),
    ("devices.csv", ",climate,", ",box,", "estate.cell.invalid", {"column": "kind"}, "'climate'"),
    ("persons.csv", "0101-1,", "0101-9,", "estate.rows.unknown", {"value": "0101-9"}, "add it"),
    ("persons.csv", ",yes", ",måske", "estate.cell.invalid", {"column": "protected"}, "yes or no"),
    ("neighbours.csv", "0101,0102", "0101,0101", "estate.rows.neighbour", {"row": 2}, "correct"),
    ("costs.csv", "9874.35", "9874.355", "estate.cell.invalid", {"column": "amount"}, "kroner"),
    ("costs.csv", "9874.35", "1e5", "estate.cell.invalid", {"column": "amount"}, "kroner"),
    ("building.yaml", "timezone: Europe/Copenhagen", "timezone: Danmark",
     "estate.building.invalid", {"field": "timezone"}, "Europe/Copenhagen"),
    ("building.yaml", "tenure: almen", "tenure: leje", "estate.building.invalid",
     {"field": "tenure", "value": "leje"}, "'almen'"),
    ("building.yaml", "id: solgaarden", "id: 0101", "estate.building.invalid",
     {"field": "id"}, "in quotes"),
    ("building.yaml", "from: 2025-07-01, to: 2027-07-01", "from: 2025-07-01, to: 2025-07-01",
     "estate.building.invalid", {"field": "schemes.0.permit.to"}, "after"),
    ("building.yaml", "tenure: almen", "tenure: [", "estate.file.unreadable", {}, "correct it"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "name", "data", "remedy"), FAULTS, ids=[f"{f[0]}-{f[2]}" for f in FAULTS]
)
def test_fault_is_found_with_place_and_remedy(
    folder: Path, file: str, old: str, new: str, name: str, data: dict[str, object], remedy: str
) -> None:
    spoil(folder / file, old, new)
    matching = [
        finding
        for finding in findings_of(folder)
        if finding.name == name and data.items() <= finding.data.items()
    ]
    assert matching, findings_of(folder)
    assert remedy in matching[0].message
    assert file in matching[0].message


def test_all_faults_are_reported_at_once(folder: Path) -> None:
    spoil(folder / "flats.csv", ",74,", ",-74,")
    spoil(folder / "tenancies.csv", ",paper", ",post")
    spoil(folder / "building.yaml", "tenure: almen", "tenure: leje")
    (folder / "devices.csv").unlink()
    files = {str(finding.data["file"]) for finding in findings_of(folder)}
    assert {"flats.csv", "tenancies.csv", "building.yaml", "devices.csv"} <= files


def test_a_row_that_cannot_be_read_is_not_told_again_by_all_that_refer_to_it(folder: Path) -> None:
    spoil(folder / "flats.csv", ",74,", ",-74,")
    assert [finding.data["column"] for finding in findings_of(folder)] == ["area_m2"]
    spoil(folder / "devices.csv", ",0102,", ",9999,")
    assert {finding.data.get("value") for finding in findings_of(folder)} == {"-74", "9999"}
    # Nothing is known of a file that is no text, or not there.
    (folder / "flats.csv").write_bytes(b"flat,area_m2\n\xe6,74\n")
    (told,) = findings_of(folder)
    assert "save it as 'CSV UTF-8'" in told.message
    # A file without a row is read: nothing of it is there.
    (folder / "flats.csv").write_text("flat,address,area_m2\n")
    assert any("which no row of flats.csv has" in each.message for each in findings_of(folder))


def _as_latin1(text: str) -> bytes:
    return text.replace("Beboer", "Bebør").encode("latin-1")


@pytest.mark.parametrize(
    ("make", "remedy"),
    [
        (_as_latin1, "CSV UTF-8"),
        (lambda _: b"", "header"),
        (lambda _: b"\n\n", "add it"),
        (lambda text: text.encode() + b"0101-1,a,b,,,,,too,many\n", "quotes"),
        (lambda text: text.encode() + b'"unclosed\n', "again"),
    ],
)
def test_file_that_is_no_table_is_a_finding(
    folder: Path, make: Callable[[str], bytes], remedy: str
) -> None:
    path = folder / "persons.csv"
    path.write_bytes(make(path.read_text("utf-8")))
    assert any(remedy in finding.message for finding in findings_of(folder))


def test_thousands_mark_of_a_decimal_comma_file_is_not_guessed(folder: Path) -> None:
    (folder / "costs.csv").write_text(
        "period_start;period_end;item;amount\n2026-01-01;2026-02-01;heat;1.234\n"
    )
    found = findings_of(folder)
    assert [finding.data["value"] for finding in found] == ["1.234"]
    assert "without a thousands separator" in found[0].message


def test_own_columns_are_left_alone(folder: Path) -> None:
    spoil(folder / "flats.csv", "material", "x_colour")
    assert read_estate(folder).flats[0].material is None


def test_optional_files_may_be_absent(folder: Path) -> None:
    for name in ("neighbours", "persons", "costs", "aconto"):
        (folder / f"{name}.csv").unlink()
    assert read_estate(folder).costs == ()


def test_missing_folder_names_the_files(tmp_path: Path) -> None:
    files = [finding.data["file"] for finding in findings_of(tmp_path / "nowhere")]
    assert files == ["building.yaml", "flats.csv", "tenancies.csv", "devices.csv"]


def test_shares_have_columns_that_the_user_names(folder: Path) -> None:
    path = folder / "flats.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    wide = [f"{header},shares:taps,shares:agreed", *(f"{row},2,37.5" for row in rows)]
    path.write_text("\n".join(wide) + "\n", "utf-8")
    flat = read_estate(folder).flats[0]
    assert (flat.number("shares:taps"), flat.number("shares:agreed")) == (2.0, 37.5)
    assert (flat.number("shares"), flat.number("shares:rooms")) == (None, None)
    spoil(path, ",2,37.5", ",-2,many")
    wrong = {
        (each.data["column"], each.data["value"])
        for each in findings_of(folder)
        if each.name == "estate.cell.invalid"
    }
    assert wrong == {("shares:taps", "-2"), ("shares:agreed", "many")}


def test_shares_without_a_name_are_no_column(folder: Path) -> None:
    spoil(folder / "flats.csv", ",material", ",shares:,material")
    assert "estate.column.unknown" in {finding.name for finding in findings_of(folder)}


def test_a_cost_names_the_rows_that_it_replaces(folder: Path) -> None:
    path = folder / "costs.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    names = ["a,", "b,", "c,a b", "d,"]
    text = "\n".join([f"{header},id,replaces", *map(",".join, zip(rows, names, strict=True))])
    path.write_text(text + "\n", "utf-8")
    assert {each.id: each.replaces for each in read_estate(folder).costs} == {
        "a": (), "b": (), "c": ("a", "b"), "d": (),
    }  # fmt: skip
    path.write_text(text.replace("c,a b", "a,z a"), "utf-8")
    found = {finding.name for finding in findings_of(folder)}
    assert found == {"estate.rows.duplicate", "estate.rows.unknown", "estate.rows.circle"}


@pytest.mark.parametrize("name", ["..", ".", ".hidden"])
def test_a_building_is_not_named_like_a_folder_above_or_hidden(tmp_path: Path, name: str) -> None:
    shutil.copytree(SAMPLE, tmp_path / "estate")
    path = tmp_path / "estate" / "building.yaml"
    path.write_text(path.read_text().replace("id: solgaarden", f"id: {name}"))
    with pytest.raises(DataError, match=r"building.yaml.*id"):
        read_estate(tmp_path / "estate")
