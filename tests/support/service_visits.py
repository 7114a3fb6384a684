"""What somebody does who logs in by a log-in service: buttons, the service, the way back."""

from __future__ import annotations

import html
import re

import urllib3
from fastapi.testclient import TestClient
from sqlalchemy import select

from estate.database.engine import answering
from operations.access.tables import AccessRecord
from tests.support.portal_house import HOUSE, URL, Portal, form_token

HOME = f"/home/{HOUSE}/0101-1"
BACK = "/log-in/with/eid/back"


def press(browser: TestClient, path: str, button: str, **fields: str) -> str:
    """Press a button that leads to a service, and return the address that the page leads to."""
    token = form_token(browser.get(path).text)
    answer = browser.post(button, data={"form_token": token} | fields)
    assert answer.status_code == 200, answer.text
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
    assert found is not None
    return html.unescape(found[1])


def at_service(address: str) -> str:
    """Log in at the service, and return the path that it leads back to."""
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", address, redirect=False, retries=False)
    back = answer.headers["location"]
    assert back.startswith(URL)
    return back.removeprefix(URL)


def begun(browser: TestClient, service: str = "eid", **fields: str) -> str:
    """Begin a log-in, be at the service, and return the path back."""
    return at_service(press(browser, "/log-in", f"/log-in/with/{service}", **fields))


def linked(portal: Portal, name: str = "anna", home: str = HOME) -> None:
    """Let a resident who is logged in link the service."""
    browser = portal.resident(name)
    back = at_service(press(browser, f"{home}/settings", f"{home}/settings/services/eid"))
    answer = browser.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{home}/settings?saved=1")


def is_in(browser: TestClient) -> bool:
    return "fairvarme" in browser.cookies


def refusals(portal: Portal) -> list[str]:
    query = select(AccessRecord.reason).where(AccessRecord.event == "refused")
    with answering(portal.serving.engine) as session:
        return list(session.scalars(query))
