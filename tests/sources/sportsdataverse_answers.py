"""The form in which SportsDataverse publishes stats.nba.com box scores, from files of a raw layout.

Quirks included: nicknames as team names, minutes as 'MM:SS', rows of players who did not play,
games of the preseason, rosters of the end of the season.
"""

import io
from collections.abc import Callable

import numpy as np
import pandas as pd

from nbarank.sources.sportsdataverse import FILES, OPTIONAL_FILES
from nbarank.sources.sportsdataverse_files import COUNTS
from tests.tiny_league import Frames

COMMENTS = {"Did Not Dress": "DND - Injury/Illness", "Not With Team": "NWT - Personal"}


def answers(frames: Frames, seasons: list[str]) -> Callable[[str], tuple[int, bytes]]:
    """Answer the paths of the releases; `frames` has the files of a raw layout by stem."""
    places = FILES | OPTIONAL_FILES
    cache: dict[str, bytes] = {}

    def answer(path: str) -> tuple[int, bytes]:
        for season in seasons:
            for kind, (tag, stem) in places.items():
                if path == f"/{tag}/{stem}_{int(season[:4]) + 1}.parquet":
                    if path not in cache:
                        for name, table in published(frames, season).items():
                            other_tag, other = places[name]
                            stream = io.BytesIO()
                            table.to_parquet(stream, index=False)
                            cache[f"/{other_tag}/{other}_{int(season[:4]) + 1}.parquet"] = (
                                stream.getvalue()
                            )
                    return (200, cache[path]) if path in cache else (404, kind.encode())
        return 404, b"Not Found"

    return answer


def published(frames: Frames, season: str) -> dict[str, pd.DataFrame]:
    years = season.replace("-", "_")
    teams, players = (
        pd.concat(
            [
                frames[name]
                for prefix in ("", "playin_", "playoffs_")
                if (name := f"{prefix}{level}_{years}") in frames
            ]
        )
        for level in ("team_logs", "player_logs")
    )
    preseason = [
        frame[frame["GAME_ID"] == teams["GAME_ID"].iloc[0]].assign(GAME_ID=f"001{years[2:4]}00001")
        for frame in (teams, players)
    ]
    teams, players = (
        pd.concat([frame, extra], ignore_index=True)
        for frame, extra in zip((teams, players), preseason, strict=True)
    )
    found = {
        "schedules": teams.rename(columns=str.lower).assign(season=int(season[:4]) + 1),
        "team_boxscores": _team_boxes(teams),
        "player_boxscores": _player_boxes(players),
    }
    if f"inactive_{years}" in frames:
        inactive, roster = frames[f"inactive_{years}"], frames[f"rosters_{years}"]
        commented = inactive["REASON"].isin(list(COMMENTS))
        bench = [_absent(inactive[commented], teams), _bench(roster, players, inactive, teams)]
        boxes = [found["player_boxscores"], *bench]
        found["player_boxscores"] = pd.concat(boxes, ignore_index=True)
        found["game_rosters"] = _game_rosters(inactive[~commented])
        found["rosters"] = _rosters(roster, season)
    return found


def _clock(decimal: pd.Series) -> list[str]:
    return [f"{second // 60}:{second % 60:02d}" for second in np.rint(decimal * 60).astype(int)]


def _counts(frame: pd.DataFrame) -> dict[str, pd.Series]:
    return {name: frame[column].astype("int64") for column, name in COUNTS.items()}


def _team_boxes(teams: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "team_id": teams["TEAM_ID"],
            "team_name": teams["TEAM_NAME"].str.split().str[-1],
            "team_tricode": teams["TEAM_ABBREVIATION"],
            "side": np.where(teams["MATCHUP"].str.contains("vs."), "home", "away"),
            "minutes": _clock(teams["MIN"]),
            **_counts(teams),
            "plus_minus_points": teams["PLUS_MINUS"].astype("float64"),
            "game_id": teams["GAME_ID"],
        }
    )


def _player_boxes(players: pd.DataFrame) -> pd.DataFrame:
    return _unplayed(players, players["PLAYER_NAME"], "").assign(
        team_tricode=players["TEAM_ABBREVIATION"],
        minutes=_clock(players["MIN"]),
        **_counts(players),
        plus_minus_points=players["PLUS_MINUS"].astype("float64"),
    )


def _names(names: pd.Series) -> tuple[pd.Series, pd.Series]:
    parts = names.str.split(n=1)
    return parts.str[0], parts.str[1].fillna("")


def _unplayed(rows: pd.DataFrame, names: pd.Series, comment: str | list[str]) -> pd.DataFrame:
    first, family = _names(names)
    return pd.DataFrame(
        {
            "team_id": rows["TEAM_ID"],
            "team_tricode": "",
            "person_id": rows["PLAYER_ID"],
            "first_name": first,
            "family_name": family,
            "comment": comment,
            "minutes": "",
            **dict.fromkeys(COUNTS.values(), 0),
            "plus_minus_points": 0.0,
            "game_id": rows["GAME_ID"],
        }
    )


def _absent(inactive: pd.DataFrame, teams: pd.DataFrame) -> pd.DataFrame:
    known = inactive[inactive["GAME_ID"].isin(teams["GAME_ID"])]
    return _unplayed(known, known["PLAYER_NAME"], [COMMENTS[r] for r in known["REASON"]])


def _bench(
    roster: pd.DataFrame, players: pd.DataFrame, inactive: pd.DataFrame, teams: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows of those who were left on the bench in their team's first game."""
    regular = teams[teams["GAME_ID"].str.startswith("002")]
    first = regular.sort_values(["GAME_DATE", "GAME_ID"]).drop_duplicates("TEAM_ID")
    rows = roster.merge(first[["TEAM_ID", "GAME_ID"]], on="TEAM_ID")
    named = pd.concat([frame[["GAME_ID", "PLAYER_ID"]] for frame in (players, inactive)])
    rows = rows.merge(named.assign(named=True), how="left", on=["GAME_ID", "PLAYER_ID"])
    rows = rows[rows["named"].isna()]
    return _unplayed(rows, rows["PLAYER"], ["DNP - Coach's Decision"] * len(rows))


def _game_rosters(inactive: pd.DataFrame) -> pd.DataFrame:
    first, last = _names(inactive["PLAYER_NAME"])
    return pd.DataFrame(
        {
            "player_id": inactive["PLAYER_ID"],
            "first_name": first,
            "last_name": last,
            "team_id": inactive["TEAM_ID"],
            "game_id": inactive["GAME_ID"],
        }
    )


def _rosters(roster: pd.DataFrame, season: str) -> pd.DataFrame:
    """Return birth dates in CommonTeamRoster's form, and one player traded since."""
    end = int(season[:4]) + 1
    known = roster[roster["AGE"].notna()]
    born = [f"FEB 01, {end - int(age)}" for age in known["AGE"]]
    moved = known["TEAM_ID"].where(np.arange(len(known)) > 0, known["TEAM_ID"].iloc[-1])
    return pd.DataFrame(
        {
            "team_id": moved.astype("int64"),
            "player": known["PLAYER"],
            "player_id": known["PLAYER_ID"],
            "birth_date": born,
            "age": known["AGE"],
            "exp": "3",
            "how_acquired": None,
        }
    )
