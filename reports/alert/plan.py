"""Plans which messages to queue about which alerts, to whom, and when. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from alerts.life.case import Case, Change
from alerts.life.kinds import kind_rules
from alerts.life.relations import WHOLE_BUILDING
from alerts.life.states import UNTOLD, Event
from alerts.life.store import Notice
from alerts.life.telling import due_ms, has_had_enough, to_tell
from correspondence.address import language_of, persons_on
from correspondence.catalogue import catalogue
from correspondence.contacts import contact_for
from correspondence.home_delivery import Recipient
from correspondence.outbox.message import Channel, Message, message_id
from correspondence.recipients import at_once, recipients
from estate.periods import local_date
from reports.alert.words import Told, resident_message, staff_message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from alerts.life.kinds import LifeLimits
    from estate.model import Estate, Tenancy
    from reports.alert.words import Written


@dataclass(frozen=True)
class Post:
    """
    The channels of an installation, and its recipients besides residents.

    Attributes
    ----------
    channels : collection of Channel
    staff, on_call : sequence of str
        Mail addresses and telephone numbers; by default the buildings' own contacts.
    webhooks : sequence of str
        Names of webhooks that accept alerts.
    prices_ore : mapping of str to float
        Of a unit of each quantity. [øre]
    answer_url : str
        Where a question is answered, with ``{token}`` for the link's own part; empty if nowhere.
    new_token : callable
        Creates an unguessable one.
    """

    channels: Collection[Channel]
    staff: Sequence[str] = ()
    on_call: Sequence[str] = ()
    webhooks: Sequence[str] = ()
    prices_ore: Mapping[str, float] = field(default_factory=dict)
    answer_url: str = ""
    new_token: Callable[[], str] = token_urlsafe


@dataclass
class Plan:
    """
    What is to be recorded in one transaction.

    Attributes
    ----------
    messages : list of Message
    notices : list of Notice
        The alerts that each message reports.
    cases : dict of str to Case
        Alerts reported now, by id.
    changes : list of Change
    unreached : list of Case
        Dangerous ones of which nobody can be notified within the hour.
    links : dict of str to str
        The message that each token answers.
    """

    messages: list[Message] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    unreached: list[Case] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)


def plan_messages(
    estates: Mapping[str, Estate],
    cases: Iterable[Case],
    notices: Sequence[Notice],
    post: Post,
    limits: LifeLimits,
    now_ms: int,
) -> Plan:
    """
    Plan the messages to queue now.

    A home gets everything new at once, in one message per person; staff get one message for all
    buildings. Anything dangerous is sent separately, at once, and to the on-call list if nobody in
    the home has a telephone or mail: then in one message for all homes of a run.

    Parameters
    ----------
    estates : mapping of str to Estate
    cases : iterable of Case
        Open ones, and those that were closed or silenced lately.
    notices : sequence of Notice
        About them, or about others this week, the oldest first, without retracted ones.
    post : Post
    limits : LifeLimits
    now_ms : int
        [ms since 1970, UTC]
    """
    return _Planner(estates, list(cases), notices, post, limits, now_ms).plan()


class _Planner:
    def __init__(
        self,
        estates: Mapping[str, Estate],
        cases: Sequence[Case],
        notices: Sequence[Notice],
        post: Post,
        limits: LifeLimits,
        now_ms: int,
    ) -> None:
        self._estates, self._post, self._limits, self._now_ms = estates, post, limits, now_ms
        self._cases, self._notices = cases, notices
        self._of_case: dict[str, list[Notice]] = defaultdict(list)
        for each in notices:
            self._of_case[each.case].append(each)
        self._silenced = {_like(each) for each in cases if each.silenced_ms > now_ms}
        self._on_call: dict[Recipient, list[Told]] = defaultdict(list)
        self._done = Plan()

    def plan(self) -> Plan:
        homes: dict[tuple[str, str], list[Told]] = defaultdict(list)
        staff: list[Told] = []
        for case in self._cases:
            about = to_tell(case, self._of_case[case.id], self._now_ms, self._limits)
            if about is None or case.building not in self._estates or self._is_silenced(case):
                continue
            if _for_staff(case):
                staff.append(Told(case, about))
            else:
                homes[case.building, case.tenancy].append(Told(case, about))
        for (building, tenancy), told in homes.items():
            self._tell_home(self._estates[building], tenancy, told)
        self._tell_staff(staff)
        self._tell_on_call()
        self._post_to_webhooks([*staff, *(each for told in homes.values() for each in told)])
        return self._done

    def _is_silenced(self, case: Case) -> bool:
        # A dangerous alert is only silenced individually.
        if kind_rules()[case.kind].dangerous:
            return case.silenced_ms > self._now_ms
        return _like(case) in self._silenced and case.state in UNTOLD

    def _tell_home(self, estate: Estate, name: str, told: Sequence[Told]) -> None:
        today = local_date(self._now_ms, estate.building.zone)
        tenancy = estate.tenancy_by_id.get(name)
        if tenancy is None or today < tenancy.start or (tenancy.end and tenancy.end <= today):
            return
        rules = kind_rules()
        told = [
            each
            for each in told
            if not (rules[each.case.kind].climate and tenancy.climate_refused)
            or rules[each.case.kind].dangerous
        ]
        dangerous = [each for each in told if _dangerous(each)]
        others = [each for each in told if not _dangerous(each)]
        home = (estate.building.id, name)
        if has_had_enough(self._notices, home, self._now_ms, self._limits.most_a_week):
            others = [each for each in others if each.about not in UNTOLD]
        if dangerous:
            self._tell_of_danger(estate, tenancy, dangerous)
        if others:
            self._tell_persons(estate, tenancy, others, safety=False)

    def _tell_of_danger(self, estate: Estate, tenancy: Tenancy, told: Sequence[Told]) -> None:
        if not at_once(self._tell_persons(estate, tenancy, told, safety=True)):
            self._call(estate, told)

    def _tell_persons(
        self, estate: Estate, tenancy: Tenancy, told: Sequence[Told], *, safety: bool
    ) -> Sequence[Recipient]:
        building = estate.building
        today = local_date(self._now_ms, building.zone)
        persons = persons_on(estate.persons, tenancy.tenancy, today)
        found = recipients(estate, tenancy, today, self._post.channels, safety=safety)
        for each in found:
            own = [person for person in persons if person.person == each.person] or persons
            words = catalogue(language_of(own, building))
            # Nobody types a link from paper.
            link, token = ("", "") if each.channel is Channel.LETTER else self._link(told)
            several = len(self._homes_by_phone.get(each.address, ())) > 1
            written = resident_message(
                estate, told, words, self._post.prices_ore, link, several_homes=several
            )
            due = self._now_ms if safety else due_ms(self._now_ms, building.zone, self._limits)
            queued = self._queue(
                told, each, written, due, tenancy.tenancy, building.id, safety=safety
            )
            if token and queued:
                self._done.links[token] = queued
        return found

    @cached_property
    def _homes_by_phone(self) -> Mapping[str, set[tuple[str, str]]]:
        """Buildings and tenancies in which a telephone number is in use today."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for name, estate in self._estates.items():
            today = local_date(self._now_ms, estate.building.zone)
            running = {
                each.tenancy
                for each in estate.tenancies
                if each.start <= today and (each.end is None or today < each.end)
            }
            for each in estate.persons:
                if each.phone and each.tenancy in running:
                    found[each.phone].add((name, each.tenancy))
        return found

    def _link(self, told: Sequence[Told]) -> tuple[str, str]:
        """Return where the questions of a message are answered, and the secret in it."""
        if not self._post.answer_url or not any(each.about in UNTOLD for each in told):
            return "", ""
        token = self._post.new_token()
        return self._post.answer_url.replace("{token}", token), token

    def _tell_staff(self, told: Sequence[Told]) -> None:
        digests: dict[str, list[Told]] = defaultdict(list)
        for each in told:
            estate = self._estates[each.case.building]
            if _dangerous(each):
                self._call(estate, [each])
                continue
            for address in self._post.staff or _contact_mail(estate, each.case):
                digests[address].append(each)
        for address, its in digests.items():
            building = self._estates[its[0].case.building].building
            written = staff_message(self._estates, its, catalogue(language_of((), building)))
            due = due_ms(self._now_ms, building.zone, self._limits)
            self._queue(its, _staff(address), written, due)

    def _call(self, estate: Estate, told: Sequence[Told]) -> None:
        mails = [each.mail for each in estate.building.contacts if each.emergency and each.mail]
        wanted = [_staff(each) for each in self._post.on_call or mails or self._post.staff]
        ways = [each for each in wanted if each.channel in self._post.channels]
        if not ways:
            self._done.unreached += [each.case for each in told]
        for way in ways:
            self._on_call[way] += told

    def _tell_on_call(self) -> None:
        for way, told in self._on_call.items():
            buildings = {each.case.building for each in told}
            words = catalogue(language_of((), self._estates[told[0].case.building].building))
            written = staff_message(self._estates, told, words, urgent=True)
            building = buildings.pop() if len(buildings) == 1 else ""
            self._queue(told, way, written, self._now_ms, building=building, safety=True)

    def _post_to_webhooks(self, told: Sequence[Told]) -> None:
        for building in sorted({each.case.building for each in told}):
            its = [each for each in told if each.case.building == building]
            text = json.dumps([_posted(each) for each in its], ensure_ascii=False)
            written = _Plain(f"{len(its)} alerts of {building}", text)
            for name in self._post.webhooks:
                way = Recipient("", Channel.WEBHOOK, name)
                self._queue(its, way, written, self._now_ms, building=building)

    def _queue(
        self,
        told: Sequence[Told],
        way: Recipient,
        written: Written | _Plain,
        due: int,
        tenancy: str = "",
        building: str = "",
        *,
        safety: bool = False,
    ) -> str:
        """Queue a message and return its id; empty if there is no such channel."""
        if way.channel not in self._post.channels:
            return ""
        times = [f"{each.case.id}:{each.about}:{each.case.changed_ms}" for each in told]
        message = Message(
            id=message_id("alert", way.channel, way.address, tenancy, *times),
            channel=way.channel,
            kind="alert",
            address=way.address,
            subject=written.subject,
            text=written.short if way.channel is Channel.SMS else written.text,
            html=written.html if way.channel is Channel.MAIL else "",
            building=building,
            tenancy=tenancy,
            person=way.person,
            due_ms=due,
            safety=safety,
        )
        self._done.messages.append(message)
        for each in told:
            self._write_down(each, message)
        return message.id

    def _write_down(self, told: Told, message: Message) -> None:
        case = told.case
        self._done.notices.append(
            Notice(
                message.id, case.id, case.building, told.about, message.tenancy, message.person,
                message.channel, self._now_ms,
            )
        )  # fmt: skip
        if case.state in UNTOLD and case.id not in self._done.cases:
            now = case.after(Event.TOLD, self._now_ms)
            self._done.cases[case.id] = now
            self._done.changes.append(Change(case.id, Event.TOLD, now.state, self._now_ms))


