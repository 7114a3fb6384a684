"""Names of buildings, made distinct if two share one. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from estate.model import Building


def building_names(buildings: Collection[Building]) -> Mapping[str, str]:
    """
    Return each building's name by id; shared names get the address, or failing that the id.

    Examples
    --------
    >>> from estate.model import Building
    >>> rows = [("a", "Court", "Street 1"), ("b", "Court", "Street 9"), ("c", "Garden", "Street 2")]
    >>> building_names([Building.model_construct(id=i, name=n, address=a) for i, n, a in rows])
    {'a': 'Court, Street 1', 'b': 'Court, Street 9', 'c': 'Garden'}
    """
    names = Counter(each.name for each in buildings)
    places = Counter((each.name, each.address) for each in buildings)
    found = {}
    for each in buildings:
        parts = [each.name]
        if names[each.name] > 1:
            parts.append(each.address)
        if places[each.name, each.address] > 1:
            parts.append(each.id)
        found[each.id] = ", ".join(part for part in parts if part)
    return found
