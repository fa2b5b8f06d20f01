"""The league as a whole: repeatable, with bracket, moves, absences and the truth behind margins."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from nbarank.core.tables import validate
from nbarank.league.ingest import ingest
from nbarank.league.outcomes import build_outcomes
from nbarank.schemas.raw import RawLeague
from nbarank.schemas.truth import TRUTH
from nbarank.sources.layout import read_league_file
from nbarank.sources.raw import read_raw
from nbarank.sources.simulated import generate
from tests.conftest import ROOT, contents
from tests.simulated.conftest import small


def test_same_seed_same_bytes_in_another_process_too(tmp_path: Path) -> None:
    params = small(5, n_teams=16)
    generate(params, tmp_path / "one" / "raw", tmp_path / "one" / "truth")
    code = f"""
from pathlib import Path
from tests.simulated.test_league import generate, small
root = Path({str(tmp_path / "two")!r})
generate(small(5, n_teams=16), root / "raw", root / "truth")
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_is_another_league(tmp_path: Path) -> None:
    for seed in (5, 6):
        root = tmp_path / str(seed)
        generate(small(seed, n_teams=16), root / "raw", root / "truth")
    one, two = contents(tmp_path / "5"), contents(tmp_path / "6")
    assert one.keys() == two.keys()
    same = {name for name in one if one[name] == two[name]}
    assert same <= {"raw/teams.csv", "raw/league.json"}


def test_a_longer_league_begins_with_the_shorter_one(league: Path, tmp_path: Path) -> None:
    generate(small(n_seasons=1), tmp_path / "raw", tmp_path / "truth")
    long, short = contents(league), contents(tmp_path)
    logs = [name for name in short if name.endswith("2020_21.parquet")]
    assert len(logs) == 9
    assert all(short[name] == long[name] for name in logs)


def test_league_file_gives_dates_and_formats_of_the_seasons(league: Path) -> None:
    file = read_league_file(league / "raw")
    assert file.simulated
    logs = read_raw(league / "raw").team_logs
    for season, dates in file.seasons.items():
        mine = logs[logs["SEASON"] == season]
        regular = mine.loc[mine["KIND"] == "regular", "GAME_DATE"]
        assert regular.min() == pd.Timestamp(dates.start)
        assert regular.max() == pd.Timestamp(dates.end)
        assert mine["GAME_DATE"].max() <= pd.Timestamp(dates.playoffs_end)
        assert len(regular) == 2 * dates.games_expected
        assert dates.play_in == "standard"


def test_leagues_without_room_for_a_play_in_have_none(tmp_path: Path) -> None:
    generate(small(n_teams=16), tmp_path / "raw", tmp_path / "truth")
    assert read_league_file(tmp_path / "raw").seasons["2020-21"].play_in == "none"
    assert not list((tmp_path / "raw").glob("playin_*"))


def test_players_change_teams_and_retire(read: RawLeague) -> None:
    logs = read.player_logs
    regular = logs[logs["KIND"] == "regular"]
    teams = regular.groupby(["SEASON", "PLAYER_ID"])["TEAM_ID"].nunique()
    assert (teams > 1).any(), "no player is traded"
    first, last = (
        set(regular.loc[regular["SEASON"] == season, "PLAYER_ID"])
        for season in ("2020-21", "2022-23")
    )
    assert first - last, "no player leaves"
    assert last - first, "no player enters"
    names = logs.groupby("PLAYER_ID")["PLAYER_NAME"].nunique()
    assert (names == 1).all()


def test_without_movement_and_absences_the_league_is_quieter(tmp_path: Path) -> None:
    def used(folder: str, **changes: object) -> float:
        generate(small(2, n_teams=16, games=82, **changes), tmp_path / folder, tmp_path / "t")
        logs = read_raw(tmp_path / folder).player_logs
        full = logs[logs["KIND"] == "regular"].groupby("PLAYER_ID").size()
        return float((full >= 80).mean())

    assert used("quiet", absences=0.0) > used("usual") + 0.2


