"""What the Deep Set's benchmarks share: league data as training folds, and scores by checkpoint.

Reads the tables of a finished (or half finished) run: `--data` is the folder that holds league/
and features/, by default data/ of the repository.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.sections import Section, load_section
from nbarank.core.seeds import generator
from nbarank.core.tables import DATA, read_table
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.training.contract import Ranker, RankerInputs, TrainingData
from nbarank.rankers.training.described_teams import RANK_COLUMNS, described_teams
from nbarank.rankers.training.folds import Fold, walk_forward
from nbarank.rankers.training.targets import build_targets, game_targets
from nbarank.schemas.columns import KEY
from nbarank.schemas.features import RATINGS, ROSTER_TEAMS, ROSTERS, TEAM_FEATURES
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES
from nbarank.schemas.season_split import read_whole

TRAIN = ("2011-12", "2012-13", "2013-14")
TEST = tuple(f"{year}-{(year + 1) % 100:02d}" for year in range(2014, 2023))
CHECKPOINTS = (0.10, 0.25, 0.50, 0.75, 1.00)
TARGETS = ("final_rank", "playoff_outcome")
SAMPLES = 10_000
SEED = 42


@dataclass(frozen=True)
class League:
    """Tables of a league, described teams joined."""

    inputs: RankerInputs
    outcomes: pd.DataFrame
    games: pd.DataFrame
    as_of: pd.DataFrame

    def training(self, params: TrainingParams) -> TrainingData:
        """Return labelled rows of every season with an outcome but the warm-up ones."""
        seasons = frozenset({*TRAIN, *TEST} & set(self.outcomes["season"]))
        inputs = self.inputs.restrict(seasons)
        column = RANK_COLUMNS[params.listmle_target, "performance"]
        horizon = params.margin_horizon_days
        return TrainingData(
            inputs,
            build_targets(inputs.teams, self.outcomes, self.games, column, horizon),
            game_targets(self.games, inputs.teams[["season", "as_of"]].drop_duplicates(), horizon)
            if params.loss == "pairwise"
            else None,
        )


def load(root: Path = DATA) -> League:
    """Read the tables below `root`."""
    as_of = read_whole(AS_OF, root)
    tables = [read_table(table, root) for table in (RATINGS, TEAM_FEATURES, ROSTER_TEAMS)]
    seen: set[str] = set()
    for number, table in enumerate(tables):
        tables[number] = table.drop(columns=[c for c in table if c in seen])
        seen |= set(table.columns) - set(KEY)
    rosters = read_whole(ROSTERS, root).drop(columns="player_name")
    teams = described_teams(tables, as_of)
    return League(
        RankerInputs(teams, rosters), read_table(OUTCOMES, root), read_whole(GAMES, root), as_of
    )


def folds(score: tuple[str, ...] = TEST) -> list[Fold]:
    """Return the walk-forward folds that score some seasons."""
    return [fold for fold in walk_forward(TRAIN, TEST) if fold.score[0] in score]


def sections(
    changes: dict[str, object] | None = None,
) -> tuple[ModelAParams, TrainingParams]:
    """Return the sections of params.yaml with some values changed, whichever section holds them."""
    model, training = load_section(ModelAParams), load_section(TrainingParams)
    changes = changes or {}
    return (
        ModelAParams(**{**model.model_dump(), **_own(ModelAParams, changes)}),
        TrainingParams(**{**training.model_dump(), **_own(TrainingParams, changes)}),
    )


def _own(section: type[Section], changes: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in changes.items() if key in section.model_fields}


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


def command_line(description: str) -> argparse.ArgumentParser:
    """Return a parser with the option every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with league/ and features/")
    return parser


def random_draws() -> np.random.Generator:
    """Return the generator of the bootstrap: the same draws for every comparison."""
    return generator(SEED, "deepset ablation")


def score_folds(
    league: League,
    make: Callable[[], Ranker],
    training: TrainingData,
    which: list[Fold],
    seed: int = SEED,
) -> pd.DataFrame:
    """Fit and score every fold; `make` returns a fresh ranker."""
    parts = []
    for fold in which:
        ranker = make().fit(training.restrict(frozenset(fold.train)), seed)
        parts.append(ranker.predict(league.inputs.restrict(frozenset(fold.score))))
    return pd.concat(parts, ignore_index=True)
