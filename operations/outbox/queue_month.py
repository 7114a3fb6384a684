"""Queues the month of every home in the outbox: by mail or as a letter, once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from billing.measured.spans import spans_of
from correspondence.home_delivery import letter_address
from correspondence.outbox.message import Attachment, Channel, Message, message_id
from correspondence.outbox.store import Outbox
from correspondence.recipients import PAGES, recipients
from estate.errors import DataError, UsageError
from estate.periods import local_date
from operations.clock import now_ms
from operations.monthly_report import building_month
from operations.wiring import choose_estates, opened_database, opened_store
from reports.monthly.mail import mail_words
from reports.monthly.page import page_of
from reports.pdf import Press, report_name
from reports.print_building import address_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from correspondence.home_delivery import Recipient
    from estate.findings import Finding
    from estate.model import Estate, Tenancy
    from estate.periods import Period
    from operations.settings import Settings
    from reports.monthly.figures import HomeMonth

REPORT = "report"
PDF = "application/pdf"


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
        Among them the homes that can be reached in no way.
    """

    queued: Counter[str] = field(default_factory=Counter)
    known: int = 0
    findings: list[Finding] = field(default_factory=list)


def queue_month(
    settings: Settings,
    buildings: Sequence[str],
    period: Period,
    day: date | None = None,
    tracked: Callable[[Sequence[Estate]], Iterable[Estate]] = iter,
) -> QueuedMonth:
    """
    Queue the month of every tenancy with a resident; run again, only what is not queued yet.

    Parameters
    ----------
    settings : Settings
    buildings : sequence of str
        All of the installation if empty.
    period : Period
        A calendar month.
    day : date, optional
        On which it is sent: decides who has moved out, and where to; default: today.
    tracked : callable, optional
        Wraps the iteration over buildings, such as in a progress bar.

    Raises
    ------
    UsageError
        Where the settings name no way to reach a home; nothing is queued then.
    StoreUnavailable
        What is queued stays so; queueing all of it again is harmless.
    """
    done = QueuedMonth()
    estates = choose_estates(settings, buildings)
    _require_channels(settings, estates)
    with opened_store(settings) as store, opened_database(settings) as engine, Press() as press:
        outbox = Outbox(engine)
        for estate in tracked(estates):
            known = _all_known(outbox, estate, period)
            if known:
                done.known += known
                continue
            on = day or local_date(now_ms(), estate.building.zone)
            try:
                found = building_month(estate, store, engine, period, on)
            except DataError as error:
                # Costs no other building its month.
                done.findings += error.findings
                continue
            done.findings += found.findings
            for month in found.homes:
                _queue(outbox, press, estate, month, on, done)
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


def month_id(building: str, tenancy: str, period: Period, *person: str) -> str:
    """Return the id of a home's month; a second recipient of it is named too."""
    return message_id(REPORT, building, tenancy, f"{period.start:%Y-%m}", *person)


def _queue(
    outbox: Outbox, press: Press, estate: Estate, month: HomeMonth, day: date, done: QueuedMonth
) -> None:
    tenancy = next(each for each in estate.tenancies if each.tenancy == month.tenancy)
    found = recipients(estate, tenancy, day, PAGES, page=True)
    if not found:
        done.findings += address_findings([month.tenancy])
        return
    messages = month_messages(press, estate, tenancy, month, found, day)
    if outbox.put_together(messages, now_ms()):
        done.queued.update(each.channel for each in messages)
    else:
        done.known += 1


def month_messages(
    press: Press,
    estate: Estate,
    tenancy: Tenancy,
    month: HomeMonth,
    found: Sequence[Recipient],
    day: date,
) -> list[Message]:
    """
    Return a home's month as messages, one for each recipient.

    The first is named after home and month alone, so that a home whose delivery is changed later
    does not get the same month another way.
    """
    page = page_of(month)
    words = mail_words(page)

    @cache
    def pdf(channel: Channel) -> Attachment:
        block = letter_address(estate, tenancy, day)
        its = page_of(replace(month, address=block)) if channel is Channel.LETTER else page
        return Attachment(report_name(month.tenancy), PDF, press.print_words(its, month.period.end))

    return [
        Message(
            id=month_id(
                estate.building.id, month.tenancy, month.period, *([each.person] if number else [])
            ),
            channel=each.channel,
            kind=REPORT,
            address=each.address,
            subject=words.subject,
            text=words.text,
            html=words.html if each.channel is Channel.MAIL else "",
            attachments=(pdf(each.channel),),
            building=estate.building.id,
            tenancy=month.tenancy,
            person=each.person,
        )
        for number, each in enumerate(found)
    ]
