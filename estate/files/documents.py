"""
Bounded reading of untrusted documents: none can exhaust time or memory.

Anyone who supplies an estate folder, a scheme, a column map or an export may supply a hostile
one: nested aliases (a few hundred bytes expand to gigabytes), deeply nested lists, one
endless line, an archive that unpacks without end. Such a document is rejected with a message that
says why. The bounds are in ``document_limits.yaml``.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MEBIBYTE = 1 << 20
SHOWN_CHARACTERS = 200
WIDE_COLUMNS = 100


class DocumentRefused(Exception):
    """A document cannot be read; the message says why, without the file's name, and what to do."""


@dataclass(frozen=True)
class Limits:
    """
    The bounds of one kind of document; 0 if a bound does not apply.

    Attributes
    ----------
    bytes : int
        Size of the file, unpacked. [byte]
    line : int
        Characters of one line.
    depth, nodes : int
        Nesting of lists and tables; total number of values, lists and tables.
    columns, rows, cells : int
        Of a table, or of the chunk that is read at a time.
    wide_cells : int
        Of a whole table with more than `WIDE_COLUMNS`.
    """

    bytes: int
    line: int = 0
    depth: int = 0
    nodes: int = 0
    columns: int = 0
    rows: int = 0
    cells: int = 0
    wide_cells: int = 0


@cache
def limits() -> Mapping[str, Limits]:
    """Return the bounds by kind of document."""
    text = resources.files("estate.files").joinpath("document_limits.yaml").read_text("utf-8")
    return {kind: Limits(**row) for kind, row in yaml.safe_load(text).items()}


def own_file(directory: Path, name: str) -> Path | None:
    """
    Return a file of an untrusted folder; None if there is none of that name.

    Raises
    ------
    DocumentRefused
        If it is not a file, or is a link that leads out of the folder: messages quote what a file
        holds, and whoever supplied the folder may not be allowed to read what it links to.
    """
    path = directory / name
    if not os.path.lexists(path):
        return None
    if leads_out(path):
        raise DocumentRefused("is a link that leads out of its folder; put the file itself there")
    if not path.is_file():
        raise DocumentRefused("is not a file; put a file there, or remove it")
    return path


def leads_out(path: Path) -> bool:
    """Return whether a path of a folder leads, by links, out of that folder."""
    # Unlike `Path.resolve`, `realpath` accepts links that lead to each other.
    folder = Path(os.path.realpath(path.parent))
    return not Path(os.path.realpath(path)).is_relative_to(folder)


def load_yaml(path: Path) -> Any:  # noqa: ANN401  whatever it holds
    """
    Read an untrusted YAML file.

    Raises
    ------
    DocumentRefused
        If it is not valid YAML, uses aliases, or exceeds the bounds.
    OSError
        If it cannot be opened.
    """
    return parse_yaml(read_bounded_text(path, "yaml"))


def load_toml(path: Path) -> dict[str, Any]:
    """Read an untrusted TOML file; see `load_yaml`."""
    try:
        document = tomllib.loads(read_bounded_text(path, "toml"))
    except (ValueError, RecursionError) as error:
        raise DocumentRefused(
            f"is not valid TOML ({_one_line(error)}); correct it there"
        ) from error
    check_depth(document, limits()["toml"])
    return document


