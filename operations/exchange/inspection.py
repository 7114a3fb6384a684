"""The meters of a vacated home, and their registers at the move-out inspection. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from correspondence.address import language_of, persons_on
from correspondence.catalogue import catalogue
from estate.devices import REGISTER_OF

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from billing.exchange.columns import Record
    from correspondence.catalogue import Catalogue
    from estate.model import Device, Estate, Tenancy

CLOCK = "%H:%M"


@dataclass(frozen=True)
class Photo:
    """A photo of a meter: the name of its file, and its SHA-256 in hexadecimal."""

    name: str
    sha256: str


@dataclass(frozen=True)
class RegisterRead:
    """
    The value of a register.

    Attributes
    ----------
    at : datetime
        In the building's zone.
    by_hand : bool
        Read by a person rather than sent by the meter.
    """

    meter: Device
    value: float
    at: datetime
    by_hand: bool
    photo: Photo | None = None

    @property
    def quantity(self) -> str:
        """What the register counts."""
        return REGISTER_OF[self.meter.kind]


def meters_of(estate: Estate, flat: str, day: date) -> tuple[Device, ...]:
    """Return the meters that are in a flat on a day, by their ids."""
    return tuple(
        each
        for each in estate.devices
        if each.flat == flat
        and each.kind in REGISTER_OF
        and each.start <= day
        and (each.end is None or day <= each.end)
    )


def utility_records(
    estate: Estate, tenancy: Tenancy, registers: Sequence[RegisterRead]
) -> list[Record]:
    """Return the registers as records of the table ``readings``."""
    flat = estate.flats[estate.flat_index[tenancy.flat]]
    return [
        {
            "building": estate.building.id,
            "tenancy": tenancy.tenancy,
            "flat": flat.flat,
            "street": flat.address,
            "device": each.meter.device,
            "serial": each.meter.serial,
            "quantity": each.quantity,
            "value": each.value,
            "day": each.at.date(),
            "clock": each.at.strftime(CLOCK),
            "read": "by_hand" if each.by_hand else "by_meter",
            "photo": each.photo.name if each.photo else None,
            "photo_sha256": each.photo.sha256 if each.photo else None,
        }
        for each in registers
    ]


def receipt(
    estate: Estate, tenancy: Tenancy, registers: Sequence[RegisterRead], at: datetime, by: str
) -> tuple[str, str]:
    """Return the subject and text of the resident's receipt, in the resident's language."""
    persons = persons_on(estate.persons, tenancy.tenancy, at.date())
    words = catalogue(language_of(persons, estate.building))
    flat = estate.flats[estate.flat_index[tenancy.flat]]
    day, clock = words.full_date(at.date()), at.strftime(CLOCK)
    parts = (
        words.say("receipt.intro", address=flat.address, day=day, time=clock),
        "\n".join(_row(each, words) for each in registers),
        words.say("receipt.outro", by=by),
    )
    return words.say("receipt.subject"), "\n\n".join(parts)


def _row(each: RegisterRead, words: Catalogue) -> str:
    told = {
        "name": words.say(f"register.{each.quantity}"),
        "meter": each.meter.serial or each.meter.device,
        "value": words.plain_number(each.value),
        "unit": words.say(f"register.{each.quantity}.unit"),
    }
    if not each.by_hand:
        day = words.full_date(each.at.date())
        return words.say("receipt.row.by_meter", **told, day=day, time=each.at.strftime(CLOCK))
    if each.photo:
        return words.say("receipt.row.photo", **told, photo=each.photo.name)
    return words.say("receipt.row", **told)
