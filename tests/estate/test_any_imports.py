"""Whatever folders are imported one after the other, the database stays in order."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estate.checks import check_records
from estate.database.engine import answering, open_database
from estate.database.importing import import_folder
from estate.database.reading import read_stored
from estate.errors import DataError
from estate.files.folder import FILES, read_folder
from estate.files.writer import write_folder
from estate.model import Building, Cost, Device, Estate, Flat, SchemeUse, Tenancy
from estate.points import Placement, place_devices
from estate.record import Record
from tests.support.databases import place_database
from tests.support.imports import BY

FLATS = ("A", "B")
day = st.integers(0, 40).map(lambda number: date(2026, 1, 1) + timedelta(days=number))
length = st.none() | st.integers(1, 20)


@st.composite
def spans(draw: st.DrawFn) -> tuple[date, date | None]:
    start, days = draw(day), draw(length)
    return start, None if days is None else start + timedelta(days=days)


@st.composite
def devices(draw: st.DrawFn) -> Device:
    start, end = draw(spans())
    kind, flat = draw(st.sampled_from(["heat", "climate"])), draw(st.sampled_from([*FLATS, None]))
    return Device(
        device=draw(st.sampled_from("stuvwxyz")), kind=kind, flat=flat, start=start, end=end,
        room=draw(st.sampled_from(["stue", None])),
        point=draw(st.sampled_from([None, None, f"{kind}-{flat}"])),
    )  # fmt: skip


@st.composite
def tenancies(draw: st.DrawFn) -> Tenancy:
    start, end = draw(spans())
    return Tenancy(
        tenancy=draw(st.sampled_from("uvw")), flat=draw(st.sampled_from(FLATS)), start=start,
        end=end, delivery="paper",
    )  # fmt: skip


@st.composite
def costs(draw: st.DrawFn) -> Cost:
    start = draw(day)
    return Cost(
        period_start=start, period_end=start + timedelta(days=draw(st.integers(1, 20))),
        item="heat", amount_ore=draw(st.integers(1, 3)), id=draw(st.sampled_from([None, "c"])),
    )  # fmt: skip


def name_of(record: Any) -> Hashable:  # noqa: ANN401  a tenancy or a cost
    """Return what must be there once."""
    return record.tenancy if isinstance(record, Tenancy) else record.id or record


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    use = SchemeUse(scheme="dk-metered", start=draw(day))
    building = Building(
        id="house", name="House", address="Street", timezone="Europe/Copenhagen", currency="DKK",
        language="da", tenure="almen", schemes=(use,),
    )  # fmt: skip
    flats = [Flat(flat=name, address=name, area_m2=draw(st.integers(1, 3))) for name in FLATS]
    records: dict[str, Sequence[Record]] = {
        "flats": flats,
        "tenancies": draw(st.lists(tenancies(), max_size=3, unique_by=name_of)),
        "devices": draw(st.lists(devices(), max_size=4)),
        "costs": draw(st.lists(costs(), max_size=3, unique_by=name_of)),
    }
    return Estate.of(building, records)


removals = st.sets(st.sampled_from(["tenancies", "devices", "costs"]))


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(estates(), removals), min_size=2, max_size=6))
def test_the_database_stays_in_order(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[Estate, set[str]]],
) -> None:
    directory = tmp_path_factory.mktemp("imports")
    engine = open_database(place_database(directory / "x.db"))
    for number, (estate, remove) in enumerate(steps):
        folder = directory / str(number)
        write_folder(folder, estate)
        try:
            given_ = read_folder(folder)
            import_folder(engine, given_, BY, remove)
        except DataError:
            continue
        with answering(engine) as session:
            stored = read_stored(session, "house")
        assert stored is not None
        rows = {
            name: [(each.number, each.record) for each in kept]
            for name, kept in stored.rows.items()
        }
        assert check_records(rows) == []
        # Every row of the folder is there, and nothing else of a file whose rows may go.
        for kind in FILES:
            records = [record for _, record in rows[kind.name]]
            for record in getattr(given_.estate, kind.name):
                assert any(is_stored(record, each) for each in records)
            if kind.name in remove:
                assert len(records) == len(getattr(given_.estate, kind.name))
        assert import_folder(engine, given_, BY, remove).changes == ()
        assert_no_point_is_shared(rows["devices"], stored.point_of)
    engine.dispose()


def is_stored(given: Record, stored: Record) -> bool:
    """Return whether a row is as given; a column that is blank in every row is not in the file."""
    names = [name for name in ("point", "room", "id") if hasattr(given, name)]
    blank = {name: getattr(stored, name) for name in names if getattr(given, name) is None}
    return given.model_copy(update=blank) == stored


def assert_no_point_is_shared(rows: list[tuple[int, Any]], point_of: Mapping[int, str]) -> None:
    named = [
        Placement(number, device.model_copy(update={"point": point_of[number]}))
        for number, device in rows
    ]
    assert place_devices(named, {}).findings == []
