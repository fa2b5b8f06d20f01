"""Calibrate every season's strength on other seasons: probabilities, points, and their error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit

from nbarank.core.errors import RankerError
from nbarank.ensemble.params import CalibrationParams, PlayoffResidualParams
from nbarank.ensemble.platt import combine, fit_error, fit_platt, games_after_snapshots
from nbarank.ensemble.playoff_residual import playoff_inputs, playoff_residual
from nbarank.ensemble.stack import StackInputs, earlier_seasons, pair_rows
from nbarank.schemas.columns import KEY


def calibrate(
    stacked: pd.DataFrame,
    inputs: StackInputs,
    margin_targets: pd.DataFrame,
    games: pd.DataFrame,
    seasons: Sequence[str],
    held_together: Sequence[str],
    params: CalibrationParams,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit both Platt variants a season, on the seasons that may teach it.

    Parameters
    ----------
    stacked
        Table stack/stacked.
    inputs
        What was stacked; the per-model variant has one curve for each of its margin columns.
    margin_targets
        season, as_of, team_id, margin_target, margin_games over the rest of the season.
    games
        Table league/games.
    seasons
        Seasons to be calibrated; those without another stacked season to learn from are left out.
    held_together
        See `nbarank.ensemble.stack.earlier_seasons`.
    params
        Section `calibration`.

    Returns
    -------
    strength, games
        Table ensemble/strength; and one row a game after a snapshot, with the probability that
        the home side wins by either variant (`stacked`, `per_model`) and `home_won`.

    Notes
    -----
    Under `method: per_model` a team's strength is its mean log-odds over the slope of the stacked
    curve, so that strengths stay in points.
    """
    rows = stacked.merge(
        inputs.teams.assign(place=np.arange(len(inputs.teams))), on=KEY, validate="one_to_one"
    )
    margin = inputs.margin.to_numpy()[rows["place"].to_numpy()]
    share, strength = rows["season_share"].to_numpy(), rows["strength"].to_numpy()
    played = games_after_snapshots(games, rows)
    pairs, home, away = pair_rows(rows, played)
    neutral, won = pairs["neutral"].to_numpy(dtype=bool), pairs["home_won"].to_numpy(dtype=bool)
    gap, gaps = strength[home] - strength[away], margin[home] - margin[away]
    won_by = pairs["home_margin"].to_numpy(dtype=float)
    reached = rows[KEY].merge(margin_targets, on=KEY, how="left")
    season_of_pair, season_of_row = pairs["season"].to_numpy(), rows["season"].to_numpy()
    ended = [s for s in dict.fromkeys(season_of_row) if s in set(season_of_pair)]
    calibrated, scored = [], []
    for season in seasons:
        teachers = earlier_seasons(season, ended, held_together)
        mine = season_of_row == season
        if not teachers or not mine.any():
            continue
        learn = np.isin(season_of_pair, teachers)
        curve = fit_platt(gap[learn], neutral[learn], won[learn], params.regularisation)
        curves = [
            fit_platt(gaps[learn, k], neutral[learn], won[learn], params.regularisation)
            for k in range(gaps.shape[1])
        ]
        points = strength[mine]
        level = np.ones(int(mine.sum()), dtype=bool)
        if params.method == "per_model":
            points = combine(curves, margin[mine], level) / curve.slope
        past = np.isin(season_of_row, teachers)
        at_home = learn & ~neutral
        miss = won_by - gap - float(np.mean((won_by - gap)[at_home]))
        error = fit_error(
            strength[past],
            reached["margin_target"].to_numpy()[past],
            reached["margin_games"].to_numpy()[past],
            share[past],
            miss[at_home],
            share[home[at_home]],
        )
        calibrated.append(
            rows.loc[mine, [*KEY, "rank_score"]].assign(
                strength=points,
                strength_sd=error.sd(share[mine]),
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


def calibrate_seasons(
    stacked: pd.DataFrame,
    inputs: StackInputs,
    margin_targets: pd.DataFrame,
    games: pd.DataFrame,
    roster_teams: pd.DataFrame,
    seasons: Sequence[str],
    held_together: Sequence[str],
    params: CalibrationParams,
    residual: PlayoffResidualParams,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ensemble/strength and ensemble/games, with the playoff residual where it is in use.

    Parameters are those of `calibrate` and of `playoff_residual`; `roster_teams` is the table
    features/roster_teams of all stacked seasons.
    """
    strength, scored = calibrate(
        stacked, inputs, margin_targets, games, seasons, held_together, params
    )
    if residual.use:
        shares = inputs.teams[["season", "as_of", "season_share"]].drop_duplicates()
        expected = playoff_residual(
            stacked.merge(shares, on=["season", "as_of"], validate="many_to_one"),
            playoff_inputs(roster_teams),
            games,
            residual.alphas,
            residual.late_share,
        )
        strength = strength.merge(expected, on=KEY, validate="one_to_one")
    return strength, scored
