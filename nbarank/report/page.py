"""The page: one file, nothing loaded from anywhere."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nbarank.report.style import Picture

TEMPLATES = Path(__file__).parent / "templates"


def data_address(picture: Picture) -> str:
    """Return a picture as an address that holds it."""
    return "data:image/svg+xml;base64," + base64.b64encode(picture.svg).decode("ascii")


def render(content: Mapping[str, Any]) -> str:
    """Return the page's HTML; every text in `content` is escaped.

    Parameters
    ----------
    content
        What `templates/index.html.j2` names; a name that is missing is an error.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_address"] = data_address
    # Both are this project's own files, not text from outside: put in as they are.
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    template = environment.get_template("index.html.j2")
    return template.render(style=style, script=script, **content)
