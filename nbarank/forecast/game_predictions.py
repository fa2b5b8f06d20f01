"""The games of predictions.json: fixtures of the days after each forecast."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pandas as pd

from nbarank.forecast.evidence import rounded
from nbarank.schemas.forecast import known_ahead
from nbarank.schemas.predictions import AbsentPlayer, GamePrediction

COMING_DAYS = 7
"""Days, from that of the forecast, whose games are in predictions.json."""
COPIED = ("game_id", "state", "home_rest", "away_rest")


def coming_predictions(
    games: pd.DataFrame, absent: pd.DataFrame, played: Collection[str]
) -> Callable[[str, pd.Timestamp], list[GamePrediction]]:
    """Return a function from season and as_of to the fixtures of the next `COMING_DAYS` days.

    Parameters
    ----------
    games, absent
        Rows of forecast/games and forecast/absences.
    played
        Ids of the games that were played.
    """
    ahead = (games["game_date"] - games["as_of"]).dt.days
    near = known_ahead(games[ahead < COMING_DAYS], played)
    by_day = dict(list(near.groupby(["season", "as_of"])))
    ordered = absent.sort_values(["points", "player_id"], ascending=[False, True])
    players: dict[tuple[str, pd.Timestamp, int], list[AbsentPlayer]] = {}
    for row in ordered.to_dict("records"):
        player = AbsentPlayer(
            player_id=row["player_id"], name=row["player_name"], points=rounded(row["points"])
        )
        players.setdefault((row["game_id"], row["as_of"], row["team_id"]), []).append(player)

    def of_day(season: str, as_of: pd.Timestamp) -> list[GamePrediction]:
        rows = by_day.get((season, as_of), near.iloc[:0]).to_dict("records")
        return [
            GamePrediction(
                date=game["game_date"].date(),
                home_team_id=game["home_id"],
                away_team_id=game["away_id"],
                home_win_probability=rounded(game["home_win_probability"]),
                expected_margin=rounded(game["expected_margin"]),
                expected_total=None
                if pd.isna(game["expected_total"])
                else rounded(game["expected_total"]),
                home_out=players.get((game["game_id"], as_of, game["home_id"]), []),
                away_out=players.get((game["game_id"], as_of, game["away_id"]), []),
                **{name: game[name] for name in COPIED},
            )
            for game in rows
        ]

    return of_day
