from __future__ import annotations

from itertools import pairwise

import pytest

from reports.monthly.climate import Shade
from reports.monthly.page import palette

SMALL_TEXT_CONTRAST = 4.5
APART_IN_GREY = 1.3


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_agrees_with_the_published_extremes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_shade_has_a_look() -> None:
    assert set(palette()) == set(Shade)


def test_letters_can_be_read_upon_every_shade() -> None:
    for look in palette().values():
        assert contrast(look["ink"], look["fill"]) >= SMALL_TEXT_CONTRAST


def test_shades_stay_apart_in_grey_print() -> None:
    fills = sorted((look["fill"] for look in palette().values()), key=luminance)
    assert all(contrast(one, other) >= APART_IN_GREY for one, other in pairwise(fills))


def test_shades_get_darker_as_the_air_gets_worse() -> None:
    fills = [
        luminance(palette()[shade]["fill"]) for shade in (Shade.GREEN, Shade.YELLOW, Shade.RED)
    ]
    assert fills == sorted(fills, reverse=True)
