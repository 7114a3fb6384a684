"""An estate written as a folder is read back the same, and written again the same to the byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estate.database.engine import open_database
from estate.database.importing import import_folder
from estate.errors import UsageError
from estate.files.folder import read_estate, read_folder
from estate.files.spreadsheet import guarded, unguarded
from estate.files.writer import write_folder
from estate.model import Building, Contact, Cost, Device, Estate, Flat, Person, SchemeUse, Tenancy
from estate.record import Record
from estate.sources.database import DatabaseEstates
from tests.support.databases import place_database
from tests.support.imports import BY, SAMPLE

FORMULA = ("=1+1", "+45 00 00 00 00", "-", "@x", "'=already", "''+twice", "plain", "'quoted'")
# Cells are stripped, and no line of a table is split.
texts = st.one_of(
    st.sampled_from(FORMULA),
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20),
)
numbers = st.floats(min_value=1e-3, max_value=1e9, allow_nan=False)
ids = st.text("abcXYZ019._:-", min_size=1, max_size=12)
building_ids = ids.filter(lambda text: not text.startswith("."))
days = st.dates(date(2000, 1, 1), date(2040, 1, 1))


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """Draw an estate whose every text, number and day may be anything that is allowed."""
    use = SchemeUse(scheme=draw(texts), start=draw(days), decision=draw(st.none() | texts))
    building = Building(
        id=draw(building_ids), name=draw(texts), address=draw(texts), timezone="Europe/Copenhagen",
        currency="DKK", language="da", tenure="ejer", schemes=(use,),
        contacts=(Contact(topic=draw(texts), phone=draw(st.none() | texts)),),
    )  # fmt: skip
    names = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    shares = draw(st.dictionaries(st.sampled_from(["shares:taps", "shares:a"]), numbers))
    flats = [
        Flat(
            flat=name, address=draw(texts), area_m2=draw(numbers),
            f_rsi=draw(st.none() | st.just(0.7)), volume_m3=draw(st.none() | numbers),
            named_shares=shares, own_columns=draw(st.just({}) | st.builds(dict, x_a=texts)),
        )
        for name in names
    ]  # fmt: skip
    tenancies = [
        Tenancy(
            tenancy=name, flat=name, start=draw(days), delivery="paper",
            climate_refused=draw(st.booleans()),
        )
        for name in names
    ]  # fmt: skip
    persons = [
        Person(
            tenancy=name, person=draw(ids), name=draw(texts), phone=draw(st.none() | texts),
            protected=draw(st.booleans()),
        )
        for name in names
    ]  # fmt: skip
    devices = [
        Device(
            device=f"d{place}", kind="allocator", flat=name, start=draw(days), factor=draw(numbers),
            room=draw(st.none() | texts), remote=draw(st.none() | st.booleans()),
            point=draw(st.none() | st.just(f"p{place}")),
        )
        for place, name in enumerate(names)
    ]  # fmt: skip
    ore = st.integers(-(10**12), 10**12)
    costs = [
        Cost(
            period_start=date(2026, 1, 1), period_end=date(2026, 2, 1), item="heat",
            amount_ore=draw(ore), vat_amount_ore=draw(st.none() | ore),
            id=draw(st.none() | st.just("c")), replaces=draw(st.sampled_from([(), ("d", "e")])),
        ),
        *(
            Cost(
                period_start=date(2026, 1, 1), period_end=date(2026, 2, 1), item="heat",
                amount_ore=draw(ore), id=name,
            )
            for name in ("d", "e")
        ),
    ]  # fmt: skip
    records: dict[str, Sequence[Record]] = {
        "flats": flats, "tenancies": tenancies, "persons": persons, "devices": devices,
        "costs": costs,
    }  # fmt: skip
    return Estate.of(building, records)


@pytest.fixture
def directories(tmp_path: Path) -> Iterator[Path]:
    """Yield names of folders that are not there yet."""

    def fresh() -> Iterator[Path]:
        number = 0
        while True:
            number += 1
            yield tmp_path / str(number)

    return fresh()


@pytest.mark.slow
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(estate=estates())
def test_what_is_written_is_read_back(directories: Iterator[Path], estate: Estate) -> None:
    first, again = next(directories), next(directories)
    write_folder(first, estate)
    assert read_estate(first) == estate
    write_folder(again, read_estate(first))
    assert contents(again) == contents(first)


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(estate=estates())
def test_what_is_imported_is_as_in_its_folder(directories: Iterator[Path], estate: Estate) -> None:
    folder = next(directories)
    write_folder(folder, estate)
    engine = open_database(place_database(folder / "x.db"))
    import_folder(engine, read_folder(folder), BY)
    assert DatabaseEstates(engine).read(estate.building.id) == estate
    assert import_folder(engine, read_folder(folder), BY).changes == ()
    engine.dispose()


def test_the_sample_is_read_back(tmp_path: Path) -> None:
    write_folder(tmp_path / "sample", read_estate(SAMPLE))
    assert read_estate(tmp_path / "sample") == read_estate(SAMPLE)


def test_a_folder_in_which_something_lies_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text("somebody's", "utf-8")
    with pytest.raises(UsageError, match="not empty"):
        write_folder(tmp_path, read_estate(SAMPLE))
    assert contents(tmp_path) == {"persons.csv": b"somebody's"}


@pytest.mark.parametrize("text", FORMULA)
def test_no_cell_is_a_formula(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(("=", "+", "-", "@"))
    assert unguarded(cell) == text


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}
