"""Thirteen real seasons: given all results, the simulation reproduces what happened."""

import numpy as np
import pandas as pd
import pytest

from nbarank.forecast.game_model import default_model
from nbarank.forecast.season_simulation import Drift, Strengths, simulate
from nbarank.forecast.season_state import League
from nbarank.league.ingest import LeagueTables
from nbarank.league.outcomes import build_outcomes
from nbarank.league.postseason import pair_wins
from tests.forecast.made_league import params

pytestmark = pytest.mark.real
ONE_DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def real(real_league: LeagueTables) -> League:
    made = real_league
    return League(made.seasons, made.teams, made.games, made.schedule)


@pytest.fixture(scope="module")
def outcomes(real: League) -> pd.DataFrame:
    return build_outcomes(real.games, real.teams, real.seasons)


def simulated(real: League, season: str, day: pd.Timestamp):
    state = real.state(season, day)
    strengths = Strengths(np.zeros(30), np.full(30, 3.0))
    model, random = default_model(params()), np.random.default_rng(0)
    return state, simulate(state, strengths, model, Drift(1.5, 35.0), 20, random)


def test_who_met_whom_and_who_won_is_reproduced(real: League, outcomes: pd.DataFrame) -> None:
    assert len(real.seasons) == 13
    for row in real.seasons.itertuples():
        season = str(row.season)
        state, one = simulated(real, season, row.playoffs_end + ONE_DAY)
        truth = outcomes[outcomes["season"] == season].sort_values("team_id")
        for column in range(20):
            assert one.standings.league_rank[:, column].tolist() == truth["final_rank"].tolist()
            assert one.playoffs.wins[:, column].tolist() == truth["playoff_wins"].tolist()
            places = one.playoff_rank[:, column].tolist()
            assert places == truth["playoff_rank_performance"].tolist()
        rounds = np.maximum(one.playoffs.rounds_won[:, 0], 0)
        assert rounds.tolist() == truth["rounds_won"].tolist()
        assert ((one.playoffs.rounds_won[:, 0] >= 0) == truth["made_playoffs"].to_numpy()).all()
        for side in (0, 1):
            for seed in range(8):
                team = one.seeds[side, seed, 0]
                assert truth["seed"].iloc[team] == seed + 1
        met = {
            frozenset(state.team_ids[[first, second]].tolist())
            for first, second in zip(
                one.playoffs.first[:, 0], one.playoffs.second[:, 0], strict=True
            )
        }
        played = real.games.query("season == @season and kind == 'playoffs'")
        assert met == {frozenset(pair) for pair in pair_wins(played)}


def test_home_courts_are_those_of_the_first_games(real: League) -> None:
    for row in real.seasons.itertuples():
        season = str(row.season)
        state, one = simulated(real, season, row.playoffs_end + ONE_DAY)
        games = real.games[(real.games["season"] == season) & (real.games["kind"] == "playoffs")]
        games = games.sort_values(["game_date", "game_id"])
        number = {int(team): place for place, team in enumerate(state.team_ids)}
        seen: set[frozenset[int]] = set()
        for home, away in zip(games["home_id"], games["away_id"], strict=True):
            pair = frozenset((int(home), int(away)))
            if pair not in seen:
                rank = one.standings.league_rank[:, 0]
                assert rank[number[int(home)]] < rank[number[int(away)]], (season, home, away)
            seen.add(pair)


def test_after_the_season_only_the_field_is_known(real: League, outcomes: pd.DataFrame) -> None:
    for row in real.seasons[real.seasons["play_in"] == "none"].itertuples():
        season = str(row.season)
        _, one = simulated(real, season, row.end + ONE_DAY)
        truth = outcomes[outcomes["season"] == season].sort_values("team_id")
        made = (one.playoffs.rounds_won >= 0).all(axis=1)
        assert made.tolist() == truth["made_playoffs"].tolist()
        assert len(set(one.playoffs.rounds_won.argmax(axis=0).tolist())) > 1


def test_the_play_in_was_open_before_it_was_played(real: League) -> None:
    for row in real.seasons[real.seasons["play_in"] == "standard"].itertuples():
        _, one = simulated(real, str(row.season), row.end + ONE_DAY)
        assert (one.in_play_in.sum(axis=0) == 8).all()
        sure = (one.playoffs.rounds_won >= 0).all(axis=1).sum()
        assert 12 <= sure < 16
