"""The accountant's pages, from costs to a corrected and exported bill, and what they refuse."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from operations.access.record import who_looked
from operations.access.sessions import begin_session
from operations.accounts.making import Making
from operations.log_in.staff import add_staff
from operations.visitors.people import person_subject
from operations.visitors.roles import Role
from portal.pages.accounts import drafts
from tests.support.api_house import HOUSE, NOW_MS, OTHER, Api, opened_api
from tests.support.portal_house import URL, form_token

DAYS = {"period_start": "2025-01-01", "period_end": "2026-01-01"}


@pytest.fixture(scope="module")
def process() -> Iterator[ProcessPoolExecutor]:
    """A process that makes the bills of all tests: it imports for longer than it makes one."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as started:
        yield started


@pytest.fixture
def api(
    tmp_path: Path, process: ProcessPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Api]:
    own = "operations.accounts.making.ProcessPoolExecutor"
    monkeypatch.setattr(own, lambda *_, **__: nullcontext(process))
    with opened_api(tmp_path) as opened:
        for name, buildings in (("ada", None), ("alf", None), ("olga", [OTHER])):
            roles = [Role.ACCOUNTANT]
            add_staff(
                opened.serving.engine, name, f"{name}@staff.example", roles, buildings, NOW_MS
            )
        yield opened


def browser(api: Api, name: str = "ada", language: str = "en") -> TestClient:
    token = begin_session(api.serving, f"mail:{name}@staff.example", name)
    headers = {"accept-language": language}
    found = TestClient(api.app, base_url=URL, headers=headers, follow_redirects=False)
    found.cookies.set("fairvarme", token)
    return found


def send(visitor: TestClient, path: str, files: Any = None, **values: str) -> Any:  # noqa: ANN401
    token = form_token(visitor.get("/accounts").text)
    return visitor.post(path, data={"form_token": token} | values, files=files)


def asked(visitor: TestClient, building: str, **more: str) -> Any:  # noqa: ANN401
    """Ask for a bill, and wait where it takes long."""
    answer = send(visitor, f"/accounts/{building}/bill", **(DAYS | more))
    location = answer.headers.get("location", "")
    return became(visitor, location) if "/making/" in location else answer


def became(visitor: TestClient, making: str) -> Any:  # noqa: ANN401
    deadline = time.monotonic() + 120
    while (answer := visitor.get(making)).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return answer


def drafted(visitor: TestClient, building: str, **more: str) -> str:
    answer = asked(visitor, building, **more)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.mark.slow
def test_the_whole_way_of_a_bill(api: Api) -> None:
    ada = browser(api)
    row = {"period_start": "2026-01-01", "period_end": "2027-01-01", "item": "heat"}
    costs = send(ada, f"/accounts/{OTHER}/costs", amount="1234.56", **row)
    assert costs.status_code == 200
    assert "1 row was added" in costs.text
    draft = drafted(ada, OTHER)
    page = ada.get(draft)
    assert page.status_code == 200
    assert "No bill of the same days a year before" in page.text
    run = send(ada, f"{draft}/approve").headers["location"]
    assert ada.get(run).status_code == 200
    assert send(ada, f"{run}/serve", day="2026-03-10", channel="letter").status_code == 303
    assert "served" in ada.get(run).text
    corrected = drafted(ada, OTHER, corrects=run.rpartition("/")[2], reason="late_reading")
    # As after a first refusal, whose finding she allowed: it is not asked for again.
    stopped = send(ada, f"{corrected}/approve", allowed="ledger.draft.outdated")
    assert stopped.status_code == 409
    for name in ("ledger.correction.nothing", "ledger.draft.outdated"):
        assert f'name="allowed" value="{name}"' in stopped.text
    allowed = send(ada, f"{corrected}/approve", allowed="ledger.correction.nothing")
    again = allowed.headers["location"]
    assert again != run
    assert "corrected" in ada.get(run).text
    for profile in ("xlsx", "csv", "balances-xlsx", "balances-csv"):
        file = ada.get(f"{again}/export?profile={profile}")
        assert (file.status_code, bool(file.content)) == (200, True)
        assert "attachment" in file.headers["content-disposition"]


