"""The browser of the tests sees what is wrong with a page, and asks nobody outside."""

from __future__ import annotations

import pytest

from tests.support.chromium import PHONE, axe_findings, browser, opened, wider_than_screen

pytestmark = pytest.mark.integration

GOOD = """<!doctype html><html lang="da"><head><title>T</title></head>
<body><main><h1>Overskrift</h1><p>Tekst</p></main></body></html>"""
BAD = GOOD.replace("<p>Tekst</p>", '<img src="https://outside.example/x.png"><p>Tekst</p>')
WIDE = GOOD.replace("<p>", '<p style="width: 600px">')


def test_a_picture_without_words_is_found_and_not_fetched() -> None:
    with browser() as chromium, opened(chromium, PHONE) as page:
        failed: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.set_content(GOOD)
        assert axe_findings(page) == []
        assert wider_than_screen(page) == 0
        page.set_content(BAD)
        assert [each.split(":")[0] for each in axe_findings(page)] == ["image-alt"]
        assert failed == ["https://outside.example/x.png"]
        page.set_content(WIDE)
        assert wider_than_screen(page) > 0
