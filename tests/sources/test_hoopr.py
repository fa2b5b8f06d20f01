"""ESPN box scores as public files: mapped row by row, checked against hashes, cached."""

import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from nbarank.core.errors import IngestError, SourceError
from nbarank.core.sections import parse_section, read_yaml
from nbarank.league.teams import NBA_TEAMS
from nbarank.sources.collect import collect_network
from nbarank.sources.espn import TEAMS, raw_tables
from nbarank.sources.hoopr import collect_hoopr
from nbarank.sources.layout import league_of, raw_files, write_league_file
from nbarank.sources.params import DataParams
from tests.conftest import ROOT
from tests.sources.conftest import AFTER, LEAGUE, downloads, finish, ingested, new_raw
from tests.sources.serving import Server, espn_files, serve
from tests.tiny_league import Frames, league_calendar

Tables = dict[str, pd.DataFrame]
PLACES = {
    "player_box": "espn_nba_player_boxscores/player_box",
    "team_box": "espn_nba_team_boxscores/team_box",
    "schedule": "espn_nba_schedules/nba_schedule",
}


@pytest.fixture(scope="module")
def files(frames: Frames) -> dict[str, bytes]:
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


def data_params(tmp_path: Path, address: str) -> DataParams:
    content = read_yaml(ROOT / "params.yaml")["data"] | {"source": "hoopr"}
    content["hoopr"] |= {"address": address, "cache": str(tmp_path / "cache"), "attempts": 2}
    return parse_section(DataParams, content, "params.yaml")


def fetch(server: Server, tmp_path: Path, today: dt.date = AFTER, **changes: object) -> Path:
    section = data_params(tmp_path, server.address).hoopr.model_copy(update=changes)
    raw = new_raw(tmp_path)
    cache = downloads("hoopr", tmp_path / "cache", today)
    finish(raw, cache, collect_hoopr(section, raw, cache))
    return raw


def test_teams_are_the_thirty_of_nba_com() -> None:
    assert {1610612700 + digits for digits, _ in TEAMS.values()} == set(NBA_TEAMS)
    assert len({name for _, name in TEAMS.values()}) == 30


def test_every_game_and_player_arrives(server: Server, frames: Frames, tmp_path: Path) -> None:
    raw = fetch(server, tmp_path)
    logs = {file.path.stem for file in raw_files(raw) if file.level != "schedule"}
    assert logs == set(frames)
    result = ingested(raw)
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
        expected = frames[stem].assign(GAME_DATE=pd.to_datetime(frames[stem]["GAME_DATE"]))
        both = (expected, found)
        expected, found = (frame.sort_values(key, ignore_index=True) for frame in both)
        assert len(expected) == len(found)
        for column in (*key, "WL", "FGM", "FTA", "REB", "MIN"):
            assert (expected[column] == found[column]).all(), column
        assert (found["TOV"] == expected["TOV"] + 1).all(), "team turnovers count"


def test_the_cup_final_and_bench_are_out(server: Server, frames: Frames, tmp_path: Path) -> None:
    raw = fetch(server, tmp_path)
    team = pd.read_parquet(raw / "team_logs_2020_21.parquet")
    assert team["GAME_ID"].str.startswith("006").sum() == 2
    players = pd.read_parquet(raw / "player_logs_2020_21.parquet")
    regular = players[players["GAME_ID"].str.startswith("002")]
    assert len(regular) == len(frames["player_logs_2020_21"])
    assert regular["PLUS_MINUS"].abs().sum() > 0


def test_nothing_is_fetched_twice_except_damaged_files(server: Server, tmp_path: Path) -> None:
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


def test_changed_files_are_refused(server: Server, files: dict[str, bytes], tmp_path: Path) -> None:
    fetch(server, tmp_path)
    (tmp_path / "cache" / "hoopr" / "team_box_2020.parquet").unlink()
    other = files["/espn_nba_team_boxscores/team_box_2021.parquet"]
    server.override = lambda number, path: (200, other)
    with pytest.raises(SourceError, match="another hash"):
        fetch(server, tmp_path)


def test_a_season_in_progress_is_fetched_again(server: Server, tmp_path: Path) -> None:
    in_progress = LEAGUE.dates("2020-21")["end"]
    fetch(server, tmp_path, today=in_progress)
    server.requests.clear()
    fetch(server, tmp_path, today=in_progress)
    assert len(server.requests) == 3
    assert all("2021.parquet" in path for path in server.requests)


def test_given_hashes_are_checked(server: Server, files: dict[str, bytes], tmp_path: Path) -> None:
    name = "team_box_2020.parquet"
    right = hashlib.sha256(files[f"/espn_nba_team_boxscores/{name}"]).hexdigest()
    fetch(server, tmp_path, hashes={name: right})
    with pytest.raises(SourceError, match="another hash"):
        fetch(server, tmp_path, hashes={name: "0" * 64})


