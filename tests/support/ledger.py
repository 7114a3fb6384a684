"""Bills for the ledger, made by hand: what each home cost, and what was paid on account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from billing.ledger.model import Account, Package, Posting, RunFacts

ISSUED, DEADLINE = date(2026, 3, 1), date(2026, 4, 30)
YEAR = (date(2025, 1, 1), date(2026, 1, 1))
NOW_MS = 1_772_366_400_000
VACANT = "landlord:C"


def facts(total_ore: int, **more: Any) -> RunFacts:  # noqa: ANN401  fields of RunFacts
    told: dict[str, Any] = {
        "building": "house", "period_start": YEAR[0], "period_end": YEAR[1],
        "scheme": "dk-metered", "scheme_version": "2022-01-01", "total_ore": total_ore,
        "issued": ISSUED, "deadline": DEADLINE, "program": "0.1.0", "country": "DK",
        "tenure": "almen",
    }  # fmt: skip
    return RunFacts(**(told | more))


def package(
    homes: Mapping[str, tuple[int, int]],
    documents: Mapping[str, bytes] | None = None,
    **more: Any,  # noqa: ANN401  fields of RunFacts
) -> Package:
    """Return a bill of what each home cost and paid on account, by tenancy. [øre]"""
    postings = [each for home in homes for each in _postings(home, *homes[home])]
    statements = {"statements": [_statement(home, homes[home][0]) for home in homes]}
    kept = {"statements.json": json.dumps(statements).encode(), **(documents or {})}
    total_ore = sum(cost_ore for cost_ore, _ in homes.values())
    return Package(facts(total_ore, **more), tuple(postings), kept)


def _statement(home: str, total_ore: int) -> dict[str, Any]:
    resident = not home.startswith("landlord:")
    return {"tenancy": home, "resident": resident, "total_ore": total_ore}


def _postings(home: str, cost_ore: int, paid_ore: int) -> list[Posting]:
    if home.startswith("landlord:"):
        return _posting(home, Account.LANDLORD, Account.COST, cost_ore, "heat")
    return [
        *_posting(home, Account.CHARGE, Account.COST, cost_ore, "heat"),
        *_posting(home, Account.ON_ACCOUNT, Account.CHARGE, paid_ore),
        *_posting(home, Account.BALANCE, Account.CHARGE, cost_ore - paid_ore),
    ]


def _posting(
    home: str, debit: Account, credit: Account, amount_ore: int, item: str = ""
) -> list[Posting]:
    component = f"{item}-1" if item else ""
    if amount_ore < 0:
        debit, credit, amount_ore = credit, debit, -amount_ore
    return [Posting(home, debit, credit, item, component, amount_ore)] if amount_ore else []
