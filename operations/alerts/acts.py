"""What people do about alerts: acknowledge, start work, resolve, silence."""

from __future__ import annotations

import getpass
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.life.states import Event
from alerts.life.store import AlertStore
from correspondence.outbox.store import Outbox
from estate.errors import UsageError
from estate.periods import day_start_ms, local_date
from operations.alerts.answers import answer, asked_of
from operations.alerts.listed import listed, zone_of
from operations.clock import now_ms
from operations.wiring import estates_in_order, opened_database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from alerts.life.case import Case
    from operations.alerts.listed import Listed
    from operations.settings import Settings

LONGEST_SILENCE_DAYS = 365
"""Longer than that nobody remembers what was silenced."""


def list_alerts(
    settings: Settings, building: str | None = None, *, with_closed: bool = False
) -> list[Listed]:
    """List alerts in words: the open ones, or all if requested."""
    with opened_database(settings) as engine:
        cases = AlertStore(engine).list(building, only_open=not with_closed)
    return listed(cases, estates_in_order(settings))


def act(settings: Settings, ids: Sequence[str], event: Event, note: str) -> list[Case]:
    """
    Apply an act to alerts, as the person at the command line.

    Raises
    ------
    UsageError
        If an id matches no alert or several, or the alert's state does not allow the act.
    """
    with opened_database(settings) as engine:
        store = AlertStore(engine)
        return [store.act(each, event, now_ms(), who(), note) for each in ids]


def silence(settings: Settings, ids: Sequence[str], until: date, label: str) -> list[Case]:
    """
    Silence alerts and similar ones until a day, for a reason that is kept.

    Messages about them that wait to be sent are retracted.
    """
    estates, moment = estates_in_order(settings), now_ms()
    done = []
    with opened_database(settings) as engine:
        store = AlertStore(engine)
        for each in ids:
            case = store.find(each)
            zone = zone_of(estates.get(case.building))
            today = local_date(moment, zone)
            if not today < until <= today + timedelta(days=LONGEST_SILENCE_DAYS):
                raise UsageError(f"silence until a day after today, within a year, not {until}")
            case = store.silence(case.id, day_start_ms(until, zone), label, moment, who())
            Outbox(engine).withdraw(store.messages(case.id), moment, f"silenced: {label}")
            done.append(case)
    return done


def take_answer(settings: Settings, alert: str, given: str) -> Case:
    """Record a resident's answer to an alert's question, as the person at the command line."""
    with opened_database(settings) as engine:
        case = AlertStore(engine).find(alert)
        asked = asked_of([case])
        if not asked:
            raise UsageError(f"alert {case.id} is {case.state} and asks nothing any more")
        return answer(engine, case.id, asked[0].question, given, who(), now_ms())


def who() -> str:
    """Return the name of the person at the command line."""
    return getpass.getuser()
