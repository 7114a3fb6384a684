"""Writes rows to a table, whether or not their keys exist already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from estate.database.engine import insert_into

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from estate.database.engine import Base

Changes = Callable[[Any], Mapping[str, Any]]
"""Given the row that was to be inserted, a namespace of columns: the new values by column."""


def upsert(
    session: Session,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    changes: Changes | None = None,
) -> None:
    """
    Insert rows; update the existing one if a key is taken.

    Parameters
    ----------
    session : Session
        Of a transaction in progress.
    table : type of Base
    rows : sequence of mapping
        By column. Of two rows with the same key the later one prevails.
    changes : callable, optional
        Without it an existing row stays as it is.
    """
    if not rows:
        return
    insert = insert_into(session.connection().engine, table)
    key = list(inspect(table).primary_key)
    if changes is None:
        statement = insert.on_conflict_do_nothing()
    else:
        changed = dict(changes(insert.excluded))
        statement = insert.on_conflict_do_update(index_elements=key, set_=changed)
    # A statement that returns something sends many rows at once: one by one, another thread would
    # get its turn between any two of them.
    session.connection().execute(statement.returning(*key), list(rows)).all()
