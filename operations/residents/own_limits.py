"""
Notifies residents that they exceeded a limit or goal of their own.

Each limit is reported at most once a month, and a goal once a year: the message's id contains both,
and the outbox accepts no message twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from alerts.life.kinds import life_limits
from alerts.life.telling import due_ms
from correspondence.address import language_of
from correspondence.catalogue import catalogue
from correspondence.outbox.message import Channel, Message, message_id
from correspondence.outbox.store import Outbox
from correspondence.recipients import recipients
from correspondence.text_message import longest_fit
from estate.periods import local_date
from estate.purposes.table import Reader
from operations.alerts.announce import post_of
from operations.clock import now_ms
from operations.residents.use import above_limits, used_of_goal
from operations.serving import serving
from operations.visitors.people import person_subject
from operations.wishes.store import wishes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from correspondence.catalogue import Catalogue
    from correspondence.home_delivery import Recipient
    from estate.model import Estate, Person
    from operations.serving import Serving
    from operations.settings import Settings
    from operations.visitors.roles import Home
    from operations.wishes.store import Wish

KIND = "own_limit"
GOAL = "goal"


class Passed(NamedTuple):
    """
    A resident's own limit that was exceeded.

    Attributes
    ----------
    limit : str
        The quantity of a day's limit, or ``goal``.
    span : str
        The month or year in which it is reported once.
    used, most : float
        [kWh of heat, l of hot water]
    day : date
        The day on which it was exceeded.
    """

    limit: str
    span: str
    used: float
    most: float
    day: date


def tell_own_limits(settings: Settings, clock: Callable[[], int] = now_ms) -> int:
    """
    Queue messages to residents about their own limits, and return how many are new.

    Parameters
    ----------
    settings : Settings
    clock : callable, optional
        [ms since 1970, UTC]

    Raises
    ------
    StoreUnavailable
        Doing it again is harmless.
    """
    channels = post_of(settings).channels
    with serving(settings, clock) as opened:
        outbox, number = Outbox(opened.engine), 0
        for building, estate in sorted(opened.estates().by_building.items()):
            for (tenancy, person), wish in sorted(wishes_of(opened.engine, building).items()):
                subject = person_subject(building, tenancy, person)
                for home in opened.estates().homes.get(subject, ()):
                    messages = list(_messages(opened, estate, home, wish, channels))
                    number += outbox.put(messages, clock()) if messages else 0
        return number


def _messages(
    opened: Serving, estate: Estate, home: Home, wish: Wish, channels: Collection[Channel]
) -> Iterator[Message]:
    today = local_date(opened.clock(), estate.building.zone)
    if not home.holds(today):
        return
    ways = _ways(estate, home, today, channels)
    for passed in _passed(opened, home, wish, today) if ways else ():
        for way in ways:
            yield _message(opened, estate, home, passed, way)


def _passed(opened: Serving, home: Home, wish: Wish, today: date) -> Iterator[Passed]:
    yesterday = today - timedelta(days=1)
    for each in above_limits(opened, home, wish, Reader.RESIDENT):
        yield Passed(each.quantity, f"{yesterday:%Y-%m}", each.used, each.limit, yesterday)
    used = used_of_goal(opened, home, wish, Reader.RESIDENT, yesterday.year)
    if wish.goal_kwh is not None and used is not None and used > wish.goal_kwh:
        yield Passed(GOAL, f"{yesterday.year}", used, wish.goal_kwh, yesterday)


def _ways(
    estate: Estate, home: Home, today: date, channels: Collection[Channel]
) -> tuple[Recipient, ...]:
    """Return how to reach the person; a limit is theirs, not that of others in the home."""
    own = _own_rows(estate, home)
    tenancy = estate.tenancy_by_id[home.tenancy]
    return recipients(replace(estate, persons=own), tenancy, today, channels)


def _own_rows(estate: Estate, home: Home) -> tuple[Person, ...]:
    key = home.tenancy, home.person
    return tuple(each for each in estate.persons if (each.tenancy, each.person) == key)


def _message(
    opened: Serving, estate: Estate, home: Home, passed: Passed, way: Recipient
) -> Message:
    building = estate.building
    words = catalogue(language_of(_own_rows(estate, home), building))
    link = f"{opened.portal.url}/home/{home.building}/{home.tenancy}/settings"
    first, rest = _sentences(passed, words, "" if way.channel is Channel.LETTER else link)
    key = (building.id, home.tenancy, home.person, passed.limit, passed.span)
    return Message(
        id=message_id(KIND, *key),
        channel=way.channel,
        kind=KIND,
        address=way.address,
        subject=words.say(f"own_limit.{passed.limit}.subject"),
        text=longest_fit([f"{first} {rest}", first])
        if way.channel is Channel.SMS
        else f"{first}\n\n{rest}",
        building=building.id,
        tenancy=home.tenancy,
        person=home.person,
        due_ms=due_ms(opened.clock(), building.zone, life_limits()),
    )


def _sentences(passed: Passed, words: Catalogue, link: str) -> tuple[str, str]:
    first = words.say(
        f"own_limit.{passed.limit}",
        day=words.full_date(passed.day),
        used=words.plain_number(round(passed.used, 1)),
        limit=words.plain_number(passed.most),
        year=str(passed.day.year),
    )
    again = "own_limit.once_a_year" if passed.limit == GOAL else "own_limit.once_a_month"
    # Nobody types a link off paper.
    return first, words.say(again, link=link) if link else words.say(f"{again}.letter")
