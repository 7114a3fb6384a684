"""The accountant's pages: entering costs; previewing, approving, serving, correcting bills."""

from portal.pages.accounts import costs, drafts, proof, runs

ROUTERS = tuple(each.router for each in (costs, drafts, runs, proof))

__all__ = ["ROUTERS"]
