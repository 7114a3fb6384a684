"""The JSON API for programs: ``/api/v1``, described by its own OpenAPI document."""

from portal.api import aggregates, alerts, bills, buildings, consumption, description, home

ROUTERS = tuple(
    each.router for each in (buildings, bills, alerts, aggregates, consumption, home, description)
)

__all__ = ["ROUTERS"]
