"""What every base model is: fitted on described teams, scores teams, higher = stronger.

A `Ranker` sees frames and nothing else: no files, no params.yaml, no clock. The base class does
what all of them must do alike (checks of keys and columns, refusal before fitting, the order of
the rows, finite scores, one layout of the saved folder), so that a subclass writes only
`_fit`, `_predict`, `_save` and `_load`.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from nbarank.core.errors import RankerError
from nbarank.core.tables import write_text
from nbarank.schemas.columns import KEY

SLOT_KEY = (*KEY, "slot")
SCORES = ("rank_score", "rank_score_sd", "margin_score", "margin_score_sd")
TARGETS = ("conference", "rank_target", "margin_target", "margin_games")
GAME_TARGETS = ("season", "as_of", "home_id", "away_id", "home_margin")
FOLDER_FORMAT = 1
DESCRIPTION_FILE = "ranker.json"


@dataclass(frozen=True)
class RankerInputs:
    """Teams as of dates, described.

    Parameters
    ----------
    teams
        One row a team as of a date: season, as_of, team_id, and any number of numeric feature
        columns (missing values allowed).
    rosters
        One row a player slot of such a team: season, as_of, team_id, slot, player_id and numeric
        columns. Only the Deep Set reads it; None where it is not needed.
    """

    teams: pd.DataFrame
    rosters: pd.DataFrame | None = None

    def restrict(self, seasons: set[str] | frozenset[str]) -> RankerInputs:
        """Return the rows of some seasons."""
        rosters = self.rosters
        if rosters is not None:
            rosters = rosters[rosters["season"].isin(seasons)].reset_index(drop=True)
        teams = self.teams[self.teams["season"].isin(seasons)].reset_index(drop=True)
        return RankerInputs(teams, rosters)


@dataclass(frozen=True)
class TrainingData:
    """Described teams and what became of them; every row is one of the training fold.

    Parameters
    ----------
    inputs
        What `predict` will see too.
    targets
        One row a team as of a date, the same keys as `inputs.teams`: season, as_of, team_id,
        conference, `rank_target` (higher = stronger: number of teams minus rank), `margin_target`
        (mean margin of the games to come against an average team, points; missing where there
        are none) and `margin_games` (how many games that mean is over).
    games
        For losses on single games: season, as_of, home_id, away_id, home_margin (home court
        taken off), one row a game to come as of a date. None where no loss needs it.
    """

    inputs: RankerInputs
    targets: pd.DataFrame
    games: pd.DataFrame | None = None

    def restrict(self, seasons: set[str] | frozenset[str]) -> TrainingData:
        """Return the rows of some seasons."""
        games = self.games
        if games is not None:
            games = games[games["season"].isin(seasons)].reset_index(drop=True)
        targets = self.targets[self.targets["season"].isin(seasons)].reset_index(drop=True)
        return TrainingData(self.inputs.restrict(seasons), targets, games)


class Ranker(ABC):
    """One base model.

    A subclass is built from its parameters alone and gives: `name`, `_fit`, `_predict`, `_save`,
    `_load`, and `settings` / `from_settings` (its parameters as plain data and back).
    """

    name: ClassVar[str]
    needs_rosters: ClassVar[bool] = False

    def __init__(self) -> None:
        self.team_columns: tuple[str, ...] | None = None
        self.roster_columns: tuple[str, ...] = ()

    # ---- what callers use -------------------------------------------------------------

    def fit(self, data: TrainingData, seed: int) -> Self:
        """Learn from a training fold; the same data and seed give the same model anywhere.

        Raises
        ------
        RankerError
            If keys repeat, targets and inputs do not cover the same teams, a column is not
            numeric, or there is nothing to learn from.
        """
        inputs = self._ordered(data.inputs)
        targets = _sorted_by(data.targets, KEY, "targets")
        _require_columns(targets, TARGETS, "targets")
        if len(targets) == 0:
            raise RankerError(
                f"{self.name} was given no rows to learn from.",
                where="targets",
                allowed="at least one training season with as-of dates",
                next_command="see the season roles in params.yaml",
            )
        if not targets[list(KEY)].equals(inputs.teams[list(KEY)]):
            raise RankerError(
                f"{self.name}: targets and inputs do not describe the same teams and dates.",
                where=f"{len(targets)} targets, {len(inputs.teams)} described teams",
                allowed="the same season, as_of and team_id in both",
                next_command="dvc repro outcomes team_features roster_features",
            )
        if not np.isfinite(targets["rank_target"].to_numpy(dtype=float)).all():
            raise RankerError(
                f"{self.name}: rank_target holds values that are not finite.", where="targets"
            )
        self.team_columns = _feature_columns(inputs.teams, KEY, "teams")
        if inputs.rosters is not None:
            self.roster_columns = _feature_columns(inputs.rosters, SLOT_KEY, "rosters")
        self._fit(TrainingData(inputs, targets, data.games), seed)
        return self

    def predict(self, inputs: RankerInputs) -> pd.DataFrame:
        """Score teams; one row a team as of a date, sorted by key, in the layout of `oof/*`.

        Returns
        -------
        pandas.DataFrame
            season, as_of, team_id, rank_score, rank_score_sd, margin_score (points against an
            average team), margin_score_sd; all finite, higher = stronger.

        Raises
        ------
        RankerError
            Before `fit` or `load`; if a feature column is missing or was not there in training.
        """
        if self.team_columns is None:
            raise RankerError(
                f"{self.name} was asked for scores before it was fitted.",
                allowed="fit(...) or load(folder) first",
                next_command="dvc repro",
            )
        inputs = self._ordered(inputs)
        self._same_columns(self.team_columns, inputs.teams, KEY, "teams")
        if inputs.rosters is not None:
            self._same_columns(self.roster_columns, inputs.rosters, SLOT_KEY, "rosters")
        values = self._predict(inputs)
        scores = pd.concat([inputs.teams[list(KEY)], values[list(SCORES)]], axis=1)
        numbers = scores[list(SCORES)].to_numpy(dtype=float)
        if not np.isfinite(numbers).all():
            broken = scores[~np.isfinite(numbers).all(axis=1)]
            raise RankerError(
                f"{self.name} gave {len(broken)} score(s) that are not finite.",
                where=str(broken[list(KEY)].head(3).to_dict("records")),
                allowed="finite scores",
                next_command="look at the inputs of these rows",
            )
        return scores

    def save(self, folder: Path) -> None:
        """Write the fitted model as plain data (json, safetensors, ubj, skops); never a pickle."""
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

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that `save` wrote.

        Raises
        ------
        RankerError
            If the folder holds no model, another ranker's, or one of another format.
        """
        path = folder / DESCRIPTION_FILE
        try:
            description = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RankerError(
                f"No saved {cls.name} can be read: {error}",
                where=str(path),
                allowed="a folder that save() wrote",
                next_command="dvc repro   (or dvc pull, where a remote holds it)",
            ) from error
        found = (description.get("ranker"), description.get("format"))
        if found != (cls.name, FOLDER_FORMAT):
            raise RankerError(
                f"The folder holds a {found[0]} of format {found[1]}, not a {cls.name}.",
                where=str(path),
                allowed=f"a {cls.name} of format {FOLDER_FORMAT}",
                next_command="dvc repro",
            )
        ranker = cls.from_settings(description["settings"])
        ranker.team_columns = tuple(description["team_columns"])
        ranker.roster_columns = tuple(description["roster_columns"])
        ranker._load(folder)
        return ranker

    # ---- what a subclass writes -------------------------------------------------------

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return the constructor's parameters as plain data for `ranker.json`."""

    @classmethod
    @abstractmethod
    def from_settings(cls, settings: dict[str, Any]) -> Self:
        """Build an unfitted ranker from what `settings` gave."""

    @abstractmethod
    def _fit(self, data: TrainingData, seed: int) -> None:
        """Learn; frames are checked and sorted by key, targets row for row with `inputs.teams`."""

    @abstractmethod
    def _predict(self, inputs: RankerInputs) -> pd.DataFrame:
        """Return the four score columns, row for row with `inputs.teams`, index 0..n-1."""

    @abstractmethod
    def _save(self, folder: Path) -> None:
        """Write the learnt state."""

    @abstractmethod
    def _load(self, folder: Path) -> None:
        """Read the learnt state."""

    # ---- shared checks ----------------------------------------------------------------

    def _ordered(self, inputs: RankerInputs) -> RankerInputs:
        """Sort by key, so that no result depends on the order in which teams are listed."""
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

    def _same_columns(
        self, known: tuple[str, ...], frame: pd.DataFrame, key: Sequence[str], what: str
    ) -> None:
        given = set(frame.columns) - set(key)
        missing = [column for column in known if column not in given]
        unseen = sorted(given - set(known))
        if missing or unseen:
            raise RankerError(
                f"{self.name} was trained on other columns of {what}: "
                f"missing {missing or 'none'}, never seen {unseen or 'none'}.",
                where=what,
                allowed=", ".join(known),
                next_command="dvc repro",
            )


