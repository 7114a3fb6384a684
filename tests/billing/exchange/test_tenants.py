"""Who lives where, as L and M records: written by hand, and protected people kept out."""

from __future__ import annotations

from datetime import date

from billing.exchange.profile import load_profile
from billing.exchange.read import read_bytes
from billing.exchange.records import protected_findings, records_of
from billing.exchange.tables_of import tables_of
from billing.exchange.write import file_bytes
from estate.model import Estate, Person
from tests.support import estates as make
from tests.support.arge_by_hand import file, line
from tests.support.exchange_account import account

TOLD = {"customer": "4711", "property": "12", "country": "DK", "currency": "DKK"}
BY_HAND = file(
    line(2048, {
        (1, 6): "L03.05", (7, 16): "0000004711", (19, 31): "0000000120000", (32, 32): "3",
        (33, 45): "Solgården 1-3", (68, 69): "DK", (71, 74): "0000",
        (81, 87): "Prøveby", (116, 127): "010125311225", (128, 132): "house", (143, 143): "0",
        (147, 150): "0DKK", (2048, 2048): "L",
    }),
    line(2048, {
        (1, 6): "M03.05", (7, 16): "0000004711", (19, 31): "0000000120101", (32, 37): "0101-1",
        (52, 52): "1", (53, 60): "Åse Ærøe", (88, 95): "Bo Mølle", (193, 196): "0101",
        (228, 229): "DK", (231, 234): "0000", (241, 247): "Prøveby", (499, 510): "010125311225",
        (511, 512): "00", (2048, 2048): "M",
    }),
    line(2048, {
        (1, 6): "M03.05", (7, 16): "0000004711", (19, 31): "0000000120102", (32, 37): "0102-7",
        (52, 52): "1", (193, 196): "0102", (228, 229): "DK", (231, 234): "0000",
        (241, 247): "Prøveby", (499, 510): "010125150825", (511, 512): "00", (2048, 2048): "M",
    }),
)  # fmt: skip


def an_estate() -> Estate:
    persons = (
        Person(tenancy="0101-1", person="a", name="Åse Ærøe"),
        Person(tenancy="0101-1", person="b", name="Bo Mølle"),
        Person(tenancy="0102-7", person="c", name="Secret", protected=True),
    )
    flats = [make.flat("0101"), make.flat("0102")]
    return make.estate(flats, persons=persons, address="Solgården 1-3, 0000 Prøveby")


def test_every_byte_is_as_written_by_hand() -> None:
    records = records_of(account(), "tenants", estate=an_estate())
    assert file_bytes(records, load_profile("arge-m"), TOLD) == BY_HAND


def test_a_protected_name_is_left_out_and_said() -> None:
    (finding,) = protected_findings(account(), an_estate())
    assert finding.name == "exchange.person.protected"
    assert finding.data == {"tenancy": "0102-7"}
    assert b"Secret" not in BY_HAND


def test_records_of_others_become_rows_of_an_estate() -> None:
    # Others fill fields that we leave, and may send several properties in one file.
    sent = BY_HAND + BY_HAND.replace(b"house", b"other")
    profile = load_profile("arge-m")
    found = read_bytes(sent[:60] + b"x" + sent[61:], profile, "sent.dat")
    assert found.findings == []
    assert [each["building"] for each in found.records] == ["house", "house", "other", "other"]
    assert found.records[1]["last_day"] == date(2025, 8, 15)
    tables = tables_of(found.records[:2], profile, "sent.dat")
    assert tables["tenancies"] == [
        ["tenancy", "flat", "from", "to", "delivery"],
        ["0101-1", "0101", "2025-01-01", "", "paper"],
        ["0102-7", "0102", "2025-01-01", "2025-08-16", "paper"],
    ]
    assert tables["persons"] == [
        ["tenancy", "person", "name"],
        ["0101-1", "0101-1-1", "Åse Ærøe"],
        ["0101-1", "0101-1-2", "Bo Mølle"],
    ]
