"""The form of an entry: canonical JSON, checked in full before a command uses it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from nbarank.evaluation.reliability import SERIES_TO_WIN

FORMAT = 2
TITLE = "title"
GAME = ("game_date", "home_id", "away_id")
"""Columns that identify a game: ids by order of date change with each game that is cancelled."""


def _day(text: str) -> str:
    if dt.date.fromisoformat(text).isoformat() != text:
        raise ValueError("not a day as year-month-day")
    return text


Day = Annotated[str, AfterValidator(_day)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Commit = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
Season = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}$")]
Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Columns = dict[str, list[str | bool | Whole | float | None]]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class Knowledge(_Form):
    """What a forecast has seen.

    Games of the season, day of the latest one in the data (None: none before), day of the strengths
    behind the games (None: no games are forecast), and of the latest injury report (None: none in
    the season).
    """

    games: int = Field(ge=0)
    latest_game: Day | None
    strengths: Day | None
    latest_report: Day | None


class Forecast(_Form):
    """Columns of forecast/teams, forecast/games and forecast/absences of one day."""

    season: Season
    as_of: Day
    knowledge: Knowledge
    teams: Columns
    games: Columns
    absences: Columns

    @model_validator(mode="after")
    def _can_be_graded(self) -> Self:
        shares = [name for name in self.teams if "_p" in name and name[-2:].isdigit()]
        _check("teams", self.teams, ("team_id", int), [*SERIES_TO_WIN, *shares])
        _check("games", self.games, ("game_id", str), ["home_win_probability"])
        _check_sides(self.games)
        for prefix in ("wins_p", "final_rank_p", "conference_rank_p"):
            if not any(name.startswith(prefix) for name in shares):
                raise ValueError(f"teams has no {prefix}NN")
        if abs(sum(map(_number, self.teams[TITLE])) - 1.0) > 1e-6:
            raise ValueError("the odds of the title do not add up to 1")
        return self


class Content(_Form):
    """An entry. Sealed on its day, or, if it is a replay, after it."""

    format: int = Field(ge=FORMAT, le=FORMAT)
    number: int = Field(ge=1)
    previous: Hash
    season: Season
    as_of: Day
    sealed_on: Day
    replay: bool
    commit: Commit
    dvc_lock: Hash
    manifest: Hash
    forecast_sha256: Hash
    forecast: Forecast

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.season, self.as_of) != (self.forecast.season, self.forecast.as_of):
            raise ValueError("the forecast is of another season or day")
        if self.sealed_on < self.as_of or self.replay != (self.sealed_on > self.as_of):
            raise ValueError("a forecast is sealed on its day, a replay after it")
        if (self.forecast.knowledge.latest_game or "") >= self.as_of:
            raise ValueError("the forecast has seen games of its day")
        return self


def _check(name: str, table: Columns, key: tuple[str, type], chances: Iterable[str]) -> None:
    """Refuse columns that are missing, differ in length, or are not keys or probabilities."""
    missing = {key[0], *chances} - set(table)
    if missing:
        raise ValueError(f"{name} has no {min(missing)}")
    if len({len(values) for values in table.values()}) != 1:
        raise ValueError(f"the columns of {name} differ in length")
    keys = table[key[0]]
    if any(type(one) is not key[1] for one in keys) or len(set(keys)) < len(keys):
        raise ValueError(f"{name}: {key[0]} is repeated or not of type {key[1].__name__}")
    for column in chances:
        if not all(0.0 <= _number(value) <= 1.0 for value in table[column]):
            raise ValueError(f"{name}: {column} has values that are not probabilities")


def _check_sides(games: Columns) -> None:
    """Refuse games without a day and the ids of two teams."""
    for name, kind in zip(GAME, (str, int, int), strict=True):
        if name not in games or any(type(one) is not kind for one in games[name]):
            raise ValueError(f"games: {name} is missing or not of type {kind.__name__}")
    for day in games[GAME[0]]:
        _day(str(day))


def _number(value: object) -> float:
    return float(value) if type(value) in (int, float) else float("nan")  # type: ignore[arg-type]


@dataclass(frozen=True)
class Entry:
    """One sealed forecast: name and bytes of its file, and its content."""

    name: str
    data: bytes
    content: dict[str, Any]

    @property
    def sha256(self) -> str:
        """Hash of the file."""
        return sha256_of(self.data)


def read_entry(name: str, data: bytes) -> Entry:
    """Return the entry that bytes are.

    Raises
    ------
    ValueError
        With what is wrong, if they are not an entry in its only form.
    """
    wrong = f"is not an entry of format {FORMAT}"
    try:
        content = json.loads(data)
        Content.model_validate(content)
        same = canonical(content) == data
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "entry"
        text = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{wrong}: {place}: {text}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{wrong}: not JSON") from error
    if not same:
        raise ValueError("is not in canonical form")
    if name != entry_name(content["number"], content["as_of"]):
        raise ValueError("has the number or day of another file")
    return Entry(name, data, content)


def entry_name(number: int, as_of: str) -> str:
    """Return the name of an entry's file."""
    return f"{number:04d}_{as_of}.json"


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of bytes as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def canonical(content: Any) -> bytes:
    """Return the only form of a content: JSON on one line, keys sorted, ASCII."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii") + b"\n"
