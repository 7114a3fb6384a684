"""Queues the month of every home in the outbox: by mail or as a letter, once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from billing.measured.spans import spans_of
from correspondence.outbox.store import Outbox
from correspondence.recipients import PAGES, recipients
from estate.database.engine import answering
from estate.errors import DataError, UsageError
from estate.periods import local_date
from operations.clock import now_ms
from operations.monthly_report import building_month
from operations.outbox.month_messages import HomeMessages, month_id
from operations.residents.papers import write_letter_links
from operations.wiring import opened_database, opened_store, readable_estates
from operations.wishes.store import LINK, wishes_of
from reports.pdf import Press
from reports.print_building import address_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence, Set
    from datetime import date

    from sqlalchemy import Engine

    from estate.findings import Finding
    from estate.model import Estate
    from estate.periods import Period
    from operations.settings import Settings
    from reports.monthly.figures import HomeMonth

    PersonKey = tuple[str, str]
    """Tenancy and person."""


@dataclass
class QueuedMonth:
    """
    What one run queued.

    Attributes
    ----------
    queued : Counter of str
        Numbers of new messages, by channel.
    known : int
        Homes whose month was queued before.
    findings : list of Finding
        Among them the homes that cannot be reached in any way.
    left_out : list of Finding
        Why nothing was queued for buildings: their estates are not in order.
    """

    queued: Counter[str] = field(default_factory=Counter)
    known: int = 0
    findings: list[Finding] = field(default_factory=list)
    left_out: list[Finding] = field(default_factory=list)


def queue_month(
    settings: Settings,
    buildings: Sequence[str],
    period: Period,
    day: date | None = None,
    tracked: Callable[[Sequence[Estate]], Iterable[Estate]] = iter,
) -> QueuedMonth:
    """
    Queue the month of every tenancy with a resident; a repeated run queues only what is missing.

    Parameters
    ----------
    settings : Settings
    buildings : sequence of str
        All of the installation if empty.
    period : Period
        A calendar month.
    day : date, optional
        Day of sending, which determines who has moved out, and where to; default: today.
    tracked : callable, optional
        Wraps the iteration over buildings, such as in a progress bar.

    Raises
    ------
    UsageError
        If the settings name no way to reach a home; nothing is queued then.
    StoreUnavailable
        What is queued stays so; queueing all of it again is harmless.
    """
    estates, left_out = readable_estates(settings, buildings)
    done = QueuedMonth(left_out=left_out)
    _require_channels(settings, estates)
    with opened_store(settings) as store, opened_database(settings) as engine, Press() as press:
        outbox = Outbox(engine)
        post = _Post(outbox, press, settings.portal.url if settings.portal else "", done)
        for estate in tracked(estates):
            known = _all_known(outbox, estate, period)
            if known:
                done.known += known
                continue
            on = day or local_date(now_ms(), estate.building.zone)
            try:
                found = building_month(estate, store, engine, period, on)
            except DataError as error:
                # It must not cost another building its month.
                done.findings += error.findings
                continue
            done.findings += found.findings
            by_link = _by_link(engine, estate.building.id)
            for month in found.homes:
                post.queue(estate, month, on, by_link)
    return done


def _require_channels(settings: Settings, estates: Iterable[Estate]) -> None:
    homes = (each for estate in estates for each in estate.tenancies)
    if settings.mail is None and any(each.delivery == "digital" for each in homes):
        raise UsageError("homes chose digital delivery; add [mail] to the settings")
    if settings.letters is None:
        raise UsageError(
            "homes on paper, and those whose mail is refused, get letters; "
            "add [letters] to the settings"
        )


def _all_known(outbox: Outbox, estate: Estate, period: Period) -> int:
    """Return the number of homes with a resident if the month of each is queued; else 0."""
    ids = {
        month_id(estate.building.id, span.tenancy, period)
        for span in spans_of(estate, period)
        if span.resident
    }
    return len(ids) if len(outbox.tenancies_of(ids)) == len(ids) else 0


@dataclass(frozen=True)
class _Post:
    """What all homes in a run share."""

    outbox: Outbox
    press: Press
    portal: str
    done: QueuedMonth

    def queue(self, estate: Estate, month: HomeMonth, day: date, by_link: Set[PersonKey]) -> None:
        """Queue a home's month, with the links that its mails have, or count it as known."""
        tenancy = estate.tenancy_by_id[month.tenancy]
        found = recipients(estate, tenancy, day, PAGES, page=True)
        if not found:
            self.done.findings += address_findings([month.tenancy])
            return
        own = {person for of, person in by_link if of == month.tenancy}
        home = HomeMessages(self.press, estate, tenancy, month, found, day, self.portal, own)
        messages, moment = home.make(), now_ms()
        with answering(self.outbox.engine) as session:
            new = self.outbox.put_together_within(session, messages, moment)
            if new:
                write_letter_links(session, home.links, moment)
        if new:
            self.done.queued.update(each.channel for each in messages)
        else:
            self.done.known += 1


def _by_link(engine: Engine, building: str) -> Set[PersonKey]:
    """Return who wants a link instead of a PDF, as tenancy and person."""
    return {key for key, wish in wishes_of(engine, building).items() if wish.pdf == LINK}
