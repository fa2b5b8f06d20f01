"""Whatever is wrong in the files of a season: an NbarankError, or tables that pass every check.

python -m tests.league.test_damaged_files 12000 tries that many inputs and counts the outcomes.
"""

import logging
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nbarank.core.errors import NbarankError
from nbarank.core.tables import validate
from nbarank.league.ingest import LeagueTables, ingest
from nbarank.schemas.league import GAMES, PLAYER_GAMES, SCHEDULE, SEASONS, TEAM_GAMES, TEAMS
from nbarank.schemas.raw import RawLeague
from nbarank.sources.layout import RawFile, league_of
from nbarank.sources.raw import raw_league
from tests.tiny_league import TinyLeague, fixtures_of, league_calendar, rosters_and_inactive

LEAGUE = TinyLeague(seasons=("2021-22",), play_in=("none",), n_teams=16, rounds=3, nba_ids=True)
TABLES = {
    "seasons": SEASONS,
    "teams": TEAMS,
    "games": GAMES,
    "schedule": SCHEDULE,
    "team_games": TEAM_GAMES,
    "player_games": PLAYER_GAMES,
}
Rng = np.random.Generator
ODD = (
    *(None, "", " ", "x", "-", 0, 1, -1, 0.5, 1e300, float("inf"), True, 2**64, "1e5", "12:34"),
    *("34:12:00", "PT5M", "2021-11-01", "2021-11-02T01:00:00Z", "01/02/2021", "20211101", "NaT"),
    *("0022100001", 22100002, 1610612737, "T01 vs. T02", "T02 @ T01", "W", "DNP", "é", "\x00"),
    *(
        "2021-13-45",
        "0001-01-01",
        "9999-12-31",
        b"\xff",
        "1,5",
        "1 000",
        "'7",
        "9" * 30,
        "Postponed",
    ),
)


@cache
def season_files() -> dict[str, pd.DataFrame]:
    """A season of three rounds, two of them played: logs, schedule, rosters, inactive list."""
    files = LEAGUE.make()
    logs = {n: files[n] for n in ("team_logs_2021_22", "player_logs_2021_22")}
    schedule = fixtures_of(logs["team_logs_2021_22"]).assign(STATUS="Final", NOTES="")
    days = sorted(schedule["GAME_DATE"].unique())
    played = {n: f[f["GAME_DATE"] < days[2]].reset_index(drop=True) for n, f in logs.items()}
    return {**played, "schedule_2021_22": schedule, **rosters_and_inactive(played)}


