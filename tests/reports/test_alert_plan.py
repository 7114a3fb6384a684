"""Who is told what of alerts, when: one message a home, one for staff, and danger at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.life.case import Case
from alerts.life.kinds import kind_rules, life_limits
from alerts.life.states import State
from alerts.life.store import Notice
from alerts.model import AlertKind
from correspondence.catalogue import catalogue
from correspondence.outbox.message import Channel
from correspondence.text_message import LONGEST, length, plain
from estate.model import Contact, Estate, Person
from estate.periods import DAY_MS, HOUR_MS
from reports.alert.plan import Plan, Post, plan_messages
from tests.support import estates as make

ZONE = ZoneInfo("Europe/Copenhagen")
NOON = round(datetime(2026, 1, 15, 12, tzinfo=ZONE).timestamp() * 1000)
NIGHT = round(datetime(2026, 1, 15, 23, tzinfo=ZONE).timestamp() * 1000)
ALL = frozenset(Channel)
POST = Post(ALL, staff=("drift@example.org",), on_call=("+4570000000",))
FOR_RESIDENTS = [kind for kind, of in kind_rules().items() if of.audience == "resident"]
LEAK_EVIDENCE = {"flow_l_per_h": 20.0, "quantity": "cold_water_m3"}


def house(name: str = "b1", homes: int = 3, **more: Any) -> Estate:  # noqa: ANN401
    flats = [make.flat(f"f{number}") for number in range(1, homes + 1)]
    tenancies = [make.tenancy(f"{each.flat}-1", each.flat) for each in flats]
    persons = [
        Person(
            tenancy=each.tenancy, person=f"{each.tenancy}a", name="Resident",
            **{"mail": f"{name}.{each.flat}@example.org"} | more,
        )
        for each in tenancies
    ]  # fmt: skip
    devices = [make.device(f"w-{each.flat}", "cold_water", each.flat) for each in flats]
    contacts = (Contact(topic="Vand", phone="12 34 56 78", mail="vvs@example.org"),)
    return make.estate(flats, tenancies, devices, persons=persons, id=name, contacts=contacts)


def case(flat: str = "f1", kind: AlertKind = AlertKind.LEAK, **more: Any) -> Case:  # noqa: ANN401
    end_ms = more.pop("now_ms", NOON) - HOUR_MS
    plain = Case(
        f"{flat}-{kind}", "b1", flat, kind, f"w-{flat}", f"{flat}-1", end_ms - 2 * DAY_MS, end_ms,
        end_ms, end_ms, end_ms, evidence=LEAK_EVIDENCE,
    )  # fmt: skip
    return replace(plain, **more)


def plan(
    cases: Sequence[Case],
    notices: Sequence[Notice] = (),
    *,
    post: Post = POST,
    now_ms: int = NOON,
    estates: Sequence[Estate] = (),
) -> Plan:
    known = {each.building.id: each for each in estates or [house()]}
    return plan_messages(known, cases, notices, post, life_limits(), now_ms)


def notice(of: Case, about: State = State.NEW, message: str = "m1", at_ms: int = NOON) -> Notice:
    return Notice(message, of.id, of.building, about, of.tenancy, "p", "mail", at_ms)


def test_a_home_is_told_what_since_when_what_it_costs_what_to_check_and_whom_to_ask() -> None:
    post = replace(POST, prices_ore={"cold_water_m3": 6_000.0})
    done = plan([case()], post=post)
    (message,) = done.messages
    assert (message.channel, message.address) == (Channel.MAIL, "b1.f1@example.org")
    text = message.text.replace("\N{NO-BREAK SPACE}", " ")
    assert message.subject == "Der løber vand uafbrudt"
    # 20 l/h are 0.48 m³ a day, at 60 kr.
    for part in (
        "Siden 13. januar kl. 11.00.", "Mindst 20 liter i timen.", "omkring 29 kr. om dagen",
        "Luk alle haner.", "Ring på 12 34 56 78", "Svar os, så skriver vi ikke mere om det.",
        "Sagsnr. f1-leak",
    ):  # fmt: skip
        assert part in text
    assert "<p>" in message.html
    assert done.cases["f1-leak"].state is State.SENT
    assert [each.case for each in done.notices] == ["f1-leak"]


def test_hot_water_never_points_at_the_cistern() -> None:
    for language, words in (("da", ("toilet", "cisterne")), ("en", ("cistern", "toilet"))):
        estate = replace(
            house(language=language),
            devices=(make.device("w-f1", "hot_water", "f1"),),
        )
        (message,) = plan([case(evidence={"flow_l_per_h": 9.0})], estates=[estate]).messages
        assert not any(word in message.text for word in words)


def test_several_of_one_home_are_one_message_and_a_person_is_spoken_to_in_their_language() -> None:
    both = [case(), case(kind=AlertKind.SPIKE, device="h-f1", evidence={})]
    done = plan(both, estates=[house(language="en")])
    (message,) = done.messages
    assert message.subject == "2 messages about your home"
    assert len(done.cases) == 2


def test_what_is_not_urgent_waits_for_the_morning_and_danger_does_not() -> None:
    burst = case("f2", AlertKind.BURST, now_ms=NIGHT)
    leak, danger = plan([case(now_ms=NIGHT), burst], now_ms=NIGHT).messages
    assert datetime.fromtimestamp(leak.due_ms / 1000, UTC).astimezone(ZONE).hour == 7
    assert leak.due_ms > NIGHT
    assert (danger.due_ms, danger.safety) == (NIGHT, True)


@pytest.mark.parametrize("more", [{}, {"channels": "none"}, {"channels": "letter"}])
def test_danger_in_a_home_without_phone_or_mail_reaches_who_is_on_call(more: Any) -> None:  # noqa: ANN401
    burst = case("f2", AlertKind.BURST, now_ms=NIGHT)
    done = plan([burst], now_ms=NIGHT, estates=[house(mail=None, **more)])
    letter, call = done.messages
    assert (letter.channel, letter.tenancy) == (Channel.LETTER, "f2-1")
    assert (call.channel, call.address, call.due_ms) == (Channel.SMS, "+4570000000", NIGHT)
    assert "f2" in call.text
    assert done.unreached == []
    # Without text messages and without a mail of staff nobody is reached, and that is told.
    silent = Post(ALL - {Channel.SMS}, on_call=("+4570000000",))
    assert plan([burst], post=silent, estates=[house(mail=None)]).unreached == [burst]


def test_danger_heeds_no_opt_out_and_what_is_not_dangerous_does() -> None:
    estate = house(channels="none")
    (message,) = plan([case("f2", AlertKind.BURST)], estates=[estate]).messages
    assert message.address == "b1.f2@example.org"
    assert plan([case()], estates=[estate]).messages == []


def test_a_home_is_told_so_often_a_week_and_not_more() -> None:
    most = life_limits().most_a_week
    told = [
        notice(
            case(device=f"w{number}", id=f"old{number}"),
            message=f"m{number}",
            at_ms=NOON - number * HOUR_MS,
        )
        for number in range(most)
    ]
    assert plan([case()], told).messages == []
    assert len(plan([case()], told[1:]).messages) == 1
    week_ago = [replace(each, queued_ms=NOON - 8 * DAY_MS) for each in told]
    assert len(plan([case()], week_ago).messages) == 1
    # What is told at once is one, of however many alerts and to however many persons.
    at_once = [replace(each, queued_ms=NOON - HOUR_MS) for each in told]
    assert len(plan([case()], at_once).messages) == 1
    assert len(plan([case("f1", AlertKind.BURST)], told).messages) == 1
    # The same flat and tenancy of another building is another home.
    elsewhere = plan([case(building="b2")], told, estates=[house(), house("b2")])
    assert [each.address for each in elsewhere.messages] == ["b2.f1@example.org"]


@pytest.mark.parametrize("state", [State.CLEARED, State.WITHDRAWN])
def test_nobody_hears_of_an_end_who_did_not_hear_of_a_beginning(state: State) -> None:
    over = case(state=state)
    assert plan([over]).messages == []
    told = [notice(over)]
    (message,) = plan([over], told).messages
    assert ("Det er overstået" in message.text) == (state is State.CLEARED)
    assert ("Målingerne er rettet" in message.text) == (state is State.WITHDRAWN)
    assert plan([over], [*told, notice(over, state, "m2")]).messages == []


@pytest.mark.parametrize(
    "more",
    [
        {"inhibited_by": "x"},
        {"silenced_ms": NOON + 1},
        {"start_ms": NOON - 9 * DAY_MS, "end_ms": NOON - 8 * DAY_MS},
        {"state": State.ACKNOWLEDGED},
        {"tenancy": "f1-0"},
    ],
)
def test_what_is_explained_silenced_stale_or_of_who_moved_is_not_told(more: Any) -> None:  # noqa: ANN401
    estate = house()
    gone = make.tenancy("f1-0", "f1", date(2019, 1, 1), date(2020, 1, 1))
    estate = replace(estate, tenancies=(*estate.tenancies, gone))
    assert plan([case(**more)], estates=[estate]).messages == []


def test_an_answer_silences_the_like_of_it_and_not_danger() -> None:
    answered = case(id="old", state=State.CLEARED, silenced_ms=NOON + DAY_MS, label="guests")
    assert plan([answered, case()]).messages == []
    assert len(plan([answered, case("f2")]).messages) == 1
    burst = replace(answered, kind=AlertKind.BURST)
    assert len(plan([burst, case("f1", AlertKind.BURST)]).messages) == 1


def test_the_climate_of_who_refused_to_show_it_is_not_written_about() -> None:
    estate = house()
    refused = tuple(each.model_copy(update={"climate_refused": True}) for each in estate.tenancies)
    mould = case(kind=AlertKind.MOULD_RISK, device="", evidence={})
    assert len(plan([mould]).messages) == 1
    assert plan([mould], estates=[replace(estate, tenancies=refused)]).messages == []


def test_a_storm_over_a_hundred_buildings_is_one_message_to_staff_and_one_a_home() -> None:
    names = [f"b{number}" for number in range(100)]
    estates = [house(name) for name in names]
    whole = {"homes": 3, "flats": ["f1", "f2", "f3"]}
    groups = [
        case(
            "", AlertKind.STOP, id=f"g{name}", building=name, tenancy="", device="", evidence=whole
        )
        for name in names
    ]
    inhibited = [
        case(flat, AlertKind.STOP, id=f"{name}{flat}", building=name, inhibited_by=f"g{name}")
        for name in names
        for flat in ("f1", "f2", "f3")
    ]
    leaks = [case(id=f"l{name}", building=name) for name in names]
    done = plan([*groups, *inhibited, *leaks], estates=estates)
    staff = [each for each in done.messages if each.address == "drift@example.org"]
    assert len(staff) == 1
    assert len(staff[0].text.split("\n\n")) == 100
    assert len(done.messages) == 101
    assert len({each.id for each in done.messages}) == 101


def test_danger_in_a_hundred_buildings_is_one_message_to_who_is_on_call() -> None:
    names = [f"b{number}" for number in range(100)]
    estates = [house(name, mail=None) for name in names]
    cold = [
        case(flat, AlertKind.NO_HEAT, id=f"{name}{flat}", building=name, evidence={})
        for name in names
        for flat in ("f1", "f2", "f3")
    ]
    done = plan(cold, estates=estates)
    (call,) = [each for each in done.messages if each.channel is Channel.SMS]
    assert call.text.startswith("Haster: 300 advarsler")
    assert len(call.text) <= 306
    assert {each.case for each in done.notices if each.message == call.id} == {
        each.id for each in cold
    }
    assert done.unreached == []
    # The homes themselves get one letter each.
    assert len(done.messages) == 301


def test_a_home_that_was_told_already_joins_the_group_and_hears_of_its_own_end() -> None:
    told = case("f1", AlertKind.STOP, inhibited_by="g", state=State.SENT)
    group = case("", AlertKind.STOP, id="g", tenancy="", device="", evidence={"homes": 3})
    done = plan([told, group], [notice(told)])
    assert [each.address for each in done.messages] == ["drift@example.org"]
    over = replace(told, state=State.CLEARED)
    (end,) = plan([replace(over, kind=AlertKind.LEAK)], [notice(over)]).messages
    assert end.address == "b1.f1@example.org"


def test_a_link_goes_with_a_beginning_alone_and_whole_or_not_at_all() -> None:
    post = replace(POST, answer_url="https://example.org/a/{token}", new_token=lambda: "t" * 43)
    by_phone = house(mail=None, phone="+4512345678", channels="sms")
    done = plan([case()], post=post, estates=[by_phone])
    (message,) = done.messages
    assert done.links == {"t" * 43: message.id}
    link = "https://example.org/a/" + "t" * 43
    assert message.text.endswith(link) or "https" not in message.text
    assert len(message.text) <= 306
    over = case(state=State.CLEARED)
    assert plan([over], [notice(over)], post=post).links == {}


@pytest.mark.parametrize("language", ["da", "de", "en"])
@pytest.mark.parametrize("kind", FOR_RESIDENTS)
@pytest.mark.parametrize("meter", ["cold_water", "hot_water", "heat"])
def test_a_text_message_of_any_kind_fits_and_says_what_to_do(
    language: str, kind: AlertKind, meter: str
) -> None:
    estate = replace(
        house(language=language, phone="+4512345678", channels="sms"),
        devices=(make.device("w-f1", meter, "f1"),),
    )
    (message,) = plan([case(kind=kind)], estates=[estate]).messages
    assert message.channel is Channel.SMS
    assert length(message.text) <= LONGEST
    assert plain(message.text) == message.text
    words = catalogue(language)
    key = f"message.{kind}.check"
    check = words.say(of if (of := f"{key}.{meter}") in words else key)
    assert plain(check.partition(". ")[0]).rstrip(".") in message.text
    assert "12 34 56 78" in message.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("da", "Ring på 12 34 56 78 (Vand, hverdage 9-12)"),
        ("en", "Call 12 34 56 78 (weekdays 9-12)"),
        ("de", "Rufen Sie 12 34 56 78 an (werktags 9-12)"),
    ],
)
def test_whom_to_ask_is_said_in_the_reader_s_language(language: str, said: str) -> None:
    own = house(language="da")
    contact = Contact(topic="Vand", phone="12 34 56 78", hours="hverdage 9-12")
    persons = [each.model_copy(update={"language": language}) for each in own.persons]
    told = own.building.model_copy(update={"contacts": (contact,)})
    estate = replace(own, building=told, persons=tuple(persons))
    (message,) = plan([case()], estates=[estate]).messages
    assert said in message.text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_message_to_a_protected_home_does_not_say_where_it_is() -> None:
    for protected in (False, True):
        (message,) = plan([case()], estates=[house(protected=protected)]).messages
        assert ("Det gælder f1" in message.text) is not protected
        assert ("Det gælder f1" in message.html) is not protected


def test_a_text_message_to_who_has_two_homes_says_which() -> None:
    own = house(mail=None, phone="+4512345678", channels="sms")
    one = replace(own, persons=own.persons[:1])
    other = house("b2", mail=None, phone="+4512345678", channels="sms")
    for estates, named in (([one], False), ([own], True), ([one, other], True)):
        (message,) = plan([case()], estates=estates).messages
        assert message.text.startswith("Det gælder f1. Der løber vand") is named
        assert length(message.text) <= LONGEST
        assert "Luk alle haner" in message.text
    moved = [each.model_copy(update={"end": date(2026, 1, 1)}) for each in own.tenancies[1:]]
    gone = replace(own, tenancies=(own.tenancies[0], *moved))
    assert plan([case()], estates=[gone]).messages[0].text.startswith("Der løber vand")


def test_mould_names_the_room_and_a_cold_wall_is_no_fault_of_the_home() -> None:
    damp = {"room": "soveværelse", "wall_share": 0.8}
    mould = case(kind=AlertKind.MOULD_RISK, device="", evidence=damp)
    (message,) = plan([mould]).messages
    assert message.subject == "Der er fare for skimmel: soveværelse"
    assert "Væggen er koldere" in message.text
    (other,) = plan([replace(mould, evidence={"wall_share": 0.1})]).messages
    assert "Væggen" not in other.text


def test_staff_hear_which_device_shows_what_and_nobody_is_blamed() -> None:
    estate = replace(house(), devices=(make.device("box1", "climate", "f2"),))
    fault = case(
        "f2", AlertKind.DEVICE_FAULT, device="box1", evidence={"fault": "sun", "fault_hours": {}}
    )
    (message,) = plan([fault], estates=[estate]).messages
    assert message.address == "drift@example.org"
    assert "Klimaboks box1: står i solen." in message.text
    assert "sammen med beboeren" in message.text


def test_a_letter_has_no_link_that_nobody_can_type() -> None:
    post = replace(POST, answer_url="https://example.org/a/{token}", new_token=lambda: "t" * 43)
    done = plan([case()], post=post, estates=[house(mail=None)])
    (letter,) = done.messages
    assert letter.channel is Channel.LETTER
    assert "https" not in letter.text
    assert done.links == {}


def test_a_vacant_home_is_the_staffs_and_without_a_setting_the_fitting_contacts() -> None:
    vacant = case(tenancy="")
    assert [each.address for each in plan([vacant]).messages] == ["drift@example.org"]
    (message,) = plan([vacant], post=Post(ALL)).messages
    assert message.address == "vvs@example.org"
    assert "Der bor ingen." in message.text


def test_a_webhook_takes_the_alerts_of_a_building_as_json() -> None:
    post = replace(POST, webhooks=("board",))
    messages = plan([case(), case("f2")], post=post).messages
    (posted,) = [each for each in messages if each.channel is Channel.WEBHOOK]
    assert [each["flat"] for each in json.loads(posted.text)] == ["f1", "f2"]


def test_a_return_has_a_message_of_its_own() -> None:
    first = plan([case()])
    back = case(state=State.REOPENED, changed_ms=NOON)
    again = plan([back], [notice(back), notice(back, State.CLEARED, "m2")])
    assert "Det er begyndt igen." in again.messages[0].text
    assert again.messages[0].id != first.messages[0].id
