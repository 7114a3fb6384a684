"""
Serialises evidence to be stored with a bill: a zip of JSON and numpy arrays.

The same evidence yields the same bytes on any machine and day: nothing in it is compressed,
dated or in random order. So a SHA-256 proves that it is unchanged. Nothing in it is
executed on reading, and it takes no more memory than its bytes (docs/evidence.md).
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from tokenize import TokenError
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError
from pydantic_core import from_json

from billing.bill.bill import RegisterUse
from billing.measured.climate.weights import STEPS, ClimateKey, ClimateWeights
from billing.measured.evidence import ClimateEvidence, ClimateHours, EarlierYear, Evidence
from billing.measured.meters.common_meters import CommonMeters
from billing.measured.meters.meter_notes import MeterNote
from billing.measured.meters.meter_use import MeterUse
from billing.measured.spans import Span, own_days, spans_of
from estate.errors import DataError
from estate.findings import Finding
from estate.model import Building, Device, DeviceKind, Estate, Flat, Neighbour, Tenancy
from estate.periods import Period
from estate.record import Record
from telemetry.series.home_climate import Doubt, Glitches

if TYPE_CHECKING:
    Array = npt.NDArray[Any]
    Arrays = Mapping[str, Array]

FORMAT = "fairvarme-evidence"
VERSION = 1
DOCUMENT = "evidence.json"
MOST_DAYS = 3_700
"""Longest period: ten years."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date in a zip."""
UNIX, PLAIN_FILE = 3, 0o100600 << 16
HOSTILE = (
    zipfile.BadZipFile, struct.error, ValueError, LookupError, RuntimeError, EOFError, OSError,
)  # fmt: skip
"""Exceptions of the libraries for bytes that are not a zip, array, JSON, time zone or date."""
HOSTILE_HEADER = (ValueError, TypeError, SyntaxError, TokenError, MemoryError)
"""Exceptions of numpy, which reads a header as Python's literals."""
CLOSE = 1e-9
"""What is added up day by day rounds otherwise than in one row."""
FLOAT, INTEGER, BYTE = "<f8", "<i8", "|i1"


class _Meters(Record):
    """Meters of one kind; their uses are arrays."""

    registers: tuple[tuple[RegisterUse, ...], ...]
    notes: tuple[MeterNote, ...]


class _Common(Record):
    """Common meters of one kind."""

    uses: tuple[RegisterUse, ...]
    notes: tuple[MeterNote, ...]


class _Document(Record):
    """Everything but the arrays."""

    format: str = FORMAT
    version: int = VERSION
    building: Building
    flats: tuple[Flat, ...]
    neighbours: tuple[Neighbour, ...]
    tenancies: tuple[Tenancy, ...]
    devices: tuple[Device, ...]
    period: Period
    spans: tuple[Span, ...]
    meters: Mapping[DeviceKind, _Meters]
    common: Mapping[DeviceKind, _Common]
    outdoor_hours: int
    doubts: tuple[Doubt, ...]
    glitches: tuple[Glitches, ...]
    climate_keys: tuple[ClimateKey, ...]
    earlier: tuple[DeviceKind, ...]

    @property
    def estate(self) -> Estate:
        """The building as billed."""
        return Estate(
            self.building,
            self.flats,
            neighbours=self.neighbours,
            tenancies=self.tenancies,
            devices=self.devices,
        )


def evidence_bytes(evidence: Evidence) -> bytes:
    """Serialise evidence; the same evidence yields the same bytes."""
    document = _document(evidence).model_dump_json(indent=1, by_alias=True)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as file:
        file.writestr(_entry(DOCUMENT), document.encode())
        for name, array in evidence.arrays():
            file.writestr(_entry(name), _array_bytes(array))
    return target.getvalue()


