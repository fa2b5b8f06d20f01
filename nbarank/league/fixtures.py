"""Fixtures that are not published yet, generated from the NBA's opponent counts.

In a season of 82 games a team meets each of its 4 division rivals 4 times, the other 10 teams of
its conference 3.6 times on average and the 15 teams of the other conference twice; shorter seasons
scale these counts. The number of games per pair is the integer plan closest to these counts that
gives every team its number of games, given what was played or is published (solved by HiGHS).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import TableError
from nbarank.core.seeds import generator

Whole = NDArray[np.int64]

FULL_SEASON = 82
DIVISION_GAMES, CONFERENCE_GAMES, OTHER_GAMES = 4.0, 3.6, 2.0


def complete_fixtures(
    members: pd.DataFrame,
    played: pd.DataFrame,
    published: pd.DataFrame,
    games_expected: int,
    as_of: pd.Timestamp,
    end: pd.Timestamp,
    unknown: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the fixtures still to be played, the unpublished ones generated.

    Parameters
    ----------
    members
        Rows of league/teams of the season, in order of team_id.
    played, published
        Regular-season games played before `as_of`, and fixtures published after it.
    games_expected
        Regular-season games of the whole league.
    as_of, end
        Days between which generated fixtures are spread evenly; `end` is the regular season's
        last day.
    unknown
        In a season that has ended, the fixtures not yet known: each of their teams gets as many
        games. By default every team gets its share of `games_expected`.

    Returns
    -------
    DataFrame
        game_id, season, game_date, home_id, away_id. Generated ids start with 'plan'; the same
        input gives the same fixtures.

    Raises
    ------
    TableError
        If no plan gives every team its number of games.
    """
    ids = members["team_id"].to_numpy(np.int64)
    known = pd.concat([played[["home_id", "away_id"]], published[["home_id", "away_id"]]])
    hosted = np.zeros((len(ids), len(ids)), np.int64)
    np.add.at(hosted, tuple(np.searchsorted(ids, known[side]) for side in known), 1)
    target = _target(members) * (2 * games_expected / len(ids) / FULL_SEASON)
    season = str(members["season"].iloc[0])
    if unknown is None:
        total = np.full(len(ids), 2 * games_expected // len(ids))
        total[: 2 * games_expected - int(total.sum())] += 1
        need = total - (hosted + hosted.T).sum(axis=1)
    else:
        sides = unknown[["home_id", "away_id"]].to_numpy(np.int64).ravel()
        need = np.bincount(np.searchsorted(ids, sides), minlength=len(ids))
    missing = _missing(hosted + hosted.T, target, need, season)
    home, away = _hosts(hosted, missing)
    shuffled = generator(0, "fixtures", season).permutation(len(home))
    last = max(end, as_of + pd.Timedelta(days=1))
    dates = as_of + pd.to_timedelta(
        np.floor(np.linspace(0, (last - as_of).days, len(home))).astype(int), unit="D"
    )
    generated = pd.DataFrame(
        {
            "game_id": [f"plan{number:06d}" for number in range(len(home))],
            "season": season,
            "game_date": dates.astype("datetime64[us]"),
            "home_id": ids[home[shuffled]],
            "away_id": ids[away[shuffled]],
        }
    )
    return pd.concat([published[generated.columns], generated], ignore_index=True)


def whole_schedule(
    members: pd.DataFrame,
    schedule: pd.DataFrame,
    games_expected: int,
    as_of: pd.Timestamp,
    end: pd.Timestamp,
) -> pd.DataFrame:
    """Return a season's fixtures, played and upcoming, the unpublished ones generated.

    `schedule` has the season's rows of league/schedule and is returned as is where it is complete;
    other parameters, columns and errors are those of `complete_fixtures`.
    """
    if len(schedule) >= games_expected:
        return schedule
    gone = schedule["game_date"] < as_of
    played, published = schedule[gone], schedule[~gone]
    upcoming = complete_fixtures(members, played, published, games_expected, as_of, end)
    whole = pd.concat([played[upcoming.columns], upcoming], ignore_index=True)
    known = schedule.set_index("game_id")["known_from"]
    return whole.assign(known_from=whole["game_id"].map(known).astype("datetime64[us]"))


def fixtures_as_known(
    members: pd.DataFrame, schedule: pd.DataFrame, end: pd.Timestamp
) -> pd.DataFrame:
    """Return a season's fixtures with the days on which they are known: from, until (exclusive).

    Fixtures with a `known_from` are replaced by generated ones before it, so that every team has
    the same number of games on every day. Parameters and columns are those of `whole_schedule`.
    """
    forever, ever = pd.Timestamp("2262-01-01"), pd.Timestamp("1900-01-01")
    known = schedule["known_from"].fillna(ever)
    parts = [schedule.assign(known_from=known, known_until=forever)]
    since = ever
    for day in sorted(known[known > ever].unique()):
        late = known >= day
        published, unknown = schedule[~late], schedule[late]
        made = complete_fixtures(
            members, schedule.iloc[:0], published, len(schedule), day, end, unknown
        )
        generated = made.iloc[len(published) :]
        parts.append(generated.assign(known_from=since, known_until=day))
        since = day
    return pd.concat(parts, ignore_index=True)


def _target(members: pd.DataFrame) -> NDArray[np.float64]:
    """Return [K, K] games between two teams in a season of 82 games."""
    conference = members["conference"].to_numpy(str)
    division = members["division"].to_numpy(str)
    target = np.where(conference[:, None] == conference[None], CONFERENCE_GAMES, OTHER_GAMES)
    target[division[:, None] == division[None]] = DIVISION_GAMES
    np.fill_diagonal(target, 0.0)
    return target


def _missing(known: Whole, target: NDArray[np.float64], need: Whole, season: str) -> Whole:
    """Return [K, K] games to add per pair so that every team gets the games it needs."""
    # Slow to import, and only seasons with missing fixtures need them.
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    teams = len(known)
    first, second = np.triu_indices(teams, 1)
    pairs = len(first)
    # Unknowns: games x per pair, then the distance d of known + x from the target.
    short = target[first, second] - known[first, second]
    each = np.arange(pairs)
    games_of_team = coo_array(
        (np.ones(2 * pairs), (np.r_[first, second], np.r_[each, each])), shape=(teams, 2 * pairs)
    )
    rows, columns = np.r_[each, each], np.r_[each, each + pairs]
    shape = (pairs, 2 * pairs)
    above = coo_array((np.r_[-np.ones(pairs), np.ones(pairs)], (rows, columns)), shape=shape)
    below = coo_array((np.ones(2 * pairs), (rows, columns)), shape=shape)
    plan = milp(
        np.r_[np.zeros(pairs), np.ones(pairs)],
        integrality=np.r_[np.ones(pairs), np.zeros(pairs)],
        bounds=Bounds(np.zeros(2 * pairs), np.full(2 * pairs, 8.0)),
        constraints=[
            LinearConstraint(games_of_team.tocsr(), need, need),
            LinearConstraint(above.tocsr(), lb=-short),
            LinearConstraint(below.tocsr(), lb=short),
        ],
        options={"mip_rel_gap": 0.02, "time_limit": 20.0},
    )
    if plan.x is None:
        raise TableError(
            f"The remaining fixtures of {season} cannot be planned.",
            where=f"league/schedule: {need.min()} to {need.max()} games to be played per team",
            allowed="an even total, no team with more games than the season",
            next_command="add schedule files to data/raw, or correct games_expected",
        )
    missing = np.zeros_like(known)
    missing[first, second] = np.rint(plan.x[:pairs]).astype(np.int64)
    return missing + missing.T


def _hosts(hosted: Whole, missing: Whole) -> tuple[Whole, Whole]:
    """Return home and away of every game to add, evening out each pair and each team."""
    hosted = hosted.copy()
    home, away = [], []
    for first, second in zip(*np.nonzero(np.triu(missing)), strict=True):
        for _ in range(missing[first, second]):
            pair = hosted[first, second] - hosted[second, first]
            surplus = hosted[first].sum() - hosted[:, first].sum()
            surplus -= hosted[second].sum() - hosted[:, second].sum()
            at_first = pair < 0 or (pair == 0 and surplus <= 0)
            host, guest = (first, second) if at_first else (second, first)
            hosted[host, guest] += 1
            home.append(int(host))
            away.append(int(guest))
    return np.array(home, np.int64), np.array(away, np.int64)
