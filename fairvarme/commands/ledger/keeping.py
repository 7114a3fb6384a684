"""What ``fairvarme bill`` does with a bill beyond its files: a draft, a run, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from estate.errors import UsageError
from fairvarme.commands.ledger.shown import echo_approval, told_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from billing.ledger.store import Approval
    from operations.bill_files import Billed
    from operations.ledger.approval import Correction
    from operations.settings import Settings


@dataclass
class Keeping:
    """
    Keeps one bill in the ledger, where that is asked for.

    Attributes
    ----------
    settings : Settings or None
        None where the bill is written to files alone.
    """

    settings: Settings | None = None
    by: str = ""
    correction: Correction | None = None
    approve: bool = False
    allowed: Sequence[str] = ()
    _taken: Billed | None = field(default=None, init=False)
    _draft: int | None = field(default=None, init=False)
    _approval: Approval | None = field(default=None, init=False)

    @property
    def first_issued(self) -> date | None:
        """Day of the statements that are corrected; None where nothing is."""
        return self.correction.first.facts.issued if self.correction else None

    @property
    def first_deadline(self) -> date | None:
        """Deadline of those statements."""
        return self.correction.first.facts.deadline if self.correction else None

    def check(self, billed: Billed) -> None:
        """Refuse a bill of a period that is approved already, before its files are written."""
        if self.settings is None or not self.approve:
            return
        from operations.ledger.approval import check_next

        bill = billed.bill
        check_next(self.settings, bill.building, bill.period, self.correction)

    def take(self, billed: Billed) -> None:
        """Take what may be kept once it is written."""
        self._taken = billed

    def keep(self, directory: Path) -> None:
        """Keep the bill that was written to a folder, where that is asked for."""
        if self.settings is None or self._taken is None:
            return
        from operations.ledger.approval import keep_approved, keep_bill, package_from

        package = package_from(self._taken, directory, self.correction, self.allowed)
        if self.approve:
            self._approval = keep_approved(self.settings, package, self.by, self.allowed)
        else:
            self._draft = keep_bill(self.settings, package, self.by)

    def told(self) -> Mapping[str, Any]:
        """Return what was kept, JSON-able."""
        if self._approval is not None:
            return told_of(self._approval.run)
        return {} if self._draft is None else {"draft": self._draft}

    def show(self) -> None:
        """Report what was kept."""
        if self._approval is not None:
            for finding in self._approval.findings:
                click.echo(finding.message, err=True)
            echo_approval(self._approval.run)
        elif self._draft is not None:
            approving = f"fairvarme runs approve {self._draft} --by NAME"
            click.echo(f"draft {self._draft}; approve it: {approving}")


def keeping(
    config: Path | None,
    by: str | None,
    corrects: int | None,
    reason: str | None,
    *,
    draft: bool,
    approve: bool,
    allowed: Sequence[str] = (),
) -> Keeping:
    """
    Read what the options of ``fairvarme bill`` ask for.

    Raises
    ------
    UsageError
        Where they do not go together, or there is no such run.
    """
    if (corrects is None) != (reason is None):
        raise UsageError("a correction names both: write --corrects RUN --reason CODE")
    if not (draft or approve):
        if corrects is not None:
            raise UsageError("a correction is kept in the ledger: add --draft or --approve")
        return Keeping()
    if not by:
        raise UsageError("say who keeps it in the ledger: add --by NAME")
    from billing.ledger.correction import checked_reason
    from operations.ledger.approval import correction_of
    from operations.settings import read_settings

    settings, correction = read_settings(config), None
    if corrects is not None and reason is not None:
        correction = correction_of(settings, corrects, checked_reason(reason).code)
    return Keeping(settings, by, correction, approve, allowed)
