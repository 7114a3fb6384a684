"""The words of a building account: from figures and a catalogue to finished strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from correspondence.phrases import cut, known, last_day, period_words
from estate.periods import Period
from reports.building_account.findings import finding_lines

if TYPE_CHECKING:
    from billing.ledger.payments.summary import BuildingAccount, TenancySum
    from correspondence.catalogue import Catalogue
    from estate.model import Building

Page = dict[str, Any]
Table = dict[str, Any]

LANDLORD = "landlord:"
MOST_FINDINGS = 60


def account_page(account: BuildingAccount, building: Building, words: Catalogue) -> Page:
    """Put a building account into words; JSON-able, as ``templates/account.typ`` reads it."""
    facts = account.run.facts
    period = Period(facts.period_start, facts.period_end)
    return {
        "language": words.language,
        "title": words.say("building_account.title"),
        "sender": cut(building.organisation or building.name),
        "place": cut(f"{building.name}, {building.address}"),
        "period": period_words(period, words),
        "facts": _facts(account, building, words),
        "tables": [
            _costs(account, building, words),
            _split(account, building, words),
            _tenancies(account, building, words),
            *_differences(account, building, words),
        ],
        "findings": {
            "heading": words.say("building_account.findings"),
            "items": _findings(account, words),
        },
        "digest": words.say("building_account.digest", digest=account.run.digest),
    }


def _facts(account: BuildingAccount, building: Building, words: Catalogue) -> list[list[str]]:
    run, facts = account.run, account.run.facts
    rows = [
        ("run", str(run.number)),
        ("state", words.say(f"run.state.{account.state}")),
        ("landlord", cut(building.landlord or building.organisation or building.name)),
        ("issued", words.full_date(facts.issued)),
        ("deadline", words.full_date(facts.deadline) if facts.deadline else ""),
        ("approved_by", cut(run.approved_by)),
        ("scheme", f"{_scheme(facts.scheme, words)} ({facts.scheme_version})"),
        ("corrects", "" if facts.corrects is None else str(facts.corrects)),
        ("reason", words.say(f"correction.{facts.reason}") if facts.reason else ""),
        ("total", words.money(facts.total_ore, building.currency)),
        ("landlords_share", words.money(account.landlord_ore, building.currency)),
    ]
    return [[words.say(f"building_account.{name}"), text] for name, text in rows if text]


def _scheme(scheme: str, words: Catalogue) -> str:
    return words.say(f"scheme.{scheme}") if f"scheme.{scheme}" in words else cut(scheme)


def _key(key: str, words: Catalogue) -> str:
    """Return the accountants' name for a key; named shares have their own."""
    base, _, name = key.partition(":")
    said = known(f"building_account.key.{base}", base, words)
    return f"{said} ({cut(name)})" if name else said


def _whose(tenancy: str, words: Catalogue) -> str:
    """Name a tenancy, or the flat whose days the landlord bears."""
    _, landlord, flat = tenancy.rpartition(LANDLORD)
    return words.say("building_account.vacant", flat=cut(flat)) if landlord else cut(tenancy)


def _table(name: str, columns: tuple[str, ...], rows: list[list[str]], words: Catalogue) -> Table:
    return {
        "heading": words.say(f"building_account.{name}"),
        "columns": [words.say(f"building_account.column.{each}") for each in columns],
        "rows": rows,
        "total": name != "differences",
    }


def _costs(account: BuildingAccount, building: Building, words: Catalogue) -> Table:
    currency = building.currency
    rows = [
        [
            known(f"item.{each.item}", each.item, words),
            words.say(f"kind.{each.kind}"),
            "" if each.vat_ore is None else words.money(each.vat_ore, currency),
            words.money(each.amount_ore, currency),
        ]
        for each in account.costs
    ]
    total = [words.say("costs.total"), "", "", words.money(account.costs_ore, currency)]
    return _table("costs", ("item", "kind", "vat", "amount"), [*rows, total], words)


def _split(account: BuildingAccount, building: Building, words: Catalogue) -> Table:
    currency = building.currency
    rows = [
        [
            known(f"item.{each.item}", each.item, words),
            words.say("building_account.landlord_bears")
            if each.key == "landlord"
            else _key(each.key, words),
            words.percent(100 * each.fraction),
            words.money(each.residents_ore, currency),
            words.money(each.landlord_ore, currency),
            words.money(each.amount_ore, currency),
        ]
        for each in account.split
    ]
    sums = (
        sum(getattr(each, name) for each in account.split)
        for name in ("residents_ore", "landlord_ore", "amount_ore")
    )
    total = [words.say("costs.total"), "", "", *(words.money(each, currency) for each in sums)]
    columns = ("item", "key", "fraction", "residents", "landlord", "amount")
    return _table("split", columns, [*rows, total], words)


def _tenancies(account: BuildingAccount, building: Building, words: Catalogue) -> Table:
    currency = building.currency

    whole = (account.run.facts.period_start, account.run.facts.period_end)

    def cells(each: TenancySum) -> list[str]:
        amounts = (each.on_account_ore, each.balance_ore, each.claimed_ore)
        return [
            _whose(each.tenancy, words),
            "" if (each.start, each.end) == whole else _days(each, words),
            words.money(each.cost_ore, currency),
            *(words.money(amount_ore, currency) if each.resident else "" for amount_ore in amounts),
        ]

    sums = (
        sum(getattr(each, name) for each in account.tenancies)
        for name in ("cost_ore", "on_account_ore", "balance_ore", "claimed_ore")
    )
    total = [words.say("costs.total"), "", *(words.money(each, currency) for each in sums)]
    rows = [*map(cells, account.tenancies), total]
    columns = ("tenancy", "days", "cost", "on_account", "balance", "claimed")
    return _table("tenancies", columns, rows, words)


def _days(each: TenancySum, words: Catalogue) -> str:
    last = last_day(Period(each.start, each.end))
    return f"{words.day(each.start)} – {words.day(last)}"


def _differences(account: BuildingAccount, building: Building, words: Catalogue) -> list[Table]:
    rows = [
        [
            _whose(each.tenancy, words),
            *(words.money(amount_ore, building.currency) for amount_ore in each[1:]),
        ]
        for each in account.differences
    ]
    columns = ("tenancy", "cost_before", "cost", "balance_before", "balance")
    return [_table("differences", columns, rows, words)] if rows else []


def _findings(account: BuildingAccount, words: Catalogue) -> list[str]:
    lines = finding_lines(account.findings, words)
    told, more = lines[:MOST_FINDINGS], len(lines) - MOST_FINDINGS
    if more > 0:
        told.append(words.say("building_account.more_findings", number=str(more)))
    return told or [words.say("building_account.no_findings")]
