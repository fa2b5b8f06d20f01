"""Ablation of feature families in the tree models.

    python -m benchmarks.feature_families          # in a folder where the pipeline has run
    python -m benchmarks.feature_families --folder RUN --model xgb

Every variant is trained and scored walk-forward as in the pipeline. The difference of Spearman
(without the family minus all features; below 0: the family helps) has a 95 % t interval over
seasons and a p-value by Holm over the families and scores of a model. It measures what is unique
to a family: a family whose information another one shares can be dropped at no loss.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from nbarank.core.params import ReproParams, SeasonsParams
from nbarank.core.season_intervals import holm, season_intervals
from nbarank.core.sections import load_section
from nbarank.core.tables import read_table
from nbarank.evaluation.params import EvaluationParams
from nbarank.rankers.training.contract import RankerInputs, TrainingData
from nbarank.rankers.training.described_teams import (
    chosen_columns,
    read_described_teams,
)
from nbarank.rankers.training.folds import folds_of
from nbarank.rankers.training.out_of_fold import out_of_fold
from nbarank.rankers.training.params import CvParams, TargetsParams
from nbarank.rankers.training.targets import RANK_COLUMNS, build_targets
from nbarank.rankers.trees.forest import ForestRanker
from nbarank.rankers.trees.params import ForestParams, TreesParams, XgbParams
from nbarank.rankers.trees.xgb import XgbRanker
from nbarank.schemas.features import directions
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES
from nbarank.schemas.season_split import ENDED

FAMILIES = {
    "record": ("win_pct", "point_diff", "conference_rank", "clinched", "eliminated"),
    "ratings": ("elo", "srs_carried"),
    "roster": ("player_strength", "available_strength", "playoff_strength"),
    "calendar": ("season_share",),
}
SCORES = {"rank_score": "final_rank", "margin_score": "playoff_rank_performance"}


def main() -> None:
    """Train and score every variant; print the differences."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--folder", type=Path, default=Path())
    arguments.add_argument("--model", choices=["xgb", "rf", "both"], default="both")
    chosen = arguments.parse_args()
    os.chdir(chosen.folder)
    seasons, trees = load_section(SeasonsParams), load_section(TreesParams)
    wanted = load_section(TargetsParams)
    repro, evaluation = load_section(ReproParams), load_section(EvaluationParams)
    as_of, outcomes, games = (read_table(table, ENDED) for table in (AS_OF, OUTCOMES, GAMES))
    columns = list(trees.columns)
    teams = chosen_columns(read_described_teams(ENDED), columns)
    ended = set(outcomes["season"])
    roles = [s for s in (*seasons.train, *seasons.validation, *seasons.test) if s in ended]
    folds = folds_of(seasons, load_section(CvParams), roles)
    folds = [fold for fold in folds if set(fold.score) & set(seasons.validation)]
    rank_column = RANK_COLUMNS[trees.rank_target, wanted.playoff_definition]
    labelled = RankerInputs(teams).restrict(frozenset(roles))
    targets = build_targets(
        labelled.teams, outcomes, games, rank_column, wanted.margin_horizon_days
    )
    days = as_of.loc[as_of["checkpoint"].notna(), ["season", "as_of", "checkpoint"]]

    def scored(model: str, kept: list[str]) -> pd.DataFrame:
        inputs = RankerInputs(teams[["season", "as_of", "team_id", *kept]])
        fold_data = TrainingData(inputs.restrict(frozenset(roles)), targets)
        scores = out_of_fold(
            lambda _final: _ranker(model, kept, repro.threads), folds, inputs, fold_data, repro.seed
        )
        rows = scores.merge(days, on=["season", "as_of"]).merge(outcomes, on=["season", "team_id"])
        found = [
            {
                "season": season,
                "score": score,
                "spearman": -float(spearmanr(part[score], part[rank]).statistic),
            }
            for (season, _), part in rows.groupby(["season", "checkpoint"])
            for score, rank in SCORES.items()
        ]
        return pd.DataFrame(found).groupby(["score", "season"])["spearman"].mean().unstack("score")

    for model in ["xgb", "rf"] if chosen.model == "both" else [chosen.model]:
        start = time.perf_counter()
        full = scored(model, columns)
        print(f"\n{model}: all {len(columns)} inputs, mean over {len(full)} validation ")
        print("seasons and their checkpoints: " + _line(full.mean()))
        found = {}
        for family, names in FAMILIES.items():
            kept = [name for name in columns if name not in names]
            if len(kept) == len(columns):
                continue
            lost = scored(model, kept) - full
            found[family] = season_intervals(lost.to_numpy(), evaluation.interval)
        adjusted = holm(np.concatenate([one.p for one in found.values()]))
        for (family, one), p in zip(found.items(), adjusted.reshape(len(found), -1), strict=True):
            text = "; ".join(
                f"{score} {mean:+.4f} [{low:+.4f}, {high:+.4f}] p {chance:.3f}"
                for score, mean, low, high, chance in zip(
                    full.columns, one.mean, one.low, one.high, p, strict=True
                )
            )
            print(f"  without {family:<9} {text}", flush=True)
        print(f"  {time.perf_counter() - start:.0f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nrank_score against the final standings, margin_score against the playoff result; "
          f"memory {peak:.0f} MB")  # fmt: skip


def _ranker(model: str, kept: list[str], threads: int) -> XgbRanker | ForestRanker:
    """Return an unfitted ranker of the kept inputs."""
    if model == "xgb":
        return XgbRanker(load_section(XgbParams), threads, directions(kept))
    return ForestRanker(load_section(ForestParams), threads, directions(kept))


def _line(values: pd.Series) -> str:
    return "; ".join(f"{name} {np.round(value, 4)}" for name, value in values.items())


if __name__ == "__main__":
    main()
