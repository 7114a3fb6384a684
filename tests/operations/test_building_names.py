"""Two buildings of one name are told apart wherever staff read it."""

from __future__ import annotations

from operations.visitors.names import building_names
from tests.support.estates import building


def test_a_name_stands_alone_where_it_is_the_only_one() -> None:
    one, other = building(id="a", name="Court"), building(id="b", name="Garden")
    assert building_names([one, other]) == {"a": "Court", "b": "Garden"}


def test_of_one_name_the_address_tells_and_of_one_address_the_id() -> None:
    rows = [
        building(id="a", name="Court", address="Street 1"),
        building(id="b", name="Court", address="Street 9"),
        building(id="c", name="Court", address="Street 9"),
    ]
    names = building_names(rows)
    assert names["a"] == "Court, Street 1"
    assert names["b"] == "Court, Street 9, b"
    assert len(set(names.values())) == len(rows)
