"""Calibrate each season's strength on other seasons: points, their error, win probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit

from nbarank.core.errors import RankerError
from nbarank.ensemble.error_variance import fit_error_variance
from nbarank.ensemble.game_pairs import games_after_dates, pair_rows
from nbarank.ensemble.params import CalibrationParams
from nbarank.ensemble.platt import combine, fit_platt
from nbarank.ensemble.season_blends import seasons_to_fit
from nbarank.ensemble.stack_inputs import StackInputs
from nbarank.schemas.columns import KEY


def calibrate(
    stacked: pd.DataFrame,
    inputs: StackInputs,
    margin_targets: pd.DataFrame,
    games: pd.DataFrame,
    seasons: Sequence[str],
    folded: Sequence[str],
    params: CalibrationParams,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Calibrate seasons on the seasons that they may be fitted on.

    Under `method: per_model` a team's strength is its mean log-odds over the slope of the stacked
    curve, so that strengths stay in points.

    Parameters
    ----------
    stacked
        Table stack/stacked.
    inputs
        Of the stack; the per-model variant has one curve for each margin column.
    margin_targets
        season, as_of, team_id, margin_target, margin_games over the rest of the season.
    games
        Table league/games.
    seasons
        Seasons to calibrate; those without another stacked season to fit on are left out.
    folded
        See `seasons_to_fit`.

    Returns
    -------
    strength, games
        Tables ensemble/strength and ensemble/games.
    """
    rows = stacked.merge(
        inputs.teams.assign(place=np.arange(len(inputs.teams))), on=KEY, validate="one_to_one"
    )
    margin = inputs.margin.to_numpy()[rows["place"].to_numpy()]
    share, strength = rows["season_share"].to_numpy(), rows["strength"].to_numpy()
    pairs, home, away = pair_rows(rows, games_after_dates(games, rows))
    neutral, won = pairs["neutral"].to_numpy(dtype=bool), pairs["home_won"].to_numpy(dtype=bool)
    gap, gaps = strength[home] - strength[away], margin[home] - margin[away]
    won_by = pairs["home_margin"].to_numpy(dtype=float)
    achieved = rows[KEY].merge(margin_targets, on=KEY, how="left")
    season_of_pair, season_of_row = pairs["season"].to_numpy(), rows["season"].to_numpy()
    ended = [s for s in dict.fromkeys(season_of_row) if s in set(season_of_pair)]
    calibrated, scored = [], []
    for season in seasons:
        fitted = seasons_to_fit(season, ended, folded)
        own = season_of_row == season
        if not fitted or not own.any():
            continue
        of_games = np.isin(season_of_pair, fitted)
        curve, *curves = (
            fit_platt(one[of_games], neutral[of_games], won[of_games], params.regularisation)
            for one in (gap, *gaps.T)
        )
        points = strength[own]
        level = np.ones(int(own.sum()), dtype=bool)
        if params.method == "per_model":
            points = combine(curves, margin[own], level) / curve.slope
        of_teams = np.isin(season_of_row, fitted)
        at_home = of_games & ~neutral
        miss = won_by - gap - float(np.mean((won_by - gap)[at_home]))
        error = fit_error_variance(
            strength[of_teams],
            achieved["margin_target"].to_numpy()[of_teams],
            achieved["margin_games"].to_numpy()[of_teams],
            share[of_teams],
            miss[at_home],
            share[home[at_home]],
        )
        calibrated.append(
            rows.loc[own, [*KEY, "rank_score"]].assign(
                strength=points,
                strength_sd=error.sd(share[own]),
                win_probability=curve.probability(points, level),
            )
        )
        now = season_of_pair == season
        scored.append(
            pairs.loc[now, ["game_id", "season", "as_of", "game_date", "kind", "home_won"]].assign(
                stacked=curve.probability(gap[now], neutral[now]),
                per_model=expit(combine(curves, gaps[now], neutral[now])),
            )
        )
    if not calibrated:
        raise RankerError(
            "No season can be calibrated: none has an earlier stacked season.",
            where=f"stacked seasons: {', '.join(dict.fromkeys(season_of_row))}",
            allowed="three training seasons or more before the first validation season",
            next_command="edit seasons.train in params.yaml",
        )
    return pd.concat(calibrated, ignore_index=True), pd.concat(scored, ignore_index=True)
