"""The pages for operations and for the board."""

from portal.pages.staff import alerts, board, faults, operations, passkeys, quarantine

ROUTERS = tuple(each.router for each in (operations, alerts, faults, quarantine, board, passkeys))

__all__ = ["ROUTERS"]
