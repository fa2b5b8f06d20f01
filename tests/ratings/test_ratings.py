from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.agreement import elo_agreement, ratings_agreement
from nbarank.core.errors import TableError
from nbarank.core.tables import validate
from nbarank.ratings.elo import carried_over, season_elo
from nbarank.ratings.least_squares import margin_sums, solve, solve_with_home, strength_of_schedule
from nbarank.ratings.params import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.records import group_ranks, pythagorean, records
from nbarank.ratings.season_games import SeasonGames, split_seasons
from nbarank.ratings.table import rate
from nbarank.schemas.league import GAMES, TEAMS
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import write_split
from tests.as_of_league import Tables, real_tables, section

ELO = section(EloParams)
SRS = section(SrsParams)
PYTHAGOREAN = section(PythagoreanParams)
PUBLISHED = ELO.model_copy(
    update={"home_advantage": 100.0, "k_start": 20.0, "k_end": 20.0, "cold_start_games": 0}
)


def league(
    results: list[tuple[str, int, int, int, int]], as_of: list[str], *, teams: int = 4
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Tables of a season from (day, home, away, home points, away points)."""
    games = pd.DataFrame(
        results, columns=["game_date", "home_id", "away_id", "home_pts", "away_pts"]
    )
    games["game_date"] = pd.to_datetime(games["game_date"]).astype("datetime64[us]")
    games["game_id"] = [f"2015{number:06d}" for number in range(len(games))]
    games = games.assign(season="2015-16", kind="regular", neutral=False)
    members = pd.DataFrame({"season": "2015-16", "team_id": range(1, teams + 1)})
    members["conference"] = ["East", "West"] * (teams // 2)
    dates = pd.DataFrame({"season": "2015-16", "as_of": pd.to_datetime(as_of)})
    return games, members, dates


def season_of(results: list[tuple[str, int, int, int, int]], teams: int = 4) -> SeasonGames:
    return split_seasons(*league(results, ["2015-12-01"], teams=teams))[0]


def rated(*tables: pd.DataFrame) -> pd.DataFrame:
    return validate(RATINGS, rate(*tables, ELO, SRS, PYTHAGOREAN))


def round_robin(strength: np.ndarray, home_court: float, *, noise: float = 0.0) -> list[Any]:
    """Each team hosts each other once, a round a day; margins are strength plus home court."""
    rng = np.random.default_rng(3)
    n = len(strength)
    rows = []
    for day, shift in enumerate(range(1, n)):
        for home in range(n):
            away = (home + shift) % n
            margin = strength[home] - strength[away] + home_court + noise * rng.normal()
            rows.append((f"2015-11-{day + 1:02d}", home + 1, away + 1, 100 + margin, 100.0))
    return rows


@pytest.fixture(scope="module")
def ratings(tables: Tables) -> pd.DataFrame:
    return rated(tables["games"], tables["teams"], tables["as_of"])


class TestElo:
    def test_one_game_by_the_published_formula(self) -> None:
        # 1505 against 1505 at home: P = 1 / (1 + 10^(-100/400)) = .640065.
        # Home wins by 10: weight 13^.8 / (7.5 + .006 * 100) = 7.784079 / 8.1 = .960998;
        # change 20 * .960998 * (1 - .640065) = 6.917...
        one = season_of([("2015-11-01", 1, 2, 110, 100)])
        path, expected = season_elo(one, np.full(4, 1505.0), np.ones(4), PUBLISHED)
        assert expected[0] == pytest.approx(0.640065, abs=1e-6)
        change = 20 * 13**0.8 / 8.1 * (1 - 0.640065)
        assert path[1] - 1505 == pytest.approx([change, -change, 0, 0], abs=1e-4)

    def test_the_underdogs_win_moves_more(self) -> None:
        one = season_of([("2015-11-01", 1, 2, 110, 100), ("2015-11-01", 3, 4, 100, 110)])
        path, _ = season_elo(one, np.full(4, 1505.0), np.ones(4), PUBLISHED)
        assert path[1][3] - 1505 > path[1][0] - 1505 > 0

    def test_neutral_ground_gives_no_home_advantage(self) -> None:
        games, teams, as_of = league([("2015-11-01", 1, 2, 110, 100)], ["2015-11-02"])
        one = split_seasons(games.assign(neutral=True), teams, as_of)[0]
        _, expected = season_elo(one, np.full(4, 1505.0), np.ones(4), PUBLISHED)
        assert expected[0] == 0.5

    def test_k_falls_through_the_season_and_is_higher_without_history(self) -> None:
        k = {"k_start": 40.0, "k_end": 10.0, "k_fall_games": 2, "cold_start_games": 1}
        changes = {**k, "cold_start_k": 80.0, "home_advantage": 0.0}
        params = PUBLISHED.model_copy(update=changes)
        days = [(f"2015-11-0{day}", 1, 2, 101, 100) for day in (1, 2, 3)]
        one = season_of(days)

        def factor(experience: float) -> np.ndarray:
            path, expected = season_elo(one, np.full(4, 1505.0), np.full(4, experience), params)
            edge = path[:-1, 0] - path[:-1, 1]
            weight = 4**0.8 / (7.5 + 0.006 * edge)
            return np.diff(path[:, 0]) / (weight * (1 - expected))

        assert factor(1.0) == pytest.approx([40.0, 25.0, 10.0])
        assert factor(0.0) == pytest.approx([80.0, 25.0, 10.0])

    def test_a_summer_pulls_ratings_to_the_mean(self) -> None:
        assert carried_over(np.array([1605.0, 1405.0]), PUBLISHED) == pytest.approx(
            [1580.0, 1430.0]
        )


class TestLeastSquares:
    def test_noise_free_margins_give_back_strengths_and_home_court(self) -> None:
        strength = np.array([6.0, 1.0, -2.0, -5.0])
        one = season_of(round_robin(strength, 3.0))
        params = SRS.model_copy(update={"home_ridge_games": 1e-9})
        found, home = solve_with_home(margin_sums(one), np.array([1e-9]), np.zeros(4), 0.0, params)
        assert found[0] == pytest.approx(strength, abs=1e-6)
        assert home[0] == pytest.approx(3.0, abs=1e-6)

    def test_agrees_with_numpys_least_squares(self) -> None:
        rows = round_robin(np.array([6.0, 1.0, -2.0, -5.0, 0.0, 3.0]), 2.0, noise=8.0)[:17]
        one = season_of(rows, teams=6)
        found = solve(margin_sums(one), np.array([1e-9]), np.zeros(6))[0]
        design = np.zeros((len(rows), 6))
        design[np.arange(len(rows)), one.home] = 1
        design[np.arange(len(rows)), one.away] = -1
        oracle = np.linalg.lstsq(design, one.home_pts - one.away_pts, rcond=None)[0]
        assert found - found[0] == pytest.approx(oracle - oracle[0], abs=1e-6)

    def test_srs_is_margin_of_victory_plus_schedule(self) -> None:
        one = season_of(round_robin(np.array([6.0, 1.0, -2.0, -5.0]), 2.0, noise=8.0))
        sums = margin_sums(one)
        found = solve(sums, np.array([1e-9]), np.zeros(4))
        schedule = strength_of_schedule(sums, found)
        assert records(one)["point_diff"] + schedule == pytest.approx(found, abs=1e-6)

    def test_one_rout_does_not_make_a_champion(self) -> None:
        tables = league([("2015-11-01", 1, 2, 140, 100)], ["2015-11-02"])
        row = rated(*tables).set_index("team_id").loc[1]
        assert 0 < row["srs"] < 10 and 0 < row["srs_carried"] < 10
        assert row["point_diff"] == 40

    def test_another_teams_games_move_a_rating_through_the_opponents(self) -> None:
        first = [("2015-11-01", 1, 2, 110, 100), ("2015-11-01", 3, 4, 110, 100)]
        better_opponent = [*first, ("2015-11-02", 2, 3, 120, 100)]
        alone = rated(*league(first, ["2015-11-05"])).set_index("team_id")
        lifted = rated(*league(better_opponent, ["2015-11-05"])).set_index("team_id")
        assert lifted.loc[1, "srs"] > alone.loc[1, "srs"]

    def test_one_date_alone_gives_the_same_bits_as_many(self, tables: Tables) -> None:
        everything = rated(tables["games"], tables["teams"], tables["as_of"])
        dates = tables["as_of"].groupby("season").nth(4)
        some = rated(tables["games"], tables["teams"], dates)
        same = everything.merge(dates[["season", "as_of"]]).reset_index(drop=True)
        pd.testing.assert_frame_equal(some, same, check_exact=True)


class TestStandings:
    def test_pythagorean_of_known_points(self) -> None:
        params = PYTHAGOREAN.model_copy(update={"shrink_games": 0.0})
        one = season_of([("2015-11-01", 1, 2, 110, 100)])
        found = pythagorean(records(one), params)
        expected = 110**13.91 / (110**13.91 + 100**13.91)
        assert found["pythagorean"][0] == pytest.approx([expected, 1 - expected, 0.5, 0.5])
        assert found["luck"][0] == pytest.approx([1 - expected, expected - 1, 0, 0])

    def test_shrinking_pulls_to_a_half(self) -> None:
        one = season_of([("2015-11-01", 1, 2, 130, 90)])
        much = pythagorean(records(one), PYTHAGOREAN.model_copy(update={"shrink_games": 20.0}))
        little = pythagorean(records(one), PYTHAGOREAN.model_copy(update={"shrink_games": 1.0}))
        assert 0.5 < much["pythagorean"][0, 0] < little["pythagorean"][0, 0] < 1

    def test_ranks_break_ties_by_margin_then_id(self) -> None:
        win_pct = np.array([[0.5, 0.5, 0.6, 0.5]])
        margin = np.array([[1.0, 1.0, -4.0, 2.0]])
        assert group_ranks(win_pct, margin, np.zeros(4, dtype=int)).tolist() == [[3, 4, 1, 2]]
        assert group_ranks(win_pct, margin, np.array([0, 1, 0, 1])).tolist() == [[2, 2, 1, 1]]

    @settings(max_examples=40, derandomize=True, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(-2, 2)), min_size=2, max_size=12))
    def test_no_two_teams_share_a_rank(self, rows: list[tuple[int, int]]) -> None:
        values = np.array(rows, dtype=float)
        found = group_ranks(values[None, :, 0], values[None, :, 1], np.zeros(len(rows), dtype=int))
        assert sorted(found[0]) == list(range(1, len(rows) + 1))


class TestTable:
    def test_a_row_for_each_team_on_each_date(self, tables: Tables, ratings: pd.DataFrame) -> None:
        expected = tables["as_of"].merge(tables["teams"], on="season")
        assert len(ratings) == len(expected)
        assert len(ratings.merge(expected, on=["season", "as_of", "team_id"])) == len(expected)

    def test_before_the_first_game_everything_is_average(self, ratings: pd.DataFrame) -> None:
        first = ratings[ratings["as_of"] == ratings["as_of"].min()]
        assert (first["games_played"] == 0).all()
        values = {"elo": ELO.mean, "win_pct": 0.5, "pythagorean": 0.5, "last_season_win_pct": 0.5}
        zero = ("point_diff", "srs", "sos", "massey", "srs_carried", "luck", "last_season_srs")
        for name, value in {**values, **dict.fromkeys(zero, 0), "last_season_rank": 15.5}.items():
            assert (first[name] == value).all(), name

    def test_a_season_starts_from_the_last(self, ratings: pd.DataFrame) -> None:
        season, last = "2020-21", "2019-20"
        own = ratings[ratings["season"] == season]
        start = own[own["as_of"] == own["as_of"].min()].set_index("team_id")
        before = ratings[ratings["season"] == last]
        end = before[before["as_of"] == before["as_of"].max()].set_index("team_id")
        assert end["games_played"].eq(15).all()
        expected = SRS.carry_over * end["srs_carried"]
        centred = start["srs_carried"] - start["srs_carried"].mean()
        assert centred.to_numpy() == pytest.approx((expected - expected.mean()).to_numpy())
        assert start["last_season_win_pct"].equals(end["win_pct"])
        assert start["last_season_srs"].equals(end["srs"])
        assert (start["srs"] == 0).all()
        assert sorted(start["last_season_rank"]) == list(range(1, 31))
        assert start["last_season_rank"].corr(end["win_pct"]) < -0.9

    def test_playoffs_count_in_elo_only(self, tables: Tables, ratings: pd.DataFrame) -> None:
        games = tables["games"]
        regular_only = games[(games["kind"] == "regular") | (games["season"] != "2019-20")]
        without = rated(regular_only, tables["teams"], tables["as_of"])
        later = ratings["season"] == "2020-21"
        champion = games.query("season == '2019-20' and kind == 'playoffs'").iloc[-1]
        finalists = ratings["team_id"].isin([champion["home_id"], champion["away_id"]])
        assert (
            ratings.loc[later & finalists, "elo"] != without.loc[later & finalists, "elo"]
        ).all()
        unmoved = ["win_pct", "srs", "massey", "srs_carried", "last_season_srs", "pythagorean"]
        pd.testing.assert_frame_equal(ratings[unmoved], without[unmoved], check_exact=True)

    def test_higher_is_stronger(self, ratings: pd.DataFrame) -> None:
        end = ratings[ratings["as_of"] == ratings["as_of"].max()]
        for name in ("elo", "srs", "massey", "srs_carried", "pythagorean", "point_diff"):
            assert end[name].corr(end["win_pct"], method="spearman") > 0.8, name

    def test_a_season_about_to_start_has_rows(self, tables: Tables) -> None:
        cut = tables["games"][tables["games"]["season"] < "2021-22"]
        found = rated(cut, tables["teams"], tables["as_of"])
        own = found[found["season"] == "2021-22"]
        assert len(own) and (own["games_played"] == 0).all()
        assert own["elo"].std() > 1

    def test_a_new_team_starts_average(self, tables: Tables) -> None:
        new = tables["games"].copy()
        teams = tables["teams"].copy()
        for frame, columns in ((new, ["home_id", "away_id"]), (teams, ["team_id"])):
            late = frame["season"] == "2021-22"
            frame.loc[late, columns] = frame.loc[late, columns].replace(30, 31)
        found = rated(new, teams, tables["as_of"])
        start = found[found["as_of"] == found.loc[found["season"] == "2021-22", "as_of"].min()]
        row = start.set_index("team_id").loc[31]
        assert row["elo"] == ELO.mean
        assert row["last_season_rank"] == 15.5
        assert row["last_season_win_pct"] == 0.5

    def test_an_unknown_team_is_named(self, tables: Tables) -> None:
        games = tables["games"].assign(home_id=99)
        with pytest.raises(TableError, match="team"):
            rate(games, tables["teams"], tables["as_of"], ELO, SRS, PYTHAGOREAN)

    def test_seasons_that_overlap_are_refused(self, tables: Tables) -> None:
        early = tables["as_of"].copy()
        late = early["season"] == "2021-22"
        early.loc[late, "as_of"] = early.loc[late, "as_of"] - pd.Timedelta(days=360)
        with pytest.raises(TableError, match="2021-22"):
            rate(tables["games"], tables["teams"], early, ELO, SRS, PYTHAGOREAN)


@pytest.fixture(scope="module")
def real_data(real_raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with league tables of three real seasons, the shut-down one included."""
    folder = tmp_path_factory.mktemp("real")
    tables = real_tables(real_raw, ("2017-18", "2018-19", "2019-20"), folder)
    ended = set(tables["seasons"]["season"])
    for table in (GAMES, TEAMS):
        write_split(table, tables[table.name.split("/")[1]], ended, folder / "data")
    return folder / "data"


@pytest.mark.real
def test_season_end_ratings_are_the_published_ones(real_data: Path, real_anchors: Path) -> None:
    found = ratings_agreement(real_data, real_anchors)
    assert (found["teams"] == 30).all() and len(found) == 3
    assert found[["MOV", "SRS", "SOS"]].to_numpy().max() < 0.05
    assert (found["wins"] == 0).all()


@pytest.mark.real
def test_elo_of_the_published_constants_agrees(real_data: Path, real_anchors: Path) -> None:
    found = elo_agreement(real_data, real_anchors).loc["all but the first"]
    assert found["games"] > 2400
    assert found["elo correlation"] > 0.98
    assert found["probability correlation"] > 0.98
