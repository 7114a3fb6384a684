"""The data-protection documents of a building, filled from the settings and tables in force."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from estate.purposes.table import purposes
from operations.privacy.kept import kept

if TYPE_CHECKING:
    from pathlib import Path

    from estate.model import Estate
    from operations.settings import Settings

PAPERS = (
    "notice.da.md",
    "notice.en.md",
    "notice.de.md",
    "record-of-processing.md",
    "record-of-processing.de.md",
    "impact-assessment.md",
    "impact-assessment.de.md",
)
DANISH_READERS = {
    "resident": "du",
    "case": "personalet, når du åbner en sag",
    "accountant": "regnskab",
    "operator": "drift",
    "board": "bestyrelsen",
    "nobody": "ingen, kun advarslen",
}
GERMAN_CHANNELS = {"mail": "Mail", "text messages": "SMS", "webhooks": "Webhooks"}
TO_BE_FILLED_IN = "to be filled in (data_controller of building.yaml)"


def write_papers(settings: Settings, estate: Estate, directory: Path) -> list[Path]:
    """
    Write notice, record of processing and impact assessment of a building.

    Returns
    -------
    list of Path
        The files, in Markdown.
    """
    directory.mkdir(parents=True, exist_ok=True)
    facts, written = _facts(settings, estate), []
    for name in PAPERS:
        path = directory / name
        path.write_text(_environment().get_template(f"{name}.j2").render(facts), "utf-8")
        written.append(path)
    return written


def danish() -> dict[str, dict[str, str]]:
    """Return the Danish words for purposes and quantities."""
    text = resources.files("operations.privacy").joinpath("da.yaml").read_text("utf-8")
    words: dict[str, dict[str, str]] = yaml.safe_load(text)
    return words


@cache
def german() -> dict[str, dict[str, str]]:
    """Return the German words for purposes, quantities, readers, forms and records."""
    folder = resources.files("operations.privacy").joinpath("templates")
    text = folder.joinpath("de.yaml").read_text("utf-8")
    words: dict[str, dict[str, str]] = yaml.safe_load(text)
    return words


def _facts(settings: Settings, estate: Estate) -> dict[str, Any]:
    building, table = estate.building, kept()
    channels = {"mail": settings.mail, "text messages": settings.sms, "webhooks": settings.webhooks}
    permits = [each.permit.reference for each in building.schemes if each.permit is not None]
    return {
        "building": building,
        "controller": building.data_controller or TO_BE_FILLED_IN,
        "flats": len(estate.flats),
        "devices": len(estate.placements),
        "climate": sum(rows[-1].kind == "climate" for rows in estate.placements.values()),
        "rented": building.tenure in ("almen", "privat"),
        "schemes": [each.scheme for each in building.schemes],
        "permits": permits,
        "decoders": sorted({each.decoder for each in settings.sources}),
        "channels": [name for name, each in channels.items() if each],
        "store": settings.store.partition(":")[0],
        "database": settings.database.partition(":")[0],
        "keep_days": settings.backup.keep_days if settings.backup else None,
        "purposes": purposes(),
        "danish_purposes": danish()["purposes"],
        "german": german(),
        "records": table.records,
        "persons_days": table.persons.days,
        "persons_why": table.persons.why,
    }


def _environment() -> Any:  # noqa: ANN401  of Jinja, imported where it is used
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701  Markdown, which people finish by hand
        loader=PackageLoader("operations.privacy"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    words = danish()["quantities"]
    environment.filters["danish"] = lambda name: words[name]
    environment.filters["german"] = lambda name: german()["quantities"][name]
    environment.filters["german_reader"] = lambda name: german()["readers"][str(name)]
    # A record refers to residents, whereas a notice addresses them.
    roles = german()["readers"] | {"resident": "der Bewohner", "case": "Personal in einem Fall"}
    environment.filters["german_role"] = lambda name: roles[str(name)]
    environment.filters["german_channel"] = lambda name: GERMAN_CHANNELS[name]
    environment.filters["english"] = lambda name: name.rpartition("_")[0].replace("_", " ")
    environment.filters["danish_reader"] = lambda name: DANISH_READERS[str(name)]
    return environment
