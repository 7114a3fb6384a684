"""Residents are told of limits of their own: once a month, as they wish, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from correspondence.outbox.message import Channel, Message
from correspondence.outbox.store import Outbox
from operations.channel_settings import LetterSettings, MailSettings, SmsSettings
from operations.residents.own_limits import KIND, tell_own_limits
from operations.settings import Settings
from operations.wishes.store import Wish, write_wish
from tests.support.portal_house import HOUSE, Portal, live_in, opened_portal

ANNA, AXEL, CARLA = (HOUSE, "0101-1", "anna"), (HOUSE, "0101-1", "axel"), (HOUSE, "0102-2", "carla")
DAY_MINUTES = 24 * 60


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """Every home uses 12 kWh of heat and 120 l of hot water a day, up to 10 February."""
    with opened_portal(tmp_path) as portal:
        live_in(portal)
        yield portal


def settings_of(portal: Portal) -> Settings:
    directory = Path(portal.serving.settings.database.removeprefix("sqlite:///")).parent
    return portal.serving.settings.model_copy(
        update={
            "mail": MailSettings(host="127.0.0.1", sender="h@h.example", security="none"),
            "letters": LetterSettings(directory=directory / "letters"),
            "sms": SmsSettings.model_validate({"url": "json://127.0.0.1/{to}"}),
        }
    )


def wish(portal: Portal, key: tuple[str, str, str], **said: object) -> None:
    write_wish(portal.serving.engine, key, replace(Wish(), **said), portal.clock())  # type: ignore[arg-type]


def told(portal: Portal) -> list[Message]:
    """Tell, and return every message about a limit."""
    tell_own_limits(settings_of(portal), portal.clock)
    outbox = Outbox(portal.serving.engine)
    ids = [each.id for each in outbox.list_rows(1000) if each.kind == KIND]
    found = [outbox.message(each) for each in ids]
    return sorted((each for each in found if each), key=lambda each: each.subject)


def test_who_passed_a_limit_is_told_once(portal: Portal) -> None:
    wish(portal, ANNA, day_limit_kwh=11.5, language="da")
    (message,) = told(portal)
    assert (message.channel, message.address) == (Channel.MAIL, "anna@residents.example")
    text = message.text.replace("\N{NO-BREAK SPACE}", " ")
    assert text.startswith("Den 9. februar 2026 brugte du 12 kWh varme.")
    assert "Din egen grænse er 11,5 kWh" in message.text
    assert f"/home/{HOUSE}/0101-1/settings" in message.text
    assert [each.id for each in told(portal)] == [message.id]


def test_who_has_no_limit_or_did_not_pass_it_is_told_nothing(portal: Portal) -> None:
    wish(portal, ANNA, language="da")
    wish(portal, AXEL, day_limit_kwh=12.5, day_limit_l=121.0)
    assert told(portal) == []


def test_the_next_day_says_nothing_and_the_next_month_does(portal: Portal) -> None:
    wish(portal, ANNA, day_limit_kwh=11.5)
    portal.clock.wait(-12 * DAY_MINUTES)  # 29 January: of the 28th
    assert len(told(portal)) == 1
    portal.clock.wait(2 * DAY_MINUTES)  # 31 January: of the 30th
    assert len(told(portal)) == 1
    portal.clock.wait(2 * DAY_MINUTES)  # 2 February: of the 1st
    assert len(told(portal)) == 2


def test_each_limit_is_told_of_by_itself(portal: Portal) -> None:
    wish(portal, ANNA, day_limit_kwh=11.5, day_limit_l=100.0, goal_kwh=300.0, language="en")
    texts = "\n".join(each.text for each in told(portal))
    assert texts.count("Change it here") == 3
    assert "you used 12 kWh of heat. Your own limit is 11.5 kWh" in texts
    assert "you used 120 litres of hot water. Your own limit is 100 litres" in texts
    assert "Your own goal is 300 kWh" in texts


def test_a_goal_is_told_of_once_a_year(portal: Portal) -> None:
    wish(portal, ANNA, goal_kwh=100.0)
    portal.clock.wait(-12 * DAY_MINUTES)
    assert len(told(portal)) == 1
    portal.clock.wait(12 * DAY_MINUTES)
    assert len(told(portal)) == 1


def test_the_person_who_set_it_is_told_and_nobody_else_of_the_home(portal: Portal) -> None:
    wish(portal, AXEL, day_limit_kwh=11.5)
    assert [each.address for each in told(portal)] == ["axel@residents.example"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channels", "found"),
    [("mail", Channel.MAIL), ("sms", Channel.SMS), ("letter", Channel.LETTER), ("none", None)],
)
def test_channels_are_as_the_person_wished(
    portal: Portal, channels: str, found: Channel | None
) -> None:
    wish(portal, ANNA, day_limit_kwh=11.5, channels=channels)
    assert [each.channel for each in told(portal)] == ([found] if found else [])


def test_a_text_message_is_short(portal: Portal) -> None:
    wish(portal, ANNA, day_limit_kwh=11.5, channels="sms", language="da")
    (message,) = told(portal)
    assert len(message.text) <= 306
    assert "11,5 kWh" in message.text


def test_a_home_on_paper_gets_a_letter(portal: Portal) -> None:
    wish(portal, CARLA, day_limit_kwh=11.5)
    (message,) = told(portal)
    assert (message.channel, message.tenancy) == (Channel.LETTER, "0102-2")
    assert "http" not in message.text  # nobody types a link off paper


def test_nothing_comes_at_night(portal: Portal) -> None:
    wish(portal, ANNA, day_limit_kwh=11.5)
    portal.clock.wait(-10 * 60)  # 0 a.m. in Denmark, and the day before is whole
    (message,) = told(portal)
    assert message.due_ms - portal.clock() == 7 * 3_600_000


def test_who_moved_out_is_told_nothing(portal: Portal) -> None:
    wish(portal, (HOUSE, "0102-1", "bent"), day_limit_kwh=1.0, goal_kwh=1.0)
    assert told(portal) == []


def test_a_day_that_was_not_measured_is_not_told_of(portal: Portal) -> None:
    wish(portal, ANNA, day_limit_kwh=11.5)
    portal.clock.wait(5 * DAY_MINUTES)
    assert told(portal) == []
