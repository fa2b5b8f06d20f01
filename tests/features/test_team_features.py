"""Team features against plain recomputation from the box scores, and their defined values."""

import re

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import ParamsError, TableError
from nbarank.core.sections import parse_section
from nbarank.features.params import FeatureParams
from nbarank.features.registry import feature_names
from nbarank.features.team import chosen_features, describe_teams
from nbarank.schemas.columns import KEY
from nbarank.schemas.ratings import RATINGS
from tests.as_of_league import ROOT, Tables, documented
from tests.features.team_rows import (
    PARAMS,
    UNSHRUNK,
    at,
    described,
    filtered,
    games_before,
    rated,
    with_features,
)


class TestLists:
    def test_net_rating_is_used_nowhere(self, tables: Tables, features: pd.DataFrame) -> None:
        """Neither by name nor in disguise: no column follows points per possession, net."""
        listed = [*feature_names(), *features.columns, *RATINGS.schema.columns]
        assert not [name for name in listed if re.search(r"net_?r(a)?t", name)]
        source = "".join(
            file.read_text()
            for folder in ("features", "ratings", "rankers", "ensemble")
            for file in (ROOT / "nbarank" / folder).rglob("*.py")
        )
        assert "net_rating" not in source
        end = features[features["as_of"] == features["as_of"].max()].set_index("team_id")
        games = games_before(tables, end.reset_index().iloc[0], 1)
        assert len(games) == 15
        own = tables["team_games"].query("season == @games.season.iloc[0] and kind == 'regular'")
        sums = own.groupby("team_id")[["margin", "possessions"]].sum()
        net_rating = sums["margin"] / sums["possessions"]
        numbers = end.select_dtypes("float")
        varied = numbers.loc[:, numbers.std() > 0]
        assert varied.corrwith(net_rating).abs().max() < 0.98

    def test_registry_and_dictionary_are_equal(self) -> None:
        assert sorted(documented("Team features")) == feature_names()

    def test_ratings_and_dictionary_are_equal(self) -> None:
        assert documented("Ratings") == [name for name in RATINGS.schema.columns if name not in KEY]

    def test_an_unknown_feature_is_named(self) -> None:
        with pytest.raises(ParamsError, match="efgg"):
            chosen_features(with_features("efg", "efgg"))
        wrong = PARAMS.model_copy(update={"exclude_features": ["pacee"]})
        with pytest.raises(ParamsError, match="pacee"):
            chosen_features(wrong)

    def test_a_repeated_or_empty_list_is_rejected(self) -> None:
        with pytest.raises(ParamsError, match="twice"):
            chosen_features(with_features("efg", "efg"))
        nothing = with_features("efg").model_copy(update={"exclude_features": ["efg"]})
        with pytest.raises(ParamsError, match="empty"):
            chosen_features(nothing)

    @pytest.mark.parametrize("windows", [[], [0, 15], [15, 15]])
    def test_invalid_windows_are_rejected(self, windows: list[int]) -> None:
        content = {**PARAMS.model_dump(), "rolling_windows": windows}
        with pytest.raises(ParamsError, match="not allowed"):
            parse_section(FeatureParams, content, "params.yaml")

    def test_only_what_is_chosen_is_computed(self, tables: Tables) -> None:
        params = with_features("pace", "recent_efg", "rest_days", "efg").model_copy(
            update={"exclude_features": ["efg"], "recent_games": 2}
        )
        columns = list(described(tables, params).columns.drop(KEY))
        assert columns == [
            "pace_season",
            "pace_last_4",
            "pace_last_9",
            "recent_efg_game_1",
            "recent_efg_game_2",
            "rest_days",
        ]


