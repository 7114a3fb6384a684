"""Profiles: what is wrong with one is told with its file and field; the shipped ones hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.exchange.check_digits import luhn, modulo_11, modulo_97
from billing.exchange.profile import load_profile, shipped_profiles
from billing.exchange.records import dwellings, records_of
from billing.exchange.write import file_bytes, told_parameters
from estate.errors import DataError, UsageError
from tests.support.exchange_account import account, share, statement

OWN = """\
description: own
table: balances
format: fixed
length: 40
file_name: own.txt
codes:
  kinds: {heat: "10"}
parameters:
  client: {meaning: the client's number}
fields:
  - {place: 1-10, parameter: client, pad: zeros}
  - {place: 11-30, column: tenancy}
  - {place: 31-40, column: amount, implied: true, decimals: 2}
"""


def own(tmp_path: Path, old: str = "", new: str = "") -> str:
    path = tmp_path / "own.yaml"
    assert old in OWN
    path.write_text(OWN.replace(old, new) if old else OWN, "utf-8")
    return str(path)


@pytest.mark.parametrize("name", sorted(shipped_profiles()))
def test_shipped_profiles_are_whole(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert profile.description


@pytest.mark.parametrize(
    ("old", "new", "field", "problem"),
    [
        ("table: balances", "table: money", "table", "write one of rows, amounts"),
        ("column: amount", "column: sum", "the profile", "sum is no column of balances"),
        ("parameter: client", "parameter: firm", "the profile", "firm is not among parameters"),
        ("place: 31-40", "place: 30-40", "the profile", "amount begins before the field above"),
        ("place: 31-40", "place: 31-41", "the profile", "amount ends beyond the line's 40"),
        ("place: 31-40", "place: 40-31", "fields.2", "write place as 58-67"),
        ("place: 31-40, ", "", "the profile", "amount needs its place"),
        ("length: 40\n", "", "the profile", "a fixed file needs length"),
        ('heat: "10"', "heat: 010", "codes.kinds.heat", "put it in quotes"),
        ("decimals: 2", "decimals: 1", "the profile", "an amount has 2 decimals at least"),
        ("column: tenancy", "columns: tenancy", "fields.1.columns", "correct the name"),
        ("column: tenancy", 'column: tenancy, text: "1"', "fields.1", "write one of text, column"),
        ("column: tenancy", "count: true", "the profile", "count and total stand in foot"),
        ("column: tenancy", "column: tenancy, codes: x", "the profile", "x is not among codes"),
        ("format: fixed", "format: xml", "format", "'delimited', 'fixed' or 'xlsx'"),
        ("format: fixed", "format: [fixed", "", "is not valid YAML"),
    ],
)  # fmt: skip
def test_a_fault_names_file_and_field(
    tmp_path: Path, old: str, new: str, field: str, problem: str
) -> None:
    with pytest.raises(UsageError, match=r"own\.yaml") as error:
        load_profile(own(tmp_path, old, new))
    assert field in str(error.value)
    assert problem in str(error.value)


def test_ones_own_profile_writes(tmp_path: Path) -> None:
    home = statement("a", "A", share("heat", "area", -1205))
    records = records_of(account([home]), "balances")
    written = file_bytes(records, load_profile(own(tmp_path)), {"client": "77"})
    assert written == "0000000077a                   -000001205\r\n".encode("utf-8-sig")


def test_an_unknown_name_lists_the_shipped_ones() -> None:
    with pytest.raises(UsageError, match=r"there is no profile unik .*arge-d, "):
        load_profile("unik")


@pytest.mark.parametrize(
    ("told", "problem"),
    [({}, "needs client .the client's number.; add --set client="), ({"x": "1"}, "no parameter x")],
)
def test_parameters_are_asked_for(tmp_path: Path, told: dict[str, str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        told_parameters(load_profile(own(tmp_path)), told)


@pytest.mark.parametrize(
    ("tenancy", "item", "problem"),
    [
        ("x" * 21, "heat", "longer than the 20 characters of tenancy"),
        ("łukasz", "heat", "which iso8859-15 has not"),
        ("a", "steam", "codes.cost of the profile arge-d lacks it"),
    ],
)
def test_what_does_not_fit_is_said_and_not_written(tenancy: str, item: str, problem: str) -> None:
    records = records_of(account([statement(tenancy, "A", share(item, "area", 1))]), "amounts")
    told = {"customer": "1", "property": "1", "currency": "DKK"}
    with pytest.raises(DataError, match=problem) as error:
        file_bytes(records, load_profile("arge-d"), told)
    assert error.value.findings[0].name == "exchange.value.unfit"
    assert error.value.findings[0].data["tenancy"] == tenancy


def test_check_digits_of_published_numbers() -> None:
    assert luhn("7992739871") == "3"  # the example of ISO/IEC 7812-1
    assert luhn("453201511283036") == "6"
    assert modulo_11("2275621") == "4"  # CVR 22756214
    assert modulo_11("1") == "9"
    assert modulo_97("794") == "44"  # the example of ISO/IEC 7064


def test_dwellings_keep_their_numbers_or_get_their_place() -> None:
    assert dwellings(["0102", "0101"]) == {"0101": "0101", "0102": "0102"}
    assert dwellings(["B", "A", "0101"]) == {"0101": "1", "A": "2", "B": "3"}
