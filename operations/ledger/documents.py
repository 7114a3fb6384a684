"""The files of an approved bill, read back into their models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from billing.bill.documents import FindingsDocument, RunDocument, StatementsDocument
from billing.ledger.model import STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.bill.frozen import Frozen
    from billing.ledger.model import Run
    from billing.ledger.store import Ledger

    Document = TypeVar("Document", bound=Frozen)

RUN, FINDINGS = "run.json", "findings.json"
EVIDENCE, ASKED = "evidence.zip", "asked.json"
"""What a run is computed again from."""


@dataclass(frozen=True)
class BillDocuments:
    """The public documents of a bill."""

    statements: StatementsDocument
    run: RunDocument
    findings: FindingsDocument


def read_documents(ledger: Ledger, run: Run) -> BillDocuments:
    """Read the documents that the ledger keeps of a run."""
    return documents_of(ledger.documents(run, STATEMENTS, RUN, FINDINGS))


def documents_of(contents: Mapping[str, bytes]) -> BillDocuments:
    """Read the documents of a run or a draft, given by name."""
    return BillDocuments(
        _read(StatementsDocument, contents[STATEMENTS]),
        _read(RunDocument, contents[RUN]),
        _read(FindingsDocument, contents[FINDINGS]),
    )


def _read(model: type[Document], content: bytes) -> Document:
    # A newer program may have added fields within the same version.
    return model.model_validate_json(content, extra="ignore")
