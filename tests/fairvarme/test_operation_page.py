"""docs/operation.md keeps pace: every setting, metric, event and command has its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from ingest.sources import Source
from ingest.watch.metrics import COUNTERS, GAUGES
from operations.channel_settings import (
    LetterSettings,
    MailSettings,
    OidcSettings,
    PortalSettings,
    ReportSettings,
    SmsSettings,
    WebhookSettings,
)
from operations.settings import (
    AlertSettings,
    BackupSettings,
    BrokerSettings,
    CredentialsSettings,
    HealthSettings,
    SealedSettings,
    ServiceSettings,
    Settings,
    read_settings,
)

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operation.md").read_text("utf-8")
TABLES: dict[str, type[BaseModel]] = {
    "": Settings,
    "backup.": BackupSettings,
    "broker.": BrokerSettings,
    "credentials.": CredentialsSettings,
    "health.": HealthSettings,
    "mail.": MailSettings,
    "letters.": LetterSettings,
    "reports.": ReportSettings,
    "sms.": SmsSettings,
    "webhooks.": WebhookSettings,
    "alerts.": AlertSettings,
    "portal.": PortalSettings,
    "sealed.": SealedSettings,
    "portal.oidc.NAME.": OidcSettings,
    "service.": ServiceSettings,
    "sources.": Source,
}
IN_TABLES = {
    "alerts",
    "backup",
    "broker",
    "credentials",
    "health",
    "letters",
    "reports",
    "mail",
    "portal",
    "portal.oidc",
    "sealed",
    "service",
    "sms",
    "sources",
    "webhooks",
}
SETTINGS = [
    f"{prefix}{name}"
    for prefix, table in TABLES.items()
    for name in table.model_fields
    if f"{prefix}{name}" not in IN_TABLES
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_has_a_line(setting: str) -> None:
    assert any(f"`{setting}`" in line for line in PAGE.splitlines() if line.startswith("| `"))


def test_every_table_is_checked_here() -> None:
    of_settings = {name for name in IN_TABLES if "." not in name}
    assert set(Settings.model_fields) & of_settings == of_settings
    found = {
        name
        for name, field in Settings.model_fields.items()
        if any(each.__name__ in str(field.annotation) for each in TABLES.values())
    }
    assert found == of_settings


def test_the_example_is_in_order(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    path = tmp_path / "fairvarme.toml"
    path.write_text(example)
    assert read_settings(path).health is not None


@pytest.mark.parametrize("metric", [name for name, _ in (COUNTERS | GAUGES).values()])
def test_every_metric_has_a_line(metric: str) -> None:
    assert f"`{metric}" in PAGE


def test_every_event_is_named() -> None:
    sources = [*(ROOT / "ingest").rglob("*.py"), *(ROOT / "fairvarme").rglob("*.py")]
    sources += (ROOT / "operations" / "service").rglob("*.py")
    text = "".join(path.read_text("utf-8") for path in sources)
    events = set(re.findall(r'"event": "(\w+)"', text))
    assert events
    assert not {event for event in events if f"`{event}`" not in PAGE}
