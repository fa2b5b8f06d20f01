"""predictions.json as published: that of the forecast, with the contributors of each team.

The forecast runs before the explanations, because a sweep needs only the forecast. The report
adds run id and contributors and changes nothing else.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nbarank.core.errors import TableError, printable
from nbarank.core.tables import write_text
from nbarank.schemas.predictions import (
    CONTRIBUTORS,
    SCHEMA_VERSION,
    Contributor,
    Predictions,
    RosterDependence,
    TeamPrediction,
)

DECIMALS = 5
Key = tuple[str, str, int]
"""Season, day (2023-01-11) and team id."""
Rows = list[dict[str, Any]]


def read_predictions(path: Path) -> Predictions:
    """Read a file of predictions.

    Raises
    ------
    TableError
        If it is missing, has another version or violates its schema.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = content.get("schema_version") if isinstance(content, dict) else None
        if isinstance(version, str) and version != SCHEMA_VERSION:
            raise TableError(
                f"{path} has version {printable(version)[:20]} of predictions.json.",
                where="schema_version",
                allowed=f"version {SCHEMA_VERSION} (docs/predictions-schema.md)",
                next_command="dvc repro",
            )
        return Predictions.model_validate(content)
    except FileNotFoundError as error:
        there = path.parent.is_dir()
        raise TableError(
            f"There is no {path}.",
            where=str(path.absolute()),
            allowed="report/predictions.json or a file of report/seasons/",
            next_command=f"ls {shlex.quote(str(path.parent))}" if there else "make repro",
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise TableError(
            f"{path} cannot be read.",
            where=" ".join(str(error).split())[:300],
            allowed="docs/predictions-schema.md",
            next_command="dvc repro",
        ) from error


def season_of(predictions: Predictions) -> str:
    """Return the season that predictions are about."""
    return predictions.forecasts[0].season


def read_seasons(root: Path) -> tuple[Predictions, list[Predictions]]:
    """Return the latest day's predictions below `root`/forecast, and those of every season.

    The latest day is among the days of its season, whether it is a checkpoint or not.
    """
    folder = root / "forecast"
    latest = read_predictions(folder / "predictions.json")
    seasons = [read_predictions(path) for path in sorted((folder / "seasons").glob("*.json"))]
    day = latest.forecasts[-1]
    own = [one for one in seasons if season_of(one) == day.season]
    if not own:
        seasons.append(latest)
    elif all(known.as_of != day.as_of for known in own[0].forecasts):
        own[0].forecasts.append(day)
    return latest, seasons


def with_contributors(
    predictions: Predictions,
    players: Mapping[Key, Rows],
    run_id: str | None = None,
) -> Predictions:
    """Return predictions with the id of their run and the players that scores depend on.

    Parameters
    ----------
    predictions
        As the forecast wrote them.
    players
        Rows of explain/contributors by team, the leading ones first. Days that were not explained
        stay as they are.
    run_id
        Id of the recorded run; None in a workspace that is not a recorded run.
    """
    forecasts = []
    for forecast in predictions.forecasts:
        day = forecast.strength_as_of.isoformat()
        rows = (players.get((forecast.season, day, team.team_id), []) for team in forecast.teams)
        teams = [_completed(team, own) for team, own in zip(forecast.teams, rows, strict=True)]
        forecasts.append(forecast.model_copy(update={"teams": teams}))
    return predictions.model_copy(update={"run_id": run_id, "forecasts": forecasts})


def _completed(team: TeamPrediction, rows: Rows) -> TeamPrediction:
    if not rows:
        return team
    roster = RosterDependence(
        contributors=[_contributor(row) for row in rows[:CONTRIBUTORS]],
        star_reliance=team.roster.star_reliance,
        contributors_are_fallback=any(row["contributors_are_fallback"] for row in rows),
    )
    return team.model_copy(update={"roster": roster})


def leading_first(contributors: pd.DataFrame) -> pd.DataFrame:
    """Return the players of every team and day, largest attributions first."""
    return (
        contributors.assign(size=-contributors["integrated_gradients_share"].abs())
        .sort_values(["season", "as_of", "team_id", "size", "player_id"], kind="stable")
        .drop(columns="size")
    )


def records(frame: pd.DataFrame) -> Rows:
    """Return rows as plain mappings; `to_dict("records")` takes twice as long."""
    names = [str(name) for name in frame.columns]
    rows = zip(*(frame[name].tolist() for name in frame.columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def by_team(frame: pd.DataFrame) -> dict[Key, Rows]:
    """Return rows as plain mappings by season, day and team, in their order."""
    found: dict[Key, Rows] = {}
    keys = (frame["season"], frame["as_of"].dt.strftime("%Y-%m-%d"), frame["team_id"])
    rows = zip(*(key.tolist() for key in keys), records(frame), strict=True)
    for season, day, team, row in rows:
        found.setdefault((season, day, team), []).append(row)
    return found


def _contributor(row: Mapping[str, Any]) -> Contributor:
    weight = float(row["attention_weight"])
    return Contributor(
        player_id=int(row["player_id"]),
        name=str(row["player_name"]),
        attention_weight=round(weight, DECIMALS) if np.isfinite(weight) else None,
        integrated_gradients_share=round(float(row["integrated_gradients_share"]), DECIMALS),
        offence=round(float(row["offence"]), 2),
        defence=round(float(row["defence"]), 2),
    )


def write_all(folder: Path, latest: Predictions, seasons: Sequence[Predictions]) -> None:
    """Write `predictions.json` and `seasons/SEASON.json` below a folder."""
    for path, predictions in [
        (folder / "predictions.json", latest),
        *((folder / "seasons" / f"{season_of(one)}.json", one) for one in seasons),
    ]:
        text = predictions.model_dump_json(indent=1, exclude_none=True) + "\n"
        Predictions.model_validate_json(text)
        write_text(path, text)
