"""The contract of the base models: fit on described teams, score teams, higher = stronger.

A `Ranker` sees frames only: no files, no params.yaml, no clock. The base class checks keys and
columns, sorts rows, refuses scores that are not finite and writes one folder layout; a subclass
adds `_fit`, `_predict`, `_save` and `_load`.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from nbarank.core.errors import ModelError, RankerError
from nbarank.core.tables import write_text
from nbarank.rankers.training.model_files import (
    RESTORE,
    read_mapping,
    reading,
    require_checksums,
    write_checksums,
)
from nbarank.schemas.columns import KEY

SLOT_KEY = [*KEY, "slot"]
SCORE_COLUMNS = ["rank_score", "rank_score_sd", "margin_score", "margin_score_sd"]
TARGET_COLUMNS = ["conference", "rank_target", "margin_target", "margin_games"]
FOLDER_FORMAT = 1
DESCRIPTION_FILE = "ranker.json"


def _rows(frame: pd.DataFrame, values: Collection[Any], by: str) -> pd.DataFrame:
    return frame[frame[by].isin(list(values))].reset_index(drop=True)


@dataclass(frozen=True)
class RankerInputs:
    """Descriptions of teams as of dates.

    Parameters
    ----------
    teams
        One row per team and as-of date: season, as_of, team_id and numeric feature columns
        (missing values allowed).
    rosters
        One row per player slot of such a team: season, as_of, team_id, slot, player_id and
        numeric columns. Only the Deep Set needs it.
    """

    teams: pd.DataFrame
    rosters: pd.DataFrame | None = None

    def restrict(self, values: Collection[Any], by: str = "season") -> RankerInputs:
        """Return the rows of some seasons, or of values of another key column."""
        rosters = None if self.rosters is None else _rows(self.rosters, values, by)
        return RankerInputs(_rows(self.teams, values, by), rosters)


@dataclass(frozen=True)
class TrainingData:
    """Described teams and their targets; every row belongs to the training fold.

    Parameters
    ----------
    inputs
        The same columns that `predict` gets.
    targets
        Same keys as `inputs.teams`: season, as_of, team_id, conference, `rank_target` (number of
        teams minus rank), `margin_target` (mean margin of the games after the date against an
        average team, in points; missing without games) and `margin_games` (number of these games).
    games
        One row per game after an as-of date: season, as_of, home_id, away_id, home_margin (points,
        home court removed). Only losses on single games need it.
    """

    inputs: RankerInputs
    targets: pd.DataFrame
    games: pd.DataFrame | None = None

    def restrict(self, values: Collection[Any], by: str = "season") -> TrainingData:
        """Return the rows of some seasons, or of values of another key column."""
        games = None if self.games is None else _rows(self.games, values, by)
        return TrainingData(
            self.inputs.restrict(values, by), _rows(self.targets, values, by), games
        )


class Ranker(ABC):
    """A base model; a subclass is built from its parameters alone.

    `with_sd` false: scores without their SD, where it takes long to compute.
    """

    name: ClassVar[str]
    needs_rosters: ClassVar[bool] = False

    def __init__(self) -> None:
        self.team_columns: tuple[str, ...] | None = None
        self.roster_columns: tuple[str, ...] = ()
        self.with_sd = True

    def fit(self, data: TrainingData, seed: int) -> Self:
        """Fit to a training fold; the same data and seed give the same model in any process.

        Raises
        ------
        RankerError
            If keys repeat, targets and inputs cover different teams, a column is not numeric, or
            there are no rows.
        """
        inputs = self.ordered(data.inputs)
        targets = _sorted_by(data.targets, KEY, "targets")
        _require_columns(targets, TARGET_COLUMNS, "targets")
        if len(targets) == 0:
            raise RankerError(
                f"{self.name} has no rows to fit.",
                where="targets",
                allowed="at least one training season with as-of dates",
                next_command="edit seasons.train in params.yaml",
            )
        if not targets[KEY].equals(inputs.teams[KEY]):
            raise RankerError(
                f"{self.name}: targets and inputs do not describe the same teams and dates.",
                where=f"{len(targets)} targets, {len(inputs.teams)} described teams",
                allowed="the same season, as_of and team_id in both",
                next_command="dvc repro ingest team_features roster_features",
            )
        if not np.isfinite(targets["rank_target"].to_numpy(dtype=float)).all():
            raise RankerError(
                f"{self.name}: rank_target has values that are not finite.", where="targets"
            )
        self.team_columns = _feature_columns(inputs.teams, KEY, "teams")
        if inputs.rosters is not None:
            self.roster_columns = _feature_columns(inputs.rosters, SLOT_KEY, "rosters")
        self._fit(TrainingData(inputs, targets, data.games), seed)
        return self

    def predict(self, inputs: RankerInputs) -> pd.DataFrame:
        """Return finite scores in the layout of oof/MODEL, sorted by key.

        Raises
        ------
        RankerError
            Before `fit` or `load`, or if the feature columns differ from those of training.
        """
        if self.team_columns is None:
            raise RankerError(
                f"{self.name} cannot score teams before it was fitted.",
                allowed="fit(...) or load(folder) first",
                next_command="dvc repro",
            )
        inputs = self.ordered(inputs)
        self._require_same_columns(self.team_columns, inputs.teams, KEY, "teams")
        if inputs.rosters is not None:
            self._require_same_columns(self.roster_columns, inputs.rosters, SLOT_KEY, "rosters")
        scores = pd.concat([inputs.teams[KEY], self._predict(inputs)[SCORE_COLUMNS]], axis=1)
        finite = np.isfinite(scores[SCORE_COLUMNS].to_numpy(dtype=float)).all(axis=1)
        if not finite.all():
            raise RankerError(
                f"{self.name} gave {int((~finite).sum())} score(s) that are not finite.",
                where=str(scores.loc[~finite, KEY].head(3).to_dict("records")),
                allowed="finite scores",
                next_command="look at the inputs of these rows",
            )
        return scores

    def save(self, folder: Path) -> None:
        """Write the fitted model as plain data (json, safetensors, ubj); never a pickle."""
        if self.team_columns is None:
            raise RankerError(f"{self.name} cannot be saved before it was fitted.")
        folder.mkdir(parents=True, exist_ok=True)
        self._save(folder)
        description = {
            "format": FOLDER_FORMAT,
            "ranker": self.name,
            "settings": self.settings(),
            "team_columns": list(self.team_columns),
            "roster_columns": list(self.roster_columns),
        }
        write_text(folder / DESCRIPTION_FILE, json.dumps(description, indent=1) + "\n")
        write_checksums(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that `save` wrote.

        Raises
        ------
        ModelError
            If the folder has no model, a damaged one, another ranker's, or one of another format.
        """
        path = folder / DESCRIPTION_FILE
        description = read_mapping(path, cls.name)
        found = (description.get("ranker"), description.get("format"))
        if found != (cls.name, FOLDER_FORMAT):
            raise ModelError(
                f"The folder has a {found[0]} of format {found[1]}, not a {cls.name}.",
                where=str(path),
                allowed=f"a {cls.name} of format {FOLDER_FORMAT}",
                next_command=RESTORE,
            )
        require_checksums(folder, cls.name)
        with reading(path, cls.name):
            ranker = cls.from_settings(description["settings"])
            ranker.team_columns = tuple(description["team_columns"])
            ranker.roster_columns = tuple(description["roster_columns"])
        with reading(folder, cls.name):
            ranker._load(folder)
        return ranker

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return the constructor's parameters as plain data for `ranker.json`."""

    @classmethod
    @abstractmethod
    def from_settings(cls, settings: dict[str, Any]) -> Self:
        """Build an unfitted ranker from the value of `settings()`."""

    @abstractmethod
    def _fit(self, data: TrainingData, seed: int) -> None:
        """Fit; frames are checked and sorted by key, targets row for row with `inputs.teams`."""

    @abstractmethod
    def _predict(self, inputs: RankerInputs) -> pd.DataFrame:
        """Return the four score columns, row for row with `inputs.teams`, index 0..n-1."""

    @abstractmethod
    def _save(self, folder: Path) -> None:
        """Write the fitted state."""

    @abstractmethod
    def _load(self, folder: Path) -> None:
        """Read the fitted state."""

    def ordered(self, inputs: RankerInputs) -> RankerInputs:
        """Sort by key, so that no result depends on the order of the rows."""
        teams = _sorted_by(inputs.teams, KEY, "teams")
        if not self.needs_rosters:
            return RankerInputs(teams)
        if inputs.rosters is None:
            raise RankerError(
                f"{self.name} needs rosters.",
                where="inputs.rosters",
                allowed="the table features/rosters",
                next_command="dvc repro roster_features",
            )
        return RankerInputs(teams, _sorted_by(inputs.rosters, SLOT_KEY, "rosters"))

    def _require_same_columns(
        self, known: Sequence[str], frame: pd.DataFrame, key: Sequence[str], what: str
    ) -> None:
        given = set(frame.columns) - set(key)
        missing = [column for column in known if column not in given]
        unseen = sorted(given - set(known))
        if missing or unseen:
            raise RankerError(
                f"{self.name} was trained on other columns of {what}: "
                f"missing {missing or 'none'}, unknown {unseen or 'none'}.",
                where=what,
                allowed=", ".join(known),
                next_command="dvc repro",
            )


