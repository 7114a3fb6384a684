"""Exports made to keep or fill the machine are refused, and cost no more than a moment."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estate.errors import DataError
from estate.files.documents import limits
from telemetry.readings_file import column_map
from telemetry.readings_file.column_map import load_map
from telemetry.readings_file.file import read_readings
from telemetry.readings_file.tables import table as readings_table
from telemetry.readings_file.templates import FIELDS, LONGEST_TEXT, Template

EXAMPLES = Path(column_map.__file__).parent / "column_maps" / "examples"
EXCEL = (EXAMPLES / "excel.xlsx").read_bytes()
HEADER = "time,device,quantity,value\n"
GOOD = "2026-01-01T00:00:00Z,box,temperature_c,21\n"


def refusal(directory: Path, content: bytes, name: str, column_map_name: str | None = None) -> str:
    path = directory / name
    path.write_bytes(content)
    maps = [load_map(column_map_name)] if column_map_name else []
    with pytest.raises(DataError) as caught:
        read_readings(path, maps)
    assert caught.value.findings[-1].name == "readings.file.unreadable"
    assert name in str(caught.value)
    return str(caught.value)


def with_member(name: str, content: bytes) -> bytes:
    """Return the example with one of its parts replaced, or one more."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(EXCEL)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return packed.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet(rows: str, dimension: str = "A1:F8") -> bytes:
    start = f'<worksheet {SPACE}><dimension ref="{dimension}"/>'
    return f"{start}<sheetData>{rows}</sheetData></worksheet>".encode()


@pytest.mark.slow
def test_an_archive_that_unpacks_without_end(tmp_path: Path) -> None:
    bomb = with_member("xl/sharedStrings.xml", bytes(limits()["workbook"].bytes + 1))
    assert len(bomb) < 1 << 20
    told = refusal(tmp_path, bomb, "bomb.xlsx", "excel")
    assert "unpacks to more than" in told


def test_an_archive_that_lies_about_its_size(tmp_path: Path) -> None:
    honest = with_member(SHEET, sheet("<row/>" * 500_000))
    size = len(sheet("<row/>" * 500_000)).to_bytes(4, "little")
    assert honest.count(size) >= 1
    lying = honest.replace(size, (100).to_bytes(4, "little"))
    told = refusal(tmp_path, lying, "lie.xlsx", "excel")
    assert "not an Excel workbook" in told


def test_a_sheet_that_claims_to_be_as_large_as_can_be(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>Dato</t></is></c></row>'
    told = refusal(tmp_path, with_member(SHEET, sheet(rows, "A1:XFD1048576")), "c.xlsx", "excel")
    assert "lacks the column" in told


@pytest.mark.slow
def test_wide_and_far_rows_are_counted(tmp_path: Path) -> None:
    header = "".join(
        f'<c r="{letter}1" t="inlineStr"><is><t>{text}</t></is></c>'
        for letter, text in zip(
            "ABCDEF", ["Dato", "Klokken", "Måler", "Type", "Aflæsning", "Enhed"], strict=True
        )
    )
    wide = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 2000))
    content = with_member(SHEET, sheet(f'<row r="1">{header}</row>{wide}'))
    told = refusal(tmp_path, content, "w.xlsx", "excel")
    assert "cells" in told


