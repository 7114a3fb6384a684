"""Staff accounts of an installation, for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.errors import UsageError
from operations.clock import now_ms
from operations.log_in.oidc.invitations import invite
from operations.log_in.staff import add_staff, close_staff, list_staff
from operations.visitors.roles import Role
from operations.wiring import opened_database, opened_estates

if TYPE_CHECKING:
    from collections.abc import Collection

    from operations.log_in.staff import Account
    from operations.settings import Settings


def make_account(
    settings: Settings,
    name: str,
    mail: str,
    roles: Collection[str],
    buildings: Collection[str] | None,
) -> str:
    """
    Make a staff account, and return the address of its second factor, once.

    Raises
    ------
    UsageError
        If name, mail or role is invalid or in use, or there is no such building.
    """
    if buildings is not None:
        with opened_estates(settings) as source:
            unknown = sorted(set(buildings).difference(source.revisions()))
        if unknown:
            raise UsageError(f"no building {', '.join(unknown)}; fairvarme estate list shows them")
    with opened_database(settings) as engine:
        return add_staff(engine, name, mail, [Role(each) for each in roles], buildings, now_ms())


def invite_account(settings: Settings, name: str, service: str) -> str:
    """
    Return the link by which a staff member enables log-in with a service.

    Raises
    ------
    UsageError
        If there is no such account, no such service, or no portal.
    """
    if settings.portal is None:
        raise UsageError("the settings have no portal; docs/portal.md shows them")
    with opened_database(settings) as engine:
        return invite(engine, settings.portal, name, service, now_ms())


def accounts(settings: Settings) -> list[Account]:
    """Return the staff accounts, by name."""
    with opened_database(settings) as engine:
        return list_staff(engine)


def close_account(settings: Settings, name: str) -> None:
    """
    Close a staff account.

    Raises
    ------
    UsageError
        If there is none.
    """
    with opened_database(settings) as engine:
        close_staff(engine, name)
