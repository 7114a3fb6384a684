"""Evidence that was stored and read again gives the same bill; other bytes are refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.bill.files import write_bill
from billing.compute import compute_bill
from billing.measured.evidence import Evidence
from billing.measured.evidence_file import DOCUMENT, evidence_bytes, read_evidence
from billing.measured.gather import gather
from billing.schemes import load_scheme
from estate.errors import DataError
from tests.support.golden_bills import CASES, FILES, GOLDEN
from tests.support.random_houses import House, houses

SMALL = "dk-climate-month"
CLIMATE = load_scheme("dk-climate")


def stored(evidence: Evidence) -> Evidence:
    return read_evidence(evidence_bytes(evidence))


@pytest.fixture(scope="module")
def content() -> bytes:
    case = CASES[SMALL]()
    return evidence_bytes(gather(case.estate, case.source, case.period, case.scheme))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_the_bill_of_stored_evidence_is_the_golden_one(name: str, tmp_path: Path) -> None:
    case = CASES[name]()
    evidence = stored(gather(case.estate, case.source, case.period, case.scheme))
    bill = compute_bill(
        evidence, case.estate.costs, case.scheme, aconto=case.estate.aconto,
        allowed=case.allowed, issued=case.issued,
    )  # fmt: skip
    write_bill(tmp_path, bill, {})
    for file in FILES:
        assert (tmp_path / file).read_bytes() == (GOLDEN / name / file).read_bytes(), file


@pytest.mark.slow
@given(house=houses())
@settings(max_examples=30, deadline=None)
def test_the_bill_of_stored_evidence_is_the_same_for_any_house(house: House) -> None:
    costs = house.estate.costs
    evidence = gather(house.estate, house.source, house.period, CLIMATE)
    first, again = (
        _bill_or_findings(lambda each=each: compute_bill(each, costs, CLIMATE))  # type: ignore[misc]
        for each in (evidence, stored(evidence))
    )
    assert first == again


def _bill_or_findings(make: Callable[[], object]) -> object:
    try:
        return make()
    except DataError as error:
        return error.findings


def test_the_same_evidence_gives_the_same_bytes(content: bytes) -> None:
    case = CASES[SMALL]()
    again = gather(case.estate, case.source, case.period, case.scheme)
    assert evidence_bytes(again) == content
    assert evidence_bytes(read_evidence(content)) == content


def test_it_is_an_open_file_that_other_programs_read(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        document = json.loads(file.read(DOCUMENT))
        need = np.load(io.BytesIO(file.read("climate/need_kwh.npy")), allow_pickle=False)
        dates = {entry.date_time for entry in file.infolist()}
    assert (document["format"], document["version"]) == ("fairvarme-evidence", 1)
    assert need.shape == (3, len(document["spans"]))
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def repacked(
    content: bytes, change: Callable[[dict[str, bytes]], None], method: int = zipfile.ZIP_STORED
) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    change(entries)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as out:
        for name, data in entries.items():
            out.writestr(name, data)
    return target.getvalue()


def said(**changes: object) -> Callable[[dict[str, bytes]], None]:
    def change(entries: dict[str, bytes]) -> None:
        entries[DOCUMENT] = json.dumps(json.loads(entries[DOCUMENT]) | changes).encode()

    return change


def array(values: np.ndarray, name: str = "climate/need_kwh") -> Callable[[dict[str, bytes]], None]:
    def change(entries: dict[str, bytes]) -> None:
        target = io.BytesIO()
        np.lib.format.write_array(target, values, allow_pickle=True)
        entries[f"{name}.npy"] = target.getvalue()

    return change


def nothing(entries: dict[str, bytes]) -> None:
    """Leave all as it is."""


def deep(entries: dict[str, bytes]) -> None:
    entries[DOCUMENT] = b"[" * 1_000_000


def left_out(entries: dict[str, bytes]) -> None:
    del entries["meters/heat/use.npy"]


def cut_short(entries: dict[str, bytes]) -> None:
    entries["meters/heat/use.npy"] = entries["meters/heat/use.npy"][:-8]


def other_days(entries: dict[str, bytes]) -> None:
    name = "climate/weights/0/by_day.npy"
    values = np.load(io.BytesIO(entries[name]))
    array(values[::-1].copy(), name.removesuffix(".npy"))(entries)


def one_more(entries: dict[str, bytes]) -> None:
    entries["../../etc/passwd"] = b"root"


HOSTILE = {
    "newer": (said(version=2), "of version 2"),
    "of another kind": (said(format="something"), "lacks fairvarme-evidence"),
    "no spans": (said(spans=[]), "do not fit its tenancies"),
    "a million days": (
        said(period={"start": "0001-01-01", "end": "9999-01-01"}), "too many days",
    ),
    "no homes": (said(flats=[], tenancies=[], spans=[]), "has no homes"),
    "unknown field": (said(surprise=1), "its parts do not fit"),
    "deep": (deep, "recursion limit"),
    "days of another home": (other_days, "do not add up"),
    "wrong shape": (array(np.zeros((3, 1))), "not float64 of"),
    "wrong kind": (array(np.zeros((3, 10), dtype=np.int64)), "not float64 of"),
    "objects": (array(np.array([[print] * 10] * 3, dtype=object)), "not float64 of"),
    "huge": (array(np.broadcast_to(np.zeros(1, np.int8), (10**6,)).copy()), "not float64 of"),
    "left out": (left_out, "magic"),
    "cut short": (cut_short, "was truncated"),
    "one more": (one_more, "unknown entries"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_parts_are_refused(name: str, content: bytes) -> None:
    change, why = HOSTILE[name]
    assert refused(repacked(content, change)).count(why), refused(repacked(content, change))


def refused(content: bytes) -> str:
    with pytest.raises(DataError) as error:
        read_evidence(content)
    (finding,) = error.value.findings
    assert finding.name == "evidence.unreadable"
    return finding.message


def test_a_repacked_file_is_read(content: bytes) -> None:
    assert evidence_bytes(read_evidence(repacked(content, nothing))) == content


@pytest.mark.slow
def test_a_zip_bomb_is_not_unpacked(content: bytes) -> None:
    def swell(entries: dict[str, bytes]) -> None:
        entries[DOCUMENT] = b" " * 200_000_000

    bomb = repacked(content, swell, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1_000_000
    assert "longer than the whole" in refused(bomb)

    def noise(entries: dict[str, bytes]) -> None:
        entries.clear()
        entries[DOCUMENT] = np.random.default_rng(1).bytes(1_000)

    assert "is compressed" in refused(repacked(content, noise, zipfile.ZIP_DEFLATED))


def test_an_entry_that_stands_there_twice_is_refused(content: bytes) -> None:
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a") as out, pytest.warns(UserWarning, match="Duplicate"):
        out.writestr(DOCUMENT, b"{}")
    assert "occurs twice" in refused(target.getvalue())


@pytest.mark.parametrize("kept", [0, 1, 22, 1_000, -1])
def test_what_was_cut_off_is_refused(kept: int, content: bytes) -> None:
    refused(content[:kept])


@pytest.mark.slow
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_a_changed_byte_is_refused_or_changes_nothing(
    place: float, byte: int, content: bytes
) -> None:
    changed = bytearray(content)
    changed[int(place * len(content))] ^= byte
    try:
        evidence = read_evidence(bytes(changed))
    except DataError:
        refused(bytes(changed))
    else:
        assert evidence_bytes(evidence) == content


ODD: list[object] = [
    None, "", [], {}, "x" * 1_000, "9999-12-31", "Europe/../../etc/passwd", True, -1, 2**63,
    10**400, 1e308, [[]] * 3,
]  # fmt: skip


def places(document: object, before: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every value in a document."""
    if before:
        yield before
    if isinstance(document, dict):
        for name, each in document.items():
            yield from places(each, (*before, name))
    elif isinstance(document, list):
        for number, each in enumerate(document):
            yield from places(each, (*before, number))


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_any_value_in_it_may_be_odd(data: st.DataObject, content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        document = json.loads(file.read(DOCUMENT))
    *way, last = data.draw(st.sampled_from(list(places(document))))
    within: Any = document
    for step in way:
        within = within[step]
    within[last] = data.draw(st.sampled_from(ODD))
    changed = repacked(content, said(**document))
    try:
        read_evidence(changed)
    except DataError:
        refused(changed)


@pytest.mark.parametrize(
    "header", ["-" * 9000 + "1", "(" * 900, "{5: 1, 'descr': 1}", "", "1" * 9000], ids=len
)
def test_a_header_that_is_none_is_refused(header: str, content: bytes) -> None:
    def spoil(entries: dict[str, bytes]) -> None:
        length = len(header).to_bytes(2, "little")
        entries["climate/need_kwh.npy"] = b"\x93NUMPY\x01\x00" + length + header.encode()

    assert "climate/need_kwh" in refused(repacked(content, spoil))
