"""stats.nba.com by recorded answers: complete, cached, paused, retried, with clear errors."""

import datetime as dt
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from nbarank.core.errors import SourceError
from nbarank.sources.layout import raw_files
from nbarank.sources.nba_stats import collect_nba_stats
from nbarank.sources.params import NbaStatsParams
from tests.as_of_league import section
from tests.conftest import contents
from tests.sources.conftest import AFTER, LEAGUE, downloads, finish, ingested, new_raw
from tests.sources.serving import NO_ROWS, Server, serve, stats_answers
from tests.tiny_league import Frames

CALLS = 4 + 6
"""Teams and players: two season types of the first season, three of the second."""


@pytest.fixture
def server(frames: Frames) -> Iterator[Server]:
    with serve(stats_answers(frames)) as running:
        yield running


def fetch(server: Server, tmp_path: Path, today: dt.date = AFTER, **changes: object) -> Path:
    values = {"address": server.address, "pause": 0.0, "attempts": 3, "back_off": 0.0, **changes}
    raw = new_raw(tmp_path)
    cache = downloads("nba_stats", tmp_path / "cache", today)
    finish(raw, cache, collect_nba_stats(section(NbaStatsParams, **values), raw, cache))
    return raw


def test_files_equal_those_of_the_host(server: Server, frames: Frames, tmp_path: Path) -> None:
    raw = fetch(server, tmp_path)
    assert {file.path.stem for file in raw_files(raw)} == set(frames)
    for file in raw_files(raw):
        found, expected = pd.read_parquet(file.path), frames[file.path.stem]
        pd.testing.assert_frame_equal(
            found, expected[list(found.columns)].reset_index(drop=True), check_dtype=False
        )
    assert ingested(raw).seasons["complete"].all()
    assert len(server.requests) == CALLS


def test_only_the_current_season_is_fetched_again(server: Server, tmp_path: Path) -> None:
    in_progress = LEAGUE.dates("2020-21")["end"] - dt.timedelta(days=2)
    raw = fetch(server, tmp_path, today=in_progress)
    fixtures = pd.read_parquet(raw / "schedule_2020_21.parquet")
    assert len(fixtures) == LEAGUE.games_per_season()
    assert fixtures["GAME_ID"].str.startswith("002").all()  # the Cup game without teams is out
    assert not (raw / "playoffs_team_logs_2020_21.parquet").exists()
    before = len(server.requests)
    fetch(server, tmp_path, today=in_progress + dt.timedelta(days=1))
    again = server.requests[before:]
    assert len(again) == 3  # teams, players, fixtures
    assert all("2020-21" in path for path in again)


def test_an_interrupted_fetch_resumes_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.override = lambda number, path: (503, b"busy") if number > 4 else None
    with pytest.raises(SourceError, match="HTTP 503"):
        fetch(server, tmp_path)
    assert len(server.requests) == 4 + 3  # three attempts at the fifth
    server.override = lambda number, path: None
    server.requests.clear()
    raw = fetch(server, tmp_path)
    assert len(server.requests) == CALLS - 4
    assert (raw / "league.json").exists()


def test_nothing_is_fetched_twice_except_damaged_answers(server: Server, tmp_path: Path) -> None:
    first = fetch(server, tmp_path)
    victim = tmp_path / "cache" / "nba_stats" / "leaguegamelog_2019-20_regular_T.json"
    victim.write_bytes(victim.read_bytes().replace(b"110", b"111", 1)[:-1])
    server.requests.clear()
    assert contents(fetch(server, tmp_path)) == contents(first)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((429, b"slow down"), "HTTP 429"),
        ((500, b"{}"), "HTTP 500"),
        ((200, b"<html>Access Denied</html>"), "not JSON"),
    ],
)
def test_a_temporary_failure_is_retried_with_growing_pauses(
    server: Server, tmp_path: Path, answer: tuple[int, bytes], message: str
) -> None:
    times: list[float] = []

    def twice(number: int, path: str) -> tuple[int, bytes] | None:
        times.append(time.monotonic())
        return answer if number <= 2 else None

    server.override = twice
    fetch(server, tmp_path, back_off=0.1)
    assert times[1] - times[0] >= 0.1
    assert times[2] - times[1] >= 0.2
    assert len(server.requests) == CALLS + 2

    other = tmp_path / "other"
    other.mkdir()
    server.override = lambda number, path: answer
    with pytest.raises(SourceError, match=message) as caught:
        fetch(server, other)
    assert "sportsdataverse" in str(caught.value)


