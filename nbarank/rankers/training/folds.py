"""Folds: the seasons that train the model of a scored season.

Walk-forward scores a season by a model of the seasons before it. Warm-up seasons never train a
model; they only give ratings and players a history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nbarank.core.errors import RankerError
from nbarank.core.params import SeasonsParams
from nbarank.rankers.training.params import CvParams


@dataclass(frozen=True)
class Fold:
    """One model: the seasons it is fitted on, and those it scores; the final model scores none."""

    train: tuple[str, ...]
    score: tuple[str, ...]


def walk_forward(train: Sequence[str], later: Sequence[str]) -> list[Fold]:
    """Return one fold per season in time order, trained on every earlier season with a role.

    `train` and `later` (validation and test) are in time order; the first season is never scored.
    """
    seasons = [*train, *later]
    if len(train) < 1 or seasons != sorted(set(seasons)):
        raise RankerError(
            "Walk-forward needs at least one training season, and seasons in time order.",
            where=f"seasons: {', '.join(seasons)}",
            next_command="edit seasons.train and seasons.validation in params.yaml",
        )
    return [Fold(tuple(seasons[:n]), (seasons[n],)) for n in range(1, len(seasons))]


def season_kfold(train: Sequence[str], later: Sequence[str], n_folds: int) -> list[Fold]:
    """Return at most `n_folds` folds of whole training seasons, and one that scores `later`.

    Training seasons are scored by models of the other training seasons, earlier and later ones
    alike; later seasons (validation and test) by one model of all training seasons.
    """
    if len(train) < 2:
        raise RankerError(
            "Season K-fold needs at least two training seasons.",
            where=f"seasons.train: {', '.join(train)}",
            allowed="two seasons or more, or cv.scheme: walk_forward",
            next_command="dvc exp run -S cv.scheme=walk_forward",
        )
    count = min(n_folds, len(train))
    folds = []
    for k in range(count):
        scored = tuple(train[k::count])
        folds.append(Fold(tuple(s for s in train if s not in scored), scored))
    if later:
        folds.append(Fold(tuple(train), tuple(later)))
    return folds


def folds_of(seasons: SeasonsParams, cv: CvParams, ended: Sequence[str]) -> list[Fold]:
    """Return the folds of the seasons that have a role and whose outcome is known (`ended`)."""
    train = [season for season in seasons.train if season in ended]
    later = [season for season in (*seasons.validation, *seasons.test) if season in ended]
    if cv.scheme == "season_kfold":
        return season_kfold(train, later, cv.n_folds)
    return walk_forward(train, later)
