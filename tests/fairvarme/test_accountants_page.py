"""The accountants' page, run from its first command to its last."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from tests.support.broken_inputs import good_year

PAGE = Path(__file__).parents[2] / "docs" / "accountants.md"
HEADER = "time,device,quantity,value"
BANK = "day,amount,key,building,tenancy\n2025-04-01,100.00,bank-1,solgaarden,B-1\n"
CARRIED = "2025-01-01,2026-01-01,heat,carried_over,120.00,24.00,,final,2026-02-01"


def commands() -> list[str]:
    """Return the commands that the page shows, in their order."""
    return [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("fairvarme ")]


class Office:
    """What an accountant has beside the commands: the folder, readings and the bank's file."""

    def __init__(self, directory: Path) -> None:
        (directory / "fairvarme.toml").write_text(
            'store = "sqlite:///readings.db"\ndatabase = "sqlite:///books.db"\n'
            'estates = "database"\n'
        )
        estate = directory / "estates" / "solgaarden"
        made = good_year(directory / "made")
        made.move_a_year_back()
        made.spoil("building.yaml", "id: house", "id: solgaarden")
        estate.parent.mkdir()
        made.estate.rename(estate)
        self.costs = estate / "costs.csv"
        self.final = self.costs.read_text()
        self.costs.write_text(self.final.splitlines()[0] + "\n")
        readings = directory / "readings"
        readings.mkdir()
        made.readings.rename(readings / "2024.csv")
        end = "2025-01-01T00:00:00+01:00,heat-A,heat_kwh,4050.000"
        (readings / "read-again.csv").write_text(f"{HEADER}\n{end}\n")
        later = [
            f"2026-01-01T00:00:00+01:00,{device},{quantity},{value}"
            for device, quantity, value in (
                ("heat-A", "heat_kwh", 7000),
                ("heat-B", "heat_kwh", 11000),
                ("water-A", "hot_water_m3", 1040),
                ("water-B", "hot_water_m3", 1050),
            )
        ]
        (readings / "2025.csv").write_text("\n".join([HEADER, *later]) + "\n")
        (directory / "bank-2025-04.csv").write_text(BANK)

    def write_bill(self) -> None:
        """The supplier's final bill of 2024 has come."""
        self.costs.write_text(self.final)

    def write_next_bill(self) -> None:
        """So has that of 2025, and a cost that was forgotten."""
        energy = [
            line.replace("2025-", "2026-").replace("2024-", "2025-")
            for line in self.final.splitlines()[1:]
        ]
        self.costs.write_text(self.final + "\n".join([*energy, CARRIED]) + "\n")


@pytest.mark.slow
def test_the_page_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(tmp_path)
    monkeypatch.chdir(tmp_path)
    after: dict[str, Callable[[], None]] = {
        "report solgaarden --month 2024-12": office.write_bill,
        "report solgaarden --month 2025-01": office.write_next_bill,
    }
    shown = commands()
    assert len(shown) > 20
    said = {}
    for command in shown:
        words = shlex.split(command)[1:]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, f"{command}\n{done.output}"
        said[command] = done.output
        for start, write in after.items():
            if " ".join(words).startswith(start):
                write()
    assert "run 2" in said["fairvarme runs show 2"]
    assert "estimated by the prices of the account 2024" in " ".join(
        output for command, output in said.items() if "2025-01 --out" in command
    )
    assert list((tmp_path / "statements-2024-again").rglob("*.pdf"))
