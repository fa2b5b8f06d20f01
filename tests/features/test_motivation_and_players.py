"""Clinched, eliminated and available players, against a recomputation from the box scores."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbarank.schemas.columns import KEY
from nbarank.sources.raw import read_raw
from tests.as_of_league import Tables, league_tables, real_tables
from tests.features.team_rows import PARAMS, UNSHRUNK, at, described, with_features
from tests.tiny_league import TinyLeague, write_tiny_league


class TestMotivation:
    def test_certain_states_stay_certain(self, features: pd.DataFrame) -> None:
        for name in ("clinched", "eliminated"):
            by_team = features.sort_values(KEY).groupby(["season", "team_id"])[name]
            assert (by_team.diff().fillna(0) >= 0).all()
        assert not ((features["clinched"] == 1) & (features["eliminated"] == 1)).any()

    @pytest.mark.parametrize(("season", "safe", "alive"), [("2019-20", 8, 8), ("2021-22", 6, 10)])
    def test_at_the_end_the_places_are_those_of_the_standings(
        self, tables: Tables, features: pd.DataFrame, season: str, safe: int, alive: int
    ) -> None:
        own = features[features["season"] == season]
        end = own[own["as_of"] == own["as_of"].max()].set_index("team_id")
        games = tables["team_games"].query("season == @season and kind == 'regular'")
        wins = games.groupby("team_id")["won"].sum()
        teams = tables["teams"].query("season == @season").set_index("team_id")
        for team in end.index:
            rivals = wins[teams.index[teams["conference"] == teams.loc[team, "conference"]]]
            rivals = rivals.drop(team)
            assert end.loc[team, "clinched"] == float((rivals >= wins[team]).sum() < safe)
            assert end.loc[team, "eliminated"] == float((rivals > wins[team]).sum() >= alive)

    def test_no_ending_contradicts_a_certain_state(self, tables: Tables) -> None:
        """Against brute force: random endings never take a clinched place or give a lost one."""
        names = ("clinched", "eliminated", "clinch_number", "elimination_number")
        found = described(tables, with_features(*names))
        day = at(found, "2019-20", 9, 1)["as_of"]
        own = found[found["as_of"] == day].set_index("team_id")
        played = tables["team_games"].query("season == '2019-20' and kind == 'regular'")
        played = played[played["game_date"] < day]
        wins = played.groupby("team_id")["won"].sum().astype(float)
        left = tables["schedule"].query("season == '2019-20'")
        left = left[left["game_date"] >= day]
        conference = tables["teams"].query("season == '2019-20'").set_index("team_id")["conference"]
        rng = np.random.default_rng(0)
        assert own["clinched"].any() or own["eliminated"].any()
        for _ in range(300):
            final = wins.copy()
            strength = pd.Series(rng.normal(0, 3, len(wins)), wins.index)
            edge = strength[left["home_id"]].to_numpy() - strength[left["away_id"]].to_numpy()
            home = edge + rng.normal(size=len(left)) > 0
            winners = np.where(home, left["home_id"], left["away_id"])
            final = final.add(pd.Series(winners).value_counts(), fill_value=0)
            better = final.groupby(conference).rank(method="min", ascending=False)
            at_worst = final.groupby(conference).rank(method="max", ascending=False)
            assert (at_worst[own.index[own["clinched"] == 1]] <= 8).all()
            assert (better[own.index[own["eliminated"] == 1]] > 8).all()

    def test_late_flags_are_products(self, features: pd.DataFrame) -> None:
        late = features["days_left"] <= PARAMS.late_season_days
        assert (features["late_season"] == late).all()
        for state in ("clinched", "eliminated"):
            assert (features[f"late_and_{state}"] == late * features[state]).all()

    def test_few_teams_are_all_safe(self, tmp_path: Path) -> None:
        small = TinyLeague(seasons=("2019-20",), play_in=("none",), n_teams=16, rounds=8)
        found = described(league_tables(read_raw(write_tiny_league(tmp_path, small)), 3))
        assert (found["clinched"] == 1).all() and (found["eliminated"] == 0).all()


class TestPlayers:
    NAMES = ("returning_minutes", "rotation_players", "rotation_available", "rotation_missing")

    def described(self, tables: Tables, player_games: pd.DataFrame, day: int = 6) -> pd.DataFrame:
        changed = {**tables, "player_games": player_games}
        found = described(changed, with_features(*self.NAMES, params=UNSHRUNK))
        own = found[found["season"] == "2020-21"]
        return own[own["as_of"] == np.sort(own["as_of"].unique())[day]].set_index("team_id")

    def test_returning_minutes_count_last_seasons_players(self, tables: Tables) -> None:
        players = tables["player_games"]
        assert (self.described(tables, players)["returning_minutes"] == 1).all()
        new = players.copy()
        replaced = (new["season"] >= "2020-21") & (new["player_id"] == 701)
        new.loc[replaced, "player_id"] = 990001
        found = self.described(tables, new)
        own = players.query("season == '2020-21' and team_id == 7 and kind == 'regular'")
        own = own[own["game_date"] < found["as_of"].iloc[0]]
        share = own.query("player_id == 701")["minutes"].sum() / own["minutes"].sum()
        assert found.loc[7, "returning_minutes"] == pytest.approx(1 - share)
        assert found.loc[8, "returning_minutes"] == 1

    def test_a_trade_moves_a_player_with_his_first_game(self, tables: Tables) -> None:
        players = tables["player_games"]
        before = self.described(tables, players)
        day = before["as_of"].iloc[0] - pd.Timedelta(days=3)
        traded = players.copy()
        moves = (traded["game_date"] >= day) & (traded["player_id"] == 701)
        slots = tables["team_games"].query("team_id == 8").set_index("game_date")["game_id"]
        traded.loc[moves, "team_id"] = 8
        traded.loc[moves, "game_id"] = traded.loc[moves, "game_date"].map(slots)
        after = self.described(tables, traded)
        assert after.loc[7, "rotation_players"] == before.loc[7, "rotation_players"] - 1
        assert after.loc[8, "rotation_players"] == before.loc[8, "rotation_players"] + 1
        assert (after["rotation_missing"] == 0).all()

    def test_an_absent_player_is_missing_then_forgotten(self, tables: Tables) -> None:
        players = tables["player_games"]
        base = self.described(tables, players)
        day = base["as_of"].iloc[0]
        away = (players["player_id"] == 701) & (players["season"] == "2020-21")
        recent = away & (players["game_date"] >= day - pd.Timedelta(days=6))
        found = self.described(tables, players[~recent])
        assert found.loc[7, "rotation_missing"] == 1
        assert found.loc[7, "rotation_players"] == base.loc[7, "rotation_players"]
        gone = away & (players["game_date"] >= day - pd.Timedelta(days=10))
        assert self.described(tables, players[~gone]).loc[7, "rotation_missing"] == 0


@pytest.mark.real
def test_real_flags_agree_with_what_happened(real_raw: Path, tmp_path: Path) -> None:
    """No eliminated team reached the playoffs, every clinched team did; both occur."""
    tables = real_tables(real_raw, ("2017-18", "2018-19"), tmp_path)
    found = described(tables, with_features("clinched", "eliminated"))
    games = tables["games"].query("kind == 'playoffs'")
    sides = [
        games[["season", name]].set_axis(["season", "team_id"], axis=1)
        for name in ("home_id", "away_id")
    ]
    reached = pd.concat(sides).drop_duplicates().assign(reached=True)
    rows = found.merge(reached, on=["season", "team_id"], how="left")
    rows["reached"] = rows["reached"].eq(True)
    assert rows.loc[rows["clinched"] == 1, "reached"].all()
    assert not rows.loc[rows["eliminated"] == 1, "reached"].any()
    assert (rows["clinched"] == 1).sum() > 50 and (rows["eliminated"] == 1).sum() > 50