@dataclass(frozen=True)
class _Plain:
    """The message sent to programs."""

    subject: str
    text: str
    short: str = ""
    html: str = ""


def _like(case: Case) -> tuple[str, ...]:
    return (case.building, case.flat, case.kind, case.device, case.tenancy)


def _for_staff(case: Case) -> bool:
    audience = kind_rules()[case.kind].audience
    return case.flat == WHOLE_BUILDING or not case.tenancy or audience == "staff"


def _dangerous(told: Told) -> bool:
    return told.about in UNTOLD and kind_rules()[told.case.kind].dangerous


def _staff(address: str) -> Recipient:
    return Recipient("", Channel.MAIL if "@" in address else Channel.SMS, address)


def _contact_mail(estate: Estate, case: Case) -> list[str]:
    contact = contact_for(case.kind, [each for each in estate.building.contacts if each.mail])
    return [contact.mail] if contact and contact.mail else []


def _posted(told: Told) -> dict[str, object]:
    case = told.case
    return {
        "id": case.id, "building": case.building, "flat": case.flat, "tenancy": case.tenancy,
        "kind": str(case.kind), "device": case.device or None, "about": str(told.about),
        "start_ms": case.start_ms, "end_ms": case.end_ms, "evidence": dict(case.evidence),
    }  # fmt: skip
