"""
Makes the pictures of reports, mails and statements over 13 simulated months of the demo's house.

::

    python -m scripts.pictures docs/images

Needs Chromium and ``pdftoppm``. Look at each picture before you keep it.
"""

import io
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser

from estate.numbers.scaled import write_sample
from estate.periods import Period
from operations.monthly_report import building_month
from operations.settings import Settings, read_settings
from operations.wiring import choose_estates, opened_database, opened_store
from reports.monthly.figures import HomeMonth
from reports.monthly.mail import mail_words
from reports.monthly.page import page_of
from reports.pdf import render_report, report_name
from tests.support.chromium import Screen, browser, opened

BUILDING, MONTH, DAYS = "solgaarden", "2026-01", "2026-01-01/2026-02-01"
SIMULATED = "2024-12-20/2026-02-01"
"""The month, those that it is compared with, and the weeks before the first."""
HOMES = {"da": "0102-1", "en": "0112-1"}
STATEMENTS = {
    "statement-da": ("0101-1", 0),
    "statement-proof-da": ("0101-1", 1),
    "statement-en": ("0112-1", 0),
}
PAGE_DPI, STATEMENT_DPI = 72, 90
PHONE = Screen(360, 1500)
GAP_PX, GREY = 16, (178, 178, 178)
FILES = "--readings all.csv --truth truth.json"
SETTINGS = """
store = "sqlite:///readings.db"
database = "sqlite:///fairvarme.db"
estates = ["estate"]
"""


def main() -> None:
    """Write every picture into the folder of the first argument."""
    out = Path(sys.argv[1]).resolve()
    with TemporaryDirectory() as made:
        settings, statements = simulated(Path(made))
        for name, (tenancy, number) in STATEMENTS.items():
            pdf = (statements / report_name(tenancy)).read_bytes()
            save(out / name, [drawn(pdf, STATEMENT_DPI)[number]])
        homes = months_of(settings)
    with browser() as chromium:
        for language, tenancy in HOMES.items():
            home = homes[tenancy]
            save(out / f"report-{language}", drawn(render_report(home), PAGE_DPI))
            looks = (False, True) if language == "da" else (False,)
            save(out / f"mail-{language}", (phone(chromium, home, dark) for dark in looks))


def simulated(folder: Path) -> tuple[Settings, Path]:
    """Simulate the house, load its readings, and print its statements of a month."""
    write_sample(folder / "estate", MONTH)
    (folder / "fairvarme.toml").write_text(SETTINGS, "utf-8")
    run(folder, f"fairvarme-sim write --estate estate --period {SIMULATED} {FILES}")
    run(folder, f"fairvarme load all.csv --building {BUILDING}")
    bill = "--estate estate --readings all.csv --out bill --statements pdf"
    run(folder, f"fairvarme bill {bill} --period {DAYS}")
    return read_settings(folder / "fairvarme.toml"), folder / "bill" / "statements"


def run(folder: Path, command: str) -> None:
    """Run a command of ours in a folder."""
    program, *arguments = command.split()
    whole = [str(Path(sys.executable).with_name(program)), *arguments]
    subprocess.run(whole, cwd=folder, check=True)  # noqa: S603  only our own words


def months_of(settings: Settings) -> dict[str, HomeMonth]:
    """Gather the figures of every home's month, by tenancy."""
    (estate,) = choose_estates(settings, [])
    with opened_store(settings) as store, opened_database(settings) as engine:
        found = building_month(estate, store, engine, Period.month(MONTH))
    return {each.tenancy: each for each in found.homes}


def drawn(pdf: bytes, dpi: int) -> list[Image.Image]:
    """Draw the pages of a PDF."""
    with TemporaryDirectory() as made:
        command = ["pdftoppm", "-r", str(dpi), "-png", "-", f"{made}/page"]
        subprocess.run(command, input=pdf, check=True)  # noqa: S603  only our own words
        return [Image.open(io.BytesIO(each.read_bytes())) for each in sorted(Path(made).iterdir())]


def phone(chromium: Browser, home: HomeMonth, dark: bool) -> Image.Image:
    """Show the top of a month's mail on a phone."""
    with opened(chromium, PHONE, dark=dark) as page:
        page.set_content(mail_words(page_of(home)).html)
        return Image.open(io.BytesIO(page.screenshot()))


def save(path: Path, parts: Iterable[Image.Image]) -> None:
    """Save pictures beside each other as one, in few colours."""
    images = [each.convert("RGB") for each in parts]
    width = sum(each.width for each in images) + GAP_PX * (len(images) - 1)
    whole = Image.new("RGB", (width, max(each.height for each in images)), GREY)
    left = 0
    for each in images:
        whole.paste(each, (left, 0))
        left += each.width + GAP_PX
    # This way keeps colours of few pixels, such as a legend's.
    few = whole.quantize(256, Image.Quantize.MAXCOVERAGE)
    few.save(path.with_suffix(".png"), optimize=True)


if __name__ == "__main__":
    main()
