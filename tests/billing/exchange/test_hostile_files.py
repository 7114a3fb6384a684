"""Whatever another system sends: findings with file and row, never a traceback."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.exchange.profile import load_profile, shipped_profiles
from billing.exchange.read import FileRead, read_bytes
from billing.exchange.records import records_of
from billing.exchange.workbook import read_workbook, workbook_bytes
from billing.exchange.write import file_bytes
from tests.support.exchange_account import account

FIXED = load_profile("fixed-position")
CSV = load_profile("csv")
PROFILES = {name: load_profile(name) for name in shipped_profiles()}
PLANT = {"plant": "123"}


def fixed_file() -> bytes:
    return file_bytes(records_of(account(), "amounts"), FIXED, PLANT)


FILE = fixed_file()


def read(content: bytes) -> FileRead:
    return read_bytes(content, FIXED, "SENT.TXT")


def names(found: FileRead) -> set[str]:
    return {each.name for each in found.findings}


def without_line(number: int) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        return b"".join(lines[:number] + lines[number + 1 :])

    return change


@pytest.mark.parametrize(
    ("change", "finding", "row"),
    [
        (lambda c: c.replace(b"\r\n", b"\r\nx", 1), "exchange.record.length", 2),
        (lambda c: c[:-10], "exchange.record.length", 7),
        (lambda c: c.replace(b"\r\n10", b"\r\n77", 1), "exchange.record.unknown", 2),
        (lambda c: c.replace(b"0000001236", b"0000001246", 1), "exchange.check.wrong", 1),
        (lambda c: c.replace(b"123456+", b"123457+", 1), "exchange.total.wrong", 7),
        (lambda c: c.replace(b"123456+", b"12 456+", 1), "exchange.value.invalid", 2),
        (lambda c: c.replace(b"20250815", b"20250835", 1), "exchange.value.invalid", 4),
        (lambda c: c.replace(b"0101-1", b"      ", 1), "exchange.value.invalid", 2),
        (without_line(3), "exchange.total.wrong", 6),
        (without_line(6), "exchange.total.wrong", None),
        (lambda c: c + c, "exchange.record.unknown", 9),
        (lambda c: b"\xef\xbb\xbf" + c, "exchange.file.unreadable", None),
        (lambda _: b"", "exchange.file.unreadable", None),
        (lambda _: b"\x00" * 5000, "exchange.record.length", 1),
    ],
)
def test_a_changed_file_is_found(
    change: Callable[[bytes], bytes], finding: str, row: int | None
) -> None:
    found = read(change(fixed_file()))
    of_kind = [each for each in found.findings if each.name == finding]
    assert of_kind, names(found)
    assert of_kind[0].data.get("row") == row
    assert of_kind[0].data["file"] == "SENT.TXT"
    assert of_kind[0].message.startswith("SENT.TXT" if row is None else f"SENT.TXT row {row}")


def test_another_code_page_is_found_at_its_row() -> None:
    content = file_bytes(records_of(account(), "rows"), CSV) + "møde".encode("cp1252")
    found = read_bytes(content, CSV, "latin.csv")
    assert [(each.name, each.data["row"]) for each in found.findings] == [
        ("exchange.file.unreadable", 7)
    ]


def test_a_header_with_other_columns_is_found() -> None:
    content = file_bytes(records_of(account(), "rows"), CSV).replace(b"amount", b"sum", 1)
    (finding,) = read_bytes(content, CSV, "own.csv").findings
    assert (finding.data["missing"], finding.data["unknown"]) == (["amount"], ["sum"])


def test_columns_may_stand_in_another_order() -> None:
    content = file_bytes(records_of(account(), "rows"), CSV).decode("utf-8-sig")
    turned = "\r\n".join(";".join(reversed(line.split(";"))) for line in content.splitlines())
    found = read_bytes(turned.encode("utf-8-sig"), CSV, "turned.csv")
    assert found.findings == []
    own = records_of(account(), "rows")
    assert found.records == [{name: each[name] for name in found.records[0]} for each in own]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [("1.234,56", "thousands"), ("1e3", "thousands"), ("1,234", "whole øre"), ("", "fill it in")],
)
def test_an_amount_that_is_none_is_told_with_row_and_field(cell: str, problem: str) -> None:
    content = file_bytes(records_of(account(), "rows"), CSV).replace(b"1234,56", cell.encode())
    (finding,) = read_bytes(content, CSV, "own.csv").findings
    assert (finding.data["row"], finding.data["field"]) == (2, "amount")
    assert problem in finding.message


@pytest.mark.parametrize("name", ["csv", "arge-d", "arge-m", "arge-e898", "fixed-position"])
@settings(max_examples=30, deadline=None)
@given(
    st.binary(max_size=3000)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_anything_at_all_gives_findings(name: str, content: bytes) -> None:
    found = read_bytes(content, PROFILES[name], "any")
    assert found.findings
    assert found.records == []


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_flipped_byte_is_found_or_changes_no_amount(data: st.DataObject) -> None:
    content = bytearray(FILE)
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    found = read(bytes(content))
    if not found.findings:
        own = records_of(account(), "amounts")
        assert sum(int(str(each["amount"])) for each in found.records) == sum(
            int(str(each["amount"])) for each in own
        )


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_a_finding(content: bytes) -> None:
    found = read_workbook(io.BytesIO(content), load_profile("xlsx"), "book.xlsx")
    assert names(found) == {"exchange.file.unreadable"}


def test_a_workbook_that_was_broken_on_its_way_is_a_finding() -> None:
    content = workbook_bytes(records_of(account(), "rows"), load_profile("xlsx"))
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(broken, "w") as new:
        for each in old.infolist():
            text = old.read(each)
            new.writestr(each, text[: len(text) // 2] if "sheet1" in each.filename else text)
    found = read_workbook(broken, load_profile("xlsx"), "book.xlsx")
    assert found.findings