def test_entities_that_multiply(tmp_path: Path) -> None:
    entities = "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    laughs = (
        f'<!DOCTYPE x [<!ENTITY a "ha">{entities}]>'
        + sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row>').decode()
    )
    told = refusal(tmp_path, with_member(SHEET, laughs.encode()), "e.xlsx", "excel")
    assert "not an Excel workbook" in told


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, len(EXCEL) - 1), st.integers(0, 255)), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
def test_a_broken_workbook_is_a_finding(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    content = bytearray(EXCEL)
    for place, byte in changes:
        content[place] = byte
    path = tmp_path / "broken.xlsx"
    path.write_bytes(content)
    with suppress(DataError):
        read_readings(path, [load_map("excel")])


@pytest.mark.parametrize("start", ["", HEADER + GOOD, HEADER + "2026-01-01T00:00:00Z,box,"])
def test_a_line_without_end(tmp_path: Path, start: str) -> None:
    """Sparse on the disk: zeros, which are characters like others."""
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(start.encode())
        file.truncate(128 << 20)
    with pytest.raises(DataError, match="characters"):
        read_readings(path)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.write((HEADER + GOOD).encode())
        file.truncate(limits()["readings"].bytes + 1)
    with pytest.raises(DataError, match="larger than"):
        read_readings(path)


@pytest.mark.slow
def test_many_short_rows_under_a_wide_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = replace(limits()["readings"], wide_cells=10_000_000)
    monkeypatch.setattr(readings_table, "limits", lambda: {"readings": bounds})
    columns = ";".join(f"Måler {n} (MWh)" for n in range(4_900))
    rows = bounds.wide_cells // 4_900
    text = f"Tidspunkt;{columns}\n01-01-2026 00:00;1\n" + "\n" * (rows + 10)
    told = refusal(tmp_path, text.encode(), "wide.csv", "column-per-meter")
    assert "too many rows for 4901 columns" in told


def test_too_many_columns(tmp_path: Path) -> None:
    told = refusal(tmp_path, b";" * 30_000 + b"x\n1\n", "many.csv", "eforsyning")
    assert "columns" in told


@pytest.mark.slow
def test_a_template_cannot_take_for_ever() -> None:
    """As many hostile headers as a file may have; each alone once took seconds."""
    template = Template("*{quantity}*{device}")
    assert template.match("a" * LONGEST_TEXT) is not None
    assert template.match("a" * LONGEST_TEXT + "a") is None
    for text in ("*a*a*a{device}!", "{device}a{quantity}a*a*!", "*a{quantity}a*a{device}!"):
        template = Template(text)
        for number in range(limits()["readings"].columns):
            assert template.match(f"{'a' * (LONGEST_TEXT - 8)}{number}") is None
    with pytest.raises(ValueError, match="at most"):
        Template("*" * 5)


def plainly(text: str) -> re.Pattern[str]:
    """Give a template as the regular expression that tries everything."""
    pattern = re.escape(text).replace(r"\*", ".*?")
    for name, expression in FIELDS.items():
        pattern = pattern.replace(re.escape(f"{{{name}}}"), expression)
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


@pytest.mark.slow
@given(
    parts=st.permutations(["*", "*", "{device}", "{quantity}"]),
    number=st.integers(1, 4),
    literals=st.lists(st.text("ab- ", max_size=2), min_size=5, max_size=5),
    header=st.text("abAB- ", max_size=14),
)
@settings(max_examples=600)
def test_a_template_finds_what_trying_everything_finds(
    parts: list[str], number: int, literals: list[str], header: str
) -> None:
    text = literals[0] + "".join(
        part + literal for part, literal in zip(parts[:number], literals[1:], strict=False)
    )
    found = plainly(text).fullmatch(header)
    assert Template(text).match(header) == (None if found is None else found.groupdict())


EXPORTS = sorted(EXAMPLES.iterdir())
PIECES = [b"\n", b"\r", b";", b",", b"\t", b'"', b"\0", b"\xff", b"\xfe", b"-", b"{", b"["]
pieces = st.sampled_from([*PIECES, b"sep=;\n", b"1e999"]) | st.binary(max_size=6)


@pytest.mark.slow
@given(
    export=st.sampled_from([path for path in EXPORTS if path.suffix != ".xlsx"]),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), pieces), max_size=6),
    own=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_a_broken_export_is_read_or_refused(
    tmp_path: Path, export: Path, changes: list[tuple[float, int, bytes]], own: bool
) -> None:
    """Whatever is cut out of an export and put in: readings, findings, or a refusal by name."""
    content = export.read_bytes()
    for place, cut, piece in changes:
        start = round(place * len(content))
        content = content[:start] + piece + content[start + cut :]
    path = tmp_path / export.name
    path.write_bytes(content)
    with suppress(DataError):
        file = read_readings(path, [] if own else [load_map(export.stem)])
        assert all(finding.message for finding in file.findings)
