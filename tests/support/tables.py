"""Every table of the house; importing them is what makes them known."""

from __future__ import annotations

from alerts.life.tables import TABLES as ALERT_TABLES
from billing.ledger.database.tables import TABLES as LEDGER_TABLES
from correspondence.outbox.tables import OutboxAttachment, OutboxMessage
from estate.database.engine import Base
from estate.database.tables import TABLES as ESTATE_TABLES
from ingest.quarantine.tables import TABLES as QUARANTINE_TABLES
from ingest.remarks import DeviceWord
from operations.access.tables import TABLES as ACCESS_TABLES
from operations.alerts.checkpoints import AlertCheckpoint
from operations.sealed.record import RecordedFile
from operations.staff.tables import BuildingMonth
from operations.tokens.tables import ApiToken
from operations.wishes.tables import TABLES as WISH_TABLES

OWN_TABLES: tuple[type[Base], ...] = (
    *QUARANTINE_TABLES, *ESTATE_TABLES.values(), *LEDGER_TABLES, OutboxMessage, OutboxAttachment,
    *ALERT_TABLES, *ACCESS_TABLES, *WISH_TABLES, DeviceWord, ApiToken, BuildingMonth,
    AlertCheckpoint, RecordedFile,
)  # fmt: skip
TABLES = frozenset(each.__tablename__ for each in OWN_TABLES)