def test_the_mirror_serves_when_the_address_does_not(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path, address="http://127.0.0.1:9", mirror=server.address)
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("answer", "message"), [((404, b"no"), "HTTP 404"), ((200, b"<html>"), "not a parquet file")]
)
def test_a_missing_or_damaged_file_is_named(
    server: Server, tmp_path: Path, answer: tuple[int, bytes], message: str
) -> None:
    server.override = lambda number, path: answer
    with pytest.raises(SourceError, match=message):
        fetch(server, tmp_path)


@pytest.fixture
def tables(frames: Frames) -> Tables:
    return espn_files(frames, "2020-21")


def test_a_missing_column_is_named(tables: Tables) -> None:
    tables["player_box"] = tables["player_box"].drop(columns=["plus_minus", "minutes"])
    with pytest.raises(SourceError, match="plus_minus, minutes"):
        raw_tables("2020-21", tables)


def test_a_play_in_marked_as_postseason_is_recognised_by_its_note(tables: Tables) -> None:
    schedule = tables["schedule"]
    of_play_in = schedule["season_type"] == 5
    schedule.loc[of_play_in, "notes_headline"] = "NBA Play-In - West - 7th Place vs 8th Place"
    schedule.loc[of_play_in, "season_type"] = 3
    found = raw_tables("2020-21", tables)
    assert found["playin_team_logs_2020_21.parquet"]["GAME_ID"].nunique() == of_play_in.sum()


def assert_equal(found: Tables, right: Tables) -> None:
    assert set(found) == set(right)
    for name, frame in right.items():
        pd.testing.assert_frame_equal(found[name], frame)


def test_columns_of_another_type_give_the_same_files(tables: Tables) -> None:
    right = raw_tables("2020-21", tables)
    player, team = tables["player_box"], tables["team_box"]
    tables["player_box"] = player.assign(
        game_id=player["game_id"].astype(str),
        athlete_id=player["athlete_id"].astype(float),
        minutes=player["minutes"].map(lambda m: "--" if pd.isna(m) else f"{int(m)}:00"),
        points=player["points"].astype(str),
        did_not_play=player["did_not_play"].astype(str),
    )
    tables["team_box"] = team.assign(team_id=team["team_id"].astype(str))
    tables["schedule"] = tables["schedule"].assign(
        game_date=pd.to_datetime(tables["schedule"]["game_date"]).dt.strftime("%Y-%m-%d"),
        home_id=tables["schedule"]["home_id"].astype(float),
    )
    assert_equal(raw_tables("2020-21", tables), right)


@pytest.mark.parametrize(
    ("kind", "column", "value"),
    [
        ("player_box", "athlete_id", None),
        ("player_box", "minutes", "soon"),
        ("player_box", "points", None),
        ("team_box", "team_id", "Boston"),
        ("team_box", "team_score", "many"),
        ("schedule", "game_date", "someday"),
        ("schedule", "game_id", 1.5),
    ],
)
def test_an_invalid_value_is_named(tables: Tables, kind: str, column: str, value: object) -> None:
    tables[kind][column] = tables[kind][column].astype("object")
    tables[kind].loc[3, column] = value
    with pytest.raises(SourceError, match=rf"{kind}_2021\.parquet has 1 .* in {column}") as caught:
        raw_tables("2020-21", tables)
    assert "row 4" in str(caught.value)


def test_postponed_rows_move_no_id(tables: Tables, caplog: pytest.LogCaptureFixture) -> None:
    right = raw_tables("2020-21", tables)
    schedule = tables["schedule"].assign(status_type_name="STATUS_FINAL")
    off = schedule[schedule["season_type"] == 2].head(5)
    for status in ("STATUS_POSTPONED", "STATUS_CANCELED"):
        extra = off.assign(status_type_name=status, game_id=401990000 + off.index)
        more = {**tables, "schedule": pd.concat([schedule, extra])}
        assert_equal(raw_tables("2020-21", more), right)
    assert "postponed or cancelled" in caplog.text


def test_games_of_the_cup_week_are_known_after_its_groups(tables: Tables) -> None:
    schedule = tables["schedule"]
    schedule["notes_headline"] = None
    days = sorted(schedule.loc[schedule["season_type"] == 2, "game_date"].unique())
    notes = {days[1]: "NBA Cup - Group Play", days[4]: "NBA Cup - Quarterfinals"}
    schedule["notes_headline"] = schedule["game_date"].map(
        {**notes, days[6]: "NBA Cup - Championship"}
    )
    fixtures = raw_tables("2020-21", tables)["schedule_2020_21.parquet"]
    found = fixtures.groupby("GAME_DATE")["KNOWN_FROM"].agg(["min", "max"])
    drawn = found["min"] != pd.Timestamp(days[0])
    assert found.index[drawn].tolist() == [pd.Timestamp(day) for day in days[4:6]]
    assert set(found[drawn].stack()) == {pd.Timestamp(days[1]) + pd.Timedelta(days=1)}


