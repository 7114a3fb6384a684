"""Reads the public documents of a bill back into their models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from billing.bill.documents import SCHEMA, FindingsDocument, RunDocument, StatementsDocument
from estate.errors import UsageError
from estate.files.documents import DocumentRefused, load_json, shown

if TYPE_CHECKING:
    from pathlib import Path

    from billing.bill.frozen import Frozen

    Document = TypeVar("Document", bound=Frozen)

FORMAT, _, VERSION = SCHEMA.partition("/")


def read_statements(path: Path) -> StatementsDocument:
    """
    Read statements.json.

    Raises
    ------
    UsageError
        If the file cannot be read, has another version of the format, or does not
        conform to it.
    """
    document = _load(path)
    _check_schema(path, document.get("schema"))
    return _validated(path, document, StatementsDocument)


def read_findings(path: Path) -> FindingsDocument:
    """Read findings.json; raises `UsageError` as `read_statements` does."""
    return _validated(path, _load(path), FindingsDocument)


def read_run(path: Path) -> RunDocument:
    """Read run.json; raises `UsageError` as `read_statements` does."""
    return _validated(path, _load(path), RunDocument)


def _load(path: Path) -> dict[str, Any]:
    try:
        document = load_json(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error}. Check the name") from error
    except DocumentRefused as error:
        raise UsageError(f"{path} {error}") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path} is not a document of a bill; it must contain one JSON object")
    return document


def _check_schema(path: Path, schema: object) -> None:
    name, _, version = schema.partition("/") if isinstance(schema, str) else ("", "", "")
    if name != FORMAT:
        raise UsageError(
            f"{path} is not a statements.json of Fairvarme: its schema is {shown(schema)}, and not "
            f"{SCHEMA}; use the file that `fairvarme bill` wrote"
        )
    if version != VERSION:
        raise UsageError(
            f"{path} is written as {shown(schema)}, and this program reads {SCHEMA}; read it with "
            "the version of Fairvarme that wrote it, or a newer one"
        )


def _validated(path: Path, document: dict[str, Any], model: type[Document]) -> Document:
    try:
        # A newer program may add fields to the same version.
        return model.model_validate(document, extra="ignore")
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise UsageError(
            f"{path}: {place or 'document'}: {fault['msg']} ({error.error_count()} faults); "
            "use the file as `fairvarme bill` wrote it"
        ) from error
