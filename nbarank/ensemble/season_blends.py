"""The stack, season by season: a season's blends are fitted on other seasons only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nbarank.core.errors import RankerError
from nbarank.ensemble.blend import Blend, fit_blend
from nbarank.ensemble.game_pairs import pair_rows
from nbarank.ensemble.params import StackingParams
from nbarank.ensemble.preseason import with_preseason
from nbarank.ensemble.stack_inputs import StackInputs
from nbarank.schemas.columns import KEY

STRENGTH_USE, RANK_USE = "strength", "rank"
"""Purpose of a blend: column `use` of stack/weights."""


def seasons_to_fit(season: str, scored: Sequence[str], folded: Sequence[str]) -> list[str]:
    """Return the seasons of `scored` that a blend of `season` may be fitted on: earlier ones.

    Seasons folded among each other (`folded_seasons`) may use the others, since none of their
    scores was made by a model that saw it.
    """
    if season in folded:
        return [other for other in scored if other in folded and other != season]
    return [other for other in scored if other < season]


def folded_seasons(scheme: str, train: Sequence[str]) -> tuple[str, ...]:
    """Return the seasons that were folded among each other: none under walk-forward."""
    return tuple(train) if scheme == "season_kfold" else ()


def stack(
    inputs: StackInputs,
    rank_target: pd.DataFrame,
    games: pd.DataFrame,
    seasons: Sequence[str],
    folded: Sequence[str],
    params: StackingParams,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Blend the base models of every season by weights fitted on other seasons.

    Parameters
    ----------
    inputs
        From `stack_inputs`.
    rank_target
        season, as_of, team_id, rank_target of ended seasons.
    games
        Games after each date: season, as_of, home_id, away_id, home_margin.
    seasons
        Seasons to stack; those without another season to fit on are left out. A season that is
        not scored yet, such as next season, has weights and no stacked rows.
    folded
        See `seasons_to_fit`.

    Returns
    -------
    stacked, weights
        Tables stack/stacked and stack/weights.
    """
    teams = inputs.teams
    share = teams["season_share"].to_numpy()
    season_of_row = teams["season"].to_numpy()
    achieved = teams[KEY].merge(rank_target, on=KEY, how="left")["rank_target"]
    average = achieved.groupby([teams["season"], teams["as_of"]]).transform("mean")
    target = (achieved - average).to_numpy()
    margin, rank = inputs.margin.to_numpy(), inputs.rank.to_numpy()
    pairs, home, away = pair_rows(teams, games)
    pair_season = pairs["season"].to_numpy()
    differences = margin[home] - margin[away]
    known = [season for season in sorted(set(pair_season)) if season in set(season_of_row)]
    stacked, weights = [], []
    for season in seasons:
        fitted = seasons_to_fit(season, known, folded)
        if not fitted:
            continue
        of_games = np.isin(pair_season, fitted)
        strength = fit_blend(
            differences[of_games],
            share[home[of_games]],
            pairs["home_margin"].to_numpy()[of_games],
            pair_season[of_games],
            list(inputs.margin.columns),
            params,
        )
        of_teams = np.isin(season_of_row, fitted) & np.isfinite(target)
        ranking = fit_blend(
            rank[of_teams],
            share[of_teams],
            target[of_teams],
            season_of_row[of_teams],
            list(inputs.rank.columns),
            params,
        )
        blends = {STRENGTH_USE: strength, RANK_USE: ranking}
        stacked.append(blended(inputs, season, blends))
        weights += [
            pd.DataFrame(
                {
                    "season": season,
                    "use": use,
                    "input": blend.columns,
                    "start": blend.start,
                    "end": blend.end,
                    "alpha": blend.alpha,
                }
            )
            for use, blend in blends.items()
        ]
    if not any(map(len, stacked)):
        raise RankerError(
            "No season can be stacked: none has another season with out-of-fold scores.",
            where=f"out-of-fold seasons: {', '.join(known)}",
            allowed="two training seasons or more before the first validation season",
            next_command="edit seasons.train in params.yaml",
        )
    return pd.concat(stacked, ignore_index=True), pd.concat(weights, ignore_index=True)


def blended(inputs: StackInputs, season: str, blends: Mapping[str, Blend]) -> pd.DataFrame:
    """Return a season's rows of stack/stacked by given blends (by use).

    A row depends on the inputs of the same row only, so the season needs no outcome.
    """
    rows = (inputs.teams["season"] == season).to_numpy()
    share = inputs.teams["season_share"].to_numpy()[rows]
    stacked = inputs.teams.loc[rows, KEY].assign(
        rank_score=blends[RANK_USE].apply(inputs.rank.to_numpy()[rows], share),
        strength=blends[STRENGTH_USE].apply(inputs.margin.to_numpy()[rows], share),
    )
    return with_preseason(stacked, inputs.preseason[rows], share)


def stack_current(
    stacked: pd.DataFrame, weights: pd.DataFrame, inputs: StackInputs, seasons: Sequence[str]
) -> pd.DataFrame:
    """Return stack/stacked with current seasons added, blended by the newest stored weights.

    `stacked` and `weights` are the tables of ended seasons; `inputs` has the current ones too.
    """
    blends = stored_blends(weights, list(inputs.margin.columns))
    current = [blended(inputs, season, blends) for season in seasons]
    return pd.concat([stacked, *current], ignore_index=True)


def stored_blends(
    weights: pd.DataFrame, columns: Sequence[str], season: str | None = None
) -> dict[str, Blend]:
    """Return the blends of a season in stack/weights by use.

    Without `season`, those for next season, which are fitted on all completed seasons.

    Raises
    ------
    RankerError
        If the weights are those of other inputs than `columns`.
    """
    of_season = weights[weights["season"] == (season or weights["season"].max())]
    blends = {}
    for use in (STRENGTH_USE, RANK_USE):
        own = of_season[of_season["use"] == use].set_index("input")
        if set(own.index) != set(columns):
            raise RankerError(
                f"The stack's weights are for {', '.join(own.index) or 'no inputs'}.",
                where="stack/weights",
                allowed=f"weights for {', '.join(columns)}",
                next_command="dvc repro",
            )
        own = own.loc[list(columns)]
        start, end = own["start"].to_numpy(), own["end"].to_numpy()
        blends[use] = Blend(tuple(columns), start, end, float(own["alpha"].iloc[0]))
    return blends
