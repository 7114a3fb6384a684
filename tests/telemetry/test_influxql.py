"""InfluxQL texts, and answers as servers give them."""

from __future__ import annotations

import pytest

from telemetry.stores.influxql import (
    QueryRefused,
    read_series,
    select_count,
    select_readings,
    table,
)


def test_a_query_names_all_it_asks_for() -> None:
    assert select_readings("b", ["x", "y"], "temperature_c", 5, 9) == (
        'SELECT "value", "quality" FROM "temperature_c" WHERE "building" = \'b\''
        " AND (\"device\" = 'x' OR \"device\" = 'y') AND time >= 5ms AND time < 9ms"
        ' GROUP BY "device"'
    )


@pytest.mark.parametrize("text", ["x'", 'x"', "x y", "", "x\\", "x;y", "a" * 65])
def test_a_name_that_is_no_id_never_reaches_a_query(text: str) -> None:
    for names in ((text, "d", "q"), ("b", text, "q"), ("b", "d", text)):
        building, device, quantity = names
        with pytest.raises(ValueError, match="not an id"):
            select_readings(building, [device], quantity, 0, 1)
    with pytest.raises(ValueError, match="not an id"):
        select_count(text)


def test_chunks_are_read_in_turn() -> None:
    answer = (
        b'{"results":[{"statement_id":0,"series":[{"name":"q","tags":{"device":"x"},'
        b'"columns":["time","value","quality"],"values":[[1,20.5,0],[2,21,1]],"partial":true}],'
        b'"partial":true}]}\n'
        b'{"results":[{"statement_id":0,"series":[{"name":"q","tags":{"device":"x"},'
        b'"columns":["time","value","quality"],"values":[[3,1e+22,0]]}]}]}\n'
    )
    chunks = list(read_series(answer))
    assert [device for device, _ in chunks] == ["x", "x"]
    assert table(chunks[0][1]).tolist() == [[1, 20.5, 0], [2, 21, 1]]
    assert table(chunks[1][1]).tolist() == [[3, 1e22, 0]]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b'{"error":"authorization failed"}', "authorization failed"),
        (b'{"results":[{"statement_id":0,"error":"database not found: x"}]}', "not found: x"),
        (b'{"results":[{"series":[{"values":[[1,2,0]],"partial":true}]}]}', "truncated"),
        (b'{"results":[{"series":[{"values":[[1,2,0]]}],"partial":true}]}', "truncated"),
    ],
)
def test_an_answer_that_is_not_whole_is_refused(answer: bytes, reason: str) -> None:
    with pytest.raises(QueryRefused, match=reason):
        list(read_series(answer))


def test_no_series_is_no_rows() -> None:
    assert list(read_series(b'{"results":[{"statement_id":0}]}\n')) == []
    assert table([]).shape == (0, 3)
