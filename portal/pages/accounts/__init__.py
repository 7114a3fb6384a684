"""The accountant's pages: costs in, a bill looked at, approved, served, corrected, exported."""

from portal.pages.accounts import costs, drafts, proof, runs

ROUTERS = tuple(each.router for each in (costs, drafts, runs, proof))

__all__ = ["ROUTERS"]
