"""The pages of operations and of the board."""

from portal.pages.staff import alerts, board, operations, quarantine

ROUTERS = tuple(each.router for each in (operations, alerts, quarantine, board))

__all__ = ["ROUTERS"]
