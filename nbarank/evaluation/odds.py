"""Scorecard rows of probabilities: single games, the title, making the playoffs."""

from __future__ import annotations

import pandas as pd

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.games import event_scores, game_scores, title_scores
from nbarank.evaluation.scorecard import COLUMNS

LIST = ["season", "checkpoint", "ranker"]


def odds_rows(
    forecast: pd.DataFrame, games: pd.DataFrame, outcomes: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return tidy rows for the targets games, title and playoffs.

    Parameters
    ----------
    forecast
        Table forecast/teams.
    games
        Predicted games of the scored seasons: season, checkpoint, ranker, home_win_probability,
        home_won. Those before the first checkpoint (0) are not scored.
    outcomes
        Table league/outcomes.
    days
        Checkpoints of the scored seasons.

    Returns
    -------
    pandas.DataFrame
        Tidy rows. games: the games from a checkpoint up to the next one, each predicted by the
        last snapshot before it; at 100 % those of play-in and playoffs.

    Raises
    ------
    EvaluationError
        If a scored checkpoint has no forecast.
    """
    odds = days.merge(forecast, on=["season", "as_of"], how="left")
    if odds["title"].isna().any():
        raise EvaluationError(
            "A checkpoint has no forecast.",
            where=str(odds.loc[odds["title"].isna(), ["season", "checkpoint"]].head(3).to_dict()),
            allowed="forecast/teams on every checkpoint of the scored seasons",
            next_command="dvc repro forecast",
        )
    odds = odds.merge(outcomes, on=["season", "team_id"]).assign(ranker="ensemble")
    odds = odds.rename(columns={"title": "title_probability"})
    tables = {
        "games": game_scores(games[games["checkpoint"] > 0], LIST).drop(columns="games"),
        "title": title_scores(odds, LIST),
        "playoffs": event_scores(odds, LIST, "playoffs", "made_playoffs", "playoffs"),
    }
    parts = [
        table.melt(LIST, var_name="metric", value_name="value").assign(target=target)
        for target, table in tables.items()
    ]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]
