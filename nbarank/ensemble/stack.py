"""Stack base models season by season: a season's blend is fitted on other seasons alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbarank.core.errors import RankerError
from nbarank.ensemble.blend import Array, Blend, centred, fit_blend
from nbarank.ensemble.params import StackingParams
from nbarank.schemas.columns import KEY

STRENGTH_USE, RANK_USE = "strength", "rank"
"""What a blend is for: column `use` of stack/weights."""


@dataclass(frozen=True)
class StackInputs:
    """What is stacked, row for row the same teams and dates.

    Parameters
    ----------
    teams
        season, as_of, team_id, season_share; sorted by key.
    margin, rank
        The inputs of the strength in points and of the ranking score, a column each.
    """

    teams: pd.DataFrame
    margin: pd.DataFrame
    rank: pd.DataFrame


def earlier_seasons(season: str, scored: Sequence[str], held_together: Sequence[str]) -> list[str]:
    """Return the seasons that may teach a blend for `season`.

    Parameters
    ----------
    season
        Season to be stacked.
    scored
        Seasons with out-of-fold scores and a known outcome.
    held_together
        Seasons that were folded among each other (season K-fold): each may learn from the others,
        since none of their scores was made by a model that saw it. Empty for walk-forward.
    """
    if season in held_together:
        return [other for other in scored if other in held_together and other != season]
    return [other for other in scored if other < season]


def damped(values: Array, spread: Array) -> Array:
    """Shrink scores by their own uncertainty: value x v / (v + spread^2), v the values' variance.

    The posterior mean of a score seen with noise of the given spread (James and Stein, 1961).
    """
    variance = float(values.var())
    return values * (variance / (variance + spread**2)) if variance > 0 else values


def stack_inputs(
    described: pd.DataFrame, oof: Mapping[str, pd.DataFrame], params: StackingParams
) -> StackInputs:
    """Line base scores and passed-through columns up on the rows that all base models scored.

    Parameters
    ----------
    described
        From `nbarank.rankers.training.described_teams.described_teams`; holds the passthrough columns.
    oof
        Out-of-fold tables by model.
    params
        Section `stacking`.

    Raises
    ------
    RankerError
        If the out-of-fold tables share no row.
    """
    rows = described[[*KEY, "season_share", *params.passthrough]]
    for model in params.models:
        scores = oof[model].rename(
            columns={name: f"{model} {name}" for name in oof[model].columns if name not in KEY}
        )
        rows = rows.merge(scores, on=KEY, how="inner", validate="one_to_one")
    rows = rows.sort_values(KEY, ignore_index=True)
    if rows.empty:
        raise RankerError(
            "The base models have scored no team in common.",
            where=", ".join(f"oof/{model}" for model in params.models),
            next_command="dvc repro oof_deepset oof_xgb oof_rf",
        )
    parts = {}
    for kind in ("margin", "rank"):
        part = pd.DataFrame(index=rows.index)
        for model in params.models:
            name = f"{model} {kind}_score"
            part[model] = centred(rows, [name])[:, 0]
            if params.use_confidence:
                part[model] = damped(part[model].to_numpy(), rows[f"{name}_sd"].to_numpy())
        for column, values in zip(
            params.passthrough, centred(rows, params.passthrough).T, strict=True
        ):
            part[column] = values
        parts[kind] = part
    return StackInputs(rows[[*KEY, "season_share"]], parts["margin"], parts["rank"])


def seasons_held_together(scheme: str, train: Sequence[str]) -> tuple[str, ...]:
    """Return the seasons that were folded among each other: none under walk-forward."""
    return tuple(train) if scheme == "season_kfold" else ()


def pair_rows(teams: pd.DataFrame, games: pd.DataFrame) -> tuple[pd.DataFrame, Array, Array]:
    """Return the games whose two teams are described, with the row number of either team.

    Parameters
    ----------
    teams
        season, as_of, team_id, in the order the row numbers refer to.
    games
        season, as_of, home_id, away_id and more, one row a game to come as of a date.
    """
    place = teams[KEY].assign(row=np.arange(len(teams)))
    both = games.merge(place.rename(columns={"team_id": "home_id", "row": "home_row"}))
    both = both.merge(place.rename(columns={"team_id": "away_id", "row": "away_row"}))
    return both, both["home_row"].to_numpy(), both["away_row"].to_numpy()


def stack(
    inputs: StackInputs,
    rank_target: pd.DataFrame,
    games: pd.DataFrame,
    seasons: Sequence[str],
    held_together: Sequence[str],
    params: StackingParams,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Blend the base models of every season by weights learnt on other seasons.

    Parameters
    ----------
    inputs
        From `stack_inputs`.
    rank_target
        season, as_of, team_id, rank_target, for seasons that have ended.
    games
        Games to come as of each date: season, as_of, home_id, away_id, home_margin.
    seasons
        Seasons to be stacked; those without another season to learn from are left out. One that
        nobody has scored yet, such as the next to be played, has weights and no stacked row.
    held_together
        See `earlier_seasons`.
    params
        Section `stacking`.

    Returns
    -------
    stacked, weights
        One row a team as of a date: season, as_of, team_id, rank_score, strength (points per
        game against an average team). One row an input of a season's blend: season, use, input,
        start, end, alpha.
    """
    teams = inputs.teams
    share = teams["season_share"].to_numpy()
    season_of_row = teams["season"].to_numpy()
    reached = teams[KEY].merge(rank_target, on=KEY, how="left")["rank_target"]
    average = reached.groupby([teams["season"], teams["as_of"]]).transform("mean")
    target = (reached - average).to_numpy()
    margin, rank = inputs.margin.to_numpy(), inputs.rank.to_numpy()
    pairs, home, away = pair_rows(teams, games)
    pair_season = pairs["season"].to_numpy()
    differences = margin[home] - margin[away]
    known = [season for season in sorted(set(pair_season)) if season in set(season_of_row)]
    stacked, weights = [], []
    for season in seasons:
        teachers = earlier_seasons(season, known, held_together)
        if not teachers:
            continue
        learn = np.isin(pair_season, teachers)
        strength = fit_blend(
            differences[learn],
            share[home[learn]],
            pairs["home_margin"].to_numpy()[learn],
            pair_season[learn],
            list(inputs.margin.columns),
            params,
        )
        learn = np.isin(season_of_row, teachers) & np.isfinite(target)
        ranking = fit_blend(
            rank[learn],
            share[learn],
            target[learn],
            season_of_row[learn],
            list(inputs.rank.columns),
            params,
        )
        blends = {STRENGTH_USE: strength, RANK_USE: ranking}
        stacked.append(blended(inputs, season, blends))
        weights += [_weights(season, use, blend) for use, blend in blends.items()]
    if not any(map(len, stacked)):
        raise RankerError(
            "No season can be stacked: none has another season with out-of-fold scores.",
            where=f"out-of-fold seasons: {', '.join(known)}",
            allowed="two training seasons or more before the first validation season",
            next_command="edit seasons.train in params.yaml",
        )
    return pd.concat(stacked, ignore_index=True), pd.concat(weights, ignore_index=True)


