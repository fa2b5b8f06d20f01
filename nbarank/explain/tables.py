"""The tables of explain/: the three base models' scores explained, season by season."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from nbarank.core.tables import write_table
from nbarank.explain.ablation import without_players
from nbarank.explain.contributors import SHOWN, contributors_of, entropy, leader_has_most_minutes
from nbarank.explain.integrated_gradients import integrated_gradients
from nbarank.explain.params import ExplainParams
from nbarank.explain.tree_shap import tree_shap
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import RankerInputs
from nbarank.rankers.training.out_of_fold import MODELS
from nbarank.rankers.trees.forest import ForestRanker
from nbarank.rankers.trees.xgb import XgbRanker
from nbarank.schemas.columns import KEY
from nbarank.schemas.explain import (
    ABLATION,
    CONTRIBUTORS,
    MODEL_HEALTH,
    PLAYER_GRADIENTS,
    SHAP_VALUES,
    TEAM_GRADIENTS,
)

log = logging.getLogger(__name__)
TABLES = (SHAP_VALUES, PLAYER_GRADIENTS, TEAM_GRADIENTS, CONTRIBUTORS, ABLATION, MODEL_HEALTH)


def explained_days(as_of: pd.DataFrame) -> pd.DataFrame:
    """Return season and as_of of the explained days: checkpoints, and every season's latest day.

    `as_of`: table league/as_of.
    """
    latest = as_of.groupby("season")["as_of"].transform("max")
    rows = as_of[as_of["checkpoint"].notna() | (as_of["as_of"] == latest)]
    return rows[["season", "as_of"]].drop_duplicates()


def explain_seasons(
    labels: Mapping[str, str],
    inputs: RankerInputs,
    as_of: pd.DataFrame,
    params: ExplainParams,
    root: Path,
) -> dict[str, pd.DataFrame]:
    """Explain seasons at `explained_days`, write `TABLES` below `root` and return them by name.

    Parameters
    ----------
    labels
        Season to the name of the models that scored it: a season's label, or 'final'.
    inputs
        Described teams of at least these seasons; rosters with `player_name`.
    as_of
        Table league/as_of.
    params
        Section `explain`.
    root
        Folder of the tables.
    """
    assert inputs.rosters is not None
    days = explained_days(as_of)
    inputs = RankerInputs(
        inputs.teams.merge(days, on=["season", "as_of"]),
        inputs.rosters.merge(days, on=["season", "as_of"]),
    )
    found: dict[str, list[pd.DataFrame]] = {table.name: [] for table in TABLES}
    for season, label in sorted(labels.items()):
        log.info("explaining %s by the models in %s/*/%s", season, MODELS, label)
        for name, frame in _explain_season(inputs.restrict([season]), label, params).items():
            found[name].append(frame)
    whole = {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}
    for table in TABLES:
        whole[table.name] = write_table(table, whole[table.name], root)
    return whole


def _explain_season(
    inputs: RankerInputs, label: str, params: ExplainParams
) -> dict[str, pd.DataFrame]:
    """Return the rows of one season by the name of their table."""
    gaps, values = {}, []
    for kind in (XgbRanker, ForestRanker):
        tree = kind.load(MODELS / kind.name / label)
        teams = inputs.teams[[*KEY, *(tree.team_columns or ())]]
        frame, gaps[kind.name] = tree_shap(tree, RankerInputs(teams), params.score)
        values.append(frame)

    assert inputs.rosters is not None
    members = inputs.rosters[[*KEY, "player_id", *SHOWN]]
    ranker = DeepSetRanker.load(MODELS / DeepSetRanker.name / label)
    inputs = RankerInputs(inputs.teams, inputs.rosters.drop(columns="player_name"))
    found = integrated_gradients(
        ranker, inputs, params.score, params.gradient_steps, params.completeness_tolerance
    )
    contributors = contributors_of(ranker.attend(inputs), found.players, members)
    fallback = contributors.groupby(["as_of", "team_id"])["contributors_are_fallback"].any()
    error = found.relative_error
    health = pd.DataFrame(
        {
            "season": inputs.teams["season"].unique(),
            "verdict": ", ".join(ranker.verdict),
            "stopped": ranker.stopped,
            "fallback_share": float(fallback.mean()) if len(fallback) else 0.0,
            "attention_entropy": entropy(contributors, "attention_weight"),
            "minutes_entropy": entropy(contributors, "minutes_share"),
            "leader_has_most_minutes": leader_has_most_minutes(contributors),
            "completeness_mean": float(error.mean()),
            "completeness_max": float(error.max()),
            "completeness_beyond": float((error > params.completeness_tolerance).mean()),
            "additivity_xgb": gaps["xgb"],
            "additivity_rf": gaps["rf"],
        }
    )
    return {
        SHAP_VALUES.name: pd.concat(values, ignore_index=True),
        PLAYER_GRADIENTS.name: found.players,
        TEAM_GRADIENTS.name: found.teams,
        CONTRIBUTORS.name: contributors,
        ABLATION.name: without_players(ranker, inputs, contributors, params.score),
        MODEL_HEALTH.name: health,
    }
