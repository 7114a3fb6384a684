"""What a token of the API may do."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What a token may do."""

    ESTATE_READ = "estate:read"
    ESTATE_WRITE = "estate:write"
    COSTS_WRITE = "costs:write"
    BILLS_READ = "bills:read"
    ALERTS_READ = "alerts:read"
    AGGREGATES_READ = "aggregates:read"
    CONSUMPTION_READ = "consumption:read"
    READINGS_READ = "readings:read"
    """Of one tenancy alone, which the resident has asked for."""
