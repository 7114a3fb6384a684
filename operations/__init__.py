"""Use cases, one function each; commands and pages call these."""

__all__: list[str] = [
    "alerts",
    "bill_building",
    "bill_files",
    "clock",
    "database",
    "estates",
    "exchange",
    "intake",
    "ledger",
    "monthly_report",
    "mqtt_address",
    "outbox",
    "portfolio",
    "readings",
    "service",
    "settings",
    "staff",
    "tokens",
    "wiring",
]
