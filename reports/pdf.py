"""
Prints pages as PDF: A4, one file per home, tagged, with language and title (PDF/UA-1).

Each file is an archive copy too (PDF/A-3a): its type and colours are within it, and what a page
says of money and meters is attached for programs.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime, time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import typst

from reports.monthly.page import page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date
    from types import TracebackType

    from reports.monthly.figures import HomeMonth
    from reports.monthly.page import Page

STANDARDS: tuple[typst.PDFStandard, ...] = ("ua-1", "a-3a")
ATTACHED = "attached"
"""Of a page: the text of ``statement.json``, if one is attached."""
UNDRAWN = ("could not be displayed", "contains the codepoint")
"""What Typst says of a character that no font draws, and of one of a private area."""
MONTHLY = "monthly.typ"
STATEMENT = "statement.typ"
PLAIN_LETTER = "plain.typ"
COUNT_SHEET = "count.typ"


class Press:
    """
    A Typst compiler that is set up once and prints many pages.

    Only the shipped fonts are used, so that a page looks the same on every machine.
    """

    def __init__(self, template: str = MONTHLY) -> None:
        self._files = ExitStack()
        reports = resources.files("reports")
        templates = self._files.enter_context(resources.as_file(reports / "templates"))
        fonts = self._files.enter_context(resources.as_file(reports / "fonts"))
        self._compiler = typst.Compiler(
            templates / template, root=templates, font_paths=[fonts], ignore_system_fonts=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._files.close()

    def print_page(self, month: HomeMonth) -> bytes:
        """Print a monthly report."""
        return self.print_words(page_of(month), month.period.end)

    def print_words(self, page: Page, day: date) -> bytes:
        """
        Print the finished words of a page as PDF; the same words and day yield the same bytes.

        A name in a script that no shipped font covers, or with a character of a private area,
        cannot be accessible text; such a page is
        printed without claiming PDF/UA-1 and PDF/A-3 rather than not at all.

        Parameters
        ----------
        page : dict
            JSON-able input of the template; what stands under ``attached`` goes into the file as
            ``statement.json``.
        day : date
            The end of the page's period. It is used as the time of printing, so that bytes
            repeat.
        """
        words = {name: part for name, part in page.items() if name != ATTACHED}
        inputs = {"page": json.dumps(words, ensure_ascii=False)}
        if page.get(ATTACHED):
            inputs[ATTACHED] = page[ATTACHED]
        made = datetime.combine(day, time(), UTC)
        try:
            return self._compile(inputs, made, STANDARDS)
        except typst.TypstError as error:
            if not any(each in error.message for each in UNDRAWN):
                raise
            return self._compile(inputs, made, ())

    def _compile(
        self, inputs: dict[str, str], made: datetime, standards: Sequence[typst.PDFStandard]
    ) -> bytes:
        printed = self._compiler.compile(
            format="pdf", sys_inputs=inputs, pdf_standards=list(standards), timestamp=made
        )
        if not isinstance(printed, bytes):
            raise TypeError("Typst returns one file as bytes for PDF")
        return printed


def render_report(month: HomeMonth) -> bytes:
    """Print one page as PDF. For many, use one `Press`, or `write_reports`."""
    with Press() as press:
        return press.print_page(month)


def report_name(tenancy: str) -> str:
    """Return the file name of a tenancy's page, without name or address."""
    safe = quote(tenancy, safe="")
    return f"%2E{safe[1:]}.pdf" if safe.startswith(".") else f"{safe}.pdf"


def write_reports(
    directory: Path,
    months: Iterable[HomeMonth],
    on_progress: Callable[[int], None] | None = None,
) -> list[Path]:
    """
    Write one PDF per page.

    Parameters
    ----------
    directory : Path
        Created if missing; a page of the same tenancy is overwritten.
    months : iterable of HomeMonth
    on_progress : callable, optional
        Called with the number of pages written so far.

    Returns
    -------
    list of Path
        In the order of `months`.
    """
    words = ((month.tenancy, page_of(month), month.period.end) for month in months)
    return write_all(directory, MONTHLY, words, on_progress)


def write_all(
    directory: Path,
    template: str,
    pages: Iterable[tuple[str, Page, date]],
    on_progress: Callable[[int], None] | None = None,
) -> list[Path]:
    """
    Write one PDF per page whose words are finished.

    Parameters
    ----------
    directory : Path
        Created if missing; a page of the same tenancy is overwritten.
    template : str
    pages : iterable of (str, dict, date)
        Tenancy, words, and the end of the page's period.
    on_progress : callable, optional
        Called with the number of pages written so far.

    Returns
    -------
    list of Path
        In the order of `pages`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    with Press(template) as press:
        for tenancy, page, day in pages:
            path = directory / report_name(tenancy)
            path.write_bytes(press.print_words(page, day))
            paths.append(path)
            if on_progress is not None:
                on_progress(len(paths))
    return paths
