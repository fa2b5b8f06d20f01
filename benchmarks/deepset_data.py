"""Shared by the Deep Set's benchmarks: tables as training folds, and scores by checkpoint."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pandas as pd

from nbarank.core.sections import Section, load_section
from nbarank.core.tables import DATA, read_table
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import Ranker, RankerInputs, TrainingData
from nbarank.rankers.training.described_teams import read_described_teams
from nbarank.rankers.training.folds import Fold, walk_forward
from nbarank.rankers.training.params import TargetsParams
from nbarank.rankers.training.targets import RANK_COLUMNS, build_targets, game_targets
from nbarank.schemas.evaluation import TARGETS
from nbarank.schemas.features import ROSTERS
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES
from nbarank.schemas.season_split import ENDED

TRAIN = ("2011-12", "2012-13", "2013-14")
SCORED = tuple(f"{year}-{(year + 1) % 100:02d}" for year in range(2014, 2023))
CHECKPOINTS = (0.10, 0.25, 0.50, 0.75, 1.00)
SEED = 42
QUICK = {"early_stopping_val_frac": 0.0, "early_stopping_patience": 0, "mc_dropout_samples": 0}
"""Fits without a probe on held-out seasons and without dropout samples."""


AnySection = TypeVar("AnySection", bound=Section)


@dataclass(frozen=True)
class League:
    """Tables of the ended seasons."""

    inputs: RankerInputs
    outcomes: pd.DataFrame
    games: pd.DataFrame
    as_of: pd.DataFrame

    def training(self, params: TrainingParams, horizon: int | None) -> TrainingData:
        """Return labelled rows of every season with an outcome except the warm-up seasons."""
        seasons = frozenset({*TRAIN, *SCORED} & set(self.outcomes["season"]))
        inputs = self.inputs.restrict(seasons)
        column = RANK_COLUMNS[params.listmle_target, "performance"]
        return TrainingData(
            inputs,
            build_targets(inputs.teams, self.outcomes, self.games, column, horizon),
            game_targets(self.games, inputs.teams[["season", "as_of"]].drop_duplicates(), horizon)
            if params.loss == "pairwise"
            else None,
        )


def load(root: Path = DATA) -> League:
    """Read the tables of ended seasons in the data folder `root`."""
    ended = root / ENDED.name
    rosters = read_table(ROSTERS, ended).drop(columns="player_name")
    return League(
        RankerInputs(read_described_teams(ended), rosters),
        *(read_table(table, ended) for table in (OUTCOMES, GAMES, AS_OF)),
    )


def folds(league: League, first: str = SCORED[0]) -> list[Fold]:
    """Return the walk-forward folds that score the seasons of the data from `first` on."""
    scored = [season for season in SCORED if season in set(league.outcomes["season"])]
    return [fold for fold in walk_forward(TRAIN, scored) if fold.score[0] >= first]


def sections(
    changes: dict[str, object] | None = None,
) -> tuple[ModelAParams, TrainingParams, TargetsParams]:
    """Return the sections of params.yaml with changed values, each put in the section it is in."""
    return (
        _changed(ModelAParams, changes),
        _changed(TrainingParams, changes),
        _changed(TargetsParams, changes),
    )


def _changed(section: type[AnySection], changes: dict[str, object] | None) -> AnySection:
    own = {key: value for key, value in (changes or {}).items() if key in section.model_fields}
    return section(**{**load_section(section).model_dump(), **own})


def by_date(scores: pd.DataFrame, league: League, column: str = "rank_score") -> pd.DataFrame:
    """Return Spearman of a score with both targets, one row a date.

    Returns
    -------
    pandas.DataFrame
        season, as_of, checkpoint, season_share, final_rank, playoff_outcome.
    """
    ranks = {target: RANK_COLUMNS[target, "performance"] for target in TARGETS}
    rows = scores.merge(league.outcomes[["season", "team_id", *ranks.values()]])
    keys = ["season", "as_of"]
    own = rows.groupby(keys)[column].rank()
    found = rows[keys].drop_duplicates().set_index(keys)
    for target, rank in ranks.items():
        true = -rows[rank].astype(float)
        found[target] = own.groupby([rows[k] for k in keys]).corr(true)
    return found.reset_index().merge(league.as_of[[*keys, "checkpoint", "season_share"]], on=keys)


def at_checkpoints(dates: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return one row a season, one column a checkpoint."""
    rows = dates.dropna(subset=["checkpoint"])
    return rows.pivot(index="season", columns="checkpoint", values=target)


def command_line(description: str, variants: bool = False) -> argparse.ArgumentParser:
    """Return a parser with --data, and with --seeds and --only for benchmarks of variants."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=DATA, help="data folder of a run")
    if variants:
        parser.add_argument("--seeds", type=int, default=2)
        parser.add_argument("--only", nargs="*", help="names of variants")
    return parser


def score_folds(
    league: League,
    make: Callable[[], Ranker],
    training: TrainingData,
    scored_folds: list[Fold],
    seed: int = SEED,
) -> pd.DataFrame:
    """Fit and score every fold; `make` returns a fresh ranker."""
    parts = []
    for fold in scored_folds:
        ranker = make().fit(training.restrict(frozenset(fold.train)), seed)
        parts.append(ranker.predict(league.inputs.restrict(frozenset(fold.score))))
    return pd.concat(parts, ignore_index=True)


def dates_by_seed(
    league: League, changes: dict[str, object], scored_folds: list[Fold], seeds: int
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield, for each seed, the scores of a changed Deep Set and their Spearman by date."""
    model, training, targets = sections({**QUICK, **changes})
    data = league.training(training, targets.margin_horizon_days)
    for seed in range(seeds):
        scores = score_folds(
            league, lambda: DeepSetRanker(model, training), data, scored_folds, SEED + seed
        )
        yield scores, by_date(scores, league)
