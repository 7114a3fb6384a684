"""Alerts in the relational database: runs' findings, people's acts, and notifications."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select

from alerts.life.case import Case, Change
from alerts.life.states import OPEN, Event, State
from alerts.life.tables import AlertCase, AlertChange, AlertLink, AlertNotice
from alerts.model import AlertKind
from estate.database.engine import answering, take_turn
from estate.database.upsert import upsert
from estate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

TURN = "alerts"
LEAST_OF_AN_ID = 4


@dataclass(frozen=True)
class Notice:
    """
    A record that a message notifies somebody of an event.

    Attributes
    ----------
    message : str
        Id of the message in the outbox.
    case : str
    building : str
        Of the event; a tenancy's id is known within its building alone.
    about : State
        What it reports: `NEW`, `REOPENED`, `CLEARED` or `WITHDRAWN`.
    tenancy, person : str
        Empty for staff.
    channel : str
        The channel used; the outbox has the address.
    """

    message: str
    case: str
    building: str
    about: State
    tenancy: str
    person: str
    channel: str
    queued_ms: int


@dataclass(frozen=True)
class AlertStore:
    """
    The alerts of an installation.

    Attributes
    ----------
    engine : Engine
        A database with the tables of `alerts.life.tables`.
    """

    engine: Engine

    def update(
        self, building: str, change: Callable[[list[Case]], tuple[Iterable[Case], list[Change]]]
    ) -> list[Case]:
        """
        Change a building's alerts in one transaction; only one runs at a time.

        Parameters
        ----------
        building : str
        change : callable
            Given the known alerts, returns those to be kept and what happened to them.

        Raises
        ------
        StoreUnavailable
            Nothing has changed; doing all of it again is harmless.
        """
        with answering(self.engine) as session:
            take_turn(session, TURN)
            cases, changes = change(_cases(session, building))
            kept = list(cases)
            write(session, kept, changes)
            return kept

    def changes(self, case: str) -> list[Change]:
        """Return what happened to an alert, in order."""
        query = select(AlertChange).where(AlertChange.case == case).order_by(AlertChange.number)
        with answering(self.engine) as session:
            return [_as_change(row) for row in session.scalars(query)]

    def find(self, prefix: str) -> Case:
        """
        Return the alert whose id has a given prefix.

        Raises
        ------
        UsageError
            If there is none, or there are several.
        """
        with answering(self.engine) as session:
            return _one(session, prefix)

    def messages(self, case: str) -> list[str]:
        """Return the ids of the messages that concern only this alert."""
        others = select(AlertNotice.message).where(AlertNotice.case != case)
        query = select(AlertNotice.message).where(
            AlertNotice.case == case, AlertNotice.message.not_in(others)
        )
        with answering(self.engine) as session:
            return list(session.scalars(query.distinct()))

    def act(self, prefix: str, event: Event, at_ms: int, by: str, note: str = "") -> Case:
        """
        Apply a person's act to an alert.

        Parameters
        ----------
        prefix : str
            The alert's id, or an unambiguous prefix of it.
        event : Event
        at_ms : int
            [ms since 1970, UTC]
        by, note : str

        Raises
        ------
        UsageError
            If no alert, or several, match; or if its state does not allow the act.
        """

        def acted(case: Case) -> Case:
            closed_ms = at_ms if event is Event.ENDED else case.closed_ms
            return replace(case.after(event, at_ms), closed_ms=closed_ms)

        return self._change_one(prefix, event, acted, at_ms, by, note)

    def silence(self, prefix: str, until_ms: int, label: str, at_ms: int, by: str) -> Case:
        """Silence an alert and similar ones until an instant, and keep the reason as a label."""

        def silenced(case: Case) -> Case:
            case = replace(case, silenced_ms=until_ms, label=label)
            return case.after(Event.ACKNOWLEDGED, at_ms) if case.open else case

        return self._change_one(prefix, Event.ACKNOWLEDGED, silenced, at_ms, by, label)

    def _change_one(
        self,
        prefix: str,
        event: Event,
        change: Callable[[Case], Case],
        at_ms: int,
        by: str,
        note: str,
    ) -> Case:
        with answering(self.engine) as session:
            take_turn(session, TURN)
            case = change(_one(session, prefix))
            write(session, [case], [Change(case.id, event, case.state, at_ms, by, note)])
            return case

    def list(self, building: str | None = None, *, only_open: bool = False) -> list[Case]:
        """
        List the alerts of one building or all, by home, kind and start.

        Raises
        ------
        StoreUnavailable
        """
        with answering(self.engine) as session:
            return _cases(session, building, OPEN if only_open else None)


def write(session: Session, cases: Sequence[Case], changes: Sequence[Change]) -> None:
    """Write alerts and what happened to them in the caller's transaction."""
    upsert(session, AlertCase, [_as_row(each) for each in cases], _changed)
    session.add_all(AlertChange(**asdict(each)) for each in changes)
    session.flush()


