"""Codes handed out at a desk to residents whose identity somebody there has checked."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, NamedTuple

from estate.errors import UsageError
from estate.periods import DAY_MS
from operations.access.limits import access_limits
from operations.access.record import AccessEvent, Entry, record_access
from operations.clock import now_ms
from operations.log_in.letter_codes import letter_code
from operations.wiring import opened_database, opened_estates

if TYPE_CHECKING:
    from estate.model import Estate, Person
    from operations.settings import Settings

COMMAND = "command line"


class DeskCode(NamedTuple):
    """
    A code, as handed out at the desk.

    Attributes
    ----------
    person : str
        Id of persons.csv.
    code : str
        Works once.
    page : str
        Address of the page that takes it; empty without a portal.
    ends_ms : int
        [ms since 1970, UTC]
    """

    person: str
    code: str
    page: str
    ends_ms: int


def make_desk_code(
    settings: Settings, building: str, tenancy: str, person: str | None = None
) -> DeskCode:
    """
    Make a code like a letter's, and record that it was made.

    Parameters
    ----------
    settings : Settings
    building, tenancy : str
    person : str, optional
        Required if several persons live there.

    Raises
    ------
    UsageError
        If there is no such building, tenancy or person.
    """
    with opened_estates(settings) as source:
        if building not in source.revisions():
            raise UsageError(f"no building {building}; fairvarme estate list shows them")
        whose = _person(source.read(building), tenancy, person)
    moment = now_ms()
    with opened_database(settings) as engine:
        code = letter_code(engine, building, tenancy, whose.person, moment)
        made = Entry(
            moment, getpass.getuser(), COMMAND, AccessEvent.TOKEN_MADE, "letter code", building,
            tenancy,
        )  # fmt: skip
        record_access(engine, made)
    page = f"{settings.portal.url}/log-in/letter" if settings.portal else ""
    ends_ms = moment + access_limits().letter_code_days * DAY_MS
    return DeskCode(whose.person, code, page, ends_ms)


def _person(estate: Estate, tenancy: str, person: str | None) -> Person:
    there = [each for each in estate.persons if each.tenancy == tenancy]
    chosen = [each for each in there if person in (None, each.person)]
    if len(chosen) == 1:
        return chosen[0]
    if not there:
        in_flat = [each.tenancy for each in estate.tenancies if each.flat == tenancy]
        hint = f"its tenancies are {', '.join(in_flat)}" if in_flat else "name a tenancy"
        raise UsageError(f"persons.csv of {estate.building.id} has nobody for {tenancy}; {hint}")
    known = ", ".join(each.person for each in there)
    raise UsageError(
        f"persons.csv of {estate.building.id} has for {tenancy}: {known}; name one with --person"
    )