class TestWindows:
    @pytest.mark.parametrize("day", [2, 5, 9])
    @pytest.mark.parametrize("window", [None, 4, 9])
    def test_factors_of_earlier_games(self, tables: Tables, day: int, window: int | None) -> None:
        row = at(described(tables, UNSHRUNK), "2020-21", day, 7)
        games = games_before(tables, row, 7)
        games = games if window is None else games.tail(window)
        suffix = "season" if window is None else f"last_{window}"
        sums = games.sum(numeric_only=True)
        expected = {
            "efg": (sums["fgm"] + sums["fg3m"] / 2) / sums["fga"],
            "tov_rate": sums["tov"] / sums["possessions"],
            "orb_rate": sums["oreb"] / (sums["oreb"] + sums["opponent_dreb"]),
            "ft_rate": sums["ftm"] / sums["fga"],
            "opponent_efg": (sums["opponent_fgm"] + sums["opponent_fg3m"] / 2)
            / sums["opponent_fga"],
            "opponent_tov_rate": sums["opponent_tov"] / sums["possessions"],
            "opponent_orb_rate": sums["opponent_oreb"] / (sums["opponent_oreb"] + sums["dreb"]),
            "opponent_ft_rate": sums["opponent_ftm"] / sums["opponent_fga"],
            "pace": 48 * sums["possessions"] / sums["minutes"],
            "defensive_rating": 100 * sums["opponent_pts"] / sums["possessions"],
            "win_share": games["won"].mean(),
        }
        for name, value in expected.items():
            assert row[f"{name}_{suffix}"] == pytest.approx(value), name

    def test_differences_are_positive_where_a_team_is_better(self, features: pd.DataFrame) -> None:
        row = features.iloc[-1]
        efg, tov = "efg_season", "tov_rate_season"
        assert row["efg_difference_season"] == pytest.approx(row[efg] - row[f"opponent_{efg}"])
        assert row["tov_difference_season"] == pytest.approx(row[f"opponent_{tov}"] - row[tov])

    def test_a_season_starts_from_the_last(self, tables: Tables, features: pd.DataFrame) -> None:
        start = at(features, "2020-21", 0, 7)
        last = tables["team_games"].query("season == '2019-20' and kind == 'regular'")
        share = last.query("team_id == 7")["won"].mean()
        expected = 0.5 + PARAMS.carry_over * (share - 0.5)
        for column in ("win_share_season", "win_share_last_4", "win_share_last_9"):
            assert start[column] == pytest.approx(expected)

    def test_only_early_values_are_shrunk(self, tables: Tables, features: pd.DataFrame) -> None:
        raw = described(tables, UNSHRUNK)
        days = np.sort(features.query("season == '2020-21'")["as_of"].unique())
        early, late = (features["as_of"] == days[n] for n in (1, 9))
        assert features.loc[early, "efg_season"].std() < 0.5 * raw.loc[early, "efg_season"].std()
        assert np.allclose(features.loc[late, "efg_last_4"], raw.loc[late, "efg_last_4"])

    def test_latest_games_one_by_one(self, tables: Tables, features: pd.DataFrame) -> None:
        row = at(features, "2020-21", 5, 7)
        games = games_before(tables, row, 7)
        for back in (1, 2, 3):
            game = games.iloc[-back]
            assert row[f"recent_result_game_{back}"] == (1 if game["won"] else -1)
            assert row[f"recent_efg_game_{back}"] == pytest.approx(
                (game["fgm"] + game["fg3m"] / 2) / game["fga"]
            )
            assert row[f"recent_defensive_rating_game_{back}"] == pytest.approx(
                100 * game["opponent_pts"] / game["possessions"]
            )
        assert at(features, "2020-21", 0, 7)["recent_result_game_1"] == 0


