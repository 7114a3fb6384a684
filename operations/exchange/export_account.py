"""The amounts of an account as a file for another system."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from billing.bill.read import read_findings, read_run, read_statements
from billing.exchange.account import Account
from billing.exchange.profile import load_profile
from billing.exchange.records import protected_findings, records_of
from billing.exchange.workbook import workbook_bytes
from billing.exchange.write import file_bytes, file_name
from billing.ledger.model import Account as LedgerAccount
from billing.ledger.posting import by_tenancy
from billing.ledger.store import Ledger
from estate.errors import DataError, UsageError
from estate.files.folder import read_estate
from estate.findings import Finding
from operations.wiring import opened_database
from reports.pdf import report_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.exchange.columns import Record
    from billing.exchange.profile import Profile
    from operations.settings import Settings

BILL_FILES = ("statements.json", "run.json", "findings.json")
PRINTED = "statements"
"""Folder of the printed statements, beside the files of a bill."""


@dataclass(frozen=True)
class StoredRun:
    """A run of the ledger of an installation."""

    number: int
    settings: Settings


@dataclass(frozen=True)
class Exported:
    """
    What was written.

    Attributes
    ----------
    records : int
        Lines of the file, without those at its beginning and end.
    """

    path: Path
    profile: str
    records: int
    findings: tuple[Finding, ...]


def export_account(
    source: Path | StoredRun,
    profile_name: str,
    out: Path | None = None,
    *,
    parameters: Mapping[str, str] | None = None,
    estate_directory: Path | None = None,
    created: datetime | None = None,
) -> Exported:
    """
    Write the amounts of a bill as a profile says.

    Parameters
    ----------
    source : Path or StoredRun
        The location of the bill's files: a folder, or a run of the ledger.
    profile_name : str
        A shipped profile, or a file.
    out : Path, optional
        A file, or a folder (a name without ending) in which the file has the profile's name; the
        bill's own without it, and for a run the one at hand.
    parameters : mapping of str to str, optional
        Parameters that the profile requires of the caller.
    estate_directory : Path, optional
        The residents, for a profile that includes them.
    created : datetime, optional
        Default: now.

    Raises
    ------
    DataError
        If the bill's files cannot be used, or a value does not fit its field.
    UsageError
        If the profile is wrong, or asks for what is not given.
    """
    profile = load_profile(profile_name)
    directory = source if isinstance(source, Path) else Path()
    account = read_bill(source) if isinstance(source, Path) else read_run_of(source)
    records, findings = _records(account, profile, directory, estate_directory)
    if profile.format == "xlsx":
        content = workbook_bytes(records, profile)
    else:
        content = file_bytes(records, profile, parameters)
    path = out or directory
    if path.is_dir() or not path.suffix:
        first = records[0] if records else {}
        path /= file_name(profile, first, created or datetime.now(UTC))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Exported(path, profile.name, len(records), tuple(findings))


def read_bill(directory: Path) -> Account:
    """
    Read the files of a bill.

    Raises
    ------
    DataError
        If their amounts do not add up.
    UsageError
        If one is missing, or is not a file of a bill.
    """
    statements, run, findings = (directory / name for name in BILL_FILES)
    return Account.of_documents(read_statements(statements), read_run(run), read_findings(findings))


def read_run_of(source: StoredRun) -> Account:
    """
    Read the files of a bill that the ledger keeps.

    Raises
    ------
    UsageError
        If there is no such run.
    """
    with opened_database(source.settings) as engine:
        ledger = Ledger(engine)
        run = ledger.run(source.number)
        documents = ledger.documents(run, *BILL_FILES)
        lost = by_tenancy(ledger.postings(run), LedgerAccount.NOT_CLAIMED)
    # Code that reads a bill's files expects a folder, and applies the bounds for such files.
    with TemporaryDirectory() as name:
        for file, content in documents.items():
            (Path(name) / file).write_bytes(content)
        account = read_bill(Path(name))
    # What was served too late is known to the ledger alone.
    return replace(account, not_claimed={each: ore for each, ore in lost.items() if ore})


def _records(
    account: Account, profile: Profile, directory: Path, estate_directory: Path | None
) -> tuple[list[Record], list[Finding]]:
    if profile.table == "documents":
        return records_of(account, profile.table, files=_printed(account, directory)), []
    if profile.table == "readings":
        raise UsageError(
            f"{profile.name} holds readings at a move-out; `fairvarme move-out` writes them"
        )
    if profile.table != "tenants":
        return records_of(account, profile.table), account.findings()
    if estate_directory is None:
        raise UsageError(f"{profile.name} tells who lives where; add --estate DIR")
    estate = read_estate(estate_directory)
    return records_of(account, profile.table, estate=estate), protected_findings(account, estate)


def _printed(account: Account, directory: Path) -> dict[str, str]:
    names = {each.tenancy: report_name(each.tenancy) for each in account.statements}
    printed = {
        tenancy: name for tenancy, name in names.items() if (directory / PRINTED / name).is_file()
    }
    if not printed:
        message = (
            f"{directory / PRINTED} holds no printed statement; make the bill with "
            "--statements pdf first"
        )
        raise DataError([Finding("exchange.documents.missing", message, {})])
    return printed
