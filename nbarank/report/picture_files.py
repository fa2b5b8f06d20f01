"""Files of the pictures of ended seasons and of the models, which the report includes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from nbarank.core.errors import TableError
from nbarank.core.tables import DATA, write_text
from nbarank.report.style import Picture

FOLDER = DATA / "pictures"
SCORED, MODELS = "scored", "models"
"""Names of the file of the scorecard's figures, and of that with the explanations of models."""


def season_file(season: str) -> str:
    """Return the name of the file of a season's pictures."""
    return f"seasons/{season}"


def write_pictures(name: str, pictures: Sequence[Picture], folder: Path = FOLDER) -> None:
    """Write pictures to NAME.json; `SCORED`, `MODELS` or a name from `season_file`."""
    plain = [{**asdict(picture), "svg": picture.svg.decode("utf-8")} for picture in pictures]
    write_text(folder / f"{name}.json", json.dumps(plain) + "\n")


def read_pictures(name: str, folder: Path = FOLDER) -> list[Picture]:
    """Read NAME.json; TableError if it is missing or not a file of `write_pictures`."""
    path = folder / f"{name}.json"
    try:
        return [
            Picture(**{**one, "svg": one["svg"].encode("utf-8")})
            for one in json.loads(path.read_text(encoding="utf-8"))
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise TableError(
            f"{path} cannot be read.",
            where=" ".join(f"{type(error).__name__}: {error}".split())[:300],
            allowed="a file written by stage pictures",
            next_command="dvc repro --force --single-item pictures",
        ) from error


def drawn_seasons(folder: Path = FOLDER) -> list[str]:
    """Return the seasons with a file of pictures, oldest first."""
    return sorted(path.stem for path in (folder / "seasons").glob("*.json"))
