"""Difference between strength in the playoffs and before them.

Rotations get shorter, stars play more, injured players return. A small ridge estimates how much of
that shows in the margins of earlier playoffs: margin = home court + stretch x difference in
strength + inputs x weights; the first two are free, the weights are shrunk to zero (Hoerl and
Kennard, 1970, "Ridge regression: biased estimation for nonorthogonal problems").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import RankerError
from nbarank.ensemble.blend import Array, centred
from nbarank.ensemble.params import PlayoffResidualParams
from nbarank.schemas.columns import KEY

INPUTS = (
    "shortened_rotation",
    "return_of_absent",
    "star_reliance",
    "playoff_experience",
    "missing_strength",
    "lineup_drift",
)
FREE = 2
"""Home court and stretch come first and are not penalised."""


def add_playoff_residual(
    strength: pd.DataFrame,
    stacked: pd.DataFrame,
    shares: pd.DataFrame,
    roster_teams: pd.DataFrame,
    games: pd.DataFrame,
    params: PlayoffResidualParams,
) -> pd.DataFrame:
    """Return ensemble/strength with `playoff_residual` if `params.use`, unchanged otherwise.

    `stacked`, `roster_teams` and `games` are tables of all stacked seasons; `shares` has season,
    as_of, season_share (repeated dates count once).
    """
    if not params.use:
        return strength
    shares = shares[["season", "as_of", "season_share"]].drop_duplicates()
    expected = playoff_residual(
        stacked.merge(shares, on=["season", "as_of"], validate="many_to_one"),
        playoff_inputs(roster_teams),
        games,
        params.alphas,
        params.late_share,
    )
    return strength.merge(expected, on=KEY, validate="one_to_one")


def playoff_inputs(roster_teams: pd.DataFrame) -> pd.DataFrame:
    """Return season, as_of, team_id and `INPUTS`, centred within their date.

    shortened_rotation: strength with playoff minutes minus that of the regular rotation, points;
    return_of_absent: regular rotation minus the players available now, points; the others as in
    features/roster_teams, where a row sees only games before its date.
    """
    regular = roster_teams["player_strength"]
    inputs = roster_teams[KEY].assign(
        shortened_rotation=roster_teams["playoff_strength"] - regular,
        return_of_absent=regular - roster_teams["available_strength"],
        **{name: roster_teams[name] for name in INPUTS[2:]},
    )
    inputs[list(INPUTS)] = centred(inputs, INPUTS)
    return inputs


def playoff_residual(
    strength: pd.DataFrame,
    inputs: pd.DataFrame,
    games: pd.DataFrame,
    alphas: Sequence[float],
    late_share: float,
) -> pd.DataFrame:
    """Return season, as_of, team_id and the points to add to strength in the playoffs.

    Fitted on the playoffs of earlier seasons (zero in the first), as described on the last date of
    each, and divided by the stretch.

    Parameters
    ----------
    strength
        season, as_of, team_id, season_share, strength (points, out of fold), with earlier seasons.
    inputs
        From `playoff_inputs`, the same dates.
    games
        Table league/games.
    alphas, late_share
        See section `playoff_residual`.
    """
    rows = strength[[*KEY, "season_share", "strength"]].merge(
        inputs, on=KEY, how="left", validate="one_to_one"
    )
    if not np.isfinite(rows[["strength", *INPUTS]].to_numpy(dtype=float)).all():
        raise RankerError(
            "Strengths or inputs of the playoff residual are missing.",
            where="stack/stacked, features/roster_teams",
            allowed="finite values for the same seasons, dates and teams",
            next_command="dvc repro roster_features stack",
        )
    season, design, margin = _playoff_games(rows, games, late_share)
    values = rows[list(INPUTS)].to_numpy(dtype=float)
    added = np.zeros(len(rows))
    for current in rows["season"].unique():
        earlier = season < current
        if earlier.any():
            weights, stretch = fit_residual(
                design[earlier], margin[earlier], season[earlier], alphas
            )
            own = (rows["season"] == current).to_numpy()
            added[own] = values[own] @ weights / stretch
    return rows[KEY].assign(playoff_residual=added)


def fit_residual(
    design: Array, margin: Array, seasons: NDArray[np.object_], alphas: Sequence[float]
) -> tuple[Array, float]:
    """Return weights [inputs] and stretch, by the penalty that is best on whole seasons left out.

    Parameters
    ----------
    design
        [games, 2 + inputs]: one if the home side is at home, difference in strength, then
        differences of the inputs (home minus away).
    margin
        [games], home margin in points.
    seasons
        [games]; with a single season the largest penalty is taken.
    alphas
        Penalties per game, for inputs of SD one.
    """
    names = np.unique(seasons)
    best = max(alphas)
    if len(names) > 1:
        missed = []
        for alpha in alphas:
            out = [seasons == name for name in names]
            folds = [(margin[o] - design[o] @ _ridge(design[~o], margin[~o], alpha)) for o in out]
            missed.append(float(np.mean(np.concatenate(folds) ** 2)))
        best = alphas[int(np.argmin(missed))]
    solution = _ridge(design, margin, best)
    if solution[1] <= 0:
        raise RankerError(
            f"Stronger teams have lower playoff margins (stretch {solution[1]:.2f}).",
            where=f"{len(margin)} playoff games",
            allowed="strengths that are higher for stronger teams",
            next_command="look at data/stack/stacked.parquet",
        )
    return solution[FREE:], float(solution[1])


def _ridge(design: Array, margin: Array, alpha: float) -> Array:
    sd = design.std(axis=0)
    sd[:FREE] = 1.0
    sd[sd == 0] = 1.0
    scaled = design / sd
    penalty = np.full(design.shape[1], alpha * len(margin))
    penalty[:FREE] = 1e-9
    solution = np.linalg.solve(scaled.T @ scaled + np.diag(penalty), scaled.T @ margin)
    return np.asarray(solution / sd)


def _playoff_games(
    rows: pd.DataFrame, games: pd.DataFrame, late_share: float
) -> tuple[NDArray[np.object_], Array, Array]:
    """Return season, design and home margin of every playoff game between described teams."""
    last = rows[rows["as_of"] == rows.groupby("season")["as_of"].transform("max")]
    late = rows[rows["season_share"] > 1.0 - late_share]
    usual = late.groupby(["season", "team_id"], as_index=False)["strength"].mean()
    last = last.drop(columns="strength").merge(usual, on=["season", "team_id"])
    sides = last[["season", "team_id", "strength", *INPUTS]]
    played = games[games["kind"] == "playoffs"].sort_values(["game_date", "game_id"])
    for side in ("home", "away"):
        named = sides.add_prefix(f"{side} ").rename(
            columns={f"{side} season": "season", f"{side} team_id": f"{side}_id"}
        )
        played = played.merge(named, on=["season", f"{side}_id"])
    at_home = (~played["neutral"].to_numpy(dtype=bool)).astype(float)
    gaps = [
        (played[f"home {name}"] - played[f"away {name}"]).to_numpy(dtype=float)
        for name in ("strength", *INPUTS)
    ]
    margin = (played["home_pts"] - played["away_pts"]).to_numpy(dtype=float)
    return played["season"].to_numpy(dtype=object), np.column_stack([at_home, *gaps]), margin
