"""Strength and expected wins of every team on every date, without simulating."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from nbarank.forecast.game_forecasts import as_simulated, game_rows, meetings_of
from nbarank.forecast.game_model import with_edges
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_model import SeasonModel
from nbarank.forecast.season_state import League
from nbarank.forecast.team_forecasts import described_strength
from nbarank.forecast.team_news import with_rest
from nbarank.schemas.columns import KEY


def weekly_rows(
    league: League,
    strength: pd.DataFrame,
    models: Mapping[str, SeasonModel],
    params: ForecastParams,
) -> pd.DataFrame:
    """Return rows of forecast/weekly: every date of the models' seasons.

    Parameters as in `forecast_games`. Expected wins are the mean of the simulations, without
    simulating; fixtures that were not known on a date count as well.
    """
    rows = as_simulated(strength, models, params)
    meetings = meetings_of(league)
    regular = with_rest(meetings, meetings)
    regular = regular[(regular["kind"] == "regular") & regular["season"].isin(list(models))]
    results = league.games.set_index("game_id")
    home_won = (results["home_pts"] > results["away_pts"]).reindex(regular["game_id"])
    regular = regular.assign(won=home_won.astype(float).to_numpy())
    dates = rows[["season", "as_of"]].drop_duplicates()
    pairs = regular.merge(dates.astype({"as_of": regular["game_date"].dtype}), on="season")
    past = (pairs["game_date"] < pairs["as_of"]) & pairs["won"].notna()
    ahead = with_edges(pairs[~past], rows)
    ahead = game_rows(
        ahead.assign(home_out_points=0.0, away_out_points=0.0, state="schedule"), models
    )
    both = pd.concat([pairs[past], ahead.rename(columns={"home_win_probability": "won"})])
    sides = [
        both[["season", "as_of"]].assign(team_id=both[f"{side}_id"], expected_wins=share)
        for side, share in (("home", both["won"]), ("away", 1.0 - both["won"]))
    ]
    wins = pd.concat(sides).groupby(KEY)[["expected_wins"]].sum().reset_index()
    playoff = rows["playoff_strength"].to_numpy(float) if "playoff_strength" in rows else None
    share = rows["season_share"].to_numpy(float)
    shown = described_strength(rows["strength"].to_numpy(float), playoff, share)
    rows = rows[[*KEY, "strength_sd"]].assign(strength=shown)
    return rows.astype({"as_of": wins["as_of"].dtype}).merge(wins, on=KEY)
