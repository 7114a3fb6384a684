"""The demo in the portal: by the clock of its month, with a log-in for each role."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from estate.files.folder import read_estate
from estate.numbers.scaled import write_sample
from fairvarme.demo.serve import is_finished, opened_demo, ways_in
from portal.app import create_app
from tests.support.portal_house import form_token

MONTH, FLATS, PORT = "2026-01", 6, 8000
SETTINGS = 'store = "sqlite:///r.db"\ndatabase = "sqlite:///f.db"\nestates = ["estate"]\n'


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """Return the folder of a finished demo that is as small as can be."""
    write_sample(tmp_path / "estate", MONTH, FLATS)
    (tmp_path / "fairvarme.toml").write_text(SETTINGS)
    (tmp_path / "summary.json").write_text(json.dumps({}))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "0101-1.pdf").write_bytes(b"%PDF-1.7 a report")
    return tmp_path


def test_a_finished_demo_is_run_no_second_time(demo: Path) -> None:
    flats = len(read_estate(demo / "estate").flats)
    assert is_finished(demo, MONTH, flats)
    assert not is_finished(demo, "2026-02", flats)
    assert not is_finished(demo, MONTH, flats + 1)
    (demo / "summary.json").unlink()
    assert not is_finished(demo, MONTH, flats)


@pytest.mark.slow
def test_every_way_in_leads_to_the_pages_of_its_role(demo: Path) -> None:
    with opened_demo(demo, PORT) as installation:
        ways = ways_in(installation)
        starts = {}
        for way in ways:
            browser = TestClient(
                create_app(installation), base_url=installation.portal.url, follow_redirects=False
            )
            page = browser.get(way.link)
            answer = browser.post(way.link, data={"form_token": form_token(page.text)})
            starts[way.who] = answer.headers["location"]
        assert starts["accountant"] == "/accounts"
        assert starts["operator"] == "/operations"
        assert starts["board"] == "/board"
        assert starts["resident of 0101"] == "/home"
        letters = browser.get("/home/solgaarden/0101-1/papers")
        assert letters.status_code in (403, 404)


@pytest.mark.slow
def test_reports_are_among_the_letters_once(demo: Path) -> None:
    for _ in range(2):
        with opened_demo(demo, PORT) as installation:
            way = next(each for each in ways_in(installation) if each.who == "resident of 0101")
            browser = TestClient(create_app(installation), base_url=installation.portal.url)
            page = browser.get(way.link)
            browser.post(way.link, data={"form_token": form_token(page.text)})
            papers = browser.get("/home/solgaarden/0101-1/papers").text
            assert papers.count("Varmerapport 2026-01") == 1
