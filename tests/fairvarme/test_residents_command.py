"""A code from the desk logs in once, and names whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.access.record import AccessEvent, who_looked
from operations.log_in.letter_codes import use_letter_code
from operations.serving import serving
from operations.settings import read_settings
from operations.wiring import opened_database
from tests.support.small_house import BUILDING, call, call_json, make_house

HOME = (BUILDING, "0101-1")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return make_house(tmp_path / "house")


def test_a_code_proves_its_person_once(config: Path) -> None:
    made = call_json("residents", "code", *HOME, "--config", config)
    settings = read_settings(config)
    assert settings.portal is not None
    assert made["page"] == f"{settings.portal.url}/log-in/letter"
    with serving(settings) as opened:
        proved = use_letter_code(opened, str(made["code"]), "127.0.0.1")
        assert proved == f"person:{BUILDING}/0101-1/0101-1a"
        assert use_letter_code(opened, str(made["code"]), "127.0.0.1") is None


def test_that_it_was_made_is_recorded_without_the_code(config: Path) -> None:
    told = call("residents", "code", *HOME, "--config", config)
    code = told.partition(":")[0]
    with opened_database(read_settings(config)) as engine:
        (entry,) = who_looked(engine, *HOME, 0, 1 << 60)
    assert entry.event is AccessEvent.TOKEN_MADE
    assert code not in repr(entry)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere", "0101-1"), "no building nowhere"),
        ((BUILDING, "0109-1"), "has nobody for 0109-1; name a tenancy"),
        ((BUILDING, "0101"), "has nobody for 0101; its tenancies are 0101-1"),
        ((*HOME, "--person", "0102-1a"), "has for 0101-1: 0101-1a"),
    ],
)
def test_nobody_else_gets_one(config: Path, arguments: tuple[str, ...], told: str) -> None:
    assert told in call("residents", "code", *arguments, "--config", config, code=2)