def test_truth_is_centred_and_covers_every_day(league: Path) -> None:
    truth = validate(TRUTH, pd.read_parquet(league / "truth" / "strength.parquet"))
    means = truth.groupby(["season", "as_of"])[["strength", "talent"]].mean()
    assert means.abs().max().max() < 1e-9
    for season, dates in read_league_file(league / "raw").seasons.items():
        days = truth.loc[truth["season"] == season, "as_of"].drop_duplicates().sort_values()
        assert days.iloc[0] == pd.Timestamp(dates.start)
        assert days.iloc[-1] >= pd.Timestamp(dates.playoffs_end)
        assert (days.diff().dropna() == pd.Timedelta(days=1)).all()


def test_margins_regress_on_true_strength_with_slope_one(tmp_path: Path) -> None:
    params = small(11, n_seasons=4, n_teams=30, games=82)
    generate(params, tmp_path / "raw", tmp_path / "truth")
    truth = pd.read_parquet(tmp_path / "truth" / "strength.parquet")
    logs = read_raw(tmp_path / "raw").team_logs
    logs = logs[logs["KIND"] == "regular"]
    both = logs.merge(logs, on="GAME_ID", suffixes=("", "_2"))
    both = both[both["MATCHUP"].str.contains(" vs. ") & (both["TEAM_ID"] != both["TEAM_ID_2"])]
    for side in ("", "_2"):
        known = truth.rename(
            columns={"as_of": "GAME_DATE", "team_id": f"TEAM_ID{side}", "strength": f"s{side}"}
        )
        keys = ["GAME_DATE", f"TEAM_ID{side}"]
        both = both.merge(known[[*keys, f"s{side}"]], on=keys)
    slope, home = np.polyfit(both["s"] - both["s_2"], both["PTS"] - both["PTS_2"], 1)
    # Standard errors over 4,920 games are about .03 and .2.
    assert abs(slope - 1.0) < 0.12
    assert abs(home - params.home_court) < 0.8


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_teams", 17),
        ("n_teams", 14),
        ("games", 83),
        ("n_seasons", 0),
        ("first_season", "2010-12"),
    ],
)
def test_sizes_out_of_bounds_are_rejected(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        small(**{name: value})


@pytest.mark.parametrize("seed", [1, 4])
def test_seeds_and_bracket_follow_the_rules_of_the_league(
    seed: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Thirty games make many ties, which both rooms must break alike; every series has 4 wins."""
    generate(small(seed, first_season="2018-19", n_seasons=4), tmp_path / "raw", tmp_path / "t")
    read = read_raw(tmp_path / "raw")
    made = ingest(read, False, 7, (0.0, 0.1, 0.25, 0.5, 0.75, 1.0))
    outcomes = build_outcomes(made.games, made.teams, made.seasons)
    assert outcomes.groupby("season")["champion"].sum().tolist() == [1] * 4
    assert "tie-breaks" not in caplog.text
    games = read.team_logs[read.team_logs["KIND"] == "playoffs"]
    for _, series in games.groupby(["SEASON", games["GAME_ID"].str[7:9]]):
        series = series.sort_values("GAME_ID")
        winner = series.loc[series["WL"] == "W", "TEAM_ID"]
        assert winner.iloc[-1] == winner.mode()[0], "a game was played after four wins"
        numbers = series["GAME_ID"].str[9].astype(int).unique()
        assert numbers.tolist() == list(range(1, len(series) // 2 + 1))
        hosts = series[series["MATCHUP"].str.contains(" vs. ")]
        assert hosts["GAME_DATE"].is_monotonic_increasing
        pattern = [True, True, False, False, True, False, True][: len(hosts)]
        assert ((hosts["TEAM_ID"] == hosts["TEAM_ID"].iloc[0]) == pattern).all()
    play_in = read.team_logs[read.team_logs["KIND"] == "playin"]
    assert play_in.groupby("SEASON")["GAME_ID"].nunique().to_dict() == {
        "2020-21": 6, "2021-22": 6
    }  # fmt: skip
    last = play_in.groupby("SEASON")["GAME_DATE"].max()
    assert (last < games.groupby("SEASON")["GAME_DATE"].min()[last.index]).all()
