"""Whatever the seed, the box scores of a simulated league add up exactly."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.schemas.raw import BOX_COLUMNS, RawLeague
from nbarank.sources.raw import read_raw
from nbarank.sources.simulated import generate
from nbarank.sources.simulated.boxscores import choose_makes, share_evenly, share_out
from tests.simulated.conftest import small


def check_league(raw: Path, n_teams: int, games: int) -> None:
    read = read_raw(raw)
    teams, players = read.team_logs, read.player_logs
    key = ["GAME_ID", "TEAM_ID"]
    sums = players.groupby(key)[[*BOX_COLUMNS, "MIN", "PLUS_MINUS"]].sum()
    logs = teams.set_index(key).loc[sums.index]
    assert len(sums) == len(teams)
    for column in BOX_COLUMNS:
        assert (sums[column] == logs[column]).all(), column
    assert np.allclose(sums["MIN"], logs["MIN"], atol=1e-9)
    assert ((logs["MIN"] - 240) % 25 == 0).all()
    assert (sums["PLUS_MINUS"] == 5 * logs["PLUS_MINUS"]).all()
    for rows in (teams, players):
        assert (rows["PTS"] == 2 * rows["FGM"] + rows["FG3M"] + rows["FTM"]).all()
        assert (rows["REB"] == rows["OREB"] + rows["DREB"]).all()
        assert (rows["FGM"] <= rows["FGA"]).all()
        assert (rows["FG3M"] <= rows["FG3A"]).all()
        assert (rows["FTM"] <= rows["FTA"]).all()
        assert (rows["FG3A"] <= rows["FGA"]).all()
        assert (rows["FG3M"] <= rows["FGM"]).all()
        assert (rows["FGM"] - rows["FG3M"] <= rows["FGA"] - rows["FG3A"]).all()
        assert (rows[list(BOX_COLUMNS)] >= 0).all().all()
    assert (players["MIN"] > 0).all()
    assert (players["PF"] <= 6).all()
    both = teams.groupby("GAME_ID")
    assert (both.size() == 2).all()
    assert (both["PLUS_MINUS"].sum() == 0).all()
    assert (both["WL"].agg(lambda x: "".join(sorted(x))) == "LW").all()
    assert (both["MIN"].nunique() == 1).all()
    other = teams.merge(teams, on="GAME_ID", suffixes=("", "_2"))
    other = other[other["TEAM_ID"] != other["TEAM_ID_2"]]
    assert (other["PLUS_MINUS"] == other["PTS"] - other["PTS_2"]).all()
    assert (other["PTS"] != other["PTS_2"]).all()
    missed = other["FGA_2"] - other["FGM_2"] + other["FTA_2"] - other["FTM_2"]
    assert (other["DREB"] + other["OREB_2"] <= missed).all(), "more rebounds than misses"
    assert (other["STL"] <= other["TOV_2"]).all()
    assert (other["BLK"] <= other["FGA_2"] - other["FGM_2"]).all()
    assert (teams["AST"] <= teams["FGM"]).all()
    assert not players.duplicated(["GAME_DATE", "PLAYER_ID"]).any(), "two games on a day"
    assert not players.duplicated(["GAME_ID", "PLAYER_ID"]).any(), "two teams in a game"
    regular = teams[teams["KIND"] == "regular"]
    assert (regular.groupby(["SEASON", "TEAM_ID"]).size() == games).all()
    home = regular[regular["MATCHUP"].str.contains(" vs. ")]
    assert (home.groupby(["SEASON", "TEAM_ID"]).size() == games // 2).all()
    assert regular["TEAM_ID"].nunique() == n_teams


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**31 - 1),
    n_teams=st.sampled_from([16, 18, 22]),
    game_sd=st.floats(5.0, 20.0),
    talent=st.floats(0.2, 2.0),
)
def test_every_box_score_adds_up(seed: int, n_teams: int, game_sd: float, talent: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        params = small(seed, n_teams=n_teams, game_sd=game_sd, talent_spread=talent)
        generate(params, raw, Path(folder) / "truth")
        check_league(raw, n_teams, 30)


def test_extremes_of_the_parameters_still_add_up(tmp_path: Path) -> None:
    params = small(3, n_teams=16, absences=3.0, movement=2.0, form_sd=4.0, home_court=10.0)
    generate(params, tmp_path / "raw", tmp_path / "truth")
    check_league(tmp_path / "raw", 16, 30)


@pytest.mark.real
@pytest.mark.parametrize("level", ["player_logs", "team_logs"])
def test_columns_are_those_of_the_real_files(league: Path, real_raw: Path, level: str) -> None:
    made = pd.read_parquet(league / "raw" / f"{level}_2021_22.parquet")
    real = pd.read_parquet(real_raw / f"{level}_2021_22.parquet")
    assert list(made.columns) == list(real.columns)
    assert made["SEASON_ID"].iloc[0] == real["SEASON_ID"].iloc[0]


def test_fixture_list_equals_the_games_played(read: RawLeague) -> None:
    home = read.team_logs[
        read.team_logs["MATCHUP"].str.contains(" vs. ") & (read.team_logs["KIND"] == "regular")
    ]
    both = read.schedule.merge(home, on=["GAME_ID", "GAME_DATE"])
    assert len(both) == len(read.schedule) == 3 * 20 * 30 // 2
    assert (both["HOME_TEAM_ID"] == both["TEAM_ID"]).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 30))
def test_shares_add_up_and_players_without_weight_get_nothing(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.gamma(0.3, 1.0, (rows, 13)) * (rng.random((rows, 13)) < 0.6)
    weight[:, rng.integers(13)] += 1e-3
    total = rng.integers(0, 90, rows)
    for share in (share_out, share_evenly):
        shared = share(total, weight, rng)
        assert (shared.sum(axis=1) == total).all()
        assert (shared[weight == 0] == 0).all()
        assert (shared >= 0).all()
    attempts = share_out(total, weight, rng)
    makes = rng.binomial(total, 0.5)
    made = choose_makes(attempts, makes, rng.normal(size=weight.shape), rng)
    assert (made.sum(axis=1) == makes).all()
    assert (made <= attempts).all()


def test_better_shooters_make_more_of_the_same_attempts() -> None:
    attempts = np.full((2000, 2), 10)
    skill = np.tile([0.4, -0.4], (2000, 1))
    made = choose_makes(attempts, np.full(2000, 10), skill, np.random.default_rng(0))
    assert made[:, 0].mean() > made[:, 1].mean() + 1.0
