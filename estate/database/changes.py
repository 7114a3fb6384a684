"""
Compares an estate folder with what is stored: row by row, and nothing by omission. Pure.

A row of the folder is matched to the stored one by key. A column that a file lacks keeps what is
stored; a stored row that the folder lacks is kept and reported.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from estate.periods import share_days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from estate.model import Building, SchemeUse
    from estate.record import Record

BUILDING = "building"
PERSONS = "persons"
OWN = "own_columns"
PERSONAL = frozenset({"name", "mail", "phone", "post_address", "channels", OWN})
"""Columns of a person of which is told and kept that they changed, and not to what."""
NOT_KEPT = "not kept"

REMOVABLE = ("neighbours", "tenancies", "persons", "devices", "costs", "aconto")
"""Files whose rows may be removed; a flat stays, for measuring points are in it."""

KEYS: Mapping[str, Callable[[Any], Sequence[object]]] = {
    "flats": lambda row: [row.flat],
    "neighbours": lambda row: sorted((row.flat_a, row.flat_b)),
    "tenancies": lambda row: [row.tenancy],
    "persons": lambda row: [row.tenancy, row.person],
    "devices": lambda row: [row.device, row.start],
    "costs": lambda row: [row.id] if row.id else [*_days(row), row.item, row.kind],
    "aconto": lambda row: [row.tenancy, *_days(row)],
}
"""By what a row is known again; of costs and on-account charges several may have one key."""


class Kept(NamedTuple):
    """A stored row, with its number in its table."""

    number: int
    record: Any


class Pair(NamedTuple):
    """A row as it will be, and as it is stored, if at all."""

    before: Kept | None
    after: Any

    @property
    def changed(self) -> bool:
        """Whether it differs from what is stored."""
        return self.before is None or self.before.record != self.after


class Matched(NamedTuple):
    """
    The rows of one file.

    Attributes
    ----------
    pairs : list of Pair
        The rows of the folder, in its order.
    missing : list of Kept
        Stored rows that the folder lacks, but that stay.
    removed : list of Kept
        Stored rows to be removed.
    """

    pairs: list[Pair]
    missing: list[Kept]
    removed: Sequence[Kept] = ()


class Change(NamedTuple):
    """
    One row that is added, changed or removed.

    Attributes
    ----------
    file : str
        Without its ending.
    key : str
        The words by which people know the row.
    before : mapping or None
        Columns that change, as stored; None: the row is new.
    after : mapping
        The same columns as they will be, JSON-able; of a new row those that are not blank. Nothing:
        the row is removed.
    """

    file: str
    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


def match_rows(
    file: str, kept: Iterable[Kept], given: Sequence[Record], columns: frozenset[str]
) -> Matched:
    """
    Find the stored row of each row of a file.

    Parameters
    ----------
    file : str
        Name without ending.
    kept : iterable of Kept
    given : sequence of Record
    columns : frozenset of str
        Columns that the file has.
    """
    groups: dict[tuple[object, ...], list[Kept]] = defaultdict(list)
    for each in kept:
        groups[_key(file, each.record)].append(each)
    found: list[Pair | None] = [None] * len(given)
    for test in TESTS:
        for place, row in enumerate(given):
            if found[place] is None:
                group = groups.get(_key(file, row), [])
                merged = ((each, _merged(row, each.record, columns)) for each in group)
                fitting = next((pair for pair in merged if test(*pair)), None)
                if fitting:
                    found[place] = Pair(*fitting)
                    group.remove(fitting[0])
    left = [each for group in groups.values() for each in group]
    if file in CORRECTED:
        _find_corrected(found, left, given, columns, CORRECTED[file])
    pairs = [pair or Pair(None, row) for pair, row in zip(found, given, strict=True)]
    return Matched(pairs, sorted(left))


TESTS: Sequence[Callable[[Kept, Any], bool]] = (
    lambda kept, merged: kept.record == merged,
    lambda _kept, _merged: True,
)
"""Equal rows find each other first, so that one changed charge of two changes one."""


def _find_corrected(
    found: list[Pair | None],
    left: list[Kept],
    given: Sequence[Any],
    columns: frozenset[str],
    is_same: Callable[[Any, Any], bool],
) -> None:
    """Recognise rows with a corrected key, if only one can be meant."""
    for place, row in enumerate(given):
        same = [each for each in left if found[place] is None and is_same(each.record, row)]
        if len(same) == 1:
            found[place] = Pair(same[0], _merged(row, same[0].record, columns))
            left.remove(same[0])


def _is_corrected_device(one: Any, other: Any) -> bool:  # noqa: ANN401  devices
    same = (one.device, one.kind, one.flat) == (other.device, other.kind, other.flat)
    return same and share_days(one, other)


def _is_named_cost(one: Any, other: Any) -> bool:  # noqa: ANN401  costs
    unnamed = {"id": None}
    return one.id is None and one.model_copy(update=unnamed) == other.model_copy(update=unnamed)


CORRECTED: Mapping[str, Callable[[Any, Any], bool]] = {
    "devices": _is_corrected_device,
    "costs": _is_named_cost,
}
"""A device in its place whose first day is another one; a cost that is given an id."""


def merged_building(given: Building, stored: Building | None) -> Building:
    """Return a building as it will be: what building.yaml omits stays as stored."""
    if stored is None:
        return given
    absent = type(given).model_fields.keys() - given.model_fields_set
    update = {name: getattr(stored, name) for name in absent}
    return given.model_copy(update=update | {"schemes": _merged_schemes(given, stored)})


def missing_schemes(given: Building, stored: Building | None) -> list[SchemeUse]:
    """Return the stored uses of schemes from days that building.yaml does not mention."""
    days = {each.start for each in given.schemes}
    return [each for each in stored.schemes if each.start not in days] if stored else []


def _merged_schemes(given: Building, stored: Building) -> tuple[SchemeUse, ...]:
    missing = missing_schemes(given, stored)
    if not missing:
        return given.schemes
    return tuple(sorted((*missing, *given.schemes), key=lambda each: each.start))


def changes_of(file: str, matched: Matched) -> Iterator[Change]:
    """Yield the changes to one file."""
    for pair in matched.pairs:
        if pair.changed:
            yield change_of(file, key_text(file, pair.after), pair)
    for each in matched.removed:
        yield Change(file, key_text(file, each.record), _filled(file, each.record), {})


def change_of(file: str, key: str, pair: Pair) -> Change:
    """Return the change to one row."""
    if pair.before is None:
        return Change(file, key, None, _filled(file, pair.after))
    before, after = _told(file, pair.before.record), _told(file, pair.after)
    names = [name for name in _columns(pair.after) if _differs(pair, name)]
    return Change(
        file,
        key,
        {name: before.get(name) for name in names},
        {name: after.get(name) for name in names},
    )


def key_text(file: str, record: Any) -> str:  # noqa: ANN401  a record
    """Return the words by which people know a row."""
    return " ".join(map(str, _key(file, record)))


def _differs(pair: Pair, name: str) -> bool:
    field = _columns(pair.after)[name]
    assert pair.before is not None  # noqa: S101  a row that changed is stored
    return bool(getattr(pair.before.record, field) != getattr(pair.after, field))


def _columns(record: Record) -> dict[str, str]:
    """Return the field of each column, amounts with their unit."""
    return {field.alias or name: name for name, field in type(record).model_fields.items()}


def _told(file: str, record: Record) -> dict[str, Any]:
    values = record.model_dump(mode="json", by_alias=True)
    if own := getattr(record, OWN, None):
        values[OWN] = dict(own)
    if file != PERSONS:
        return values
    return {
        name: NOT_KEPT if name in PERSONAL and value is not None else value
        for name, value in values.items()
    }


def _filled(file: str, record: Record) -> dict[str, Any]:
    """Return the columns that are not blank; an explicit zero is not a blank."""
    written = record.model_dump(by_alias=True, exclude_defaults=True, exclude_none=True).keys()
    told = _told(file, record)
    return {name: value for name, value in told.items() if value or name in written}


def _key(file: str, record: Any) -> tuple[object, ...]:  # noqa: ANN401  a record
    return tuple(KEYS[file](record))


def _merged(given: Any, stored: Any, columns: frozenset[str]) -> Any:  # noqa: ANN401  records
    absent = {
        name: getattr(stored, name)
        for column, name in _columns(given).items()
        if column.removesuffix("_ore") not in columns
    }
    for field in given.families.values():
        kept = {name: each for name, each in getattr(stored, field).items() if name not in columns}
        absent[field] = kept | dict(getattr(given, field))
    return given.model_copy(update=absent)


def _days(row: Any) -> tuple[str]:  # noqa: ANN401  a cost or a charge
    return (f"{row.period_start}/{row.period_end}",)
