"""Each package states its surface in ``__all__``, and others import from nothing else."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = tuple(
    tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "root_packages"
    ]
)


def folder(package: str) -> Path:
    return ROOT / ("firmware-sim/firmware_sim" if package == "firmware_sim" else package)


def imported(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports; names are modules where a package is imported from."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if "." in node.module:
                yield node.module
            else:
                yield from (f"{node.module}.{each.name}" for each in node.names)


@cache
def used_by_others() -> dict[str, set[str]]:
    """Return the modules and rooms of each package that other packages import."""
    used: dict[str, set[str]] = {package: set() for package in PACKAGES}
    for package in PACKAGES:
        for path in folder(package).rglob("*.py"):
            for module in imported(path):
                owner, _, rest = module.partition(".")
                if owner in used and owner != package and rest:
                    used[owner].add(rest.split(".")[0])
    return used


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_others_import_from_the_surface_alone(package: str) -> None:
    surface = set(import_module(package).__all__)
    assert used_by_others()[package] <= surface, f"add them to __all__ of {package}/__init__.py"


@pytest.mark.parametrize("package", PACKAGES)
def test_the_surface_is_sorted_and_holds_nothing_that_is_not_there(package: str) -> None:
    names = import_module(package).__all__
    assert names == sorted(set(names))
    for name in names:
        import_module(f"{package}.{name}")


def test_an_import_is_told_from_a_name() -> None:
    assert {"estate.model"} <= set(imported(ROOT / "estate" / "files" / "folder.py"))