def write_notices(session: Session, notices: Iterable[Notice]) -> None:
    """Record who is notified, in the transaction that queues the messages."""
    names = [each.key for each in inspect(AlertNotice).columns]
    rows = [{name: getattr(each, name) for name in names} for each in notices]
    upsert(session, AlertNotice, rows)


def write_links(session: Session, links: Mapping[str, str], now_ms: int) -> None:
    """Store the digests of links, and the message that each belongs to."""
    rows = [
        {"digest": digest, "message": message, "made_ms": now_ms}
        for digest, message in links.items()
    ]
    upsert(session, AlertLink, rows)


def read_notices(session: Session, cases: Iterable[str], since_ms: int) -> list[Notice]:
    """Return who was notified of some alerts, and of any since an instant, in order. [ms]"""
    ids = list(cases)
    query = (
        select(AlertNotice, AlertCase.building)
        .join(AlertCase, AlertCase.id == AlertNotice.case)
        .where(AlertNotice.case.in_(ids) | (AlertNotice.queued_ms >= since_ms))
        .order_by(AlertNotice.queued_ms, AlertNotice.message)
    )
    return [
        Notice(
            row.message, row.case, building, State(row.about), row.tenancy, row.person,
            row.channel, row.queued_ms,
        )
        for row, building in session.execute(query)
    ]  # fmt: skip


def read_live(session: Session, since_ms: int, now_ms: int) -> list[Case]:
    """
    Return the alerts that are open, were closed since an instant, or are still silenced.

    Parameters
    ----------
    session : Session
    since_ms, now_ms : int
        [ms since 1970, UTC]
    """
    query = (
        select(AlertCase)
        .where(
            AlertCase.state.in_(OPEN)
            | (AlertCase.changed_ms >= since_ms)
            | (AlertCase.silenced_ms > now_ms)
        )
        .order_by(AlertCase.building, AlertCase.flat, AlertCase.kind, AlertCase.start_ms)
    )
    return [_as_case(row) for row in session.scalars(query)]


def _cases(
    session: Session, building: str | None, states: Iterable[State] | None = None
) -> list[Case]:
    query = select(AlertCase).order_by(
        AlertCase.building, AlertCase.flat, AlertCase.kind, AlertCase.device, AlertCase.start_ms,
        AlertCase.id,
    )  # fmt: skip
    if building is not None:
        query = query.where(AlertCase.building == building)
    if states is not None:
        query = query.where(AlertCase.state.in_(states))
    return [_as_case(row) for row in session.scalars(query)]


def _one(session: Session, prefix: str) -> Case:
    if len(prefix) < LEAST_OF_AN_ID:
        raise UsageError(f"name an alert by {LEAST_OF_AN_ID} characters of its id or more")
    query = select(AlertCase).where(AlertCase.id.startswith(prefix, autoescape=True))
    rows = session.scalars(query).all()
    if len(rows) != 1:
        which = "several alerts have ids that begin" if rows else "no alert has an id that begins"
        raise UsageError(f"{which} with {prefix}; fairvarme alerts list shows them")
    return _as_case(rows[0])


def _changed(new: Any) -> Mapping[str, Any]:  # noqa: ANN401  a namespace of columns
    return {each.key: new[each.key] for each in inspect(AlertCase).columns if each.key != "id"}


def _as_row(case: Case) -> dict[str, Any]:
    names = Case.__dataclass_fields__
    row = {each: getattr(case, each) for each in names}
    return row | {
        "kind": str(case.kind), "state": str(case.state), "evidence": dict(case.evidence)
    }  # fmt: skip


def _as_case(row: AlertCase) -> Case:
    fields = {each: getattr(row, each) for each in Case.__dataclass_fields__}
    return Case(**fields | {"kind": AlertKind(row.kind), "state": State(row.state)})


def _as_change(row: AlertChange) -> Change:
    return Change(row.case, Event(row.event), State(row.state), row.at_ms, row.by, row.note)