def read_evidence(content: bytes) -> Evidence:
    """
    Read what `evidence_bytes` wrote.

    Raises
    ------
    DataError
        If it is not such a file, was truncated or changed, or a newer program wrote it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            entries = _entries(file, len(content))
        document = _read_document(entries.pop(DOCUMENT, b""))
        return _evidence(document, entries)
    except HOSTILE as error:
        why = "its parts do not fit" if isinstance(error, ValidationError) else str(error)
        raise DataError([_unreadable(why)]) from error


def _unreadable(why: str) -> Finding:
    message = (
        f"the evidence of a bill cannot be read: {why}. Restore a backup, or gather it "
        "again while the readings exist"
    )
    return Finding("evidence.unreadable", message, {"why": why})


def _document(evidence: Evidence) -> _Document:
    estate, climate = evidence.estate, evidence.climate
    return _Document(
        building=estate.building,
        flats=estate.flats,
        neighbours=estate.neighbours,
        tenancies=estate.tenancies,
        devices=estate.devices,
        period=evidence.period,
        spans=tuple(evidence.spans),
        meters={
            kind: _Meters(registers=each.registers, notes=each.notes)
            for kind, each in sorted(evidence.meters.items())
        },
        common={
            kind: _Common(uses=each.uses, notes=each.notes)
            for kind, each in sorted(evidence.common.items())
        },
        outdoor_hours=climate.hours.outdoor,
        doubts=climate.doubts,
        glitches=climate.glitches,
        climate_keys=tuple(climate.weights),
        earlier=tuple(sorted(evidence.earlier.use)),
    )


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name if name == DOCUMENT else f"{name}.npy", EPOCH)
    entry.create_system, entry.external_attr = UNIX, PLAIN_FILE
    return entry


def _array_bytes(array: Array) -> bytes:
    target = io.BytesIO()
    little_endian = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    np.lib.format.write_array(target, little_endian, version=(1, 0), allow_pickle=False)
    return target.getvalue()


def _entries(file: zipfile.ZipFile, whole: int) -> dict[str, bytes]:
    """Read all entries, checking their lengths."""
    entries: dict[str, bytes] = {}
    if sum(entry.file_size for entry in file.infolist()) > whole:
        raise ValueError("its parts are longer than the whole")
    for entry in file.infolist():
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise ValueError(f"{entry.filename} is compressed, which is not allowed")
        if entry.filename in entries:
            raise ValueError(f"{entry.filename} occurs twice")
        entries[entry.filename] = file.read(entry)
    return entries


def _read_document(content: bytes) -> _Document:
    raw = from_json(content, allow_inf_nan=False)
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ValueError(f"it is not evidence: {DOCUMENT} lacks {FORMAT}")
    version = raw.get("version")
    if version != VERSION:
        raise ValueError(
            f"it is of version {version}, and this program reads {VERSION}; install the one that "
            "wrote it"
        )
    document = _Document.model_validate(raw)
    if not document.flats or document.period.days > MOST_DAYS:
        raise ValueError("it has no homes, or too many days")
    _ = document.building.zone
    if document.spans != tuple(spans_of(document.estate, document.period)):
        raise ValueError("its days do not fit its tenancies")
    if any(len(each.registers) != len(document.spans) for each in document.meters.values()):
        raise ValueError("its registers do not fit its tenancies")
    return document


class _Taken:
    """Extracts arrays from the entries; each must exist with its shape, and none may be left."""

    def __init__(self, document: _Document, entries: Mapping[str, bytes]) -> None:
        self.left = dict(entries)
        self.spans = len(document.spans)
        self.days = (len(document.flats), document.period.days)

    def of_spans(self, name: str, rows: int | None = None, dtype: str = FLOAT) -> Array:
        """Return one or more numbers per span."""
        return self._take(name, (self.spans,) if rows is None else (rows, self.spans), dtype)

    def by_day(self, name: str, dtype: str = FLOAT) -> Array:
        """Return one number per home and local day."""
        return self._take(name, self.days, dtype)

    def _take(self, name: str, shape: tuple[int, ...], dtype: str) -> Array:
        content = self.left.pop(f"{name}.npy", b"")
        stream = io.BytesIO(content)
        found, by_columns, kind = _header(stream, name)
        values = content[stream.tell() :]
        right = np.dtype(dtype)
        if (found, by_columns, kind) != (shape, False, right):
            raise ValueError(f"{name} is {kind} of {found}, not {right} of {shape}")
        if len(values) != int(np.prod(shape)) * right.itemsize:
            raise ValueError(f"{name} was truncated")
        return np.frombuffer(values, right).reshape(shape)


def _header(stream: io.BytesIO, name: str) -> tuple[object, bool, object]:
    """Read shape, order and kind of an array."""
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError(f"{name} is not an array of version 1.0")
    try:
        return np.lib.format.read_array_header_1_0(stream)
    except HOSTILE_HEADER as error:
        raise ValueError(f"{name} has no header of an array") from error


def _evidence(document: _Document, entries: Mapping[str, bytes]) -> Evidence:
    taken = _Taken(document, entries)
    evidence = Evidence(
        estate=document.estate,
        period=document.period,
        spans=document.spans,
        meters={kind: _meters(taken, kind, each) for kind, each in document.meters.items()},
        common={
            kind: CommonMeters(each.uses, each.notes) for kind, each in document.common.items()
        },
        climate=_climate(taken, document),
        earlier=EarlierYear(
            taken.of_spans("earlier/degree_days_then"),
            taken.of_spans("earlier/degree_days_now"),
            {kind: taken.of_spans(f"earlier/use/{kind}") for kind in document.earlier},
        ),
    )
    if not _days_add_up(evidence):
        raise ValueError("its days do not add up to its tenancies")
    if taken.left:
        raise ValueError(f"unknown entries {', '.join(sorted(taken.left))}")
    return evidence


def _days_add_up(evidence: Evidence) -> bool:
    """Whether the sums by day and by tenancy agree."""
    own = own_days(evidence.spans, evidence.period)
    return all(
        np.allclose(
            np.where(own, each.by_day[evidence.flat_rows], 0.0).sum(axis=1),
            each.of_spans[0],
            rtol=CLOSE,
            equal_nan=True,
        )
        for each in evidence.climate.weights.values()
    )


def _meters(taken: _Taken, kind: DeviceKind, meters: _Meters) -> MeterUse:
    return MeterUse(
        taken.of_spans(f"meters/{kind}/use"),
        taken.of_spans(f"meters/{kind}/estimated_hours", dtype=INTEGER),
        taken.of_spans(f"meters/{kind}/estimated_part"),
        meters.registers,
        meters.notes,
    )


def _climate(taken: _Taken, document: _Document) -> ClimateEvidence:
    steps = len(STEPS)
    return ClimateEvidence(
        hours=ClimateHours(
            taken.by_day("climate/hours/measured", BYTE),
            taken.by_day("climate/hours/refused", BYTE),
            taken.by_day("climate/hours/by_house", BYTE),
            document.outdoor_hours,
        ),
        doubts=document.doubts,
        glitches=document.glitches,
        weights={
            key: ClimateWeights(
                taken.of_spans(f"climate/weights/{number}/of_spans", steps),
                taken.by_day(f"climate/weights/{number}/by_day"),
            )
            for number, key in enumerate(document.climate_keys)
        },
        need_kwh=taken.of_spans("climate/need_kwh", steps),
        degree_hours=taken.of_spans("climate/degree_hours", steps),
        plausible_kwh=taken.of_spans("climate/plausible_kwh", 2),
    )
