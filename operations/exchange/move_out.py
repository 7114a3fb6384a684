"""Move-outs: the meters are read once, for the bill, the utility and the resident."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from billing.exchange.profile import load_profile
from billing.exchange.write import file_bytes, file_name
from estate.devices import REGISTER_OF
from estate.errors import DataError, UsageError
from estate.findings import Finding
from estate.numbers.values import load_values
from estate.periods import DAY_MS
from estate.quantities import quantities
from operations.clock import now_ms
from operations.exchange.inspection import (
    Photo,
    RegisterRead,
    meters_of,
    receipt,
    utility_records,
)
from operations.wiring import choose_estates, opened_store
from reports.letter.page import letter_page
from reports.pdf import Press
from telemetry.readings import Quality, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from estate.model import Device, Estate, Tenancy
    from operations.settings import Settings
    from telemetry.stores.store import Store

HOUR_SECONDS = 3600
LETTER = "plain.typ"
PROFILE = "utility-csv"


@dataclass(frozen=True)
class Limits:
    """
    What a reading at a move-out may be; see ``move_out.yaml``.

    Attributes
    ----------
    meter_hours : int
        How old a reading of the meter itself may be. [h]
    search_days : int
        How far back to look for a register, below which one read by hand may not be. [days]
    """

    meter_hours: int
    search_days: int


@dataclass(frozen=True)
class Inspection:
    """
    The inspection of a home.

    Attributes
    ----------
    at : datetime
        Without zone: in the building's.
    by : str
        Who read.
    registers : mapping of str to float
        Registers read by hand, by meter id; for other meters their own readings are used.
    photos : mapping of str to Path
        By the meter's id.
    """

    building: str
    tenancy: str
    at: datetime
    by: str
    registers: Mapping[str, float]
    photos: Mapping[str, Path]


@dataclass(frozen=True)
class MovedOut:
    """What was read, and the files that were written of it."""

    registers: tuple[RegisterRead, ...]
    utility: Path
    receipt: Path


def move_out(
    settings: Settings, inspection: Inspection, directory: Path, profile_name: str = PROFILE
) -> MovedOut:
    """
    Store the registers of a vacated home, and write them for the utility and the resident.

    Nothing is stored or written unless every meter of the home has a reading.

    Parameters
    ----------
    settings : Settings
    inspection : Inspection
    directory : Path
        Of the files, made where it is absent.
    profile_name : str, optional
        The utility's file format: a profile of the table ``readings``, shipped or custom.

    Raises
    ------
    DataError
        If a meter has no reading, or an impossible one.
    UsageError
        If there is no such building, tenancy, meter, photo or profile.
    StoreUnavailable
    """
    profile = load_profile(profile_name)
    if profile.table != "readings":
        raise UsageError(f"{profile.name} is of {profile.table}; take a profile of readings")
    (estate,) = choose_estates(settings, [inspection.building])
    tenancy = _tenancy(estate, inspection.tenancy)
    at = inspection.at.replace(tzinfo=estate.building.zone)
    meters = meters_of(estate, tenancy.flat, at.date())
    _check_names(inspection, meters)
    photos = {name: _photo(path) for name, path in inspection.photos.items()}
    with opened_store(settings) as store:
        registers = tuple(_registers(store, estate, meters, inspection, at, photos))
        records = utility_records(estate, tenancy, registers)
        content = file_bytes(records, profile)
        _store(store, estate, registers)
    directory.mkdir(parents=True, exist_ok=True)
    utility = directory / file_name(profile, records[0], at)
    utility.write_bytes(content)
    subject, text = receipt(estate, tenancy, registers, at, inspection.by)
    paper = directory / f"{utility.stem}-receipt.pdf"
    with Press(LETTER) as press:
        page = letter_page(estate, tenancy, subject, text, at.date())
        paper.write_bytes(press.print_words(page, at.date()))
    return MovedOut(registers, utility, paper)


@cache
def _limits() -> Limits:
    return load_values(Limits, "operations.exchange", "move_out.yaml")


def _tenancy(estate: Estate, name: str) -> Tenancy:
    found = estate.tenancy_by_id.get(name)
    if found is None:
        raise UsageError(
            f"no tenancy {name} in {estate.building.id}; tenancies.csv names those that there are"
        )
    return found


def _check_names(inspection: Inspection, meters: Sequence[Device]) -> None:
    known = {each.device for each in meters}
    if not known:
        raise UsageError(f"the home of {inspection.tenancy} has no meter; see devices.csv")
    unknown = sorted((inspection.registers.keys() | inspection.photos.keys()) - known)
    if unknown:
        raise UsageError(
            f"{', '.join(unknown)} is no meter of the home; it has {', '.join(sorted(known))}"
        )


def _photo(path: Path) -> Photo:
    try:
        with path.open("rb") as file:
            return Photo(path.name, hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from error


def _registers(
    store: Store,
    estate: Estate,
    meters: Sequence[Device],
    inspection: Inspection,
    at: datetime,
    photos: Mapping[str, Photo],
) -> Iterator[RegisterRead]:
    """Yield what each meter shows; raises `DataError` with all that is wrong."""
    faults, found = [], []
    for meter in meters:
        last = _last(store, estate, meter, at)
        value = inspection.registers.get(meter.device)
        if value is not None and value > quantities()[REGISTER_OF[meter.kind]].maximum:
            faults.append(
                _finding(
                    "refused", meter.device, f"shows {value:g}, which no meter does; read it again"
                )
            )
        elif value is not None and last is not None and value < last.value:
            faults.append(_lower(meter, value, last))
        elif value is not None:
            photo = photos.get(meter.device)
            found.append(RegisterRead(meter, value, at, by_hand=True, photo=photo))
        elif last is None or (at - last.at).total_seconds() > _limits().meter_hours * HOUR_SECONDS:
            faults.append(_missing(meter, last))
        else:
            found.append(last)
    if faults:
        raise DataError(faults)
    yield from found


def _last(store: Store, estate: Estate, meter: Device, at: datetime) -> RegisterRead | None:
    """Return the last good reading that the meter sent up to an instant."""
    end_ms = round(at.timestamp() * 1000) + 1
    start_ms = end_ms - _limits().search_days * DAY_MS
    samples = store.samples(
        estate.building.id, [meter.device], REGISTER_OF[meter.kind], start_ms, end_ms
    ).good()
    if not len(samples.time_ms):
        return None
    when = datetime.fromtimestamp(int(samples.time_ms[-1]) / 1000, UTC)
    local = when.astimezone(estate.building.zone)
    return RegisterRead(meter, float(samples.value[-1]), local, by_hand=False)


def _store(store: Store, estate: Estate, registers: Sequence[RegisterRead]) -> None:
    arrival_ms = now_ms()
    refused = store.write(
        [
            Reading(
                estate.building.id,
                each.meter.device,
                each.quantity,
                round(each.at.timestamp() * 1000),
                each.value,
                int(Quality.GOOD),
                arrival_ms,
            )
            for each in registers
            if each.by_hand
        ]
    )
    if refused:
        raise DataError(
            [
                _finding(
                    "refused",
                    each.reading.device,
                    f"cannot be stored: {each.reason}; read it again",
                )
                for each in refused
            ]
        )


def _lower(meter: Device, value: float, last: RegisterRead) -> Finding:
    told = f"shows {value:g}, and showed {last.value:g} on {last.at:%Y-%m-%d}; read it again"
    return _finding("lower", meter.device, told)


def _missing(meter: Device, last: RegisterRead | None) -> Finding:
    since = f"sent nothing since {last.at:%Y-%m-%d}" if last else "never sent anything"
    told = f"{since}; read it by hand, and add --reading {meter.device}=VALUE"
    return _finding("missing", meter.device, told)


def _finding(fault: str, device: str, problem: str) -> Finding:
    return Finding(f"exchange.move_out.{fault}", f"meter {device} {problem}", {"device": device})
