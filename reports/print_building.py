"""Prints the pages of a whole building: one PDF per resident's home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.findings import Finding
from reports.monthly.figures import home_month
from reports.pdf import STATEMENT, write_all, write_reports
from reports.statement.letter import letter_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from alerts.model import Alert
    from billing.bill.bill import Bill
    from billing.measured.earlier_uses import Around
    from estate.model import Estate
    from estate.numbers.arrays import Floats
    from estate.periods import Period
    from reports.monthly.climate import HomeHours
    from reports.monthly.figures import HomeMonth
    from reports.statement.details import RunNote

    ColourHome = Callable[[Mapping[str, Floats]], HomeHours]
    """Colours the hours of one home from its hourly means by quantity."""


@dataclass(frozen=True)
class ReportRun:
    """
    What a run wrote.

    Attributes
    ----------
    paths : tuple of Path
        One PDF per page.
    findings : tuple of Finding
        Pages that cannot be delivered as they are.
    """

    paths: tuple[Path, ...]
    findings: tuple[Finding, ...]


def month_pages(
    estate: Estate,
    bill: Bill,
    climate: Mapping[str, Floats],
    colour_home: ColourHome,
    alerts: Sequence[Alert],
    printed_on: date | None = None,
    priced_by: Period | date | None = None,
    around: Around | None = None,
) -> list[HomeMonth]:
    """
    Yield the figures of every tenancy with a resident, in the order of the bill.

    Parameters
    ----------
    estate : Estate
    bill : Bill
    climate : mapping of str to (flats, hours) float64 array
        Hourly means by quantity over the bill's period, in the order of `estate.flats`, NaN = gap.
        [the quantity's unit]
    colour_home : callable
        Colours the hours of one home.
    alerts : sequence of Alert
        Any alerts of the building; each page selects its own.
    printed_on : date, optional
        The day of delivery; default: the period's end.
    priced_by : Period or date, optional
        The account by whose prices the bill is estimated, else the first day of the tariff.
    around : Around, optional
        What is known of the months before.
    """

    def hours_of(flat: str) -> HomeHours:
        row = estate.flat_index[flat]
        return colour_home({name: values[row] for name, values in climate.items()})

    return [
        home_month(
            estate,
            bill,
            statement,
            hours_of(statement.flat),
            alerts,
            printed_on,
            priced_by,
            around,
        )
        for statement in bill.statements
        if statement.resident
    ]


def write_pages(
    directory: Path,
    pages: Iterable[HomeMonth],
    on_progress: Callable[[int], None] | None = None,
) -> ReportRun:
    """Write one PDF per page, and report those that cannot be delivered."""
    pages = list(pages)
    paths = write_reports(directory, pages, on_progress)
    missing = [page.tenancy for page in pages if page.address.missing]
    return ReportRun(tuple(paths), tuple(address_findings(missing)))


def write_statements(
    directory: Path,
    estate: Estate,
    bill: Bill,
    on_progress: Callable[[int], None] | None = None,
    printed_on: date | None = None,
    notes: Mapping[str, RunNote] | None = None,
) -> ReportRun:
    """
    Write one PDF per resident's statement, and report those that cannot be delivered.

    Parameters
    ----------
    directory : Path
        Created if missing; a statement of the same tenancy is overwritten.
    estate : Estate
    bill : Bill
    on_progress : callable, optional
        Called with the number of statements written so far.
    printed_on : date, optional
        The day of delivery; default: the period's end.
    notes : mapping of str to RunNote, optional
        Of the approved run that the bill is, by tenancy.
    """
    letters = [
        letter_of(estate, bill, statement, printed_on, (notes or {}).get(statement.tenancy))
        for statement in bill.statements
        if statement.resident
    ]
    words = ((letter.tenancy, letter.page, bill.period.end) for letter in letters)
    paths = write_all(directory, STATEMENT, words, on_progress)
    missing = [letter.tenancy for letter in letters if letter.address.missing]
    return ReportRun(tuple(paths), tuple(address_findings(missing)))


def address_findings(tenancies: Iterable[str]) -> list[Finding]:
    """Report the pages of those who moved out and left no address."""
    return [
        Finding(
            "reports.address.missing",
            f"tenancy {tenancy} has ended and no post address is known: hand its page over, "
            "or add post_address to persons.csv and print again",
            {"tenancy": tenancy},
        )
        for tenancy in tenancies
    ]
