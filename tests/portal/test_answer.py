"""The question of a message is answered by its link, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.life.case import Case
from alerts.life.states import State
from alerts.life.store import AlertStore, Notice, write_links, write_notices
from alerts.model import AlertKind
from estate.database.engine import answering
from estate.periods import DAY_MS
from operations.alerts.answers import LINK_DAYS, digest_of
from tests.support.portal_house import Portal, form_token, opened_portal

TOKEN = "t" * 43
PATH = f"/answer/{TOKEN}"


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with opened_portal(tmp_path) as portal:
        engine, now = portal.serving.engine, portal.serving.clock()
        leak = Case(
            "feedfeed1234", "house", "0101", AlertKind.LEAK, "w", "0101-1", now - DAY_MS, now, now,
            now, now, State.SENT,
        )  # fmt: skip
        AlertStore(engine).update("house", lambda _: ([leak], []))
        with answering(engine) as session:
            write_notices(
                session,
                [
                    Notice(
                        "m1", leak.id, leak.building, State.NEW, leak.tenancy, "anna", "mail", now
                    )
                ],
            )
            write_links(session, {digest_of(TOKEN): "m1"}, now)
        yield portal


def label(portal: Portal) -> str:
    store = AlertStore(portal.serving.engine)
    return next(each.label for each in store.list() if each.id == "feedfeed1234")


def test_a_look_answers_nothing_and_a_button_does(portal: Portal) -> None:
    browser = portal.browser()
    shown = browser.get(PATH)
    assert shown.status_code == 200
    browser.head(PATH)
    assert label(portal) == ""
    told = {
        "form_token": form_token(shown.text), "alert": "feedfeed1234",
        "question": "running_on_purpose", "answer": "yes",
    }  # fmt: skip
    assert browser.post(PATH, data=told | {"form_token": "x"}).status_code == 403
    assert label(portal) == ""
    assert browser.post(PATH, data=told).status_code == 303
    assert label(portal) == "on_purpose"
    # Who meant the other button may press it still.
    assert browser.post(PATH, data=told | {"answer": "no"}).status_code == 303
    assert label(portal) == "not_on_purpose"


@pytest.mark.parametrize(
    "wrong", [{"alert": "0"}, {"alert": ""}, {"question": "guests"}, {"answer": "perhaps"}]
)
def test_a_wrong_answer_changes_nothing(portal: Portal, wrong: dict[str, str]) -> None:
    browser = portal.browser()
    told = {"alert": "feedfeed1234", "question": "running_on_purpose", "answer": "yes"} | wrong
    token = form_token(browser.get(PATH).text)
    assert browser.post(PATH, data=told | {"form_token": token}).status_code == 422
    assert label(portal) == ""


def test_another_link_and_an_old_one_open_nothing(portal: Portal) -> None:
    browser = portal.browser()
    unknown = browser.get("/answer/unknown")
    assert unknown.status_code == 410
    assert "feedfeed1234" not in unknown.text
    portal.clock.wait((LINK_DAYS + 1) * 24 * 60)
    assert browser.get(PATH).status_code == 410
