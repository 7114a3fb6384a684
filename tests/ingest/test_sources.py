"""What a source may say, and what it is told when that is wrong."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from estate.quantities import quantities
from ingest.decoders import DecodeOptions
from ingest.decoders.key_map import read_key_map
from ingest.decoders.payload.outcomes import Refused
from ingest.decoders.payload.topic_pattern import TopicPattern
from ingest.reasons import Reason
from ingest.sources import Source


def source(decoder: str = "json", **options: object) -> Source:
    table = {"topic_filter": "homes/#", "decoder": decoder, "building": "home", **options}
    return Source.model_validate(table)


def test_options_reach_the_decoder() -> None:
    options = source(
        timezone="Europe/Copenhagen",
        keys={"e.Total": "heat_kwh:gj", "spare": "ignore"},
        topic_pattern="{device}/data",
        device_field="id",
        aliases={"Stue 1. th": "box-0101"},
    ).options
    assert options.zone == ZoneInfo("Europe/Copenhagen")
    assert options.topic == TopicPattern("{device}/data")
    assert (options.device_field, options.aliases) == ("id", {"Stue 1. th": "box-0101"})
    place = options.keys["e.total"]
    assert place is not None
    assert place.quantity == "heat_kwh"
    assert place.unit.convert(3.6) == pytest.approx(1000.0)
    assert options.keys["spare"] is None
    assert source().options == DecodeOptions()


@pytest.mark.parametrize(
    ("decoder", "options", "words"),
    [
        ("nonsense", {}, "choose one of "),
        ("json", {"timezone": "CET+1"}, "Europe/Copenhagen"),
        ("json", {"keys": {"t": "warmth"}}, "t: 'warmth' is not a quantity; write one of"),
        ("json", {"keys": {"t": "heat_kwh:c"}}, "heat_kwh is not measured in 'c'; write kwh"),
        ("json", {"keys": {f"k{n}": "ignore" for n in range(1001)}}, "at most 1000"),
        ("json", {"topic_pattern": "a/b"}, "{device}"),
        ("json", {"topic_pattern": "devices/+/+/{device}/{quantity}"}, "write {device} for that"),
        ("json", {"aliases": {"Stue": "box-1", "Bad": "box-1"}}, "Stue and Bad are both box-1"),
        ("json", {"aliases": {"Stue": "box 1"}}, "should match pattern"),
        ("value", {"device_field": "id"}, "value has no device_field"),
        ("json", {"topic_pattern": "{device}/x{quantity}"}, "a text without"),
        ("json", {"topic_pattern": "{device}/#"}, "a text without"),
        ("fairvarme", {"keys": {"t": "temperature_c"}}, "fairvarme has no keys"),
    ],
)
def test_wrong_option_is_named_with_what_it_may_be(
    decoder: str, options: dict[str, object], words: str
) -> None:
    with pytest.raises(ValidationError) as error:
        source(decoder, **options)
    assert words in str(error.value)


def test_key_map_takes_every_quantity_in_its_own_unit() -> None:
    for name in quantities():
        place = read_key_map({"any": name})["any"]
        assert place is not None
        assert (place.quantity, place.unit.convert(7.0)) == (name, 7.0)


@pytest.mark.parametrize(
    ("pattern", "topic", "levels"),
    [
        ("{device}/{quantity}", "a/b/c", ("b", "c")),
        ("{device}/{quantity}", "b/c", ("b", "c")),
        ("homes/{device}/+/{quantity}/now", "x/homes/a/room/t/now", ("a", "t")),
        ("{device}", "a", ("a", None)),
        ("{quantity}/of/{device}", "t/of/a", ("a", "t")),
        ("d/{device}/{device}/+/{quantity}", "x/d/TH/1/now/t", ("TH/1", "t")),
    ],
)
def test_topic_pattern(pattern: str, topic: str, levels: tuple[str, str | None]) -> None:
    assert TopicPattern(pattern).find(topic) == levels


@pytest.mark.parametrize("topic", ["", "a", "/c", "b/", "a/b/", "now/homes/a"])
def test_topic_that_does_not_fit(topic: str) -> None:
    with pytest.raises(Refused) as refused:
        TopicPattern("{device}/{quantity}").find(topic) if topic != "now/homes/a" else TopicPattern(
            "homes/{device}/now"
        ).find(topic)
    assert refused.value.reason is Reason.TOPIC_UNEXPECTED
