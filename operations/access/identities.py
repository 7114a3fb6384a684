"""
People identified by proofs other than an address or a letter: a log-in service, a passkey.

A proof opens nothing by itself: it is bound to the homes that somebody had proved by a
letter, an address or a number, or to a staff account by an administrator's invitation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, select, update

from estate.database.engine import answering, looking
from operations.access.tables import Identity, LoginSession
from operations.visitors.people import IDENTITY, STAFF_ACCOUNT, latest_first, person_subject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import ColumnElement, Engine

    from operations.serving import Serving
    from operations.visitors.roles import Home


def identity_subject(proof: str) -> str:
    """Return the subject of a resident identified by a proof."""
    return f"{IDENTITY}:{proof}"


def staff_subject(name: str) -> str:
    """Return the subject of staff identified by a proof rather than a mail address."""
    return f"{STAFF_ACCOUNT}:{name}"


def homes_of(serving: Serving, subject: str) -> tuple[Home, ...]:
    """Return the homes of the person who proved a subject, the present one first."""
    homes = serving.estates().homes
    kind, _, proof = subject.partition(":")
    if kind != IDENTITY:
        return homes.get(subject, ())
    query = select(Identity.building, Identity.tenancy, Identity.person).where(
        Identity.proof == proof, Identity.staff == ""
    )
    with answering(serving.engine) as session:
        persons = [person_subject(*each) for each in session.execute(query)]
    found = {home for each in persons for home in homes.get(each, ())}
    return tuple(sorted(found, key=latest_first))


def staff_of(engine: Engine, proof: str, now_ms: int) -> str:
    """Return the staff account that a proof is bound to; empty if none."""
    bound = Identity.proof == proof, Identity.staff != ""
    with answering(engine) as session:
        session.execute(update(Identity).where(*bound).values(used_ms=now_ms))
        return session.scalars(select(Identity.staff).where(*bound)).one_or_none() or ""


def is_bound(engine: Engine, proof: str, now_ms: int) -> bool:
    """Whether a proof is bound to a home; also note that it was used."""
    bound = Identity.proof == proof, Identity.staff == ""
    with answering(engine) as session:
        session.execute(update(Identity).where(*bound).values(used_ms=now_ms))
        return session.scalars(select(Identity.number).where(*bound).limit(1)).first() is not None


def bind_homes(engine: Engine, way: str, proof: str, homes: Iterable[Home], now_ms: int) -> None:
    """
    Bind a proof to homes that somebody proved in another way; earlier bindings stay.

    Parameters
    ----------
    engine : Engine
    way : str
        Name of the log-in service, or ``passkey``.
    proof : str
    homes : iterable of Home
    now_ms : int
        [ms since 1970, UTC]
    """
    with answering(engine) as session:
        for home in homes:
            key = {"building": home.building, "tenancy": home.tenancy, "person": home.person}
            there = select(Identity.number).filter_by(proof=proof, **key)
            if session.scalars(there).first() is None:
                row = Identity(
                    way=way, proof=proof, staff="", made_ms=now_ms, used_ms=now_ms, facts={}, **key
                )
                session.add(row)


def bind_staff(
    engine: Engine, way: str, proof: str, name: str, now_ms: int, *, only: bool = True
) -> bool:
    """
    Bind a proof to a staff account; False if it is another's.

    See `bind_homes` for the other parameters.

    Parameters
    ----------
    engine : Engine
    way, proof, name : str
    now_ms : int
        [ms since 1970, UTC]
    only : bool, optional
        Whether it replaces the account's other proofs of this kind.
    """
    with answering(engine) as session:
        other = select(Identity.number).where(
            Identity.proof == proof, Identity.staff.not_in(("", name))
        )
        if session.scalars(other).first() is not None:
            return False
        if only:
            session.execute(delete(Identity).where(Identity.way == way, Identity.staff == name))
        session.add(
            Identity(
                way=way, proof=proof, staff=name, building="", tenancy="", person="",
                made_ms=now_ms, used_ms=now_ms, facts={},
            )
        )  # fmt: skip
    return True


def facts_of(engine: Engine, proof: str) -> dict[str, Any]:
    """Return what is kept with a proof, such as a passkey's public key; empty if it is unknown."""
    query = select(Identity.facts).where(Identity.proof == proof).limit(1)
    with answering(engine) as session:
        return session.scalars(query).first() or {}