def test_a_refusal_is_not_retried(server: Server, tmp_path: Path) -> None:
    server.override = lambda number, path: (403, b"<html>Forbidden</html>")
    with pytest.raises(SourceError, match="refuses or blocks"):
        fetch(server, tmp_path)
    assert len(server.requests) == 1


def test_a_refused_connection_is_reported(server: Server, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no connection"):
        fetch(server, tmp_path, address="http://127.0.0.1:9")


def test_calls_are_paused(server: Server, tmp_path: Path) -> None:
    times: list[float] = []
    server.override = lambda number, path: times.append(time.monotonic())
    fetch(server, tmp_path, pause=0.15)
    assert min(b - a for a, b in itertools.pairwise(times)) >= 0.15


@pytest.mark.parametrize(
    ("empty", "message"),
    [("", r"2019-20 \(stats.nba.com returned no Reg"), ("SeasonType=PlayIn", "no PlayIn rows")],
)
def test_no_rows_are_reported(server: Server, tmp_path: Path, empty: str, message: str) -> None:
    server.override = lambda number, path: NO_ROWS if empty in path else None
    with pytest.raises(SourceError, match=message):
        fetch(server, tmp_path)


@pytest.mark.parametrize("content", [{}, {"resultSets": []}, {"resultSets": [{"name": "x"}]}, []])
def test_another_form_than_documented_is_reported(
    server: Server, tmp_path: Path, content: Callable[[], object]
) -> None:
    server.override = lambda number, path: (200, json.dumps(content).encode())
    with pytest.raises(SourceError, match="does not have the documented form"):
        fetch(server, tmp_path)


def test_without_nba_api_the_message_says_how_to_get_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(sys.modules):
        if name.startswith("nba_api"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nba_api", None)
    with pytest.raises(SourceError, match="not installed") as caught:
        fetch(server, tmp_path)
    assert "pip install" in str(caught.value)


def test_fixtures_that_cannot_be_fetched_or_are_postponed_are_left_out_with_a_warning(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    in_progress = LEAGUE.dates("2020-21")["end"] - dt.timedelta(days=2)
    server.override = lambda number, path: (404, b"gone") if "schedule" in path else None
    raw = fetch(server, tmp_path, today=in_progress)
    assert not (raw / "schedule_2020_21.parquet").exists()
    assert (raw / "team_logs_2020_21.parquet").exists()
    assert "no fixtures of 2020-21" in caplog.text

    def postponed(number: int, path: str) -> tuple[int, bytes] | None:
        if "schedule" not in path:
            return None
        game = {
            "gameDateEst": "2020-11-05T00:00:00Z",
            "homeTeam": {"teamId": 1610612737},
            "awayTeam": {"teamId": 1610612738},
        }
        off = [{"postponedStatus": "Y"}, {"gameStatusText": "PPD"}, {"homeTeam": {"teamId": None}}]
        games = [{**game, "gameId": f"002200000{n}", **one} for n, one in enumerate([*off, {}])]
        return 200, json.dumps({"leagueSchedule": {"gameDates": [{"games": games}]}}).encode()

    server.override = postponed
    raw = fetch(server, tmp_path, today=in_progress)
    fixtures = pd.read_parquet(raw / "schedule_2020_21.parquet")
    assert fixtures["GAME_ID"].tolist() == ["0022000003"]
    assert fixtures["KNOWN_FROM"].isna().all()


def test_drawn_games_of_the_cup_are_known_after_its_groups(server: Server, tmp_path: Path) -> None:
    labels = {
        "05": {"gameSubtype": "in-season", "gameLabel": "Emirates NBA Cup"},
        "09": {"gameSubtype": "in-season-knockout", "gameSubLabel": "Quarterfinal"},
        "10": {},
        "11": {"gameSubtype": "in-season-knockout", "gameSubLabel": "Championship"},
        "12": {},
    }
    games = [
        {
            "gameId": f"00{6 if day == '11' else 2}20000{day}",
            "gameDateEst": f"2020-11-{day}T00:00:00Z",
            "homeTeam": {"teamId": 1610612737},
            "awayTeam": {"teamId": 1610612738},
            **label,
        }
        for day, label in labels.items()
    ]
    answer = json.dumps({"leagueSchedule": {"gameDates": [{"games": games}]}}).encode()
    server.override = lambda number, path: (200, answer) if "schedule" in path else None
    raw = fetch(server, tmp_path, today=LEAGUE.dates("2020-21")["end"] - dt.timedelta(days=2))
    known = pd.read_parquet(raw / "schedule_2020_21.parquet").set_index("GAME_ID")["KNOWN_FROM"]
    drawn = pd.Timestamp("2020-11-06")
    assert known.dropna().to_dict() == {"0022000009": drawn, "0022000010": drawn}
    assert len(known) == 4
