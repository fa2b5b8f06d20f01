"""predictions.json as it is delivered: the forecast's, with contributors put in.

The forecast comes before the explanations (a sweep needs the one and not the other), so the two
meet here. What the forecast could not know is filled in; nothing else is changed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.errors import TableError
from nbarank.schemas.predictions import Contributor, Predictions, RosterDependence
from nbarank.tables import write_text

DECIMALS = 5
Day = tuple[str, pd.Timestamp]


def read_predictions(path: Path) -> Predictions:
    """Read a file of predictions.

    Raises
    ------
    TableError
        If it is missing or breaks its schema.
    """
    try:
        return Predictions.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise TableError(
            f"{path} cannot be read.",
            where=" ".join(str(error).split())[:300],
            allowed="docs/predictions-schema.md",
            next_command="dvc repro forecast",
        ) from error


def with_contributors(
    predictions: Predictions, contributors: pd.DataFrame, most: int
) -> Predictions:
    """Return predictions whose teams name the players their scores depend on.

    Parameters
    ----------
    predictions
        As the forecast wrote them.
    contributors
        Table explain/contributors. Days that were not explained stay as they are.
    most
        Players listed per team, those with the largest share by integrated gradients first.
    """
    days = {
        (str(season), pd.Timestamp(day)): rows
        for (season, day), rows in contributors.groupby(["season", "as_of"])
    }
    told = predictions.model_copy(deep=True)
    for forecast in told.forecasts:
        rows = days.get((forecast.season, pd.Timestamp(forecast.strength_as_of)))
        if rows is None:
            continue
        by_team = dict(list(rows.groupby("team_id")))
        for team in forecast.teams:
            if team.team_id in by_team:
                players = by_team[team.team_id]
                team.roster = RosterDependence(
                    contributors=_contributors(players, most),
                    star_reliance=team.roster.star_reliance,
                    contributors_are_fallback=bool(players["contributors_are_fallback"].any()),
                )
    return told


def leading(players: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the players of one team and day whose attributions are largest."""
    size = players["integrated_gradients_share"].abs()
    order = np.lexsort((players["player_id"].to_numpy(), -size.to_numpy()))
    return players.iloc[order[:most]]


def _contributors(players: pd.DataFrame, most: int) -> list[Contributor]:
    listed = []
    for row in leading(players, most).to_dict("records"):
        weight = float(row["attention_weight"])
        listed.append(
            Contributor(
                player_id=int(row["player_id"]),
                name=str(row["player_name"]),
                attention_weight=round(weight, DECIMALS) if np.isfinite(weight) else None,
                integrated_gradients_share=round(
                    float(row["integrated_gradients_share"]), DECIMALS
                ),
            )
        )
    return listed


def write_all(folder: Path, latest: Predictions, seasons: Sequence[Predictions]) -> None:
    """Write `predictions.json` and `seasons/SEASON.json` below a folder."""
    for path, predictions in [
        (folder / "predictions.json", latest),
        *((folder / "seasons" / f"{one.forecasts[0].season}.json", one) for one in seasons),
    ]:
        text = predictions.model_dump_json(indent=1, exclude_none=True) + "\n"
        Predictions.model_validate_json(text)
        write_text(path, text)
