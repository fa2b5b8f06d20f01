"""Roster tables of a tiny league, made once."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from nbarank.core.names import normal_name
from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.features.players.rosters import RosterTables, build_rosters
from tests.as_of_league import Tables, section

WINDOWS = [4, 9]
NO_REPORTS = pd.DataFrame({"report_date": pd.to_datetime([]), "player_id": [], "team_id": []})
NO_RATINGS = pd.DataFrame({"season": pd.Series(dtype=str), "name": pd.Series(dtype=str),
                           "rating": pd.Series(dtype=float)})  # fmt: skip


def make(
    tables: Tables,
    reports: pd.DataFrame = NO_REPORTS,
    ratings: pd.DataFrame = NO_RATINGS,
    **changes: object,
) -> RosterTables:
    features = section(FeatureParams).model_copy(update={"rolling_windows": WINDOWS, **changes})
    return build_rosters(tables, features, section(PlayerParams), reports, ratings)


def some_reports(tables: Tables) -> pd.DataFrame:
    """A report on every third day: the player of each team who played the most that day."""
    played = tables["player_games"]
    days = pd.Series(sorted(played["game_date"].unique())).iloc[::3]
    listed = played[played["game_date"].isin(days)].sort_values("minutes").groupby(
        ["game_date", "team_id"]
    )["player_id"].last().reset_index()  # fmt: skip
    return listed.rename(columns={"game_date": "report_date"})


def some_ratings(tables: Tables) -> pd.DataFrame:
    """Ratings of every second player of every season."""
    played = tables["player_games"][["season", "player_id", "player_name"]].drop_duplicates()
    names = [normal_name(name) for name in played["player_name"]]
    ratings = played.assign(name=names, rating=played["player_id"] % 7 - 3.0)
    return ratings[ratings["player_id"] % 2 == 0][["season", "name", "rating"]]


def with_absences_and_trades(tables: Tables, seed: int = 3) -> Tables:
    """Leave out some players of some games; pairs of players change places, newcomers come."""
    random = np.random.default_rng(seed)
    played = tables["player_games"]
    played = played[random.random(len(played)) > 0.15].copy()
    ids = np.unique(played["player_id"])
    for day in sorted(played["game_date"].unique())[5::9]:
        one, other = random.choice(ids, 2, replace=False)
        late = played["game_date"] >= day
        newcomer = int(random.integers(1, 10_000))
        leaver = random.choice(ids)
        swapped = played["player_id"].replace({one: other, other: one, leaver: newcomer})
        played["player_id"] = played["player_id"].where(~late, swapped)
    played["player_name"] = [
        "Ann " + "".join(chr(97 + int(digit)) for digit in str(i)) for i in played["player_id"]
    ]
    played = played.drop_duplicates(["game_id", "player_id"])
    return {**tables, "player_games": played.reset_index(drop=True)}


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """As a stage runs: on a busy machine, idle threads of BLAS cost more than they bring."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def league(tables: Tables) -> Tables:
    return with_absences_and_trades(tables)


@pytest.fixture(scope="session")
def made(league: Tables) -> RosterTables:
    return make(league, some_reports(league), some_ratings(league))
