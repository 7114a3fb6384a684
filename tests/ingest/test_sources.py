"""Sources: filters that share topics, and gateways that need a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub
from pydantic import ValidationError

from ingest.sources import Source, filters_overlap

LEVELS = ("a", "b", "+")


@st.composite
def filters(draw: st.DrawFn) -> str:
    levels = draw(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=4))
    return "/".join([*levels, *(["#"] if draw(st.booleans()) else [])])


def topics(length: int) -> list[str]:
    shorter = topics(length - 1) if length > 1 else []
    longest = [f"{each}/" for each in shorter if each.count("/") == length - 2] or [""]
    return shorter + [f"{start}{level}" for start in longest for level in "abc"]


TOPICS = topics(6)


@given(filters(), filters())
def test_filters_overlap_where_a_topic_falls_under_both(one: str, other: str) -> None:
    shared = any(topic_matches_sub(one, each) and topic_matches_sub(other, each) for each in TOPICS)
    assert filters_overlap(one, other) == filters_overlap(other, one) == shared


def test_gateway_needs_a_list_of_devices() -> None:
    arguments = {"topic_filter": "b/g/+", "decoder": "wmbusmeters", "building": "b", "gateway": "g"}
    with pytest.raises(ValidationError, match="on its list only"):
        Source(**arguments)
    assert Source(**arguments, devices=["1"]).gateway == "g"
