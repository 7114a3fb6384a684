"""
Decodes and validates quarantined messages again, with their original time of arrival.

After the cause is fixed (a device registered late, a source added) the messages become readings.
They are stored first and removed from quarantine afterwards: an interrupted run can be repeated.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from ingest.intake import Taken
from ingest.quarantine.refused import FROM_STORE, refused_entry, refused_reading
from ingest.quarantine.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.intake import Intake
    from ingest.quarantine.store import KeptMessage, Quarantine, Selection
    from telemetry.stores.store import Store


class Requeued(NamedTuple):
    """
    Result of a requeue.

    Attributes
    ----------
    messages : int
        Messages decoded again.
    stored : int
        Readings stored.
    mended : int
        Messages that left the quarantine.
    cut : int
        Truncated messages: they cannot be decoded and stay.
    damaged : int
        Messages damaged since they were received: their values would be wrong, so they stay.
    """

    messages: int = 0
    stored: int = 0
    mended: int = 0
    cut: int = 0
    damaged: int = 0


def requeue(
    quarantine: Quarantine,
    intake: Intake,
    store: Store,
    selection: Selection,
    *,
    dry: bool = False,
    now_ms: int | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Requeued:
    """
    Process quarantined messages again; those rejected again stay, with the current reason.

    Parameters
    ----------
    quarantine : Quarantine
    intake : Intake
        With the current sources and devices.
    store : Store
    selection : Selection
        The messages to process.
    dry : bool, optional
        Change nothing: only count what would pass.
    now_ms : int, optional
        Judge times by this clock rather than the one at their arrival, which was behind. [ms since
        1970, UTC]
    on_progress : callable, optional
        Called with the number of messages processed.

    Raises
    ------
    StoreUnavailable
        What was done until then remains; repeating all of it is harmless.
    """
    done = Requeued()
    for found in quarantine.messages(selection):
        intact = [kept for kept in found if kept.intact]
        whole = [_by_clock(kept, now_ms) for kept in intact if kept.whole]
        stored, mended = _take_in(quarantine, intake, store, whole, dry)
        done = Requeued(
            done.messages + len(whole),
            done.stored + stored,
            done.mended + mended,
            done.cut + len(intact) - len(whole),
            done.damaged + len(found) - len(intact),
        )
        on_progress(done.messages + done.cut + done.damaged)
    return done


def _take_in(
    quarantine: Quarantine,
    intake: Intake,
    store: Store,
    messages: Sequence[KeptMessage],
    dry: bool,
) -> tuple[int, int]:
    """Store the readings of some messages, then release them; return both counts."""
    taken = [_again(intake, kept) for kept in messages]
    readings = list(chain.from_iterable(each.readings for each in taken))
    entries = list(chain.from_iterable(each.entries for each in taken))
    rejected = store.write(readings) if readings and not dry else []
    entries += [refused_entry(each) for each in rejected]
    if not dry:
        quarantine.replace([kept.digest for kept in messages], entries)
    staying = len({row["digest"] for row in rows_of(entries).messages})
    return len(readings) - len(rejected), len(messages) - staying


def _by_clock(kept: KeptMessage, now_ms: int | None) -> KeptMessage:
    if now_ms is None:
        return kept
    arrival_ms = max(kept.message.arrival_ms, now_ms)
    return kept._replace(message=kept.message._replace(arrival_ms=arrival_ms))


def _again(intake: Intake, kept: KeptMessage) -> Taken:
    if kept.source == FROM_STORE:
        return Taken([refused_reading(kept.message)], [], [])
    return intake.take([kept.message])
