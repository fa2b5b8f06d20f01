"""Specifications of the page's charts and the library that draws them, as files.

Both are the same for all data and slow to make, so a stage of its own makes them once.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from jinja2 import Template

from nbarank.core.tables import DATA, write_text

TEMPLATES = Path(__file__).parent / "templates"
FOLDER = DATA / "charts"
SPECIFICATIONS = FOLDER / "specifications.json"
LIBRARY = FOLDER / "vega.txt"


def write_chart_files(specifications: Mapping[str, Any]) -> None:
    """Write specifications by name, `packed` Vega with vega-embed, and the template of DVC."""
    import vl_convert

    write_text(SPECIFICATIONS, json.dumps(specifications, indent=1) + "\n")
    vega = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    write_text(LIBRARY, packed(vega))
    # .dvc/config names this one: DVC's own template loads Vega from the network.
    template = (TEMPLATES / "dvc_plots.html.j2").read_text(encoding="utf-8")
    write_text(FOLDER / "dvc_plots.html", Template(template).render(vega=vega))


def packed(text: str) -> str:
    """Return base64 of gzip.

    Arrow's wheel contains its own zlib. That of Python differs between machines (zlib, zlib-ng),
    and so would the bytes of the page.
    """
    compressed = pa.Codec("gzip", compression_level=9).compress(text.encode(), asbytes=True)
    return base64.b64encode(compressed).decode("ascii")
