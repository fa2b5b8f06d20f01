"""Calibrate each season's strength on other seasons: points, their error, win probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from nbarank.core.errors import RankerError
from nbarank.ensemble.error_variance import ErrorVariance, fit_error_variance
from nbarank.ensemble.game_pairs import games_after_dates, pair_rows
from nbarank.ensemble.params import CalibrationParams
from nbarank.ensemble.platt import PlattCurve, combine, fit_platt
from nbarank.ensemble.season_blends import seasons_to_fit
from nbarank.ensemble.stack_inputs import StackInputs
from nbarank.schemas.columns import KEY

STACK_CURVE = "stack"
"""Name of the stacked strength among the inputs of ensemble/calibrations."""


@dataclass(frozen=True)
class Calibration:
    """Curve of the stacked strength, curves of the margin columns by name, error of strength."""

    curve: PlattCurve
    curves: dict[str, PlattCurve]
    error: ErrorVariance

    def rows(self, season: str) -> pd.DataFrame:
        """Return the rows of ensemble/calibrations."""
        named = {STACK_CURVE: self.curve, **self.curves}
        return pd.DataFrame(
            {
                "season": season,
                "input": list(named),
                "slope": [one.slope for one in named.values()],
                "home_court": [one.home_court for one in named.values()],
                "error_start": self.error.start,
                "error_end": self.error.end,
            }
        )


def stored_calibration(
    calibrations: pd.DataFrame, columns: Sequence[str], season: str | None = None
) -> Calibration:
    """Return the calibration of a season in ensemble/calibrations.

    Without `season`, that for next season, which is fitted on all completed seasons.

    Raises
    ------
    RankerError
        If the curves are those of other inputs than `columns`.
    """
    own = calibrations[calibrations["season"] == (season or calibrations["season"].max())]
    numbers = zip(own["input"], own["slope"], own["home_court"], strict=True)
    curves = {name: PlattCurve(slope, court) for name, slope, court in numbers}
    if set(curves) != {STACK_CURVE, *columns}:
        raise RankerError(
            f"The calibration's curves are for {', '.join(curves) or 'no inputs'}.",
            where="ensemble/calibrations",
            allowed=f"curves for {', '.join((STACK_CURVE, *columns))}",
            next_command="dvc repro calibrate",
        )
    start, end = (float(own[name].iloc[0]) for name in ("error_start", "error_end"))
    by_column = {name: curves[name] for name in columns}
    return Calibration(curves[STACK_CURVE], by_column, ErrorVariance(start, end))


def calibrated(
    stacked: pd.DataFrame, inputs: StackInputs, calibration: Calibration, method: str
) -> pd.DataFrame:
    """Return rows of ensemble/strength for rows of stack/stacked.

    Under `method: per_model` a team's strength is its mean log-odds over the slope of the stacked
    curve, so that strengths stay in points.
    """
    rows = stacked.merge(_placed(inputs), on=KEY, validate="one_to_one")
    points, level = rows["strength"].to_numpy(), np.ones(len(rows), dtype=bool)
    if method == "per_model":
        margin = inputs.margin.to_numpy()[rows["place"].to_numpy()]
        odds = combine(list(calibration.curves.values()), margin, level)
        points = odds / calibration.curve.slope
    return rows[[*KEY, "rank_score"]].assign(
        strength=points,
        strength_sd=calibration.error.sd(rows["season_share"].to_numpy()),
        win_probability=calibration.curve.probability(points, level),
    )


def calibrate(
    stacked: pd.DataFrame,
    inputs: StackInputs,
    margin_targets: pd.DataFrame,
    games: pd.DataFrame,
    seasons: Sequence[str],
    folded: Sequence[str],
    params: CalibrationParams,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Calibrate seasons on the seasons that they may be fitted on.

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
        Seasons to calibrate; those without another stacked season to fit on are left out. A
        season that is not stacked yet, such as next season, has a calibration only.
    folded
        See `seasons_to_fit`.

    Returns
    -------
    strength, games, calibrations
        Tables ensemble/strength, ensemble/games and ensemble/calibrations.
    """
    rows = stacked.merge(_placed(inputs), on=KEY, validate="one_to_one")
    margin = inputs.margin.to_numpy()[rows["place"].to_numpy()]
    share, strength = rows["season_share"].to_numpy(), rows["strength"].to_numpy()
    pairs, home, away = pair_rows(rows, games_after_dates(games, rows))
    neutral, won = pairs["neutral"].to_numpy(dtype=bool), pairs["home_won"].to_numpy(dtype=bool)
    gap, gaps = strength[home] - strength[away], margin[home] - margin[away]
    won_by = pairs["home_margin"].to_numpy(dtype=float)
    achieved = rows[KEY].merge(margin_targets, on=KEY, how="left")
    season_of_pair, season_of_row = pairs["season"].to_numpy(), rows["season"].to_numpy()
    ended = [s for s in dict.fromkeys(season_of_row) if s in set(season_of_pair)]
    strengths, scored, calibrations = [], [], []
    for season in seasons:
        fitted = seasons_to_fit(season, ended, folded)
        if not fitted:
            continue
        of_games = np.isin(season_of_pair, fitted)
        curve, *curves = (
            fit_platt(one[of_games], neutral[of_games], won[of_games], params.regularisation)
            for one in (gap, *gaps.T)
        )
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
        found = Calibration(curve, dict(zip(inputs.margin.columns, curves, strict=True)), error)
        calibrations.append(found.rows(season))
        own = stacked[stacked["season"] == season]
        strengths.append(calibrated(own, inputs, found, params.method))
        now = season_of_pair == season
        scored.append(
            pairs.loc[now, ["game_id", "season", "as_of", "game_date", "kind", "home_won"]].assign(
                stacked=curve.probability(gap[now], neutral[now]),
                per_model=expit(combine(curves, gaps[now], neutral[now])),
            )
        )
    if not any(map(len, strengths)):
        raise RankerError(
            "No season can be calibrated: none has an earlier stacked season.",
            where=f"stacked seasons: {', '.join(dict.fromkeys(season_of_row))}",
            allowed="three training seasons or more before the first validation season",
            next_command="edit seasons.train in params.yaml",
        )
    return (
        pd.concat(strengths, ignore_index=True),
        pd.concat(scored, ignore_index=True),
        pd.concat(calibrations, ignore_index=True),
    )


def _placed(inputs: StackInputs) -> pd.DataFrame:
    """Return the described teams with their row numbers."""
    return inputs.teams.assign(place=np.arange(len(inputs.teams)))
