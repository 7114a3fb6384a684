"""Drafts as they are read before somebody approves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from billing.ledger.rows import facts_from
from billing.ledger.store import Draft
from billing.ledger.tables import BillDraft, DraftDocument
from estate.database.engine import answering
from estate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine


def read_draft(engine: Engine, number: int) -> tuple[Draft, Mapping[str, bytes]]:
    """
    Return a draft and its documents by name.

    Raises
    ------
    UsageError
        Where there is none: it was approved or discarded.
    StoreUnavailable
    """
    with answering(engine, snapshot=True) as session:
        row = session.get(BillDraft, number)
        if row is None:
            raise UsageError(
                f"there is no draft {number}: it was approved or discarded; `fairvarme runs list` "
                "shows what there is"
            )
        found = session.scalars(select(DraftDocument).where(DraftDocument.draft == number))
        documents = {each.name: each.content for each in found}
        return Draft(row.draft, facts_from(row.facts), row.made_by, row.made_ms), documents
