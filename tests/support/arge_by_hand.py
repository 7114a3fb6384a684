"""
ARGE HeiWaKo 3.05 written without the code under test.

Positions are those of the tables for people: first and last, counted from 1. A line is a row of
blanks into which each text is put.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

Texts = Mapping[tuple[int, int], str]


def line(length: int, texts: Texts) -> str:
    cells = [" "] * length
    for (first, last), text in texts.items():
        assert len(text) == last - first + 1, (first, last, text)
        cells[first - 1 : last] = text
    return "".join(cells)


def file(*lines: str) -> bytes:
    return "".join(each + "\r\n" for each in lines).encode("iso8859-15")


def amount(ore: int) -> str:
    """Write 8 digits of kroner and 2 of øre, zeros at the left, the minus first."""
    return f"-{-ore:09d}" if ore < 0 else f"{ore:010d}"


def d_lines(statements: Mapping[str, Any], dwelling: Mapping[str, str]) -> list[str]:
    """Write a D record for each tenancy and item of statements.json, without use and mark."""
    lines = []
    for statement in statements["statements"]:
        of_items: dict[str, int] = {}
        for part in statement["components"]:
            of_items[part["item"]] = of_items.get(part["item"], 0) + part["amount_ore"]
        last = date.fromisoformat(statement["to"]) - timedelta(days=1)
        paid = statement["aconto_ore"]
        for number, (item, ore) in enumerate(of_items.items()):
            here = paid if number == 0 else None
            texts = {
                (1, 1): "D",
                (2, 6): "03.05",
                (7, 16): "0000004711",
                (19, 27): "000000007",
                (28, 31): dwelling[statement["flat"]],
                (32, 51): f"{statement['tenancy']:<20}",
                (52, 57): f"{last.day:02d}{last.month:02d}{last.year % 100:02d}",
                (58, 67): amount(ore),
                (128, 137): amount(ore - (here or 0)),
                (148, 150): {"heat": "234", "hot_water": "235"}[item],
                (201, 203): "DKK",
                (1024, 1024): "D",
            }
            if here is not None:
                texts[78, 87] = amount(here)
            lines.append(line(1024, texts))
    return lines
