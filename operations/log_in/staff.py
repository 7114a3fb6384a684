"""Staff accounts: made by a command, with roles, buildings and a second factor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pyotp
from sqlalchemy import select

from estate.database.engine import answering
from estate.errors import UsageError
from operations.access.identities import forget_staff
from operations.access.limits import count_try
from operations.access.tables import StaffAccount
from operations.visitors.people import MAIL, STAFF_ACCOUNT, subject_of
from operations.visitors.roles import STAFF, Role

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Engine

    from operations.serving import Serving

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
ISSUER = "Fairvarme"
STEP_MS = 30_000


class Account(NamedTuple):
    """A staff account as it is listed; ``buildings`` is None for every building."""

    name: str
    mail: str
    roles: tuple[Role, ...]
    buildings: tuple[str, ...] | None
    active: bool


def add_staff(
    engine: Engine,
    name: str,
    mail: str,
    roles: Collection[Role],
    buildings: Collection[str] | None,
    now_ms: int,
) -> str:
    """
    Make a staff account, and return the address of its second factor (``otpauth://``), once.

    A closed account of this name and mail address opens again, with a new second factor.

    Raises
    ------
    UsageError
        If the name or mail address is invalid or in use.
    """
    subject = subject_of(mail) or ""
    if not NAME.fullmatch(name) or not subject.startswith(f"{MAIL}:"):
        raise UsageError(f"{name} with {mail}: write a name such as anna, and a mail address")
    if not roles or not set(roles) <= STAFF:
        raise UsageError(f"choose a role of {', '.join(sorted(STAFF))}")
    address = subject.removeprefix(f"{MAIL}:")
    secret = pyotp.random_base32()
    with answering(engine) as session:
        taken = StaffAccount.name == name, StaffAccount.mail == address
        for each in session.scalars(select(StaffAccount).where(taken[0] | taken[1])):
            if each.active or (each.name, each.mail) != (name, address):
                raise UsageError(
                    f"{each.name} has this name or mail address, or had it; choose others, or run "
                    f"`fairvarme staff close {each.name}` and add it again with both as they were"
                )
        session.merge(
            StaffAccount(
                name=name, mail=address, roles=sorted(roles),
                buildings=None if buildings is None else sorted(buildings),
                otp_secret=secret, otp_step=0, active=True, made_ms=now_ms,
            )
        )  # fmt: skip
    return pyotp.TOTP(secret).provisioning_uri(name=address, issuer_name=ISSUER)


def list_staff(engine: Engine) -> list[Account]:
    """Return the staff accounts, by name."""
    with answering(engine) as session:
        query = select(StaffAccount).order_by(StaffAccount.name)
        return [_account(row) for row in session.scalars(query)]


def close_staff(engine: Engine, name: str) -> None:
    """
    Close an account: its sessions end with it, and no passkey or service opens it any more.

    Raises
    ------
    UsageError
        If there is none.
    """
    with answering(engine) as session:
        row = session.get(StaffAccount, name)
        if row is None:
            raise UsageError(f"there is no account {name}; fairvarme staff list shows them")
        row.active = False
    forget_staff(engine, name)


def account_of_subject(serving: Serving, subject: str) -> Account | None:
    """Return the staff account for a proved mail address, or for a proof bound to it."""
    kind, _, rest = subject.partition(":")
    columns = {MAIL: StaffAccount.mail, STAFF_ACCOUNT: StaffAccount.name}
    if kind not in columns:
        return None
    with answering(serving.engine) as session:
        query = select(StaffAccount).where(columns[kind] == rest, StaffAccount.active)
        row = session.scalars(query).one_or_none()
        return _account(row) if row is not None else None


def check_second_factor(serving: Serving, name: str, code: str) -> bool:
    """
    Whether a code is the current one of an account's second factor; none is accepted twice.

    Raises
    ------
    TooManyTries
    """
    now = serving.clock()
    count_try(serving.engine, "second_factor_of_account", name, now)
    typed = "".join(each for each in code if each.isdigit())
    with answering(serving.engine) as session:
        row = session.get(StaffAccount, name, with_for_update=True)
        if row is None or not row.active:
            return False
        totp = pyotp.TOTP(row.otp_secret)
        step = now // STEP_MS
        for each in (step - 1, step, step + 1):
            if each > row.otp_step and pyotp.utils.strings_equal(typed, totp.generate_otp(each)):
                row.otp_step = each
                return True
    return False


def _account(row: StaffAccount) -> Account:
    buildings = None if row.buildings is None else tuple(row.buildings)
    return Account(row.name, row.mail, tuple(map(Role, row.roles)), buildings, row.active)
