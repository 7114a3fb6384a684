"""
A real Chromium, driven by Playwright, as people with a phone or a desktop use it.

::

    with browser() as chromium, opened(chromium, PHONE, dark=True) as page:
        page.goto(address)
        assert axe_findings(page) == []

What is only a text, such as the HTML of a mail, is shown by ``page.set_content``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright

WCAG_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WAIT_MS = 30_000
"""Generous for a busy machine."""


class Screen(NamedTuple):
    """The size of a window. [px]"""

    width: int
    height: int


PHONE = Screen(360, 740)
OLD_PHONE = Screen(320, 568)
DESKTOP = Screen(1280, 900)


def find_chromium() -> str:
    """Find Chromium; skip the test where it is absent, fail in CI."""
    program = shutil.which("chromium")
    if program is None:
        reason = "chromium is not installed (`make servers` brings it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


@contextmanager
def browser() -> Iterator[Browser]:
    """Run a browser without a window until the block ends."""
    program = find_chromium()
    with sync_playwright() as playwright:
        # Root may not use the sandbox; the pages are our own.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def opened(
    chromium: Browser, screen: Screen, *, dark: bool = False, scripts: bool = True
) -> Iterator[Page]:
    """
    Open an empty page with cookies of its own, which asks this machine and nobody else.

    Parameters
    ----------
    chromium : Browser
    screen : Screen
    dark : bool, optional
        Whether the person prefers dark colours.
    scripts : bool, optional
        Whether JavaScript runs.
    """
    context = chromium.new_context(
        viewport={"width": screen.width, "height": screen.height},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
    )
    context.set_default_timeout(WAIT_MS)
    context.route(lambda address: not _is_here(address), lambda route: route.abort())
    try:
        yield context.new_page()
    finally:
        context.close()


def _is_here(address: str) -> bool:
    return address.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "about:"))


def axe_findings(page: Page) -> list[str]:
    """Return what axe finds wrong with a page after WCAG 2.2 AA, a line for each element."""
    options = {"runOnly": {"type": "tag", "values": WCAG_TAGS}}
    return [
        f"{rule['id']}: {rule['help']}: {node['html']}"
        for rule in Axe().run(page, options=options).response["violations"]
        for node in rule["nodes"]
    ]


def wider_than_screen(page: Page) -> int:
    """Return by how much a page must be scrolled sideways. [px]"""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@contextmanager
def device(chromium: Browser, *, verifies: bool = True) -> Iterator[Page]:
    """Open a page on a device whose authenticator answers by itself."""
    with opened(chromium, PHONE) as page:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
        }  # fmt: skip
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page
