"""The scorecard: every ranker, season, checkpoint, target and measure, as tidy rows.

The columns of metrics/scorecard.csv are a stable interface; docs/metrics.md explains each measure.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from nbarank.core.errors import EvaluationError
from nbarank.core.params import SeasonsParams
from nbarank.evaluation.rank_metrics import (
    CONFERENCE_METRICS,
    METRICS,
    Flags,
    Floats,
    RankedLists,
    ranked_lists,
    roc_auc,
    spearman,
)
from nbarank.schemas.forecast import STATES
from nbarank.schemas.oof import BASE_MODELS

log = logging.getLogger(__name__)

COLUMNS = ["season", "checkpoint", "target", "ranker", "metric", "value"]
"""Columns of metrics/scorecard.csv; checkpoint is in per cent of the season played."""
LIST_KEY = COLUMNS[:4]
KNOWN_RATINGS = ("standings", "point_diff", "srs", "srs_carried", "elo")
BASELINES = (*KNOWN_RATINGS, "record_elo", "record_shrunk", "last_season")
RANKERS = ("ensemble", *STATES[1:], *BASE_MODELS, *BASELINES, "climatology", "market")
"""Rankers in the order of the tables; others follow."""
OPENING = 0
"""Checkpoint before the first game of a season."""


def scored_seasons(seasons: SeasonsParams, ended: Collection[str]) -> dict[str, list[str]]:
    """Return the seasons to score by role: all of validation, and those of test that have ended.

    Raises
    ------
    EvaluationError
        If a validation season has not ended.
    """
    missing = [season for season in seasons.validation if season not in ended]
    if missing:
        raise EvaluationError(
            f"Validation season(s) {', '.join(missing)} have not ended in the data.",
            where="seasons.validation in params.yaml",
            allowed=f"seasons whose champion is known: {', '.join(sorted(ended))}",
            next_command="move them to seasons.test, or collect their games",
        )
    return {
        "validation": list(seasons.validation),
        "test": [season for season in seasons.test if season in ended],
    }


def checkpoint_days(as_of: pd.DataFrame) -> pd.DataFrame:
    """Return the checkpoints of table league/as_of: season, as_of, checkpoint (whole per cent).

    Raises
    ------
    EvaluationError
        If two checkpoints of a season round to one per cent.
    """
    days = as_of.loc[as_of["checkpoint"].notna(), ["season", "as_of", "checkpoint"]]
    days = days.assign(checkpoint=(100 * days["checkpoint"]).round().astype("int64"))
    if days.duplicated(["season", "checkpoint"]).any():
        raise EvaluationError(
            "Two checkpoints round to the same per cent of a season.",
            where="league/as_of, column checkpoint",
            allowed="checkpoints a hundredth apart or more",
            next_command="edit snapshots.checkpoints in params.yaml",
        )
    return days.reset_index(drop=True)


def true_ranks(outcomes: pd.DataFrame, definition: str) -> pd.DataFrame:
    """Return the ranks that rankings are scored against.

    Parameters
    ----------
    outcomes
        Table league/outcomes.
    definition
        `targets.playoff_definition`.

    Returns
    -------
    pandas.DataFrame
        season, target, team_id (the key), true_rank, true_conference_rank, conference,
        made_playoffs. In a conference, final_rank is its own standings, playoff_outcome the
        league-wide order of its teams.
    """
    base = outcomes[["season", "team_id", "conference", "made_playoffs"]]
    playoff = outcomes[f"playoff_rank_{definition}"]
    return pd.concat(
        [
            base.assign(
                target="final_rank",
                true_rank=outcomes["final_rank"],
                true_conference_rank=outcomes["conference_rank"],
            ),
            base.assign(target="playoff_outcome", true_rank=playoff, true_conference_rank=playoff),
        ],
        ignore_index=True,
    )


def score_rankings(
    rankings: pd.DataFrame,
    days: pd.DataFrame,
    outcomes: pd.DataFrame,
    definition: str,
    sleeper_slots: int,
) -> pd.DataFrame:
    """Score every ranking on every checkpoint of the seasons it covers.

    Parameters
    ----------
    rankings
        In the layout of evaluation/rankings, with the ranker 'standings', which defines sleepers.
        Days that are not checkpoints are ignored.
    days
        From `checkpoint_days`.
    outcomes, definition
        As in `true_ranks`.
    sleeper_slots
        `evaluation.sleeper_slots`.

    Returns
    -------
    pandas.DataFrame
        Tidy rows with finite values, from `ranked`. `sleeper_auc` has no row where a list has no
        sleeper, or only sleepers, or at checkpoint 0.

    Raises
    ------
    EvaluationError
        If a ranking misses teams of its season, a season has no outcomes, or the rankers do not
        cover the same seasons and checkpoints.
    """
    rows = ranked(rankings.merge(days, on=["season", "as_of"], validate="many_to_one"))
    rows = rows.merge(
        true_ranks(outcomes, definition), on=["season", "target", "team_id"], how="left"
    )
    _refuse_incomplete(rows, outcomes)
    keys, grid = _as_grid(rows)
    present = np.isfinite(grid["score"])
    lists = ranked_lists(grid["score"], grid["true_rank"], present)
    _warn_constant(keys, lists)
    values = {name: measure(lists) for name, measure in METRICS.items()}
    values["field_spearman"] = spearman(lists.among(grid["made_playoffs"] > 0))
    values |= _inside_conferences(grid, present)
    values["sleeper_auc"] = _sleeper_auc(keys, lists, sleeper_slots)
    return tidy(keys, values)


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Drop lists of checkpoint 0 with equal scores: the ranker knows games of this season only."""
    equal = rows.groupby(LIST_KEY)["score"].transform("nunique") == 1
    return rows[~(equal & (rows["checkpoint"] == OPENING))]


