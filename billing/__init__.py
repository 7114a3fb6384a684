"""Heat billing: keys (weights, pure numpy), schemes (dated rules), the split (money), the law."""

__all__: list[str] = [
    "bill",
    "checks",
    "compute",
    "costs",
    "exchange",
    "law",
    "ledger",
    "measured",
    "money",
    "rules",
    "schemes",
    "statement",
]
