"""How the pages of docs/ become a site with a reference: ``make docs`` builds it into ``site/``."""

from __future__ import annotations

import importlib.metadata
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Fairvarme"
author = "The developers of Fairvarme"
release = importlib.metadata.version("fairvarme")

extensions = ["autoapi.extension", "myst_parser", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "Fairvarme"
myst_heading_anchors = 4

# Read, not run: the reference needs no server, no database and no set-up.
autoapi_dirs = [
    f"../{package}"
    for package in (
        "estate", "correspondence", "telemetry", "ingest", "billing", "alerts", "reports",
        "operations", "portal", "fairvarme",
    )
]  # fmt: skip
autoapi_root = "reference"
autoapi_options = ["members", "show-module-summary", "special-members"]
autoapi_ignore = ["*/migrations/*"]
autoapi_python_class_content = "class"
autoapi_add_toctree_entry = False
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
# A name such as `hours` in prose stands for an argument here, and for many attributes elsewhere.
suppress_warnings = ["ref.python", "autoapi.python_import_resolution"]

_REFERENCE = re.compile(r"^( *)\.\. \[\d+\] ")


def _list_references(
    _app: Sphinx, _what: str, _name: str, _object: object, _options: object, lines: list[str]
) -> None:
    """Make a list of a docstring's numbered references: they count anew in every function."""
    lines[:] = [_REFERENCE.sub(r"\1* ", line) for line in lines]


def _open_one_branch(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """
    Let the navigation of a page show the branch where the page is, and the heads of the others.

    The theme asks for all: 800 links, made anew for each of 800 pages. That took most of the time,
    and in so long a list nobody finds a module.
    """
    whole = context.get("toctree")
    if whole:
        context["toctree"] = lambda **wanted: whole(**wanted | {"collapse": True})


def setup(app: Sphinx) -> None:
    """Join Sphinx."""
    app.connect("autodoc-process-docstring", _list_references, priority=400)
    # Before the theme makes its navigation of it.
    app.connect("html-page-context", _open_one_branch, priority=400)
