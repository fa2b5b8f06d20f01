"""Choice of the Deep Set's defaults on the training seasons, each left out in turn.

    python -m benchmarks.deepset_choice --data data [--seeds 2] [--only NAME ...]

Each of the seasons 2011-12 to 2013-14 is scored by networks trained on the other two: too few
seasons precede the first validation season to keep time order. No validation or test season is
read. One change to params.yaml per row: means over all weekly dates of Spearman with both targets
and of the correlation of the margin score with the margins of the rest of the season (teams with
five or more games left).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from benchmarks.deepset_data import (
    TRAIN,
    League,
    command_line,
    dates_by_seed,
    load,
)
from nbarank.rankers.training.folds import Fold
from nbarank.rankers.training.targets import margin_targets
from nbarank.schemas.columns import KEY
from nbarank.schemas.evaluation import TARGETS

MIN_GAMES_LEFT = 5
CANDIDATES: dict[str, dict[str, object]] = {
    "default": {},
    "5 epochs": {"epochs": 5},
    "8 epochs": {"epochs": 8},
    "12 epochs": {"epochs": 12},
    "23 epochs": {"epochs": 23},
    "40 epochs": {"epochs": 40},
    "23 epochs, cosine": {"epochs": 23, "learning_rate_decay": "cosine"},
    "learning rate 3e-4": {"learning_rate": 3e-4},
    "learning rate 3e-3": {"learning_rate": 3e-3},
    "minutes bias 0": {"minutes_bias_weight": 0.0},
    "minutes bias 0.3": {"minutes_bias_weight": 0.3},
    "minutes bias 0.6": {"minutes_bias_weight": 0.6},
    "minutes bias 1": {"minutes_bias_weight": 1.0},
    "mean pooling": {"pooling": "mean", "minutes_bias_weight": 0.0},
    "width 16": {"hidden_width": 16},
    "width 64": {"hidden_width": 64},
    "dropout 0.3": {"dropout": 0.3},
    "weight decay 1": {"weight_decay": 1.0},
    "embedding": {"embedding_buckets": 256},
    "all roster statistics": {"roster_features": None},
    "no team inputs": {"team_features": []},
    "lists within conferences": {"lists": "conference"},
    "playoff outcome": {"listmle_target": "playoff_outcome"},
    "margin weight 0": {"margin_weight": 0.0},
    "margin weight 4": {"margin_weight": 4.0},
    "margins of six weeks": {"margin_horizon_days": 42},
    "margins of the rest of the season": {"margin_horizon_days": None},
    "loss margin": {"loss": "margin"},
    "loss pairwise": {"loss": "pairwise"},
    "loss soft_spearman": {"loss": "soft_spearman"},
    "loss rank_rmse": {"loss": "rank_rmse"},
    "five members": {"members": 5},
}


def left_out() -> list[Fold]:
    """Return one fold a training season, trained on the others."""
    return [Fold(tuple(s for s in TRAIN if s != season), (season,)) for season in TRAIN]


def margin_correlation(scores: pd.DataFrame, to_come: pd.DataFrame) -> float:
    """Return the mean over dates of the correlation of the margin score with margins to come."""
    rows = scores.merge(to_come, on=list(KEY))
    rows = rows[rows["margin_games"] >= MIN_GAMES_LEFT]
    found = [
        own["margin_score"].corr(own["margin_target"])
        for _, own in rows.groupby(["season", "as_of"])
        if len(own) > MIN_GAMES_LEFT
    ]
    return float(np.nanmean(found))


def measure(
    league: League, to_come: pd.DataFrame, changes: dict[str, object], seeds: int
) -> list[float]:
    """Return Spearman with both targets, the margin correlation, and the spread over seeds."""
    rows = [
        [*(dates[t].mean() for t in TARGETS), margin_correlation(scores, to_come)]
        for scores, dates in dates_by_seed(league, changes, left_out(), seeds)
    ]
    table = np.array(rows)
    return [*table.mean(axis=0), table[:, 0].std()]


def main() -> None:
    """Measure the candidates, one row each, in markdown."""
    arguments = command_line(__doc__ or "", variants=True).parse_args()
    torch.set_num_threads(1)
    league = load(arguments.data)
    to_come = margin_targets(league.games, league.as_of, None)
    print(f"| change | {TARGETS[0]} | {TARGETS[1]} | margins to come | sd over seeds |")
    print("|---|---|---|---|---|")
    for name, changes in CANDIDATES.items():
        if arguments.only and name not in arguments.only:
            continue
        cells = measure(league, to_come, changes, arguments.seeds)
        print(f"| {name} | " + " | ".join(f"{cell:.4f}" for cell in cells) + " |", flush=True)


if __name__ == "__main__":
    main()
