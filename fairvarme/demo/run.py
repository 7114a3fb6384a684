"""
Runs the demo in one folder: a month of readings becomes a bill, alerts and reports.

The folder is then a small installation: its ``fairvarme.toml`` works with every other command.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.life.record import record
from alerts.life.store import AlertStore
from alerts.run import Checked, find_alerts
from billing.bill.files import write_bill
from estate.errors import UsageError
from estate.files.folder import read_estate
from estate.numbers.scaled import write_sample
from estate.periods import Period
from fairvarme.demo.summary import (
    Summary,
    alert_names,
    bill_sum_ore,
    read_ledger,
    stored_rows,
)
from fairvarme.demo.transport import SETTINGS_FILE, Transport
from ingest.quarantine.store import Quarantine
from operations.bill_building import bill_building
from operations.bill_files import estate_digests
from operations.clock import now_ms
from operations.monthly_report import month_climate, write_month
from operations.settings import read_settings
from operations.wiring import opened_database, opened_store
from telemetry.readings_file.file import write_readings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.progress import Progress

    from alerts.model import Alert
    from billing.bill.bill import Bill
    from estate.model import Estate
    from operations.settings import Settings
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import Store

MARK = ".fairvarme-demo"
"""Marks a folder created by a demo, so that no other folder is ever emptied."""
MADE_FOLDERS = ("estate", "broker", "data", "bill", "reports")
READINGS_FILE = "readings.csv"
MADE_FILES = (SETTINGS_FILE, READINGS_FILE, "ledger.csv", "truth.json", "summary.json")


@dataclass(frozen=True)
class Demo:
    """
    One demo run.

    Attributes
    ----------
    directory : Path
        Output folder.
    month : str
        Such as ``2026-01``.
    flats, seed : int
    events : bool
        Whether a leak and a damp home occur.
    """

    directory: Path
    month: str
    flats: int
    seed: int
    events: bool

    def run(self, bars: Progress) -> Summary:
        """
        Run the demo, and write ``summary.json``.

        Raises
        ------
        UsageError
            If the folder contains something else.
        FairvarmeError
            If a child process fails; the message names its log.
        """
        started = time.monotonic()
        period = Period.month(self.month)
        self._prepare_folder()
        write_sample(self.directory / "estate", self.month, self.flats)
        estate = read_estate(self.directory / "estate")
        self._transport(estate, bars)
        settings = read_settings(self.directory / SETTINGS_FILE)
        with opened_store(settings) as store:
            climate = month_climate(estate, store, period)
            bill = self._bill(estate, store, period, climate.own)
            found = find_alerts(estate, store, period, climate.looked_at)
            with opened_database(settings) as engine:
                alerts, checked = AlertStore(engine), Checked(found, [])
                record(alerts, estate, store, checked, period, now_ms())
            pages = self._reports(estate, climate.own, bill, found, bars)
            summary = self._summary(settings, store, found, pages, estate, started)
        text = json.dumps(summary.as_dict(), ensure_ascii=False, indent=2)
        (self.directory / "summary.json").write_text(text + "\n", "utf-8")
        return summary

    def _prepare_folder(self) -> None:
        directory = self.directory
        if directory.exists() and not (directory / MARK).is_file() and any(directory.iterdir()):
            raise UsageError(
                f"{directory} contains files that no demo made; choose an empty or new folder "
                "with --out"
            )
        directory.mkdir(parents=True, exist_ok=True)
        (directory / MARK).touch()
        for name in MADE_FOLDERS:
            shutil.rmtree(directory / name, ignore_errors=True)
        for name in MADE_FILES:
            (directory / name).unlink(missing_ok=True)
        (directory / "data").mkdir()

    def _transport(self, estate: Estate, bars: Progress) -> None:
        task = bars.add_task("readings over MQTT", total=None)
        transport = Transport(
            self.directory, estate.building.id, self.month, self.seed, self.events
        )
        transport.run(lambda number, total: bars.update(task, completed=number, total=total))

    def _bill(self, estate: Estate, store: Store, period: Period, climate: HomeClimate) -> Bill:
        bill = bill_building(estate, store, period, climate=climate)
        write_bill(self.directory / "bill", bill, estate_digests(self.directory / "estate"))
        return bill

    def _reports(
        self,
        estate: Estate,
        climate: HomeClimate,
        bill: Bill,
        found: Sequence[Alert],
        bars: Progress,
    ) -> int:
        homes = sum(statement.resident for statement in bill.statements)
        task = bars.add_task("reports", total=homes)
        directory = self.directory / "reports"
        run = write_month(
            directory,
            estate,
            climate,
            bill,
            found,
            lambda number: bars.update(task, completed=number),
        )
        return len(run.paths)

    def _summary(
        self,
        settings: Settings,
        store: Store,
        found: Sequence[Alert],
        pages: int,
        estate: Estate,
        started: float,
    ) -> Summary:
        keys = read_ledger(self.directory / "ledger.csv")
        with opened_database(settings) as engine:
            quarantined = Quarantine(engine).holds(keys)
        rows = list(stored_rows(store, estate.building.id, keys))
        write_readings(self.directory / READINGS_FILE, rows)
        stored = {(device, quantity, time_ms) for time_ms, device, quantity, _ in rows}
        return Summary(
            published=len(keys),
            stored=len(stored),
            quarantined=len(quarantined),
            missing=len(keys - stored - quarantined),
            bill_total=sum(cost.amount_ore for cost in estate.costs),
            bill_sum=bill_sum_ore(self.directory / "bill" / "bill.csv"),
            currency=estate.building.currency,
            alerts=alert_names((alert.flat, alert.kind) for alert in found),
            reports=pages,
            seconds=round(time.monotonic() - started, 1),
        )
