"""
Flattens an object to its values, each with the path of its name.

Nothing is left out: a list yields a value for each entry, ``temperature.0`` and
``temperature.1``; an object with a value and its label yields the value under that name,
and its other members under their own.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.decoders.payload.names import key_table, words, wrappers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Leaf(NamedTuple):
    """
    One value of an object.

    Attributes
    ----------
    path : str
        Its name with those of the enclosing objects, as in the payload.
    name : str
        The same normalised, without wrapper names; see `ingest.decoders.payload.names`.
    value : object
    unit : str, optional
        As the payload gives it next to the value.
    hints : tuple of str
        Units that the enclosing object states, for whichever of its values they fit.
    full : str
        The normalised name with wrapper names.
    others : tuple of str
        Alternative names, normalised.
    times : tuple
        Times of measurement in the payload; the nearest object's first.
    of_item : bool
        Whether the first of them is that of a list entry, which may be measured earlier.
    """

    path: str
    name: str
    value: object
    unit: str | None = None
    full: str = ""
    others: tuple[str, ...] = ()
    times: tuple[object, ...] = ()
    of_item: bool = False
    hints: tuple[str, ...] = ()


class Level(NamedTuple):
    """Position of an object or list in a document."""

    path: str = ""
    name: str = ""
    full: str = ""
    times: tuple[object, ...] = ()
    of_item: bool = False
    around: str = ""
    """Path of the list that contains it."""

    def inner(self, key: str, is_leaf: bool = False) -> Level:
        """Return the position of a member."""
        word = words(key)
        says_nothing = not is_leaf and word in wrappers()
        return self._replace(
            path=_joined(self.path, key),
            around="",
            name=self.name if says_nothing else _joined(self.name, word),
            full=_joined(self.full, word),
        )

    def leaf(self, value: object, unit: str | None = None, others: tuple[str, ...] = ()) -> Leaf:
        """Return the value at this position."""
        return Leaf(self.path, self.name, value, unit, self.full, others, self.times, self.of_item)


class Valued(NamedTuple):
    """The keys of an object by their role for its value; see ``keys.yaml``."""

    value: str
    labels: tuple[str, ...]
    code: str | None
    unit: str | None


def leaves(document: Mapping[str, Any], time_names: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """
    Return every value of an object.

    Parameters
    ----------
    document : mapping
    time_names : tuple of str
        Normalised names under which its objects state the time, by preference; list entries
        also use those of ``keys.yaml``.
    """
    return _of_object(document, Level(), time_names)


def _of_object(
    document: Mapping[str, Any], level: Level, time_names: tuple[str, ...]
) -> Iterator[Leaf]:
    timed = _times(document, time_names)
    level = level._replace(times=(*(document[key] for key in timed), *level.times))
    valued = _valued(document)
    if valued is None:
        yield from _of_members(document, level, time_names, frozenset(timed))
        return
    used = {valued.value, valued.unit, valued.code, *valued.labels, *timed}
    yield from _of_valued(document, valued, level, time_names)
    yield from _of_members(document, level, time_names, frozenset(key for key in used if key))


def _times(document: Mapping[str, Any], time_names: tuple[str, ...]) -> list[str]:
    """Return the keys under which an object states the time, by preference."""
    stated = {
        words(key): key
        for key, value in document.items()
        if words(key) in time_names and not isinstance(value, dict | list)
    }
    return [stated[name] for name in time_names if name in stated]


def _of_members(
    document: Mapping[str, Any], level: Level, time_names: tuple[str, ...], used: frozenset[str]
) -> Iterator[Leaf]:
    hints = _stated_units(document)
    for key, value in document.items():
        if key in used:
            continue
        if isinstance(value, dict):
            yield from _of_object(value, level.inner(key), time_names)
        elif isinstance(value, list):
            inside = level.inner(key, is_leaf=True), level.inner(key)
            yield from _of_list(value, *inside, time_names)
        else:
            leaf = level.inner(key, is_leaf=True).leaf(value)
            yield leaf._replace(hints=hints) if hints else leaf


def _stated_units(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the units that members such as `unit`, `temperature_unit` and `units` state."""
    said = (
        value.values() if isinstance(value, dict) else (value,)
        for key, value in document.items()
        if isinstance(value, str | dict) and key[-5:].lower().rstrip("s").endswith("unit")
    )
    return tuple(unit for each in said for unit in each if isinstance(unit, str))


