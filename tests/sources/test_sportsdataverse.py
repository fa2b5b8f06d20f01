"""stats.nba.com box scores as public files: the same tables as a folder, gaps, and their remedy."""

import datetime as dt
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import ParamsError, SourceError
from nbarank.core.sections import parse_section, read_yaml
from nbarank.schemas.calendar import CALENDAR_FILE, Calendar, read_calendar
from nbarank.sources.collect import collect_network
from nbarank.sources.folder import collect_folder
from nbarank.sources.params import DataParams
from nbarank.sources.raw import read_inactive, read_rosters
from tests.as_of_league import NAMES
from tests.conftest import ROOT
from tests.sources.conftest import AFTER, LEAGUE, ingested, manifest_of, new_raw
from tests.sources.serving import NO_ROWS, Server, serve, stats_answers
from tests.sources.sportsdataverse_answers import answers, published
from tests.tiny_league import Frames, league_calendar, rosters_and_inactive, write_frames

SEASONS = list(LEAGUE.seasons)


@pytest.fixture(scope="module")
def files(frames: Frames) -> dict[str, pd.DataFrame]:
    """The small league in whole seconds, with rosters and inactive lists."""
    whole = {
        name: frame.assign(MIN=((frame["MIN"] * 60).round() / 60).round(2))
        if "player_logs" in name
        else frame
        for name, frame in frames.items()
    }
    return whole | rosters_and_inactive(whole)


@pytest.fixture
def server(files: Frames) -> Iterator[Server]:
    with serve(answers(files, SEASONS)) as running:
        yield running


def params(address: str, cache: Path, stats: str = "", **changes: Any) -> DataParams:
    content = read_yaml(ROOT / "params.yaml")["data"]
    content |= {"source": "sportsdataverse", **changes}
    content["sportsdataverse"] |= {"address": address, "attempts": 1, "cache": str(cache)}
    if stats:
        content["nba_stats"] |= {"address": stats, "pause": 0.0, "cache": str(cache)}
    return parse_section(DataParams, content, "params.yaml")


def fetch(
    server: Server,
    tmp_path: Path,
    *,
    seasons: list[str] = SEASONS,
    dates: Calendar | None = None,
    today: dt.date = AFTER,
    **changes: Any,
) -> Path:
    raw = new_raw(tmp_path)
    section = params(server.address, tmp_path / "cache", **changes)
    collect_network(section, dates or league_calendar(LEAGUE), seasons, raw, today)
    return raw


def from_folder(files: Frames, dates: Calendar, tmp_path: Path) -> Path:
    raw = tmp_path / "from-folder"
    raw.mkdir()
    collect_folder(write_frames(tmp_path / "folder", files), raw, dates)
    return raw


def assert_same_tables(first: Path, second: Path) -> None:
    expected, found = ingested(first), ingested(second)
    for name in NAMES:
        table, other = getattr(expected, name), getattr(found, name)
        key = [c for c in ("game_id", "team_id", "player_id", "season", "as_of") if c in table]
        left, right = (frame.sort_values(key, ignore_index=True) for frame in (table, other))
        if name == "player_games":
            # A real folder's minutes of 2010-15 are cut off, not rounded, to hundredths in 6 %.
            within = np.where(left["season"] < "2015-16", 0.01, 0.0) + 1e-9
            assert ((left.pop("minutes") - right.pop("minutes")).abs() <= within).all()
        if name == "as_of":  # one side may have no rosters
            del left["teams_listed"], right["teams_listed"]
        pd.testing.assert_frame_equal(left, right, check_exact=True, obj=name)


def test_tables_equal_those_of_the_folder(server: Server, files: Frames, tmp_path: Path) -> None:
    raw = fetch(server, tmp_path)
    assert_same_tables(from_folder(files, league_calendar(LEAGUE), tmp_path), raw)
    assert len(server.requests) == 5 * len(SEASONS)
    fetch(server, tmp_path)
    assert len(server.requests) == 5 * len(SEASONS), "everything is cached"


def test_rosters_equal_those_of_the_folder(server: Server, files: Frames, tmp_path: Path) -> None:
    raw = fetch(server, tmp_path)
    folder = from_folder(files, league_calendar(LEAGUE), tmp_path)
    pd.testing.assert_frame_equal(read_inactive(raw), read_inactive(folder))
    names = ["season", "as_of", "team_id", "player_id", "age"]
    pd.testing.assert_frame_equal(read_rosters(raw)[names], read_rosters(folder)[names])


