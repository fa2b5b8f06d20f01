"""The report: a page in one HTML file that loads nothing, figures, predictions, analysis."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nbarank.core.markdown import escaped
from nbarank.core.tables import write_csv, write_text
from nbarank.report.contents import Contents
from nbarank.report.predictions import write_all
from nbarank.report.season_pictures import checkpoint_rows
from nbarank.report.style import Picture

TEMPLATES = Path(__file__).parent / "templates"


def write_report(folder: Path, contents: Contents) -> None:
    """Write page, figures, predictions and analysis to an emptied folder.

    `teams.csv` has the numbers of the season figures, for `dvc plots diff`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    figures = folder / "figures"
    _write_figures([*contents.pictures.values(), *contents.explained], figures)
    for season, pictures in contents.pictures_by_season.items():
        _write_figures(pictures, figures / season)
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
    environment.filters["data_address"] = _data_address
    environment.filters["markdown"] = escaped
    # Both are this project's own files, not text from outside, and are inserted unescaped.
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    return environment.get_template(template).render(
        style=style, script=script, **vars(contents), **contents.texts
    )


def _data_address(picture: Picture) -> str:
    """Return a picture as a data URL."""
    return "data:image/svg+xml;base64," + base64.b64encode(picture.svg).decode("ascii")


def _write_figures(pictures: list[Picture], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        (folder / f"{picture.name}.svg").write_bytes(picture.svg)