@pytest.mark.slow
def test_a_bill_that_takes_long_is_made_while_a_page_says_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "PATIENCE_SECONDS", 0.0)
    ada, olga = browser(api), browser(api, "olga")
    correction = DAYS | {"corrects": "1", "reason": "late_reading"}
    making = send(ada, f"/accounts/{HOUSE}/bill", **correction).headers["location"]
    page = ada.get(making)
    assert (page.status_code, "being worked out" in page.text) == (200, True)
    # Whoever works for another building is told nothing of it, by no address.
    assert olga.get(making).status_code == 404
    assert olga.get(making.replace(HOUSE, OTHER)).status_code == 404
    draft = became(ada, making)
    assert draft.status_code == 303
    assert ada.get(draft.headers["location"]).status_code == 200
    refused = asked(ada, OTHER, period_start="2031-01-01", period_end="2032-01-01")
    assert refused.status_code == 422
    assert f'action="/accounts/{OTHER}/bill"' in refused.text
    assert 'value="2031-01-01"' in refused.text


def test_a_bill_whose_process_died_is_made_no_more(api: Api) -> None:
    shared, name = api.serving.shared, 32 * "a"
    file = shared / f"bill-{name}.json"
    file.write_text(Making(building=HOUSE, start="2025-01-01", end="2026-01-01").model_dump_json())
    path = f"/accounts/{HOUSE}/bill/making/{name}"
    assert browser(api).get(path).status_code == 200
    os.utime(file, (0, 0))
    assert browser(api).get(path).status_code == 503


@pytest.mark.slow
def test_of_two_accountants_the_second_is_told_by_a_page(api: Api) -> None:
    ada, alf = browser(api), browser(api, "alf")
    both = [drafted(ada, OTHER), drafted(alf, OTHER)]
    assert send(ada, f"{both[0]}/approve").status_code == 303
    second = send(alf, f"{both[1]}/approve")
    assert second.status_code == 409
    assert "Somebody else approved the same bill" in second.text
    assert "approved by ada" in second.text
    # And who has the page of a draft still open that is gone.
    gone = send(alf, f"{both[0]}/approve")
    assert gone.status_code == 404
    assert "approved or thrown away" in gone.text
    late = asked(alf, OTHER)
    assert late.status_code == 409
    assert "approved already" in late.text


@pytest.mark.slow
def test_a_draft_is_thrown_away(api: Api) -> None:
    ada = browser(api)
    draft = drafted(ada, OTHER)
    assert send(ada, f"{draft}/discard").headers["location"] == "/accounts"
    assert ada.get(draft).status_code == 404


def test_every_amount_leads_to_its_proof(api: Api) -> None:
    ada = browser(api)
    tenancy = api.estate.tenancies[0].tenancy
    statement = ada.get(f"/accounts/runs/1/statements/{tenancy}").text
    links = [each.split('"')[0] for each in statement.split('href="')[1:] if "/proof?" in each]
    assert links
    for link in links:
        assert ada.get(link.replace("&amp;", "&")).status_code == 200
    looked = who_looked(api.serving.engine, HOUSE, tenancy, 0, NOW_MS + 1)
    assert {each.who for each in looked} == {"ada"}
    assert {each.what for each in looked} == {"statement", "all_statements"}
    ada.get("/accounts/runs/1")
    looked = who_looked(api.serving.engine, HOUSE, "another-home", 0, NOW_MS + 1)
    assert [(each.who, each.what) for each in looked] == [("ada", "all_statements")]
    assert ada.get("/accounts/runs/1/statements/nobody").status_code == 404
    assert ada.get(f"/accounts/runs/1/statements/{tenancy}/proof?item=x").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "amount", "kroner"), [("da", "1234,56", "1.234,56"), ("en", "1234.56", "1,234.56")]
)
def test_an_amount_is_written_as_the_language_writes_it(
    api: Api, language: str, amount: str, kroner: str
) -> None:
    row = {"period_start": "2026-01-01", "period_end": "2027-01-01", "item": "heat"}
    page = send(browser(api, language=language), f"/accounts/{OTHER}/costs", amount=amount, **row)
    assert kroner in page.text


