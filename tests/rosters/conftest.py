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
NO_LISTS = pd.DataFrame({"season": pd.Series(dtype=str), "as_of": pd.to_datetime([]),
                         "team_id": pd.Series(dtype="int64"), "player_id": pd.Series(dtype="int64"),
                         "player_name": pd.Series(dtype=str),
                         "age": pd.Series(dtype=float)})  # fmt: skip
FEATURES = section(FeatureParams).model_copy(update={"rolling_windows": WINDOWS})
NO_REPORTS = pd.DataFrame({"report_date": pd.to_datetime([]), "player_id": [], "team_id": []})
NO_RATINGS = pd.DataFrame({"season": pd.Series(dtype=str), "name": pd.Series(dtype=str),
                           "rating": pd.Series(dtype=float)})  # fmt: skip


def make(
    tables: Tables,
    reports: pd.DataFrame = NO_REPORTS,
    ratings: pd.DataFrame = NO_RATINGS,
    team_lists: pd.DataFrame = NO_LISTS,
    **changes: object,
) -> RosterTables:
    features = FEATURES.model_copy(update=changes)
    known = with_published(tables, reports, ratings, team_lists)
    return build_rosters(known, features, section(PlayerParams))


def with_published(
    tables: Tables, reports: pd.DataFrame, ratings: pd.DataFrame, team_lists: pd.DataFrame
) -> Tables:
    """Add what others publish to the tables of a league."""
    names = ("injury_reports", "published_ratings", "team_lists")
    return {**tables, **dict(zip(names, (reports, ratings, team_lists), strict=True))}


def some_lists(tables: Tables) -> pd.DataFrame:
    """Opening-night rosters of the season's players, one debutant a team, and later moves."""
    played = tables["player_games"].sort_values(["game_date", "game_id"])
    columns = ["season", "team_id", "player_id", "player_name"]
    opening = played.drop_duplicates(["season", "player_id"])[columns]
    teams = opening.drop_duplicates(["season", "team_id"])
    debut = teams.assign(player_id=200_000 + teams["team_id"], player_name="Deb Ut")
    opening = pd.concat([opening, debut])
    first = played.groupby(["season", "team_id"])["game_date"].min().rename("as_of")
    opening = opening.join(first, on=["season", "team_id"])
    order = np.sort(opening["team_id"].unique())
    moved = dict(zip(order, np.roll(order, 1), strict=True))
    later = opening[opening["player_id"] % 5 == 0].copy()
    later["team_id"] = later["team_id"].map(moved)
    later["as_of"] += pd.Timedelta(days=10)
    lists = pd.concat([opening, later], ignore_index=True)
    ids = lists["player_id"]
    return lists.assign(age=np.where(ids % 4, 19.0 + ids % 20, np.nan))


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


@pytest.fixture(scope="session")
def listed(league: Tables) -> RosterTables:
    return make(league, some_reports(league), some_ratings(league), some_lists(league))
