"""The pages in a visitor's menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from operations.visitors.roles import Role

if TYPE_CHECKING:
    from operations.visitors.roles import Visitor


class Item(NamedTuple):
    """A page in the menu; its words are ``portal.menu.NAME``."""

    name: str
    path: str


SECOND_STEP = "/log-in/staff"
"""Where staff goes who has shown an address and no second factor yet."""

ITEMS: dict[Role, tuple[Item, ...]] = {
    Role.RESIDENT: (Item("home", "/home"),),
    Role.ACCOUNTANT: (Item("accounts", "/accounts"),),
    Role.OPERATOR: (Item("operations", "/operations"),),
    Role.BOARD: (Item("board", "/board"),),
    Role.ADMINISTRATOR: (Item("api", "/docs"),),
}


def menu_of(visitor: Visitor | None) -> list[Item]:
    """Return the menu items for a visitor's roles."""
    if visitor is None:
        return []
    return [item for role in Role if role in visitor.roles for item in ITEMS[role]]


def start_of(visitor: Visitor) -> str:
    """Return a visitor's start page."""
    return next((item.path for item in menu_of(visitor)), SECOND_STEP)