def _cells(frame: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    column = rng.choice(frame.columns)
    rows = rng.choice(len(frame), size=min(int(rng.integers(1, 4)), len(frame)), replace=False)
    if rng.random() < 0.2:
        rows = np.arange(len(frame))
    values = frame[column].astype("object").to_numpy(copy=True)
    if rng.random() < 0.3:
        values[rows] = rng.permutation(values)[: len(rows)]
    else:
        values[rows] = ODD[rng.integers(len(ODD))]
    return frame.assign(**{column: pd.Series(values, index=frame.index, dtype="object")})


def _column(frame: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    column = str(rng.choice(frame.columns))
    values = frame[column]
    forms: list[Callable[[], pd.DataFrame]] = [
        lambda: frame.drop(columns=column),
        lambda: frame.rename(columns={column: column.lower() + " "}),
        lambda: frame.rename(columns={column: str(rng.choice(frame.columns))}),
        lambda: frame.assign(**{column: values.astype(str)}),
        lambda: frame.assign(**{column: pd.to_numeric(values, errors="coerce") * 2}),
        lambda: frame.assign(**{column: pd.to_numeric(values, errors="coerce").astype("Float64")}),
        lambda: frame.assign(**{column: rng.permutation(values.to_numpy())}),
        lambda: frame.assign(**{column: pd.to_datetime(values.astype(str), errors="coerce")}),
        lambda: frame.assign(**{column: values.astype("category")}),
        lambda: frame.assign(**{"STATUS": ODD[rng.integers(len(ODD))], "KNOWN_FROM": "2021-11-02"}),
    ]
    return forms[rng.integers(len(forms))]()


def _rows(frame: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    some = frame.sample(n=int(rng.integers(1, 6)), random_state=int(rng.integers(2**31)))
    game = frame[frame["GAME_ID"] == some["GAME_ID"].iloc[0]] if "GAME_ID" in frame else some
    forms: list[Callable[[], pd.DataFrame]] = [
        lambda: frame.drop(some.index),
        lambda: frame.drop(game.index),
        lambda: frame.head(int(rng.integers(0, len(frame)))),
        lambda: pd.concat([frame, some]),
        lambda: pd.concat([frame, game]),
        lambda: pd.concat([frame, game.assign(**{frame.columns[-1]: 0})]),
        lambda: pd.concat([frame, pd.DataFrame([{c: c for c in frame}])]),
        lambda: pd.concat([frame, pd.DataFrame([dict.fromkeys(frame)])]),
        lambda: frame.sample(frac=1, random_state=1),
    ]
    return forms[rng.integers(len(forms))]()


def _write(folder: Path, name: str, rng: Rng) -> Path | None:
    """Write a damaged file in some form; None if no such file can exist."""
    frame = season_files()[name]
    ending = str(rng.choice(["parquet", "csv", "csv"]))
    path = folder / f"{name}.{ending}"
    try:
        for _ in range(int(rng.integers(1, 4))):
            frame = (_cells, _cells, _column, _rows)[rng.integers(4)](frame, rng)
        if ending == "parquet":
            frame.to_parquet(path, index=False)
        else:
            separator, encoding = rng.choice([",", ";", "\t"]), rng.choice(["utf-8", "utf-16"])
            frame.to_csv(path, index=False, sep=separator, encoding=encoding)
    except Exception:
        return None
    if rng.random() < 0.15:
        content = bytearray(path.read_bytes())
        for place in rng.integers(0, len(content), 3):
            content[place] ^= int(rng.integers(1, 256))
        path.write_bytes(content[: int(rng.integers(1, len(content) + 1))])
    return path


def _tables(raw: RawLeague, drop_games: bool) -> LeagueTables:
    made = ingest(raw, drop_games, 7, (0.5, 1.0))
    for name, table in TABLES.items():
        validate(table, getattr(made, name))
    return made


def outcomes(count: int, seed: int) -> Counter[str]:
    """Damage files at random and count what came out; anything but an NbarankError is raised."""
    found: Counter[str] = Counter()
    league = league_of(league_calendar(LEAGUE), LEAGUE.seasons)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files = {}
        for name, frame in season_files().items():
            frame.to_parquet(folder / f"{name}.parquet", index=False)
            level = name.removesuffix("_2021_22")
            files[name] = RawFile(folder / f"{name}.parquet", "2021-22", "regular", level)
        whole, _ = raw_league(files.values(), league, None)
        right = _tables(whole, False)
        (folder / "changed").mkdir()
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            name = str(rng.choice(list(files)))
            path = _write(folder / "changed", name, rng)
            if path is None:
                found["no such file"] += 1
                continue
            level = files[name].level
            file = RawFile(path, "2021-22", "regular", level)
            one, errors = raw_league([file], league, None)
            if errors:
                found[type(errors[0]).__name__] += 1
                continue
            raw = whole.model_copy(update={level: getattr(one, level), "notes": one.notes})
            found[_outcome(raw, right, bool(rng.random() < 0.5), number)] += 1
    return found


def _outcome(raw: RawLeague, right: LeagueTables, drop_games: bool, number: int) -> str:
    try:
        made = _tables(raw, drop_games)
    except NbarankError as error:
        return type(error).__name__
    except Exception as error:
        raise AssertionError(f"input {number}: {error!r}") from error
    same = all(getattr(made, name).equals(getattr(right, name)) for name in TABLES)
    return "the same tables" if same else "other valid tables"


def test_damaged_files_are_refused_or_give_valid_tables() -> None:
    found = outcomes(100, 7)
    assert sum(found.values()) == 100
    assert not found["TableError"]
    assert min(found[o] for o in ("SourceError", "IngestError", "the same tables")) > 5, found


def main(arguments: list[str]) -> Any:
    """Print the outcomes of as many inputs as given, and a seed."""
    logging.disable(logging.CRITICAL)
    print(dict(outcomes(int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 0)))


if __name__ == "__main__":
    main(sys.argv[1:])