def _sorted_by(frame: pd.DataFrame, key: list[str], what: str) -> pd.DataFrame:
    _require_columns(frame, key, what)
    repeated = frame.duplicated(key)
    if repeated.any():
        raise RankerError(
            f"{what} have {int(repeated.sum())} row(s) with a repeated key.",
            where=str(frame.loc[repeated, key].head(3).to_dict("records")),
            allowed=f"one row per {', '.join(key)}",
            next_command="dvc repro",
        )
    return frame.sort_values(key, kind="stable").reset_index(drop=True)


def _require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise RankerError(
            f"Column(s) of {what} are missing: {', '.join(missing)}.",
            where=what,
            allowed=", ".join(columns),
            next_command="dvc repro",
        )


def _feature_columns(frame: pd.DataFrame, key: Sequence[str], what: str) -> tuple[str, ...]:
    """Return the columns other than the key, sorted; all must be numeric or Boolean."""
    columns = sorted(set(frame.columns) - set(key))
    texts = [column for column in columns if not pd.api.types.is_numeric_dtype(frame[column])]
    if texts:
        raise RankerError(
            f"Column(s) of {what} are not numeric: {', '.join(texts)}.",
            where=what,
            allowed="numeric feature columns",
            next_command="drop them before fit and predict",
        )
    return tuple(columns)
