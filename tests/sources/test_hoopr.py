"""ESPN box scores as public files: mapped row for row, held to their hashes, cached."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from nbarank.core.errors import SourceError
from nbarank.core.params import SeasonsParams
from nbarank.league.ingest import ingest
from nbarank.league.teams import NBA_TEAMS
from nbarank.schemas.calendar import Calendar
from nbarank.sources.espn import TEAMS, raw_tables
from nbarank.sources.hoopr import collect_hoopr
from nbarank.sources.layout import raw_files
from nbarank.sources.params import HooprParams
from nbarank.sources.raw import read_raw
from tests.sources.serving import Server, espn_files, serve
from tests.tiny_league import TinyLeague, calendar

LEAGUE = TinyLeague(
    seasons=("2019-20", "2020-21"),
    play_in=("none", "standard"),
    rounds=15,
    simulated=False,
    nba_ids=True,
)
AFTER = dt.date(2022, 1, 1)
PLACES = {
    "player_box": "espn_nba_player_boxscores/player_box",
    "team_box": "espn_nba_team_boxscores/team_box",
    "schedule": "espn_nba_schedules/nba_schedule",
}


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return LEAGUE.make()


@pytest.fixture(scope="module")
def files(frames: dict[str, pd.DataFrame]) -> dict[str, bytes]:
    """Path -> bytes of every published file."""
    found = {}
    for season in LEAGUE.seasons:
        for kind, table in espn_files(frames, season).items():
            stream = io.BytesIO()
            table.to_parquet(stream, index=False)
            found[f"/{PLACES[kind]}_{int(season[:4]) + 1}.parquet"] = stream.getvalue()
    return found


@pytest.fixture
def server(files: dict[str, bytes]) -> Iterator[Server]:
    def answer(path: str) -> tuple[int, bytes]:
        return (200, files[path]) if path in files else (404, b"Not Found")

    with serve(answer) as running:
        yield running


def seasons() -> SeasonsParams:
    roles = {"warm_up": [], "train": ["2019-20"], "validation": ["2020-21"], "test": []}
    return SeasonsParams.model_validate_json(json.dumps(roles))


def dates() -> Calendar:
    return Calendar.model_validate_json(json.dumps({"seasons": calendar(LEAGUE)}))


def fetch(server: Server, tmp_path: Path, today: dt.date = AFTER, **changes: object) -> Path:
    values = {
        "address": server.address,
        "mirror": None,
        "timeout": 5.0,
        "attempts": 2,
        "hashes": {},
        "cache": str(tmp_path / "cache"),
        **changes,
    }
    raw = tmp_path / f"raw-{len(list(tmp_path.glob('raw-*')))}"
    raw.mkdir()
    collect_hoopr(HooprParams.model_validate(values), raw, dates(), seasons(), today)
    return raw


def test_teams_are_the_thirty_of_nba_com() -> None:
    assert {1610612700 + digits for digits, _ in TEAMS.values()} == set(NBA_TEAMS)
    assert len({name for _, name in TEAMS.values()}) == 30


def test_every_game_and_player_arrives_and_passes_all_checks(
    server: Server, frames: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    raw = fetch(server, tmp_path)
    logs = {file.path.stem for file in raw_files(raw) if file.level != "schedule"}
    assert logs == set(frames)
    result = ingest(read_raw(raw), False, 7, (0.5, 1.0))
    assert result.seasons["complete"].all()
    played = {kind: len(part) for kind, part in result.games.groupby("kind")}
    wanted = {
        kind: sum(
            frame["GAME_ID"].nunique()
            for name, frame in frames.items()
            if name.startswith(prefix) and "team_logs" in name
        )
        for kind, prefix in (("playoffs", "playoffs_"), ("playin", "playin_"))
    }
    assert played == {"regular": 2 * LEAGUE.games_per_season(), **wanted}
    # Row for row: points, place, winner of every team game by date and team.
    for stem in logs:
        if "team_logs" not in stem:
            continue
        found = pd.read_parquet(raw / f"{stem}.parquet")
        found = found[~found["GAME_ID"].str.startswith("006")]
        key = ["GAME_DATE", "TEAM_ID", "PTS", "PLUS_MINUS"]
        held = frames[stem].assign(GAME_DATE=pd.to_datetime(frames[stem]["GAME_DATE"]))
        held, found = (frame.sort_values(key, ignore_index=True) for frame in (held, found))
        assert len(held) == len(found)
        for column in (*key, "WL", "FGM", "FTA", "REB", "MIN"):
            assert (held[column] == found[column]).all(), column
        assert (found["TOV"] == held["TOV"] + 1).all(), "team turnovers count"


def test_the_cup_final_counts_nowhere_and_who_sat_out_has_no_row(
    server: Server, frames: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    raw = fetch(server, tmp_path)
    team = pd.read_parquet(raw / "team_logs_2020_21.parquet")
    assert team["GAME_ID"].str.startswith("006").sum() == 2
    players = pd.read_parquet(raw / "player_logs_2020_21.parquet")
    regular = players[players["GAME_ID"].str.startswith("002")]
    assert len(regular) == len(frames["player_logs_2020_21"])
    assert regular["PLUS_MINUS"].abs().sum() > 0


def test_nothing_is_fetched_twice_and_damage_in_the_cache_is_mended(
    server: Server, tmp_path: Path
) -> None:
    fetch(server, tmp_path)
    assert len(server.requests) == 6
    fetch(server, tmp_path)
    assert len(server.requests) == 6
    victim = tmp_path / "cache" / "hoopr" / "player_box_2020.parquet"
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    fetch(server, tmp_path)
    assert len(server.requests) == 7


def test_a_finished_season_that_changed_at_the_host_is_not_taken_silently(
    server: Server, files: dict[str, bytes], tmp_path: Path
) -> None:
    fetch(server, tmp_path)
    (tmp_path / "cache" / "hoopr" / "team_box_2020.parquet").unlink()
    other = files["/espn_nba_team_boxscores/team_box_2021.parquet"]
    server.fault = lambda number, path: (200, other)
    with pytest.raises(SourceError, match="another hash"):
        fetch(server, tmp_path)


def test_a_season_under_way_is_fetched_again(server: Server, tmp_path: Path) -> None:
    under_way = LEAGUE.dates("2020-21")["end"]
    fetch(server, tmp_path, today=under_way)
    server.requests.clear()
    fetch(server, tmp_path, today=under_way)
    assert len(server.requests) == 3
    assert all("2021.parquet" in path for path in server.requests)


def test_hashes_of_params_hold(server: Server, files: dict[str, bytes], tmp_path: Path) -> None:
    name = "team_box_2020.parquet"
    right = hashlib.sha256(files[f"/espn_nba_team_boxscores/{name}"]).hexdigest()
    fetch(server, tmp_path, hashes={name: right})
    with pytest.raises(SourceError, match="another hash"):
        fetch(server, tmp_path, hashes={name: "0" * 64})


def test_the_mirror_serves_when_the_address_does_not(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path, address="http://127.0.0.1:9", mirror=server.address)
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("fault", "told"), [((404, b"no"), "HTTP 404"), ((200, b"<html>"), "not a parquet file")]
)
def test_what_is_not_there_or_no_parquet_is_told(
    server: Server, tmp_path: Path, fault: tuple[int, bytes], told: str
) -> None:
    server.fault = lambda number, path: fault
    with pytest.raises(SourceError, match=told):
        fetch(server, tmp_path)


def test_a_column_that_went_is_named(frames: dict[str, pd.DataFrame]) -> None:
    tables = espn_files(frames, "2019-20")
    tables["player_box"] = tables["player_box"].drop(columns=["plus_minus", "minutes"])
    with pytest.raises(SourceError, match="plus_minus, minutes"):
        raw_tables("2019-20", tables)


def test_a_play_in_that_espn_calls_postseason_is_told_by_its_note(
    frames: dict[str, pd.DataFrame],
) -> None:
    tables = espn_files(frames, "2020-21")
    schedule = tables["schedule"]
    of_play_in = schedule["season_type"] == 5
    schedule.loc[of_play_in, "notes_headline"] = "NBA Play-In - West - 7th Place vs 8th Place"
    schedule.loc[of_play_in, "season_type"] = 3
    found = raw_tables("2020-21", tables)
    assert found["playin_team_logs_2020_21.parquet"]["GAME_ID"].nunique() == of_play_in.sum()