class TestSchedule:
    def test_rest_and_back_to_back(self, tables: Tables) -> None:
        """Games every second day from 1 November: as of the 4th a team rested one day."""
        names = ("rest_days", "back_to_back", "games_last_7_days", "games_next_7_days")
        params = with_features(*names)
        found = described(tables, params)
        first, second = (at(found, "2019-20", n, 7) for n in (0, 1))
        assert second["as_of"] == pd.Timestamp("2019-11-04")
        assert first[list(names)].tolist() == [10, 0, 0, 4]
        assert second[list(names)].tolist() == [1, 0, 2, 3]
        days = pd.DataFrame({"season": "2019-20", "as_of": pd.to_datetime(["2019-11-05"])})
        games = tables["team_games"].copy()
        games.loc[games["game_date"] == pd.Timestamp("2019-11-03"), "game_date"] = pd.Timestamp(
            "2019-11-04"
        )
        moved = {**tables, "team_games": games, "as_of": days}
        assert at(described(moved, params), "2019-20", 0, 7)["back_to_back"] == 1

    def test_strength_of_schedule_is_the_mean_rating_of_opponents(self, tables: Tables) -> None:
        found = described(tables)
        row = at(found, "2020-21", 4, 7)
        ratings = rated(tables)
        now = ratings[ratings["as_of"] == row["as_of"]].set_index("team_id")["srs_carried"]
        fixtures = tables["schedule"].query("season == '2020-21'")
        own = fixtures[(fixtures["home_id"] == 7) | (fixtures["away_id"] == 7)]
        opponent = own["home_id"] + own["away_id"] - 7
        left = own["game_date"] >= row["as_of"]
        assert row["schedule_strength_played"] == pytest.approx(now[opponent[~left]].mean())
        assert row["schedule_strength_left"] == pytest.approx(now[opponent[left]].mean())
        assert row["games_left"] == left.sum()
        assert row["home_share_left"] == pytest.approx((own.loc[left, "home_id"] == 7).mean())

    def test_a_season_in_progress_without_fixtures_has_games_left(self, tables: Tables) -> None:
        """Without generated fixtures every team would have clinched or be eliminated."""
        season = tables["seasons"]["season"].max()
        latest = tables["seasons"]["season"] == season
        expected = int(tables["seasons"].loc[latest, "games_expected"].iloc[0])
        own = tables["as_of"].query("season == @season")["as_of"].sort_values()
        day = own.iloc[len(own) // 2]
        names = ("team_games", "player_games", "schedule")
        cut = filtered(tables, names, lambda t: (t["season"] != season) | (t["game_date"] < day))
        cut["seasons"] = cut["seasons"].assign(complete=cut["seasons"]["complete"] & ~latest)
        cut["as_of"] = cut["as_of"].query("season != @season or as_of <= @day")
        chosen = with_features("games_left", "clinched", "eliminated")
        found = describe_teams(cut, rated(tables), chosen)
        now = found[(found["season"] == season) & (found["as_of"] == day)]
        played = len(cut["team_games"].query("season == @season and kind == 'regular'"))
        assert now["games_left"].sum() == 2 * expected - played
        assert now["games_left"].min() > 0
        whole = at(described(tables, chosen), season, len(own) // 2, int(now["team_id"].iloc[0]))
        assert now["games_left"].mean() == pytest.approx(whole["games_left"], abs=1.0)
        assert now["clinched"].sum() + now["eliminated"].sum() < len(now)

    def test_nothing_left_after_the_last_game(self, features: pd.DataFrame) -> None:
        end = features[features["as_of"] == features["as_of"].max()]
        assert (end["games_left"] == 0).all()
        assert (end["schedule_strength_left"] == 0).all()
        assert (end["home_share_left"] == 0.5).all()
        assert (end["days_left"] == 0).all()


class TestDefinedValues:
    def test_the_first_date_of_all_is_the_typical_team(self, features: pd.DataFrame) -> None:
        first = features[features["as_of"] == features["as_of"].min()]
        for name, low, high in (
            ("efg_season", 0.45, 0.55),
            ("pace_last_4", 90, 110),
            ("win_share_last_9", 0.5, 0.5),
            ("returning_minutes", 0.5, 0.8),
            ("rotation_players", 9, 9),
            ("rotation_missing", 0, 0),
            ("efg_difference_season", 0, 0),
            ("margin_trend", 0, 0),
        ):
            assert first[name].nunique() == 1, name
            assert low <= first[name].iloc[0] <= high, name

    def test_a_season_about_to_start_is_described(self, tables: Tables) -> None:
        names = ("games", "team_games", "player_games")
        found = described(filtered(tables, names, lambda t: t["season"] < "2021-22"))
        own = found[found["season"] == "2021-22"]
        assert len(own) and own["pace_season"].nunique() == 30

    def test_a_team_without_games_yet_keeps_its_prior(self, tables: Tables) -> None:
        names = ("team_games", "player_games")
        found = described(
            filtered(tables, names, lambda t: (t["season"] < "2021-22") | (t["team_id"] != 7))
        )
        row = at(found, "2021-22", 4, 7)
        assert row["win_share_season"] == at(found, "2021-22", 0, 7)["win_share_season"]
        assert row["rest_days"] == 10

    def test_one_date_gives_the_same_bits(self, tables: Tables, features: pd.DataFrame) -> None:
        dates = tables["as_of"].groupby("season").nth(4)
        some = described({**tables, "as_of": dates})
        same = features.merge(dates[["season", "as_of"]]).reset_index(drop=True)
        pd.testing.assert_frame_equal(some, same, check_exact=True)

    def test_missing_ratings_are_named(self, tables: Tables) -> None:
        ratings = rated(tables).query("team_id != 7")
        with pytest.raises(TableError, match="misses"):
            describe_teams(tables, ratings, PARAMS)
