"""What staff chooses for a resident at the command line: how PDFs come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from estate.errors import UsageError
from operations.access.record import AccessEvent, Entry, record_access
from operations.clock import now_ms
from operations.wiring import opened_database, opened_estates
from operations.wishes.store import LINK, read_wish, write_wish

if TYPE_CHECKING:
    from operations.settings import Settings
    from operations.wishes.store import PersonKey

COMMAND_LINE = "command line"


def choose_pdf(settings: Settings, key: PersonKey, *, by_link: bool) -> None:
    """
    Let the mails to a person have a link to the PDF, or the PDF itself.

    Raises
    ------
    UsageError
        If there is no such person, or no portal that a link could lead to.
    """
    if by_link and settings.portal is None:
        raise UsageError("a link leads to the portal; add [portal] to the settings")
    _require_person(settings, key)
    moment = now_ms()
    with opened_database(settings) as engine:
        wish = replace(read_wish(engine, key), pdf=LINK if by_link else "")
        write_wish(engine, key, wish, moment)
        building, tenancy, _ = key
        what = f"pdf {'by link' if by_link else 'attached'}"
        changed = Entry(moment, COMMAND_LINE, "", AccessEvent.CHANGED, what, building, tenancy)
        record_access(engine, changed)


def _require_person(settings: Settings, key: PersonKey) -> None:
    building, tenancy, person = key
    with opened_estates(settings) as source:
        if building not in source.revisions():
            raise UsageError(f"no building {building}; fairvarme estate list shows them")
        persons = source.read(building).persons
    if (tenancy, person) not in {(each.tenancy, each.person) for each in persons}:
        raise UsageError(f"no person {person} of tenancy {tenancy} in {building}; see persons.csv")
