"""A home's month as messages: mails with the page in them or a link to it, and a letter."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from correspondence.home_delivery import letter_address, persons_of
from correspondence.outbox.message import PDF, Attachment, Channel, Message, Way, message_id
from correspondence.recipients import whom_a_letter_is_to
from operations.access.tokens import new_token
from operations.residents.papers import letter_path
from reports.letter.kept_page import MEDIA_TYPE, KeptPage
from reports.monthly.mail import mail_words
from reports.monthly.page import page_of
from reports.pdf import report_name

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from correspondence.home_delivery import Recipient
    from estate.model import Estate, Person, Tenancy
    from estate.periods import Period
    from reports.monthly.figures import HomeMonth
    from reports.monthly.page import Page
    from reports.pdf import Press

REPORT = "report"


def month_id(building: str, tenancy: str, period: Period, *person: str) -> str:
    """Return the id of a home's month; a second recipient of it is named too."""
    return message_id(REPORT, building, tenancy, f"{period.start:%Y-%m}", *person)


@dataclass(frozen=True)
class HomeMessages:
    """
    Makes the messages of one home's month.

    Attributes
    ----------
    press : Press
    estate : Estate
    tenancy : Tenancy
    month : HomeMonth
    found : sequence of Recipient
        The recipients. The first message is named only after home and month, so that a home
        whose delivery is changed later does not get the same month another way.
    day : date
        Day of sending, which determines who lives there, and their addresses.
    portal : str
        The portal's address; empty if there is none, and so no links.
    by_link : collection of str
        Persons who want a link instead of the PDF.
    links : dict of str to str
        Filled while making messages: tokens of links to a PDF, and the message of each.
    """

    press: Press
    estate: Estate
    tenancy: Tenancy
    month: HomeMonth
    found: Sequence[Recipient]
    day: date
    portal: str = ""
    by_link: Collection[str] = ()
    links: dict[str, str] = field(default_factory=dict)

    def make(self) -> list[Message]:
        """Return the messages, one for each recipient."""
        made = []
        for number, each in enumerate(self.found):
            # The letter to a home that also gets mail has no person's name in its id.
            name = self._name(*([each.person] if number else []))
            made.append(
                self._letter(name) if each.channel is Channel.LETTER else self._mail(name, each)
            )
        return made

    def _name(self, *further: str) -> str:
        return month_id(self.estate.building.id, self.tenancy.tenancy, self.month.period, *further)

    def _mail(self, name: str, to: Recipient) -> Message:
        token = new_token() if self.portal and to.person in self.by_link else ""
        if token:
            self.links[token] = name
        link = f"{self.portal}{letter_path(token)}" if token else ""
        words = mail_words(self._page, link=link, portal=self.portal)
        whom = tuple(each for each in self._persons if each.mail == to.address)
        pdf = self._file(PDF, self._pdf, Way.LINKED if link else Way.ATTACHED)
        return replace(
            self._message(name, Channel.MAIL, words.subject, words.text),
            html=words.html,
            address=to.address,
            person=to.person,
            attachments=(pdf, self._kept(self._page, whom)),
        )

    def _letter(self, name: str) -> Message:
        whom = whom_a_letter_is_to(self._persons, self.found)
        block = letter_address(self.estate, self.tenancy, self.day, whom)
        page, words = page_of(replace(self.month, address=block)), mail_words(self._page)
        pdf = self._file(PDF, self._print(page))
        return replace(
            self._message(name, Channel.LETTER, words.subject, words.text),
            attachments=(pdf, self._kept(page, whom)),
        )

    def _message(self, name: str, channel: Channel, subject: str, text: str) -> Message:
        return Message(
            name, channel, REPORT, "", subject, text,
            building=self.estate.building.id, tenancy=self.tenancy.tenancy,
        )  # fmt: skip

    def _kept(self, page: Page, whom: Sequence[Person]) -> Attachment:
        kept = KeptPage(page, self.month.period.end, tuple(each.person for each in whom))
        return self._file(MEDIA_TYPE, kept.as_bytes(), Way.PAGE)

    def _file(self, media_type: str, content: bytes, way: Way = Way.ATTACHED) -> Attachment:
        return Attachment(report_name(self.month.tenancy), media_type, content, way)

    def _print(self, page: Page) -> bytes:
        return self.press.print_words(page, self.month.period.end)

    @cached_property
    def _page(self) -> Page:
        return page_of(self.month)

    @cached_property
    def _pdf(self) -> bytes:
        return self._print(self._page)

    @cached_property
    def _persons(self) -> tuple[Person, ...]:
        return persons_of(self.estate, self.tenancy, self.day)
