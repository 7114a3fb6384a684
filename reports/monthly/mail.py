"""A monthly report as a mail: the words of its page as plain text, and as HTML for a phone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from correspondence.catalogue import catalogue

if TYPE_CHECKING:
    from reports.monthly.page import Page

HTML, TEXT = "monthly.html", "monthly.txt"


class MailWords(NamedTuple):
    """What a mail says."""

    subject: str
    text: str
    html: str


class Note(NamedTuple):
    """A line at the end of a mail, and the address it links to; empty for none."""

    text: str
    link: str = ""


def mail_words(page: Page, *, link: str = "", portal: str = "") -> MailWords:
    """
    Put a page into a mail.

    Both forms have all that the page says, except for names and address. The HTML stands alone: it
    loads nothing, so nobody learns when it is read.

    Parameters
    ----------
    page : dict
        As `reports.monthly.page.page_of` makes it.
    link : str, optional
        Link to the PDF; without one it is attached.
    portal : str, optional
        Where the reader logs in; it holds no secret.
    """
    words = catalogue(page["language"])
    notes = [] if link else [Note(words.say("mail.attached"))]
    if portal:
        notes.append(Note(words.say("mail.portal"), portal))
    notes.append(Note(words.say("mail.paper")))
    more = {"mail": notes, "pdf": Note(words.say("mail.linked"), link) if link else None}
    text, html = (_templates().get_template(name).render(page, **more) for name in (TEXT, HTML))
    # A no-break space would force the header into an encoded form.
    return MailWords(" ".join(page["title"].split()), text, html)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