def test_without_rosters_the_box_scores_are_used_with_a_warning(
    server: Server, files: Frames, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.override = lambda number, path: (404, b"") if "rosters" in path else None
    with caplog.at_level(logging.WARNING):
        raw = fetch(server, tmp_path)
    assert "2019-20: continuing without game_rosters" in caplog.text
    assert read_rosters(raw).empty
    assert read_inactive(raw).empty
    assert_same_tables(from_folder(files, league_calendar(LEAGUE), tmp_path), raw)


@pytest.mark.parametrize("gap", ["no playoffs", "not published"])
def test_the_remedy_fills_a_gap(files: Frames, frames: Frames, tmp_path: Path, gap: str) -> None:
    cut = {
        name: frame
        for name, frame in files.items()
        if not name.startswith(("playoffs_", "playin_")) or not name.endswith("2020_21")
    }
    seasons = SEASONS if gap == "no playoffs" else SEASONS[:1]
    with serve(answers(cut, seasons)) as server, serve(stats_answers(frames)) as stats:
        with pytest.raises(SourceError, match=rf"2020-21 \(.*{gap}\)") as caught:
            fetch(server, tmp_path)
        remedy = "-S 'data.source=[sportsdataverse,nba_stats]'"
        assert remedy in str(caught.value.next_command)
        assert not stats.requests
        both = ["sportsdataverse", "nba_stats"]
        raw = fetch(server, tmp_path, source=both, stats=stats.address)
        assert all("2020-21" in path for path in stats.requests)
    assert ingested(raw).seasons["complete"].all()
    sources = manifest_of(raw)["sources"]
    assert [(s["name"], s["licence"], s["seasons"]) for s in sources] == [
        ("sportsdataverse", "CC BY 4.0", ["2019-20"]),
        ("nba_stats", "terms of use of nba.com", ["2020-21"]),
    ]


def test_a_season_in_no_source_is_rejected(tmp_path: Path) -> None:
    with (
        serve(lambda path: (404, b"")) as server,
        serve(lambda path: NO_ROWS) as stats,
        pytest.raises(SourceError, match=r"not published, stats.nba.com returned no") as caught,
    ):
        fetch(server, tmp_path, source=["sportsdataverse", "nba_stats"], stats=stats.address)
    assert "remove these seasons from seasons" in str(caught.value.next_command)


def test_the_current_season_may_be_in_progress(files: Frames, tmp_path: Path) -> None:
    today = LEAGUE.dates("2020-21")["start"] + dt.timedelta(days=9)
    cut = {
        name: frame[frame["GAME_DATE"] < today.isoformat()]
        if name.endswith("2020_21") and "GAME_DATE" in frame
        else frame
        for name, frame in files.items()
    }
    cut = {name: frame for name, frame in cut.items() if len(frame)}
    with serve(answers(cut, SEASONS)) as server:
        made = ingested(fetch(server, tmp_path, today=today))
    complete = made.seasons.set_index("season")["complete"]
    assert complete.to_dict() == {"2019-20": True, "2020-21": False}


def test_a_host_that_does_not_answer_is_not_a_gap(server: Server, tmp_path: Path) -> None:
    server.override = lambda number, path: (503, b"busy")
    with pytest.raises(SourceError, match="HTTP 503"):
        fetch(server, tmp_path)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("player_boxscores", lambda t: t.drop(columns="comment"), "has no column.* comment"),
        ("team_boxscores", lambda t: t.assign(points="many"), "team_boxscores.* value.* in points"),
        ("schedules", lambda t: t.assign(team_id=None), "schedules.* value.* in team_id"),
    ],
)
def test_another_form_names_file_and_column(
    files: Frames, kind: str, change: Any, message: str
) -> None:
    from nbarank.sources.sportsdataverse_files import raw_tables

    found = published(files, "2019-20")
    found[kind] = change(found[kind])
    with pytest.raises(SourceError, match=message):
        raw_tables("2019-20", found)


@pytest.mark.parametrize(
    "source",
    [
        ["hoopr", "nba_stats"],
        ["folder", "sportsdataverse"],
        ["simulated"],
        ["nba_stats", "nba_stats"],
        [],
        [["nba_stats"]],
        "espn",
    ],
)
def test_sources_with_other_ids_cannot_be_mixed(source: Any, tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="data"):
        params("http://127.0.0.1", tmp_path, source=source)


def test_the_command_of_the_remedy_is_understood(tmp_path: Path) -> None:
    from dvc.utils.hydra import apply_overrides

    file = tmp_path / "params.yaml"
    file.write_text((ROOT / "params.yaml").read_text())
    apply_overrides(file, ["data.source=[sportsdataverse,nba_stats]"])
    section = parse_section(DataParams, read_yaml(file)["data"], "params.yaml")
    assert section.sources == ("sportsdataverse", "nba_stats")


@pytest.mark.slow
@pytest.mark.real
def test_real_seasons_equal_those_of_the_folder(real_raw: Path, tmp_path: Path) -> None:
    frames = {path.stem: pd.read_parquet(path) for path in sorted(real_raw.glob("*.parquet"))}
    seasons = [f"{year}-{(year + 1) % 100:02d}" for year in range(2010, 2023)]
    dates = read_calendar(ROOT / CALENDAR_FILE)
    with serve(answers(frames, seasons)) as server:
        raw = fetch(server, tmp_path, seasons=seasons, dates=dates, today=dt.date(2024, 1, 1))
    expected = from_folder(frames, dates, tmp_path)
    assert_same_tables(expected, raw)
    rosters = read_rosters(raw)
    same = read_rosters(expected)
    same = same[same["season"].isin(rosters["season"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(rosters, same)
    key = ["season", "game_id", "team_id", "player_id"]
    lists = read_inactive(expected)
    played = ingested(expected).player_games[["game_id", "player_id"]]
    lists = lists.merge(played.assign(played=True), how="left", on=["game_id", "player_id"])
    pd.testing.assert_frame_equal(
        read_inactive(raw)[key], lists.loc[lists["played"].isna(), key].reset_index(drop=True)
    )
