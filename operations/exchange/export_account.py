"""The amounts of an account as a file for another system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from billing.bill.read import read_findings, read_run, read_statements
from billing.exchange.account import Account
from billing.exchange.profile import load_profile
from billing.exchange.records import protected_findings, records_of
from billing.exchange.workbook import workbook_bytes
from billing.exchange.write import file_bytes, file_name
from estate.errors import DataError, UsageError
from estate.files.folder import read_estate
from estate.findings import Finding
from reports.pdf import report_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from billing.exchange.columns import Record
    from billing.exchange.profile import Profile

PRINTED = "statements"
"""Folder of the printed statements, beside the files of a bill."""


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
    directory: Path,
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
    directory : Path
        Where the files of the bill are.
    profile_name : str
        A shipped profile, or a file.
    out : Path, optional
        A file, or a folder (a name without ending) in which the file has the profile's name; the
        bill's own without it.
    parameters : mapping of str to str, optional
        What the profile asks of the caller.
    estate_directory : Path, optional
        Who lives there, for a profile that tells it.
    created : datetime, optional
        Now without it.

    Raises
    ------
    DataError
        Where the bill's files cannot be used, or a value does not fit its field.
    UsageError
        Where the profile is wrong, or asks for what is not given.
    """
    profile = load_profile(profile_name)
    account = read_bill(directory)
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
        Where their amounts do not add up.
    UsageError
        Where one is missing, or is no file of a bill.
    """
    return Account.of_documents(
        read_statements(directory / "statements.json"),
        read_run(directory / "run.json"),
        read_findings(directory / "findings.json"),
    )


def _records(
    account: Account, profile: Profile, directory: Path, estate_directory: Path | None
) -> tuple[list[Record], list[Finding]]:
    if profile.table == "documents":
        return records_of(account, profile.table, files=_printed(account, directory)), []
    if profile.table != "tenants":
        return records_of(account, profile.table), []
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
