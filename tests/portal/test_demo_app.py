"""The demo's page: what it shows, and what it does not give away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from billing.bill.files import write_bill
from portal.demo_app import create_demo_app
from tests.support.report_homes import a_bill, a_statement

if TYPE_CHECKING:
    from pathlib import Path

SUMMARY = {
    "published": 5, "stored": 5, "quarantined": 0, "missing": 0, "bill_total": 123456,
    "bill_sum": 123456, "currency": "DKK", "reports": 1, "seconds": 1.5,
    "alerts": [{"flat": "0102", "kind": "leak"}],
}  # fmt: skip
BILL = a_bill(
    a_statement("t-<b>1</b>", "0101", amounts={("heat", "area"): 123456}),
    a_statement("landlord:0103", "0103", amounts={("heat", "area"): -5}, resident=False),
)


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    write_bill(tmp_path / "bill", BILL, {})
    (tmp_path / "reports").mkdir()
    (tmp_path / "summary.json").write_text(json.dumps(SUMMARY))
    (tmp_path / "reports" / "t-1.pdf").write_bytes(b"%PDF-1.7 a report")
    (tmp_path / "secret.pdf").write_bytes(b"%PDF-1.7 not a report")
    return TestClient(create_demo_app(tmp_path), base_url="http://127.0.0.1")


def test_the_page_shows_amounts_alerts_and_that_it_is_no_claim(client: TestClient) -> None:
    page = client.get("/").text
    assert "1.234,56\N{NO-BREAK SPACE}kr." in page
    assert "\N{MINUS SIGN}0,05" in page
    assert "0102" in page
    assert "Der løb vand uafbrudt" in page
    assert "PRØVE - ikke et krav" in page


def test_text_from_the_data_is_never_markup(client: TestClient) -> None:
    page = client.get("/").text
    assert "<b>1</b>" not in page
    assert "&lt;b&gt;1&lt;/b&gt;" in page


def test_a_report_opens(client: TestClient) -> None:
    answer = client.get("/reports/t-1.pdf")
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-type"] == "application/pdf"


@pytest.mark.parametrize("name", ["..%2Fsecret", "%2e%2e/secret", "t-2", "..%5Csecret", "t-1%00"])
def test_no_other_file_can_be_reached(client: TestClient, name: str) -> None:
    assert client.get(f"/reports/{name}.pdf").status_code == 404


def test_another_sites_name_for_this_machine_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"host": "rebound.example"}).status_code == 400


def test_the_page_may_load_nothing_and_is_kept_nowhere(client: TestClient) -> None:
    headers = client.get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