def blended(inputs: StackInputs, season: str, blends: Mapping[str, Blend]) -> pd.DataFrame:
    """Return a season's rows in the layout of stack/stacked, blended by given weights.

    One row a team as of a date: rank_score (higher = stronger), strength (points per game against
    an average team). Sees nothing but the inputs of the same row.

    Parameters
    ----------
    inputs
        From `stack_inputs`.
    season
        Label; none of its rows need have an outcome.
    blends
        By use: `STRENGTH_USE` for points, `RANK_USE` for the ranking score.
    """
    rows = (inputs.teams["season"] == season).to_numpy()
    share = inputs.teams["season_share"].to_numpy()[rows]
    return inputs.teams.loc[rows, KEY].assign(
        rank_score=blends[RANK_USE].apply(inputs.rank.to_numpy()[rows], share),
        strength=blends[STRENGTH_USE].apply(inputs.margin.to_numpy()[rows], share),
    )


def newest_blends(weights: pd.DataFrame, columns: Sequence[str]) -> dict[str, Blend]:
    """Return the blends of the last season in the table: the one to come after those ended.

    Parameters
    ----------
    weights
        Table stack/weights.
    columns
        Inputs in the order in which they will be blended.

    Raises
    ------
    RankerError
        If the weights are those of other inputs.
    """
    newest = weights[weights["season"] == weights["season"].max()]
    blends = {}
    for use in (STRENGTH_USE, RANK_USE):
        own = newest[newest["use"] == use].set_index("input")
        if set(own.index) != set(columns):
            raise RankerError(
                f"The stack's weights are of {', '.join(own.index) or 'nothing'}.",
                where="stack/weights",
                allowed=f"weights of {', '.join(columns)}",
                next_command="dvc repro",
            )
        own = own.loc[list(columns)]
        start, end = own["start"].to_numpy(), own["end"].to_numpy()
        blends[use] = Blend(tuple(columns), start, end, float(own["alpha"].iloc[0]))
    return blends


def _weights(season: str, use: str, blend: Blend) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "season": season,
            "use": use,
            "input": blend.columns,
            "start": blend.start,
            "end": blend.end,
            "alpha": blend.alpha,
        }
    )