def keep_facts(engine: Engine, proof: str, facts: dict[str, Any], now_ms: int) -> None:
    """Store facts with a proof, and note that it was used. [ms since 1970, UTC]"""
    kept = update(Identity).where(Identity.proof == proof).values(facts=facts, used_ms=now_ms)
    with answering(engine) as session:
        session.execute(kept)


def proofs_of(engine: Engine, home: Home) -> Collection[str]:
    """Return a resident's proofs other than address and letter."""
    with answering(engine) as session:
        return set(session.scalars(select(Identity.proof).where(*_of(home))))


def unbind(engine: Engine, way: str, homes: Iterable[Home]) -> None:
    """End a way of logging in for the persons of homes, along with the sessions begun that way."""
    with answering(engine) as session:
        for home in homes:
            bound = Identity.way == way, *_of(home)
            proofs = session.scalars(select(Identity.proof).where(*bound)).all()
            session.execute(delete(Identity).where(*bound))
            subjects = [identity_subject(each) for each in proofs]
            session.execute(delete(LoginSession).where(LoginSession.subject.in_(subjects)))


class Known(NamedTuple):
    """A person's proof, as it is listed. [ms since 1970, UTC]"""

    number: int
    way: str
    made_ms: int
    used_ms: int


KNOWN = (
    select(Identity.number, Identity.way, Identity.made_ms, Identity.used_ms)
    .where(
        *(getattr(Identity, name) == bindparam(name) for name in ("building", "tenancy", "person")),
        Identity.staff == "",
    )
    .order_by(Identity.made_ms.desc(), Identity.number.desc())
)


def known_by(engine: Engine, home: Home) -> list[Known]:
    """List a resident's proofs other than address and letter, the most recent first."""
    of = {"building": home.building, "tenancy": home.tenancy, "person": home.person}
    with looking(engine) as connection:
        return [Known(*each) for each in connection.execute(KNOWN, of)]


def known_of_staff(engine: Engine, way: str, name: str) -> list[Known]:
    """List a staff account's proofs of one kind, the most recent first."""
    query = (
        select(Identity.number, Identity.way, Identity.made_ms, Identity.used_ms)
        .where(Identity.way == way, Identity.staff == name)
        .order_by(Identity.made_ms.desc(), Identity.number.desc())
    )
    with answering(engine) as session:
        return [Known(*each) for each in session.execute(query)]


def end_identity_of_staff(engine: Engine, way: str, name: str, number: int) -> bool:
    """End a staff account's proof and all sessions begun that way; False if it is another's."""
    own = Identity.number == number, Identity.way == way, Identity.staff == name
    with answering(engine) as session:
        if session.scalars(select(Identity.number).where(*own)).one_or_none() is None:
            return False
        session.execute(delete(Identity).where(*own))
        begun = LoginSession.way == way, LoginSession.staff == name
        session.execute(delete(LoginSession).where(*begun))
    return True


def end_identity(engine: Engine, home: Home, number: int) -> bool:
    """End one of a resident's proofs, for every home; False if it is another person's."""
    with answering(engine) as session:
        own = select(Identity.proof).where(Identity.number == number, *_of(home))
        proof = session.scalars(own).one_or_none()
        if proof is None:
            return False
        session.execute(delete(Identity).where(Identity.proof == proof))
        of_it = LoginSession.subject == identity_subject(proof)
        session.execute(delete(LoginSession).where(of_it))
    return True


def forget_staff(engine: Engine, name: str) -> None:
    """Remove every proof of a staff account, and end its sessions."""
    with answering(engine) as session:
        session.execute(delete(LoginSession).where(LoginSession.staff == name))
        session.execute(delete(Identity).where(Identity.staff == name))


def _of(home: Home) -> tuple[ColumnElement[bool], ...]:
    return (
        Identity.building == home.building,
        Identity.tenancy == home.tenancy,
        Identity.person == home.person,
        Identity.staff == "",
    )