def tidy(keys: pd.DataFrame, values: dict[str, Floats]) -> pd.DataFrame:
    """Return one row a list of `keys` and measure ([lists], by name), missing values dropped."""
    wide = keys.reset_index(drop=True).assign(**values)
    long = wide.melt(LIST_KEY, list(values), var_name="metric", value_name="value")
    return long.dropna(subset="value")[COLUMNS].reset_index(drop=True)


def in_scorecard_order(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Sort tidy rows by season, checkpoint, target, then by `RANKERS` and `METRICS`."""
    order = scorecard.assign(
        _ranker=places(scorecard["ranker"], RANKERS), _metric=places(scorecard["metric"], METRICS)
    )
    order = order.sort_values(
        ["season", "checkpoint", "target", "_ranker", "ranker", "_metric", "metric"], kind="stable"
    )
    return order[COLUMNS].reset_index(drop=True)


def places(names: pd.Series[str], known: Iterable[str]) -> pd.Series[float]:
    """Return the place of each name in a list of known ones; unknown ones come last."""
    order = {name: float(place) for place, name in enumerate(known)}
    return names.map(order).fillna(float(len(order)))


def _refuse_incomplete(rows: pd.DataFrame, outcomes: pd.DataFrame) -> None:
    unknown = rows[rows["true_rank"].isna()]
    if len(unknown):
        raise EvaluationError(
            "A ranking has teams or seasons without an outcome.",
            where=str(unknown[["season", "ranker", "team_id"]].head(3).to_dict("records")),
            allowed="teams of league/outcomes",
            next_command="dvc repro outcomes",
        )
    sizes = rows.groupby(LIST_KEY, as_index=False).size()
    expected = outcomes.groupby("season").size()
    short = sizes[sizes["size"] != sizes["season"].map(expected)]
    if len(short):
        raise EvaluationError(
            f"{len(short)} ranking(s) do not cover all teams of their season.",
            where=str(short.head(3).to_dict("records")),
            allowed="every team of the season, once",
            next_command="dvc repro",
        )
    names = sizes["ranker"].unique()
    slots = sizes[LIST_KEY[:3]].drop_duplicates()
    slots = slots[slots["checkpoint"] > OPENING]
    everything = slots.merge(pd.DataFrame({"ranker": names}), how="cross")
    absent = everything.merge(sizes, how="left", on=LIST_KEY)
    absent = absent[absent["size"].isna()]
    if len(absent) or "standings" not in names:
        raise EvaluationError(
            "The rankers do not cover the same seasons and checkpoints, so they cannot be paired.",
            where=str(absent[LIST_KEY].head(3).to_dict("records")) if len(absent) else "standings",
            allowed="every ranker, 'standings' among them, on every season and checkpoint",
            next_command="dvc repro",
        )


def _as_grid(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Floats]]:
    """Return the keys of the lists and their columns as arrays [lists, teams], NaN-padded."""
    names = sorted(set(rows["conference"]))
    flags = {f"in_{name.lower()}": rows["conference"] == name for name in names}
    columns = ["score", "true_rank", "true_conference_rank", "made_playoffs", *flags]
    rows = rows.assign(**flags).sort_values("team_id", kind="stable")
    rows["place"] = rows.groupby(LIST_KEY).cumcount()
    wide = rows.pivot(index=LIST_KEY, columns="place", values=columns)
    grid = {name: wide[name].to_numpy(dtype=np.float64) for name in columns}
    return wide.index.to_frame(index=False), grid


def _inside_conferences(grid: dict[str, Floats], present: Flags) -> dict[str, Floats]:
    values: dict[str, Floats] = {}
    for name in grid:
        if name.startswith("in_"):
            inside = present & (grid[name] > 0)
            lists = ranked_lists(grid["score"], grid["true_conference_rank"], inside)
            conference = name.removeprefix("in_")
            values |= {f"{conference}_{m}": METRICS[m](lists) for m in CONFERENCE_METRICS}
    return values


def _sleeper_auc(keys: pd.DataFrame, lists: RankedLists, slots: int) -> Floats:
    """Return the AUC of predicted gains on the standings to date, for teams that gain `slots`."""
    slot_key = LIST_KEY[:3]
    row_of = keys[keys["ranker"] == "standings"].reset_index()[["index", *slot_key]]
    found = keys.merge(row_of, on=slot_key, how="left")["index"]
    record = lists.ranks[found.fillna(0).to_numpy(dtype=np.int64)]
    gained = (record - lists.truth >= slots) & found.notna().to_numpy()[:, None]
    return roc_auc(record - lists.ranks, gained, lists.present)


def _warn_constant(keys: pd.DataFrame, lists: RankedLists) -> None:
    constant = (lists.tied == lists.sizes[:, None]).any(axis=1)
    for ranker, lot in keys[constant].groupby("ranker"):
        log.warning(
            "ranker %s gives all teams the same score on %d list(s) (first: %s at %d %%); its rank "
            "correlation there is 0",
            ranker,
            len(lot),
            lot["season"].iloc[0],
            lot["checkpoint"].iloc[0],
        )
