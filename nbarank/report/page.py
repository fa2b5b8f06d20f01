"""The report: a page in one HTML file that loads nothing, predictions, analysis."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nbarank.core.markdown import escaped
from nbarank.core.tables import write_csv, write_text
from nbarank.report.chart_files import LIBRARY, TEMPLATES, packed
from nbarank.report.checkpoint_rows import checkpoint_rows
from nbarank.report.contents import Contents
from nbarank.report.names import feature_name
from nbarank.report.predictions import write_all

SCRIPTS = ("page.js", "charts.js", "what_if.js", "bracket.js", "season.js")


def write_report(folder: Path, contents: Contents) -> None:
    """Write page, predictions, analysis and the rows of `dvc plots` to an emptied folder."""
    shutil.rmtree(folder, ignore_errors=True)
    write_text(folder / "index.html", _rendered("page.html.j2", contents, escape=True))
    write_text(folder / "analysis.md", _rendered("analysis.md.j2", contents, escape=False))
    write_all(folder, contents.latest, contents.seasons)
    write_csv(folder / "teams.csv", checkpoint_rows(contents.seasons))


def _rendered(template: str, contents: Contents, *, escape: bool) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["markdown"] = escaped
    environment.filters["feature"] = feature_name
    environment.filters["packed"] = packed
    environment.filters["minus"] = lambda text: re.sub(r"(?<!\w)-(?=\d)", "\u2212", text)
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "sort_keys": True}
    # These are this project's own files, not text from outside, and are inserted unescaped.
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    script = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return environment.get_template(template).render(
        style=style,
        script=script,
        vega=LIBRARY.read_text(encoding="utf-8"),
        **vars(contents),
        **contents.texts,
    )
