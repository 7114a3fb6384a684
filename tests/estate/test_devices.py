"""The register of each kind of device."""

from __future__ import annotations

from typing import get_args

from estate.devices import REGISTER_OF
from estate.model import DeviceKind
from estate.quantities import quantities

WITHOUT_REGISTER = {"climate", "outdoor", "unmetered"}


def test_every_kind_is_a_meter_or_has_no_register() -> None:
    assert REGISTER_OF.keys() | WITHOUT_REGISTER == set(get_args(DeviceKind))
    assert not REGISTER_OF.keys() & WITHOUT_REGISTER


def test_every_register_is_a_known_cumulative_quantity() -> None:
    assert {quantities()[name].kind for name in REGISTER_OF.values()} == {"register"}
