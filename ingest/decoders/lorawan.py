"""
Common decoding of LoRaWAN uplinks: the object that a device's codec produced.

ELSYS, Milesight, Decentlab, Dragino, SenseCAP, Kamstrup, Axioma and Cayenne LPP are known by the
names of ``keys.yaml``. Device clocks cannot be trusted, so the time is when the
network received it; only values stored by meters and sensors have times of their own.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from estate.periods import HOUR_MS
from ingest.decoders.payload.clocks import heard_time, values_at
from ingest.decoders.payload.fields import Origin, decode_leaves
from ingest.decoders.payload.leaves import Leaf, leaves
from ingest.decoders.payload.names import key_table, words
from ingest.decoders.payload.outcomes import Measurement, Refused, Reject, shown
from ingest.decoders.payload.parsing import parse_number, parse_time
from ingest.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ingest.decoders.payload.model import DecodeOptions
    from ingest.decoders.payload.outcomes import Decoded


def heard_origin(
    message: Mapping[str, Any], device: str, decoder: str, arrival_ms: int, options: DecodeOptions
) -> Origin:
    """
    Return when a network received an uplink, by the clocks in its message.

    Parameters
    ----------
    message : mapping
    device : str
    decoder : str
        Decoder of the message.
    arrival_ms : int
        [ms since 1970, UTC]
    options : DecodeOptions
    """
    stated = (values_at(message, path) for path in key_table()["heard_times"][decoder])
    behind_ms = key_table()["latest_behind_hours"] * HOUR_MS
    return Origin(device, *heard_time(chain.from_iterable(stated), arrival_ms, options, behind_ms))


def decode_object(
    found: Decoded,
    document: Mapping[str, Any],
    heard: Origin,
    decoder: str,
    options: DecodeOptions,
) -> None:
    """
    Decode the codec's output of one uplink.

    Parameters
    ----------
    found : Decoded
        Results are added to it.
    document : mapping
    heard : Origin
        The device, and when the network received it.
    decoder : str
        Decoder whose names apply.
    options : DecodeOptions
    """
    lists = {key: value for key, value in document.items() if isinstance(value, list) and value}
    records = [key for key in lists if words(key) in key_table()["records"]]
    pairs = [key for key in lists if _holds_pairs(key, document)]
    series = [key for key in pairs if _is_series(key, document, options)]
    now = {key: value for key, value in document.items() if key not in {*records, *pairs}}
    if series:
        # The newest register is the first of the series, with a time of its own there.
        now = {key: value for key, value in now.items() if words(key) not in _newest_names()}
    if now or len(now) == len(document):
        names = tuple(key_table()["device_times"]["names"])
        own = partial(_own_origin, heard, options)
        decode_leaves(found, leaves(now, names), heard, decoder, options, own)
    for key in series:
        _decode_series(found, key, document[key], heard.device, options)
    for key in records:
        for record in document[key]:
            _decode_record(found, key, record, heard.device, decoder, options)


def decode_rssi(found: Decoded, receptions: object, heard: Origin) -> None:
    """Add the strongest signal of the receptions, if any. [dBm]"""
    strongest = max(_strengths(receptions), default=None)
    if strongest is not None:
        device, time_ms, quality = heard
        measurement = Measurement(device, "rssi_dbm", time_ms, strongest, int(quality))
        found.measurements.append(measurement)


def _strengths(receptions: object) -> Iterator[float]:
    for each in receptions if isinstance(receptions, list) else []:
        try:
            yield parse_number(each.get("rssi") if isinstance(each, dict) else None)
        except Refused:
            continue


def _holds_pairs(key: str, document: Mapping[str, Any]) -> bool:
    """Return whether a list has pairs of time and register."""
    return words(key) in key_table()["series"] and all(map(_is_pair, document[key]))


def _is_series(key: str, document: Mapping[str, Any], options: DecodeOptions) -> bool:
    """Return whether pairs of time and register are to be used."""
    try:
        parse_time(document[key][0][0], options)
    except Refused:
        # Meters write local times. Without a zone only the newest register, received now, is used.
        return not any(words(name) in _newest_names() for name in document)
    return True


def _is_pair(item: object) -> bool:
    return isinstance(item, list) and len(item) == 2


def _newest_names() -> set[str]:
    return {row["as"] for row in key_table()["series"].values()}


def _decode_series(
    found: Decoded, key: str, pairs: list[Any], device: str, options: DecodeOptions
) -> None:
    name = key_table()["series"][words(key)]["as"]
    for time, value in pairs:
        try:
            origin = Origin(device, parse_time(time, options))
        except Refused as refused:
            found.rejects.append(Reject(refused.reason, refused.detail, device))
            continue
        decode_leaves(found, [Leaf(key, name, value)], origin, "", options)


def _decode_record(
    found: Decoded, key: str, record: object, device: str, decoder: str, options: DecodeOptions
) -> None:
    if not isinstance(record, dict):
        detail = f"{shown(record)} of {shown(key)} is not an object"
        found.rejects.append(Reject(Reason.PAYLOAD_WRONG_SHAPE, detail, device))
        return
    wanted = set(key_table()["records"].values())
    time = next((value for key, value in record.items() if words(key) in wanted), None)
    try:
        origin = Origin(device, parse_time(time, options))
    except Refused as refused:
        detail = f"{refused.detail} of {shown(key)}".strip()
        found.rejects.append(Reject(refused.reason, detail, device))
        return
    decode_leaves(found, leaves(record), origin, decoder, options)


def _own_origin(heard: Origin, options: DecodeOptions, leaf: Leaf) -> Origin:
    """Return when a value was measured: as a list entry states, else if plausible."""
    if leaf.of_item:
        return Origin(heard.device, parse_time(leaf.times[0], options))
    oldest_ms = key_table()["device_times"]["oldest_hours"] * HOUR_MS
    for stated in leaf.times:
        try:
            time_ms = parse_time(stated, options, heard.time_ms)
        except Refused:
            continue
        if heard.time_ms - oldest_ms <= time_ms <= heard.time_ms:
            return Origin(heard.device, time_ms)
    return heard
