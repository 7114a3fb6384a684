"""Prints outgoing letters: a month's page with a code for the portal, or plain text."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from correspondence.address import addressees
from correspondence.catalogue import catalogue
from correspondence.home_delivery import persons_of
from correspondence.outbox.message import PDF, NotSent, Scope, Way
from correspondence.phrases import MOST_NAMES
from estate.errors import DataError, UsageError
from estate.periods import DAY_MS, local_date
from operations.access.limits import access_limits
from operations.clock import now_ms
from operations.log_in.letter_codes import letter_code
from reports.letter.kept_page import KeptPage
from reports.letter.page import letter_page
from reports.monthly.closing import online_section
from reports.pdf import MONTHLY, PLAIN_LETTER, Press

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from types import TracebackType

    from sqlalchemy import Engine

    from correspondence.outbox.message import Message
    from estate.model import Estate, Tenancy
    from reports.monthly.page import Page


@dataclass(frozen=True)
class LetterPress:
    """
    Prints letters.

    A letter's code is made when it is printed, and is only on the paper: somebody who reads
    the database or the portal's copy of the letter does not find it.

    Attributes
    ----------
    estate_of : callable
        Reads the estate of a building.
    engine : Engine
    portal : str
        The portal's address; empty if there is none, and so no codes.
    """

    estate_of: Callable[[str], Estate]
    engine: Engine
    portal: str = ""
    _presses: dict[str, Press] = field(default_factory=dict)
    _opened: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._opened.close()

    def print(self, message: Message) -> bytes:
        """
        Print a message; if its page can no longer be printed, its PDF is used.

        Raises
        ------
        NotSent
            If its building or tenancy is unknown, or the estate is invalid.
        """
        kept = _kept_page(message)
        ready = next((each.content for each in message.attachments if each.media_type == PDF), None)
        if kept is None and ready is not None:
            return ready
        estate, tenancy = self._home(message)
        moment = now_ms()
        day = local_date(moment, estate.building.zone)
        if kept is None:
            page = letter_page(estate, tenancy, message.subject, message.text, day)
            return self._press(PLAIN_LETTER).print_words(page, day)
        page = kept.page | {"online": self._online(estate, tenancy, kept, day, moment)}
        return self._press(MONTHLY).print_words(page, kept.day)

    def _home(self, message: Message) -> tuple[Estate, Tenancy]:
        try:
            estate = self.estate_of(message.building)
        except (DataError, UsageError) as error:
            raise NotSent(Scope.MESSAGE, f"building {message.building}: {error}") from error
        tenancy = estate.tenancy_by_id.get(message.tenancy)
        if tenancy is None:
            where = f"tenancy {message.tenancy} of building {message.building}"
            raise NotSent(Scope.MESSAGE, f"no {where} in the estate")
        return estate, tenancy

    def _online(
        self, estate: Estate, tenancy: Tenancy, kept: KeptPage, day: date, moment: int
    ) -> Page | None:
        """Make a code for each person named on the letter, and explain how to use it."""
        persons = persons_of(estate, tenancy, day)
        if not self.portal or any(each.protected for each in persons):
            return None
        named = addressees(tuple(each for each in persons if each.person in kept.persons))
        if not named:
            return None
        building = estate.building
        codes = [
            letter_code(self.engine, building.id, tenancy.tenancy, each.person, moment)
            for each in named[:MOST_NAMES]
        ]
        last_ms = moment + (access_limits().letter_code_days - 1) * DAY_MS
        until = local_date(last_ms, building.zone)
        return online_section(self.portal, codes, until, catalogue(kept.page["language"]))

    def _press(self, template: str) -> Press:
        if template not in self._presses:
            self._presses[template] = self._opened.enter_context(Press(template))
        return self._presses[template]


def _kept_page(message: Message) -> KeptPage | None:
    pages = (each.content for each in message.attachments if each.way is Way.PAGE)
    content = next(pages, None)
    return None if content is None else KeptPage.read(content)
