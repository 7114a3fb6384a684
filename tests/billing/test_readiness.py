"""What `estate check` says that a building's own scheme lacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from billing.checks.readiness import readiness
from estate.database.engine import open_database
from estate.files.folder import read_estate
from estate.findings import Finding
from estate.periods import Period
from fairvarme.cli import main
from tests.support.imports import SAMPLE, Site

ON = date(2026, 2, 1)
Spoil = Callable[[Site], None]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a copy of the sample; nothing of it is imported."""
    return Site.new(open_database("sqlite://"), tmp_path)


def lacking(folder: Path, on: date = ON) -> list[Finding]:
    return readiness(read_estate(folder), Period(on, on + timedelta(days=1)))


def test_the_sample_lacks_nothing() -> None:
    assert lacking(SAMPLE) == []


def without_costs(site: Site) -> None:
    (site.folder / "costs.csv").unlink()


def unmetered(site: Site) -> None:
    site.drop("devices.csv", "64000102")
    site.add("devices.csv", "none-0102,unmetered,0102,2020-01-01,,,")


def refused(site: Site) -> None:
    site.drop("devices.csv", "box-0101")
    site.replace("tenancies.csv", "delivery\n", "delivery,climate_refused\n")
    site.replace(
        "tenancies.csv", "0101-1,0101,2019-08-01,,paper", "0101-1,0101,2019-08-01,,paper,yes"
    )


CASES: list[tuple[Spoil, set[str]]] = [
    (lambda site: site.drop("devices.csv", "box-outdoor"), {"check.outdoor"}),
    (lambda site: site.drop("devices.csv", "box-0101"), {"check.box"}),
    (refused, set()),
    (lambda site: site.drop("devices.csv", "64000102"), {"check.meter"}),
    (lambda site: site.drop("devices.csv", "71000102"), {"check.meter"}),
    (unmetered, set()),
    (without_costs, {"check.costs"}),
    (
        lambda site: site.add(
            "costs.csv", "2026-01-01,2026-02-01,snow,energy,100.00,20.00,,final,2026-02-06"
        ),
        {"check.item"},
    ),
    (
        lambda site: site.replace("flats.csv", ",91.7,", ",,"),
        {"billing.flat.column", "billing.flat.position"},
    ),
    (lambda site: site.replace("flats.csv", ",91.7,", ",991.7,"), {"billing.position.low"}),
    (
        lambda site: site.replace("building.yaml", "dk-climate", "dk-nothing"), {"check.scheme"},
    ),
    (
        lambda site: site.replace("building.yaml", "from: 2025-07-01\n", "from: 2030-07-01\n"),
        {"billing.scheme.missing"},
    ),
    (
        lambda site: site.replace("building.yaml", "to: 2027-07-01", "to: 2025-08-01"),
        {"billing.scheme.not_permitted"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "expected"), CASES)
def test_what_is_missing_is_named(site: Site, spoil: Spoil, expected: set[str]) -> None:
    spoil(site)
    assert {each.name for each in lacking(site.folder)} == expected


def test_devices_count_on_the_day_that_is_asked(site: Site) -> None:
    site.replace(
        "devices.csv",
        "box-outdoor,outdoor,,2025-09-01,",
        "box-outdoor,outdoor,,2025-09-01,2026-03-01",
    )
    assert lacking(site.folder) == []
    assert [each.name for each in lacking(site.folder, date(2026, 3, 1))] == ["check.outdoor"]


def test_a_scheme_by_meters_needs_no_boxes(site: Site) -> None:
    site.replace("building.yaml", "dk-climate", "dk-metered")
    site.drop("devices.csv", "box-")
    assert lacking(site.folder) == []


def test_the_heat_of_a_bill_that_is_divided_must_be_told(site: Site) -> None:
    site.replace("building.yaml", "scheme: dk-climate", "scheme: de-heizkostenv")
    site.drop("devices.csv", "60000001")
    path = site.folder / "costs.csv"
    path.write_text(path.read_text("utf-8").replace("12800.00", ""), "utf-8")
    assert "check.energy" in {each.name for each in lacking(site.folder)}


def test_the_command_says_so_and_ends_with_0(site: Site) -> None:
    site.drop("devices.csv", "box-outdoor")
    site.replace("flats.csv", ",91.7,", ",,")
    arguments = ["estate", "check", str(site.folder), "--on", str(ON)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "solgaarden is in order" in done.stdout
    assert "Warning: no device of kind outdoor stands on 2026-02-01" in done.stdout
    assert "A bill would stop: flat 0101 has no heat_loss_w_per_k" in done.stdout
    told = json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout)
    assert {each["name"] for each in told["findings"]} == {
        "check.outdoor", "billing.flat.column", "billing.flat.position",
    }  # fmt: skip