@pytest.mark.slow
def test_a_file_of_costs_is_taken_or_named_by_row(api: Api) -> None:
    ada = browser(api)
    head = b"period_start,period_end,item,amount\n"
    good = {"file": ("costs.csv", head + b"2026-01-01,2027-01-01,heat,10.00\n", "text/csv")}
    assert "1 row was added" in send(ada, f"/accounts/{OTHER}/costs/file", files=good).text
    bad = {"file": ("costs.csv", head + b"2026-01-01,2027-01-01,heat,<b>\n", "text/csv")}
    answer = send(ada, f"/accounts/{OTHER}/costs/file", files=bad)
    assert answer.status_code == 422
    assert "costs.csv row 2" in answer.text
    assert "<b>" not in answer.text


@pytest.mark.slow
def test_what_the_data_does_not_allow_is_listed(api: Api) -> None:
    days = {"period_start": "2031-01-01", "period_end": "2032-01-01"}
    answer = asked(browser(api), OTHER, **days)
    assert answer.status_code == 422
    assert "What was found" in answer.text
    backwards = {"period_start": "2026-01-01", "period_end": "2025-01-01"}
    assert send(browser(api), f"/accounts/{OTHER}/bill", **backwards).status_code == 422


@pytest.mark.slow
def test_findings_are_told_in_the_language_of_the_page(api: Api) -> None:
    """In Danish by their meaning; their numbers, which are English, stand behind it."""
    days = {"period_start": "2031-01-01", "period_end": "2032-01-01"}
    page = asked(browser(api, language="da"), OTHER, **days).text
    said, _, in_full = page.partition("<details>")
    assert "Der er ingen udgift i perioden, så der er intet at fordele" in said
    assert "billing.costs.missing" not in said.partition("card fair")[2]
    assert "<strong>billing.costs.missing</strong>" in in_full
    bad = {"file": ("costs.csv", b"period_start,period_end,item,amount\n1,2,heat,x\n", "text/csv")}
    answer = send(browser(api, language="da"), f"/accounts/{OTHER}/costs/file", files=bad)
    assert "Et felt er tomt eller forkert udfyldt: costs.csv række 2 period_start" in answer.text


@pytest.mark.slow
def test_an_accountant_of_another_building_sees_nothing(api: Api) -> None:
    olga, ada = browser(api, "olga"), browser(api)
    draft = drafted(ada, HOUSE, corrects="1", reason="late_reading")
    tenancy = api.estate.tenancies[0].tenancy
    paths = (
        draft, "/accounts/runs/1", "/accounts/runs/1/export", f"/accounts/{HOUSE}/bill",
        f"/accounts/runs/1/statements/{tenancy}", f"/accounts/{HOUSE}/costs",
        f"/accounts/runs/1/statements/{tenancy}/proof?item=heat&component=heat-1",
        f"/accounts/{OTHER}/bill?corrects=1",
    )  # fmt: skip
    assert [olga.get(each).status_code for each in paths] == [404] * len(paths)
    assert HOUSE not in olga.get("/accounts").text
    for act in ("approve", "discard"):
        assert send(olga, f"{draft}/{act}").status_code == 404
    form = {"day": "2026-03-10", "channel": "letter"}
    assert send(olga, "/accounts/runs/1/serve", **form).status_code == 404
    corrects = DAYS | {"corrects": "1", "reason": "late_reading"}
    made = send(olga, f"/accounts/{OTHER}/bill", **corrects)
    assert made.status_code == 404
    assert HOUSE not in made.text.replace(OTHER, "")


@pytest.mark.slow
@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "x"])
def test_a_number_that_is_none_is_no_fault(api: Api, number: str) -> None:
    assert browser(api).get(f"/accounts/runs/{number}").status_code == 422


def test_a_resident_s_bill_is_named_by_its_first_and_last_day(api: Api) -> None:
    tenancy = api.estate.tenancies[0].tenancy
    person = next(each for each in api.estate.persons if each.tenancy == tenancy)
    subject = person_subject(HOUSE, tenancy, person.person)
    client = api.client()
    client.cookies.set("fairvarme", begin_session(api.serving, subject))
    page = client.get(f"/home/{HOUSE}/{tenancy}/papers", headers={"accept-language": "en"}).text
    said = page.replace("\N{NO-BREAK SPACE}", " ")
    assert "Heating statement 1 January 2025 to 31 December 2025" in said
