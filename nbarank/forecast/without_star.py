"""Odds without the most valuable player of each team, with the random numbers of the forecast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from nbarank.forecast.odds import CHUNK_SIZE
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_model import SeasonModel, with_playoff_strength
from nbarank.forecast.season_simulation import Strengths
from nbarank.forecast.season_state import League
from nbarank.forecast.team_forecasts import odds_of_day, strengths_of_day
from nbarank.forecast.team_news import absence_points, no_rows
from nbarank.schemas.forecast import WITHOUT_STAR

MIDDLE = 0.5


def without_stars(
    league: League,
    strength: pd.DataFrame,
    rosters: pd.DataFrame,
    models: Mapping[str, SeasonModel],
    days: Iterable[tuple[str, pd.Timestamp]],
    params: ForecastParams,
    seed: int,
) -> pd.DataFrame:
    """Return rows of forecast/without_star of the day of `days` that a reader sees first.

    That is the latest day of a season in progress, else the day nearest to the season's middle.

    Parameters
    ----------
    strength
        Table ensemble/strength with season_share.
    rosters
        Table features/rosters of the same dates.
    days
        Season and as_of with fixtures left.
    """
    dated = with_playoff_strength(strength, params.playoff_strength_share)
    chosen = _first_seen(dated, list(days))
    if chosen is None:
        return no_rows(WITHOUT_STAR)
    season, day = chosen
    state, model = league.state(season, day), models[season]
    own = dated[(dated["season"] == season) & (dated["as_of"] == day)]
    given = strengths_of_day(state, own, model, params)
    rows = rosters[(rosters["season"] == season) & (rosters["as_of"] == day)]
    frames = []
    for star in _stars(rows).to_dict("records"):
        own_team = state.team_ids == star["team_id"]
        weight = model.games["tip_off"].absence
        playoff = given.playoff_mean
        weakened = Strengths(
            given.mean - weight * star["worth"] * own_team,
            given.sd,
            None if playoff is None else playoff - weight * star["playoff_worth"] * own_team,
        )
        odds = odds_of_day(state, weakened, model, params, seed=seed, n=CHUNK_SIZE)
        facts = {"season": season, "as_of": day, "team_id": state.team_ids}
        facts |= {"player_id": star["player_id"], "player_name": star["player_name"]}
        facts |= {"star_team_id": star["team_id"], "wins": odds.mean_wins()}
        facts |= {"playoffs": odds.rounds[:, 0] / odds.n, "title": odds.rounds[:, -1] / odds.n}
        frames.append(pd.DataFrame(facts))
    return pd.concat(frames, ignore_index=True)


def _first_seen(
    strength: pd.DataFrame, days: list[tuple[str, pd.Timestamp]]
) -> tuple[str, pd.Timestamp] | None:
    if not days:
        return None
    season = days[-1][0]
    shares = strength[strength["season"] == season].groupby("as_of")["season_share"].first()
    if shares.index.max() == days[-1][1]:
        return days[-1]
    return min(days, key=lambda one: abs(float(shares[one[1]]) - MIDDLE))


def _stars(rosters: pd.DataFrame) -> pd.DataFrame:
    """Return the player of each team whose absence for the rest of the season costs most points."""
    worth = absence_points(rosters["expected_minutes_rest"], rosters["impact"])
    playoff_worth = absence_points(rosters["playoff_minutes"], rosters["impact"])
    rows = rosters.assign(worth=worth, playoff_worth=playoff_worth)
    ordered = rows.sort_values(["worth", "player_id"], ascending=[False, True], kind="stable")
    return ordered.drop_duplicates("team_id").sort_values("team_id")
