"""
Writes JSON Schemas of the public documents of a bill to a folder, docs/schemas.

    python -m billing.bill.schemas docs/schemas
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from billing.bill.documents import FindingsDocument, RunDocument, StatementsDocument

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

    from billing.bill.frozen import Frozen

DOCUMENTS: dict[str, type[Frozen]] = {
    "statements": StatementsDocument,
    "findings": FindingsDocument,
    "run": RunDocument,
}


class _Untitled(GenerateJsonSchema):
    """A field's name is its title."""

    def field_title_should_be_set(self, schema: CoreSchema | Any) -> bool:  # noqa: ANN401, ARG002
        return False


def json_schema(model: type[Frozen]) -> str:
    """Return the JSON Schema of a document, as text."""
    schema = model.model_json_schema(
        by_alias=True, mode="serialization", schema_generator=_Untitled
    )
    schema = {"$schema": GenerateJsonSchema.schema_dialect} | schema
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def main(folder: Path) -> None:
    """Write the schemas of all documents to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in DOCUMENTS.items():
        (folder / f"{name}.schema.json").write_text(json_schema(model), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