@pytest.mark.parametrize("count", [1, 20])
def test_reversed_home_and_away_name_the_games(tables: Tables, count: int) -> None:
    games = tables["team_box"]["game_id"].unique()[:count]
    rows = tables["team_box"]["game_id"].isin(games)
    other = tables["team_box"]["team_home_away"].map({"home": "away", "away": "home"})
    tables["team_box"]["team_home_away"] = other.where(rows, tables["team_box"]["team_home_away"])
    with pytest.raises(SourceError, match=rf"contradicts home_id .* in {count} game") as caught:
        raw_tables("2020-21", tables)
    assert str(games[0]) in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "column"),
    [("schedule", "away_id"), ("team_box", "opponent_team_id"), ("team_box", "team_id")],
)
def test_another_team_than_in_the_schedule_names_the_game(
    tables: Tables, kind: str, column: str
) -> None:
    table = tables[kind]
    game = table["game_id"].iloc[0]
    of_game = tables["team_box"].loc[tables["team_box"]["game_id"] == game, "team_id"]
    table.loc[0, column] = next(team for team in TEAMS if team not in set(of_game))
    with pytest.raises(SourceError, match="contradicts home_id or away_id") as caught:
        raw_tables("2020-21", tables)
    assert str(game) in str(caught.value)


@pytest.mark.parametrize("status", ["STATUS_IN_PROGRESS", "STATUS_HALFTIME", ""])
def test_games_without_a_result_are_fixtures(tables: Tables, tmp_path: Path, status: str) -> None:
    """In progress by the schedule, or 0-0 without players."""
    numbers = tables["schedule"].loc[tables["schedule"]["season_type"] == 2, "game_id"]
    regular = numbers[numbers < 4018888888]  # without All-Star and the Cup's final
    tables = {name: table[table["game_id"].isin(regular)].copy() for name, table in tables.items()}
    of_live = {name: frame["game_id"] == regular.max() for name, frame in tables.items()}
    tables["schedule"]["status_type_name"] = "STATUS_FINAL"
    tables["schedule"].loc[of_live["schedule"], "status_type_name"] = status or "STATUS_FINAL"
    if not status:
        tables["player_box"] = tables["player_box"][~of_live["player_box"]]
        counts = tables["team_box"].columns.intersection(
            ["team_score", "opponent_team_score", "field_goals_made", "field_goals_attempted"]
        )
        tables["team_box"].loc[of_live["team_box"], counts] = 0
    raw = new_raw(tmp_path)
    for name, frame in raw_tables("2020-21", tables).items():
        frame.to_parquet(raw / name, index=False)
    write_league_file(raw, league_of(league_calendar(LEAGUE), ["2020-21"]))
    found = ingested(raw)
    assert len(found.games) == LEAGUE.games_per_season() - 1
    assert len(found.schedule) == LEAGUE.games_per_season()


def test_athletes_of_both_teams_and_zero_minutes_are_errors(tables: Tables, tmp_path: Path) -> None:
    player = tables["player_box"]
    game = player[player["game_id"] == player["game_id"].iloc[0]]
    teams = game["team_id"].unique()
    extra = game[game["team_id"] == teams[0]].head(2).assign(team_id=teams[1])
    player = pd.concat([extra, player])
    last = sorted(player["game_id"].unique())[-30:]
    player["minutes"] = player["minutes"].mask(player["game_id"].isin(last), 0.0)
    raw = new_raw(tmp_path)
    for name, frame in raw_tables("2020-21", {**tables, "player_box": player}).items():
        frame.to_parquet(raw / name, index=False)
    write_league_file(raw, league_of(league_calendar(LEAGUE), ["2020-21"]))
    with pytest.raises(IngestError, match=r"(?s)duplicate player-game.*minutes") as caught:
        ingested(raw)
    assert "002200000" in str(caught.value)


def test_an_incomplete_final_season_is_fetched_again(
    server: Server, files: dict[str, bytes], tmp_path: Path
) -> None:
    name = "/espn_nba_team_boxscores/team_box_2021.parquet"
    short = pd.read_parquet(io.BytesIO(files[name]))
    stream = io.BytesIO()
    short[short["game_id"] != short["game_id"].iloc[0]].to_parquet(stream, index=False)
    params = data_params(tmp_path, server.address)
    seasons = list(LEAGUE.seasons)
    arguments = (params, league_calendar(LEAGUE), seasons)
    server.override = lambda number, path: (200, stream.getvalue()) if path == name else None
    collect_network(*arguments, new_raw(tmp_path), AFTER)
    server.override = lambda number, path: None
    server.requests.clear()
    raw = new_raw(tmp_path)
    collect_network(*arguments, raw, AFTER)
    assert all("2021" in path for path in server.requests) and len(server.requests) == 3
    games = pd.read_parquet(raw / "team_logs_2020_21.parquet")["GAME_ID"]
    assert games[games.str.startswith("002")].nunique() == LEAGUE.games_per_season()
    server.requests.clear()
    collect_network(*arguments, new_raw(tmp_path), AFTER)
    assert server.requests == []
    removed = downloads("hoopr", tmp_path / "cache", AFTER).forget("2019-20")
    assert sorted(path.name for path in removed) == [
        "nba_schedule_2020.parquet",
        "player_box_2020.parquet",
        "team_box_2020.parquet",
    ]
