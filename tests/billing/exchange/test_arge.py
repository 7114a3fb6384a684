"""ARGE HeiWaKo 3.05: every byte by the tables, written a second time by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from billing.exchange.profile import load_profile
from billing.exchange.read import read_bytes
from billing.exchange.records import records_of
from billing.exchange.write import file_bytes, file_name
from tests.support.arge_by_hand import Texts, file, line
from tests.support.exchange_account import account, register, share, statement, statements

TOLD = {"customer": "4711", "firm": "37", "property": "12", "currency": "EUR"}
HEAD: Texts = {(1, 1): "D", (2, 6): "03.05", (7, 16): "0000004711", (17, 18): "37"}
TAIL: Texts = {(201, 203): "EUR", (1024, 1024): "D"}
D = file(
    line(1024, {
        **HEAD, **TAIL, (19, 31): "0000000120101", (32, 37): "0101-1", (52, 57): "311225",
        (58, 67): "0000123456", (78, 87): "0000200000", (128, 137): "-000076544",
        (148, 150): "234", (151, 159): "004321500", (160, 162): "005", (163, 165): "011",
    }),
    line(1024, {
        **HEAD, **TAIL, (19, 31): "0000000120101", (32, 37): "0101-1", (52, 57): "311225",
        (58, 67): "0000007801", (128, 137): "0000007801",
        (148, 150): "235", (151, 159): "000031250", (160, 162): "003", (163, 165): "011",
    }),
    line(1024, {
        **HEAD, **TAIL, (19, 31): "0000000120102", (32, 37): "0102-7", (52, 57): "150825",
        (58, 67): "0000098765", (128, 137): "0000098765",
        (148, 150): "234", (151, 159): "000998000", (160, 162): "005", (163, 165): "002",
    }),
    line(1024, {
        **HEAD, **TAIL, (19, 31): "0000000120102", (32, 37): "0102-7", (52, 57): "150825",
        (58, 67): "-000000120", (128, 137): "-000000120",
        (148, 150): "235", (151, 159): "000002000", (160, 162): "003", (163, 165): "012",
    }),
    line(1024, {
        **HEAD, **TAIL, (19, 31): "0000000120102", (32, 44): "landlord:0102", (52, 57): "311225",
        (58, 67): "0000000005", (128, 137): "0000000005", (148, 150): "234", (163, 165): "014",
    }),
)  # fmt: skip
D_TOTAL = file(
    line(1024, {
        **HEAD, **TAIL, (19, 31): "0000000120101", (32, 37): "0101-1", (52, 57): "311225",
        (58, 67): "0000131257", (68, 77): "0000105006", (78, 87): "0000200000",
        (128, 137): "-000068743", (148, 150): "230",
    }),
    line(1024, {
        **HEAD, **TAIL, (19, 31): "0000000120102", (32, 37): "0102-7", (52, 57): "150825",
        (58, 67): "0000098645", (128, 137): "0000098645", (148, 150): "230",
    }),
    line(1024, {
        **HEAD, **TAIL, (19, 31): "0000000120102", (32, 44): "landlord:0102", (52, 57): "311225",
        (58, 67): "0000000005", (128, 137): "0000000005", (148, 150): "230",
    }),
)  # fmt: skip
E898 = file(
    line(120, {
        (1, 4): "E898", (5, 11): "0000001", (12, 13): "37", (14, 31): "000000012000001010",
        (32, 37): "0101-1", (53, 62): "0101-1.pdf", (109, 111): "001", (112, 117): "311225",
        (118, 120): "HKA",
    }),
    line(120, {
        (1, 4): "E898", (5, 11): "0000002", (12, 13): "37", (14, 31): "000000012000001020",
        (32, 37): "0102-7", (53, 62): "0102-7.pdf", (109, 111): "001", (112, 117): "150825",
        (118, 120): "HKA",
    }),
)  # fmt: skip


def test_d_record_for_each_user_and_kind_of_cost() -> None:
    records = records_of(account(), "amounts")
    assert file_bytes(records, load_profile("arge-d"), TOLD) == D


def test_d_record_for_all_kinds_of_cost_together() -> None:
    records = records_of(account(), "balances")
    assert file_bytes(records, load_profile("arge-d-total"), TOLD) == D_TOTAL


def test_index_of_the_printed_statements() -> None:
    files = {"0101-1": "0101-1.pdf", "0102-7": "0102-7.pdf"}
    records = records_of(account(), "documents", files=files)
    told = {"firm": "37", "property": "12"}
    assert file_bytes(records, load_profile("arge-e898"), told) == E898


@pytest.mark.parametrize(
    ("profile", "content"), [("arge-d", D), ("arge-d-total", D_TOTAL), ("arge-e898", E898)]
)
def test_what_was_built_by_hand_is_read_and_written_again(profile: str, content: bytes) -> None:
    known = load_profile(profile)
    found = read_bytes(content, known, "file")
    assert found.findings == []
    assert file_bytes(found.records, known, found.parameters) == content


@pytest.mark.parametrize(
    ("method", "mark"),
    [
        ("measured", "011"), ("interpolated", "011"), ("own_rate", "007"),
        ("year_before", "002"), ("like_homes", "008"),
    ],
)  # fmt: skip
def test_marks_of_table_s(method: str, mark: str) -> None:
    part = share("heat", "heat_units", 100)
    # The worst of a home's meters speaks for all of them.
    registers = [register("heat_kwh", 1.0), register("heat_kwh", 2.0, method)]
    home = statement("a", "0101", part, registers=registers)
    text = file_bytes(records_of(account([home]), "amounts"), load_profile("arge-d"), TOLD)
    assert (text[150:159], text[162:165]) == (b"000003000", mark.encode())


def test_area_is_told_where_too_much_would_have_been_estimated() -> None:
    records = records_of(account(statements(), ["heat"]), "amounts")
    text = file_bytes(records, load_profile("arge-d"), TOLD)
    assert (text[150:162], text[162:165]) == (b" " * 12, b"006")


def test_meters_of_two_units_tell_no_sum() -> None:
    part = share("heat", "heat_units", 100)
    registers = [register("heat_kwh", 1.0), register("allocator_units", 2.0)]
    home = statement("a", "0101", part, registers=registers)
    text = file_bytes(records_of(account([home]), "amounts"), load_profile("arge-d"), TOLD)
    assert text[150:165] == b" " * 15


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ("arge-d", "DTD305_20261126134501.DAT"),
        ("arge-m", "DTM305_20261126134501.DAT"),
        ("arge-e898", "DTE898_20261126134501.DAT"),
    ],
)
def test_names_of_files(profile: str, name: str) -> None:
    created = datetime(2026, 11, 26, 13, 45, 1, tzinfo=UTC)
    assert file_name(load_profile(profile), {}, created) == name


def test_a_real_zero_is_written_and_the_unknown_is_blank() -> None:
    part = share("heat", "area", 0)
    home = statement("a", "0101", part, aconto_ore=0)
    text = file_bytes(records_of(account([home]), "amounts"), load_profile("arge-d"), TOLD)
    assert (text[57:67], text[77:87], text[67:77]) == (b"0" * 10, b"0" * 10, b" " * 10)