def _of_list(
    items: list[Any],
    as_leaf: Level,
    as_object: Level,
    time_names: tuple[str, ...],
    unit: str | None = None,
) -> Iterator[Leaf]:
    """
    Yield the values of a list; the index of an unnamed entry is its channel.

    Parameters
    ----------
    items : list
    as_leaf, as_object : Level
        Position, for entries that are values and for those that are objects.
    time_names : tuple of str
    unit : str, optional
        Unit of its values.
    """
    for number, item in enumerate(items):
        place = str(number)
        inner = as_leaf.inner(place, is_leaf=True)
        if not isinstance(item, dict | list):
            yield inner.leaf(item, unit)
            continue
        stands = as_object._replace(path=inner.path, full=inner.full, around=as_object.path)
        if isinstance(item, dict):
            yield from _of_item(item, stands, time_names)
        else:
            yield from _of_list(item, inner, stands, time_names, unit)


def _of_item(item: dict[str, Any], level: Level, time_names: tuple[str, ...]) -> Iterator[Leaf]:
    by_words = {words(key): key for key in item}
    found = (by_words[name] for name in key_table()["valued"]["times"] if name in by_words)
    timed = next((key for key in found if isinstance(item[key], str | int | float)), None)
    if timed is None:
        yield from _of_object(item, level, time_names)
        return
    rest = {key: value for key, value in item.items() if key != timed}
    own = level._replace(path=level.around, times=(item[timed], *level.times), of_item=True)
    yield from _of_object(rest, own, time_names)


def _of_valued(
    document: Mapping[str, Any], valued: Valued, level: Level, time_names: tuple[str, ...]
) -> Iterator[Leaf]:
    unit = document[valued.unit] if valued.unit else None
    value, inside = document[valued.value], level.inner(valued.value, is_leaf=True)
    table = key_table()["valued"]
    labels = [words(document[key]) for key in valued.labels]
    full = _joined(level.full, labels[0]) if labels else inside.full
    if valued.code:
        labels = [each for each in labels if each not in table["generic"]]
        code = words(str(document[valued.code]))
        labels.append(f"{table['codes'][words(valued.code)]}_{code}")
    names = [*(_joined(level.name, label) for label in labels), level.name or inside.name]
    # Names identify the entries of a list; their order may change between messages.
    label = document[valued.labels[0]] if valued.labels else ""
    label = f"{label} {document[valued.code]}".strip() if valued.code else label
    path = _joined(level.around or level.path, label) if label else level.path or inside.path
    if isinstance(value, list):
        named = level._replace(name=names[0])
        yield from _of_values(value, named, valued.value, unit, time_names)
        return
    named = level._replace(path=path, name=names[0], full=full)
    yield named.leaf(value, unit, tuple(names[1:]))


def _of_values(
    items: list[Any], level: Level, key: str, unit: str | None, time_names: tuple[str, ...]
) -> Iterator[Leaf]:
    # The values of "temperature" are its channels, whatever the list is called.
    listed = f"{_joined(level.name, words(key))}."
    inside = level.inner(key, is_leaf=True), level.inner(key)
    for leaf in _of_list(items, *inside, time_names, unit):
        if leaf.name.startswith(listed):
            name = _joined(level.name, leaf.name.removeprefix(listed))
            yield leaf._replace(name=name, others=(leaf.name, *leaf.others))
        else:
            yield leaf


def _valued(document: Mapping[str, Any]) -> Valued | None:
    if _says_a_value().isdisjoint(map(words, document)):
        return None
    table, keys = key_table()["valued"], {words(key): key for key in document}
    labels = tuple(
        keys[name]
        for name in table["labels"]
        if name in keys and isinstance(document[keys[name]], str) and document[keys[name]]
    )
    unit = _first(table["units"], keys)
    unit = unit if unit and isinstance(document[unit], str) else None
    code = _first(table["codes"], keys)
    code = code if code and isinstance(document[code], int | str) else None
    named = labels or code
    value = _first(table["values"] if named else table["lone"], keys)
    if value is None or isinstance(document[value], dict | list):
        value = _first(table["lists"], keys) if unit else None
        if value is None or not isinstance(document[value], list):
            return None
    return Valued(value, labels, code, unit)


@cache
def _says_a_value() -> frozenset[str]:
    table = key_table()["valued"]
    return frozenset([*table["values"], *table["lone"], *table["lists"]])


def _first(names: list[str], keys: Mapping[str, str]) -> str | None:
    return next((keys[name] for name in names if name in keys), None)


def _joined(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer else inner