def load_json(path: Path) -> Any:  # noqa: ANN401  whatever it holds
    """Read an untrusted JSON file; see `load_yaml`."""
    text, bounds = read_bounded_text(path, "json"), limits()["json"]
    # Each list or object costs far more than its two characters.
    if text.count("[") + text.count("{") > bounds.nodes:
        raise DocumentRefused(f"contains more than {bounds.nodes} lists and objects; split it")
    try:
        document = json.loads(text, object_pairs_hook=_named_once)
    except (ValueError, RecursionError) as error:
        raise DocumentRefused(f"is not valid JSON ({_one_line(error)}); export it again") from error
    check_depth(document, bounds)
    return document


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; which of two values of a name is meant, nobody knows."""
    found = dict(pairs)
    if len(found) < len(pairs):
        for name, value in pairs:
            if found[name] != value:
                raise DocumentRefused(
                    f"has an object with the name {shown(name)} twice; correct it"
                )
    return found


def parse_yaml(text: str) -> Any:  # noqa: ANN401  whatever it holds
    """Parse untrusted YAML text; see `load_yaml`."""
    check_lines(text, limits()["yaml"])
    try:
        return _single_value(text)
    except yaml.YAMLError as error:
        raise DocumentRefused(
            f"is not valid YAML ({_one_line(error)}); correct it there"
        ) from error
    except (ValueError, OverflowError, RecursionError) as error:
        # For a day such as 2026-02-30 PyYAML lets the ValueError of `date` through.
        raise DocumentRefused(
            f"contains an invalid value ({_one_line(error)}); correct it"
        ) from error


def read_bounded_text(path: Path, kind: str) -> str:
    """
    Read UTF-8 text of bounded size, with or without byte-order mark.

    Raises
    ------
    DocumentRefused
        If it is too large or not UTF-8.
    OSError
        If it cannot be opened.
    """
    bounds = limits()[kind]
    with path.open("rb") as file:
        content = file.read(bounds.bytes + 1)
    if len(content) > bounds.bytes:
        raise too_large(bounds)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise DocumentRefused(
            f"is not UTF-8 at byte {error.start}; save it as 'CSV UTF-8'"
            if kind == "table"
            else f"is not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from error
    if bounds.line:
        check_lines(text, bounds)
    return text


def check_lines(text: str, bounds: Limits) -> None:
    """Reject a text with a line that is too long."""
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > bounds.line:
            raise DocumentRefused(
                f"line {number} has {len(line)} characters, more than {bounds.line}; split it"
            )


def check_depth(document: object, bounds: Limits) -> None:
    """Reject a document that is nested too deeply or holds too many values."""
    level, seen = [document], 0
    for _ in range(bounds.depth + 1):
        seen += len(level)
        if seen > bounds.nodes:
            raise DocumentRefused(f"contains more than {bounds.nodes} values; split it")
        level = [inner for outer in level for inner in _parts(outer)]
        if not level:
            return
    raise DocumentRefused(f"is nested more than {bounds.depth} levels deep; flatten it")


def check_archive(sizes: Iterable[int]) -> None:
    """
    Reject an archive (such as a workbook) that unpacks to too much.

    Parameters
    ----------
    sizes : iterable of int
        Unpacked size of each file, as the archive's directory states; reading never returns more.
        [byte]
    """
    bounds = limits()["workbook"]
    if sum(sizes) > bounds.bytes:
        raise DocumentRefused(
            f"unpacks to more than {bounds.bytes // MEBIBYTE} MiB; save it as CSV, or split it"
        )


def read_line(file: IO[str], bounds: Limits) -> str:
    """Read one line; a line that is too long is rejected."""
    line = file.readline(bounds.line + 1)
    if len(line) > bounds.line:
        raise DocumentRefused(
            f"has a line of more than {bounds.line} characters; save it again as a table"
        )
    return line


def shown(value: object) -> str:
    """Return a value for a message, truncated where it is long."""
    text = str(value)
    if len(text) <= SHOWN_CHARACTERS:
        return text
    return f"{text[:SHOWN_CHARACTERS]}... ({len(text)} characters)"


def too_large(bounds: Limits) -> DocumentRefused:
    """Return the error of a file that is too large."""
    size = bounds.bytes / MEBIBYTE
    return DocumentRefused(
        f"is larger than {size:g} MiB; split it, or check that it is the right file"
    )


class _BoundedLoader(yaml.SafeLoader):
    """YAML loader of plain values: no aliases, bounded nesting."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401  PyYAML's
        """Compose a node unless it is an alias or exceeds the bounds."""
        bounds = limits()["yaml"]
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # not annotated there
        if self.check_event(yaml.AliasEvent):
            problem = "refers to another value (*name); write the value itself"
            raise yaml.composer.ComposerError(None, None, problem, mark)
        self._nodes += 1
        self._depth += 1
        if self._depth > bounds.depth or self._nodes > bounds.nodes:
            problem = f"more than {bounds.depth} levels or {bounds.nodes} values"
            raise yaml.composer.ComposerError(None, None, problem, mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Construct a mapping; a repeated key is an error, since one value would be lost."""
        seen: set[Any] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                problem = f"{shown(key.value)} appears twice; remove one"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _single_value(text: str) -> Any:  # noqa: ANN401  whatever it holds
    # Its constructor rejects characters that no text has.
    loader = _BoundedLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
