"""Whatever an account holds: written by a profile and read back, it is the same."""

from __future__ import annotations

import io
import string
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.exchange.cells import CellFault, read_cell, write_cell
from billing.exchange.columns import Record, tables
from billing.exchange.profile import FieldSpec, Profile, Sign, load_profile
from billing.exchange.read import read_bytes
from billing.exchange.workbook import read_workbook, workbook_bytes
from billing.exchange.write import file_bytes

TOLD = {
    "arge-d": {"customer": "0000000001", "property": "000000007", "currency": "DKK"},
    "arge-d-total": {"customer": "0000000001", "property": "000000007", "currency": "DKK"},
    "arge-m": {"customer": "0000000001", "property": "000000007", "currency": "DKK"},
    "fixed-position": {"plant": "000000123"},
}
ids = st.text(string.ascii_letters + string.digits + "._:-", min_size=1, max_size=20)
names = st.text("abcæøåÆØÅéß -'.", min_size=1, max_size=35).map(str.strip).filter(bool)
spreadsheet = st.one_of(
    names,
    st.sampled_from(["=1+1", "+45", "-1", "@x", "'=1", "''-x", "a;b", 'say "x"', "a\nb", " x "]),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), max_codepoint=0xFFFF), min_size=1),
)
days = st.dates(date(2000, 1, 1), date(2068, 12, 31))
amounts = st.integers(-999_999_999, 9_999_999_999)
thousandths = st.integers(0, 999_999_999).map(lambda each: each / 1000)
millionths = st.integers(0, 10**12).map(lambda each: each / 10**6)
money: dict[str, Any] = {
    "tenancy": ids,
    "dwelling": st.integers(0, 9999).map(lambda each: f"{each:04d}"),
    "start": days,
    "last_day": days,
    "amount": amounts,
    "prepayment": st.none() | amounts,
    "balance": amounts,
}
RECORDS: dict[str, st.SearchStrategy[Record]] = {
    "csv": st.fixed_dictionaries(
        {
            "building": ids,
            "period_start": days,
            "period_end": days,
            "tenancy": spreadsheet,
            "flat": spreadsheet,
            "item": spreadsheet,
            "component": spreadsheet,
            "key": spreadsheet,
            "fraction": st.sampled_from([0.0, 0.3, 0.4, 1.0, 0.333333333, 1e-9]),
            "weight": millionths,
            "weight_total": millionths,
            "amount": st.integers(-(10**15), 10**15),
        }
    ),
    "balances-csv": st.fixed_dictionaries(
        {
            "building": ids,
            "period_start": days,
            "period_end": days,
            "tenancy": ids,
            "flat": spreadsheet,
            "start": days,
            "last_day": days,
            "amount": amounts,
            "vat": st.none() | amounts,
            "prepayment": st.none() | amounts,
            "not_claimed": st.none() | amounts,
            "balance": amounts,
        }
    ),
    "arge-d": st.fixed_dictionaries(
        {name: each for name, each in money.items() if name != "start"}
        | {
            "item": st.sampled_from(["heat", "hot_water", "cold_water"]),
            "use": st.none() | thousandths,
            "unit": st.sampled_from([None, "heat_kwh", "allocator_units", "hot_water_m3"]),
            "mark": st.sampled_from([None, "reading", "interim", "year_before", "area", "days"]),
        }
    ),
    "arge-d-total": st.fixed_dictionaries(
        {name: each for name, each in money.items() if name != "start"}
        | {"net": st.none() | amounts}
    ),
    "fixed-position": st.fixed_dictionaries(
        {
            "tenancy": ids,
            "flat": ids,
            "item": st.sampled_from(["heat", "cold_water", "electricity", "common"]),
            "start": days,
            "last_day": days,
            "amount": st.integers(-99_999_999, 99_999_999),
            "balance": st.integers(-99_999_999, 99_999_999),
        }
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(RECORDS))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_records_come_back(name: str, data: st.DataObject) -> None:
    profile = load_profile(name)
    records = data.draw(st.lists(RECORDS[name], min_size=1, max_size=5))
    head = {field.column for field in profile.head if field.column}
    common: Record = {column: date(2025, 1, 1) for column in head}
    records = [common | each for each in records]
    found = read_bytes(file_bytes(records, profile, TOLD.get(name, {})), profile, "file")
    assert found.findings == []
    assert [_known(each, profile) for each in found.records] == records


def _known(record: Record, profile: Profile) -> Record:
    return {name: value for name, value in record.items() if name in profile.columns()}


@settings(max_examples=15, deadline=None)
@given(st.lists(RECORDS["csv"], min_size=1, max_size=4))
def test_a_workbook_gives_back_its_amounts_and_holds_no_formula(records: list[Record]) -> None:
    profile = load_profile("xlsx")
    records = [
        {name: "x" if isinstance(value, str) else value for name, value in each.items()}
        | {"amount": int(str(each["amount"])) // 1000, "flat": f"={each['building']}"}
        for each in records
    ]
    found = read_workbook(io.BytesIO(workbook_bytes(records, profile)), profile, "book.xlsx")
    assert found.findings == []
    assert [each["amount"] for each in found.records] == [each["amount"] for each in records]
    assert [each["period_start"] for each in found.records] == [
        each["period_start"] for each in records
    ]
    assert all(str(each["flat"]).startswith("=") for each in found.records)


signs = st.sampled_from(
    [Sign(), Sign(plus="+"), Sign(minus="K", plus="D", at="end"), Sign(minus="-", at="end")]
)


@settings(max_examples=100, deadline=None)
@given(
    signs,
    st.sampled_from([",", "."]),
    st.booleans(),
    st.sampled_from([None, "zeros", "left", "right"]),
    st.integers(-(10**9), 10**9),
)
def test_an_amount_comes_back_however_it_is_written(
    sign: Sign,
    decimal: Literal[",", "."],
    implied: bool,
    pad: Literal["zeros", "left", "right"] | None,
    ore: int,
) -> None:
    field = FieldSpec(column="amount", place="1-14", implied=implied, decimals=2, pad=pad)
    profile = Profile(
        name="own", description="own", table="balances", format="fixed", length=14,
        file_name="x", sign=sign, decimal=decimal, fields=(field,),
    )  # fmt: skip
    text = write_cell(ore, field, profile)
    assert len(text) == 14
    assert read_cell(text, field, profile) == ore
    assert text.strip().startswith("-") == (ore < 0 and sign.at == "start")


@pytest.mark.slow
@given(st.integers(10**10, 10**12))
def test_what_is_too_long_is_never_cut(ore: int) -> None:
    profile = load_profile("arge-d")
    field = next(each for each in profile.fields if each.column == "amount")
    with pytest.raises(CellFault, match="more digits than the 10 positions"):
        write_cell(ore, field, profile)


def test_every_column_of_a_table_says_what_it_means() -> None:
    for table in tables().values():
        assert table.meaning
        assert all(each.meaning for each in table.columns.values())
