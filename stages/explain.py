"""Say what each base model's scores are made of, season by season with the fold's own model."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.ensemble.folds import Fold
from nbarank.ensemble.inputs import described_teams, folds_of
from nbarank.evaluation.bootstrap import season_intervals
from nbarank.explain.ablation import without_players
from nbarank.explain.contributors import contributors_of, entropy, leader_has_most_minutes
from nbarank.explain.gradients import integrated_gradients
from nbarank.explain.trees import tree_shap
from nbarank.params.ensemble import CvParams
from nbarank.params.evaluation import EvaluationParams
from nbarank.params.explain import ExplainParams
from nbarank.params.repro import ReproParams
from nbarank.params.seasons import SeasonsParams
from nbarank.rankers.contract import RankerInputs
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.trees import ForestRanker, XgbRanker
from nbarank.runtime import generator
from nbarank.schemas.explain import (
    ABLATION,
    CONTRIBUTORS,
    GRADIENT,
    MODEL_HEALTH,
    PLAYER_GRADIENTS,
    REMOVALS,
    SHAP_VALUES,
    TEAM_GRADIENTS,
)
from nbarank.schemas.features import RATINGS, TEAM_FEATURES
from nbarank.schemas.league import AS_OF, OUTCOMES
from nbarank.schemas.rosters import ROSTER_TEAMS, ROSTERS
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table, write_text

log = logging.getLogger(__name__)
MODELS, PLOTS = Path("models"), Path("plots")
NAMES = ["season", "as_of", "team_id", "player_id", "player_name"]


def main(stage: Stage) -> None:
    """Read features and models; write data/explain/ and plots of it."""
    params, seasons = stage.params(ExplainParams), stage.params(SeasonsParams)
    as_of = read_table(AS_OF)
    teams = described_teams([read_table(t) for t in (RATINGS, TEAM_FEATURES, ROSTER_TEAMS)], as_of)
    ended = sorted(set(read_table(OUTCOMES)["season"]))
    folds = folds_of(seasons, stage.params(CvParams), list(pd.unique(teams["season"])), ended)
    told = {*seasons.test, *seasons.holdout}
    days = _days(as_of)
    teams = teams.merge(days, on=["season", "as_of"])
    rosters = read_table(ROSTERS).merge(days, on=["season", "as_of"])

    found: dict[str, list[pd.DataFrame]] = {}
    for season, label in _labels(folds):
        if season in told:
            log.info("explaining %s by the models in models/*/%s", season, label)
            one = RankerInputs(teams, rosters).restrict(frozenset({season}))
            for name, frame in _explain(season, label, one, params).items():
                found.setdefault(name, []).append(frame)
    tables = (
        SHAP_VALUES,
        PLAYER_GRADIENTS,
        TEAM_GRADIENTS,
        CONTRIBUTORS,
        ABLATION,
        MODEL_HEALTH,
    )
    whole = {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}
    for table in tables:
        write_table(table, whole[table.name])
    _write_plots(whole, stage)


def _days(as_of: pd.DataFrame) -> pd.DataFrame:
    """Return the explained days: checkpoints, and the latest day of every season."""
    latest = as_of.groupby("season")["as_of"].transform("max")
    rows = as_of[as_of["checkpoint"].notna() | (as_of["as_of"] == latest)]
    return rows[["season", "as_of"]].drop_duplicates()


def _labels(folds: list[Fold]) -> list[tuple[str, str]]:
    """Return every scored season with the folder of the models that score it."""
    return sorted((season, fold.score[0]) for fold in folds for season in fold.score)


def _explain(
    season: str, label: str, inputs: RankerInputs, params: ExplainParams
) -> dict[str, pd.DataFrame]:
    """Return the rows of one season by table."""
    gaps, values = {}, []
    for kind in (XgbRanker, ForestRanker):
        tree = kind.load(MODELS / kind.name / label)
        columns = ["season", "as_of", "team_id", *(tree.team_columns or ())]
        frame, gaps[kind.name] = tree_shap(tree, RankerInputs(inputs.teams[columns]), params.score)
        values.append(frame)

    assert inputs.rosters is not None
    names = inputs.rosters[NAMES]
    ranker = DeepSetRanker.load(MODELS / DeepSetRanker.name / label)
    told = RankerInputs(inputs.teams, inputs.rosters.drop(columns="player_name"))
    found = integrated_gradients(
        ranker, told, params.score, params.gradient_steps, params.completeness_tolerance
    )
    contributors = contributors_of(ranker.attend(told), found.players, names)
    fallback = contributors.groupby(["as_of", "team_id"])["contributors_are_fallback"].any()
    error = found.relative_error
    health = pd.DataFrame(
        {
            "season": [season],
            "verdict": [", ".join(ranker.verdict)],
            "stopped": [ranker.stopped],
            "fallback_share": [float(fallback.mean()) if len(fallback) else 0.0],
            "attention_entropy": [entropy(contributors, "attention_weight")],
            "minutes_entropy": [entropy(contributors, "minutes_share")],
            "leader_has_most_minutes": [leader_has_most_minutes(contributors)],
            "completeness_mean": [float(error.mean())],
            "completeness_max": [float(error.max())],
            "completeness_beyond": [float((error > params.completeness_tolerance).mean())],
            "additivity_xgb": [gaps["xgb"]],
            "additivity_rf": [gaps["rf"]],
        }
    )
    return {
        SHAP_VALUES.name: pd.concat(values, ignore_index=True),
        PLAYER_GRADIENTS.name: found.players,
        TEAM_GRADIENTS.name: found.teams,
        CONTRIBUTORS.name: contributors,
        ABLATION.name: without_players(ranker, told, contributors, params.score),
        MODEL_HEALTH.name: health,
    }


def _write_plots(whole: dict[str, pd.DataFrame], stage: Stage) -> None:
    """Write how large attributions are, and the ablation with intervals over seasons.

    `spread` is the standard deviation between teams of the same day: an input that moves all
    teams alike (is_new in autumn) has a size and no spread, and changes no ranking.
    """
    shap = whole[SHAP_VALUES.name].assign(size=lambda frame: frame["shap"].abs())
    means = shap.groupby(["model", "feature"])["size"].mean().reset_index()
    _write_csv("shap", means.sort_values(["model", "size"], ascending=[True, False]))

    gradients = []
    for table, source in ((PLAYER_GRADIENTS, "player"), (TEAM_GRADIENTS, "team")):
        frame = whole[table.name]
        columns = [name for name in map(str, frame.columns) if name.startswith(GRADIENT)]
        # a statistic's part of a team's score is its sum over the players
        sums = frame.groupby(["season", "as_of", "team_id"])[columns].sum()
        within = sums - sums.groupby(level=["season", "as_of"]).transform("mean")
        sizes = pd.DataFrame({"size": sums.abs().mean(), "spread": within.std()})
        sizes = sizes.rename_axis("input").reset_index().assign(of=source)
        sizes["input"] = sizes["input"].str.removeprefix(GRADIENT)
        gradients.append(sizes)
    ranked = pd.concat(gradients, ignore_index=True)[["of", "input", "size", "spread"]]
    _write_csv("gradients", ranked.sort_values("spread", ascending=False))
    _write_csv("ablation", _intervals(whole[ABLATION.name], stage))


def _intervals(ablation: pd.DataFrame, stage: Stage) -> pd.DataFrame:
    """Return the mean size of the change by removal, and of its lead over an average player's."""
    params = stage.params(EvaluationParams)
    table = ablation.pivot_table(index="season", columns="removed", values="size")
    table = table.reindex(columns=list(REMOVALS))
    lead = table.sub(table["average other"], axis=0).drop(columns="average other")
    values = np.column_stack([table.to_numpy(), lead.to_numpy()])
    random = generator(stage.params(ReproParams).seed, "explain", "ablation")
    found = season_intervals(values, random, params.bootstrap_samples, params.interval)
    measures = ["size"] * table.shape[1] + ["lead over average other"] * lead.shape[1]
    return pd.DataFrame(
        {
            "measure": measures,
            "removed": [*table.columns, *lead.columns],
            "mean": found.mean,
            "low": found.low,
            "high": found.high,
            "share_positive": found.share_positive,
            "seasons": found.seasons,
        }
    )


def _write_csv(name: str, frame: pd.DataFrame) -> None:
    write_text(PLOTS / f"{name}.csv", frame.to_csv(index=False, float_format="%.6f"))


if __name__ == "__main__":
    run_stage("explain", main)
