"""Offence and defence of every team as of every date: points per 100 possessions, adjusted.

A team's points per 100 possessions are

    league mean + offence of the team - defence of the opponent + half the home advantage (or minus)

fitted by least squares, as the carried SRS: every team has `carried_ridge_games` more games at last
season's values, regressed by `carry_over`. Every game has the points of both sides, so the system
splits into two: differences of the sides give offence + defence (the carried SRS of points per 100
possessions), their sums give offence - defence.
Sources: Oliver (2004), "Basketball on Paper" (offensive and defensive ratings); Rosenbaum (2004),
"Measuring how NBA players help their teams win" (adjustment by least squares).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.ratings.least_squares import margin_sums, solve_totals, solve_with_home
from nbarank.ratings.params import SrsParams
from nbarank.ratings.season_games import Floats, SeasonGames, split_seasons


def adjusted_efficiency(
    games: pd.DataFrame,
    team_games: pd.DataFrame,
    teams: pd.DataFrame,
    as_of: pd.DataFrame,
    params: SrsParams,
) -> pd.DataFrame:
    """Return the table efficiency from league/games, team_games, teams and as_of.

    A row sees regular-season games with `game_date < as_of`; of earlier seasons the last values.

    Raises
    ------
    TableError
        As `split_seasons`.
    """
    frames = []
    last: dict[int, Floats] = {}
    home_court = params.home_court
    for season in split_seasons(per_100(games, team_games), teams, as_of):
        regular = season.select(season.regular)
        known = [last.get(int(team), np.zeros(2)) for team in season.teams]
        prior = params.carry_over * np.array(known).reshape(-1, 2)
        sides, _ = _sides(regular, prior, home_court, params)
        frames.append(season.rows({"offence": sides[..., 0], "defence": sides[..., 1]}))
        if season.regular.any():
            final, home_court = _sides(regular.ended(), prior, home_court, params)
            last.update(zip(season.teams.tolist(), final[0], strict=True))
    return pd.concat(frames, ignore_index=True)


def _sides(
    season: SeasonGames, prior: Floats, home_court: float, params: SrsParams
) -> tuple[Floats, float]:
    """Return offence and defence, shape (dates, teams, 2), and the last date's home advantage."""
    offence, defence = prior.T
    sums = margin_sums(season)
    ridge = np.full(len(season.as_of), params.carried_ridge_games)
    net, home = solve_with_home(sums, ridge, offence + defence, home_court, params)
    both = season.home_pts + season.away_pts
    total = solve_totals(sums, season.per_team(both, both), ridge, offence - defence)
    sides = np.stack([net + total, net - total], axis=-1) / 2
    return sides, float(home[-1]) if len(home) else home_court


def per_100(games: pd.DataFrame, team_games: pd.DataFrame) -> pd.DataFrame:
    """Return league/games with points per 100 possessions in place of points."""
    possessions = team_games.drop_duplicates("game_id").set_index("game_id")["possessions"]
    factor = 100.0 / possessions.reindex(games["game_id"]).to_numpy()
    points = {name: games[name] * factor for name in ("home_pts", "away_pts")}
    return games.assign(**points)