def _sorted_by(frame: pd.DataFrame, key: Sequence[str], what: str) -> pd.DataFrame:
    _require_columns(frame, key, what)
    repeated = frame.duplicated(list(key))
    if repeated.any():
        raise RankerError(
            f"{what} hold {int(repeated.sum())} row(s) with a key seen before.",
            where=str(frame.loc[repeated, list(key)].head(3).to_dict("records")),
            allowed=f"one row per {', '.join(key)}",
            next_command="dvc repro",
        )
    return frame.sort_values(list(key), kind="stable").reset_index(drop=True)


def _require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise RankerError(
            f"{what} lack the column(s) {', '.join(missing)}.",
            where=what,
            allowed=", ".join(columns),
            next_command="dvc repro",
        )


def _feature_columns(frame: pd.DataFrame, key: Sequence[str], what: str) -> tuple[str, ...]:
    """Return the columns beside the key, sorted, all of them numbers or truth values."""
    columns = sorted(set(frame.columns) - set(key))
    words = [column for column in columns if not pd.api.types.is_numeric_dtype(frame[column])]
    if words:
        raise RankerError(
            f"{what} hold column(s) that are not numbers: {', '.join(words)}.",
            where=what,
            allowed="numeric columns beside the key",
            next_command="drop them before fit and predict",
        )
    return tuple(columns)
