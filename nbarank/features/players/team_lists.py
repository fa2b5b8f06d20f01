"""Published team lists (rosters): who belongs to a team before he has played for it, and ages.

A list counts from its as-of day; a team's first list of a season, its opening-night roster, counts
from the season's first day. A list of `COMPLETE_LIST` players or more is complete: players of the
team that are not on it have left.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.features.players.player_log import Floats, Ints, PlayerLog, Snapshots, day_numbers

COMPLETE_LIST = 13
OPENING_DAYS = 7
"""Days from the season's start within which a team's first list is its opening-night roster."""
FAR_DAY = 1_000_000
"""Larger than any day number."""
AGE_MONTH_DAY = "-02-01"
"""Day of the season's second year to which ages refer."""


@dataclass(frozen=True)
class TeamLists:
    """Rows of lists ordered by known day; arrays are (n_rows,).

    Attributes
    ----------
    known
        First day that may see the row.
    player, team
        Positions in the log's ids.
    birth
        Estimated day of birth, days since 1970; NaN where the age is unknown.
    complete
        Whether the row's list is complete.
    """

    known: Ints
    season_number: Ints
    player: Ints
    team: Ints
    birth: Floats
    complete: NDArray[np.bool_]
    names: NDArray[np.object_]

    def names_on(self, player: Ints, day: Ints) -> NDArray[np.object_]:
        """Return the name of each listed player in the latest row known on a day."""
        order = np.argsort(self.player, kind="stable")
        keys = self.player[order] * FAR_DAY + self.known[order]
        place = np.searchsorted(keys, player * FAR_DAY + day, side="right") - 1
        return self.names[order[place]]


def make_team_lists(rosters: pd.DataFrame, seasons: pd.DataFrame, log: PlayerLog) -> TeamLists:
    """Return the lists of the log's teams and of known seasons, from `sources.raw.read_rosters`."""
    order = seasons.sort_values("season").reset_index(drop=True)
    number = {label: place for place, label in enumerate(order["season"])}
    rows = rosters[rosters["season"].isin(number) & rosters["team_id"].isin(log.teams)]
    season = rows["season"].map(number).to_numpy().astype(np.int64)
    start = day_numbers(order["start"])[season]
    listed = day_numbers(rows["as_of"].astype("datetime64[us]"))
    list_key = [rows["season"], rows["team_id"]]
    first = pd.Series(listed, rows.index).groupby(list_key).transform("min").to_numpy()
    opening = (listed == first) & (listed <= start + OPENING_DAYS)
    known = np.where(opening, np.minimum(start, listed), listed)
    size = rows.groupby([*list_key, "as_of"])["player_id"].transform("size").to_numpy()
    years = rows["season"].str[:4].astype("int64") + 1
    reference = day_numbers(pd.to_datetime(years.astype(str) + AGE_MONTH_DAY))
    # The age is in completed years: half a year more on average.
    birth = reference - (rows["age"].to_numpy(np.float64) + 0.5) * 365.25
    place = np.lexsort((rows["player_id"], rows["team_id"], known))
    ids = rows["player_id"].to_numpy(np.int64)
    return TeamLists(
        known=known[place].astype(np.int64),
        season_number=season[place],
        player=np.searchsorted(log.players, ids[place]).astype(np.int64),
        team=np.searchsorted(log.teams, rows["team_id"].to_numpy(np.int64)[place]).astype(np.int64),
        birth=birth[place],
        complete=(size >= COMPLETE_LIST)[place],
        names=rows["player_name"].to_numpy(object)[place],
    )


@dataclass
class Belonging:
    """Team and latest evidence of every player, as lists and games become known.

    Attributes
    ----------
    team
        Position of the team of the latest list or game; -1: none.
    season_number, day
        Season and day of that evidence; -1: none.
    listed
        Whether a list of the current season has the player in that team.
    """

    n_players: int
    n_teams: int
    team: Ints = field(init=False)
    season_number: Ints = field(init=False)
    day: Ints = field(init=False)
    listed: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Start without evidence."""
        self.team, self.season_number, self.day, self.listed = np.full((4, self.n_players), -1)

    def advance(self, log: PlayerLog, rows: slice, lists: TeamLists, listed: slice) -> None:
        """Add the games in some rows of the log, and some rows of the lists.

        The later evidence decides; on the same day, the game, which is played after the list.
        """
        days = np.unique(lists.known[listed])
        first_row, last_row = rows.start, rows.stop
        for day in days:
            split = int(np.searchsorted(log.day[first_row:last_row], day)) + first_row
            self._games(log, slice(first_row, split))
            first_row = split
            low, high = np.searchsorted(lists.known, [day, day + 1])
            self._lists(lists, slice(int(low), int(high)), int(day))
        self._games(log, slice(first_row, last_row))

    def _games(self, log: PlayerLog, rows: slice) -> None:
        player = log.player[rows]
        moved = self.team[player] != log.team[rows]
        self.listed[player[moved]] = -1
        self.team[player] = log.team[rows]
        self.season_number[player] = log.season_number[rows]
        self.day[player] = log.day[rows]

    def _lists(self, lists: TeamLists, rows: slice, day: int) -> None:
        player, team = lists.player[rows], lists.team[rows]
        closed = np.zeros(self.n_teams + 1, bool)
        closed[team[lists.complete[rows]]] = True
        self.team[closed[self.team]] = -1
        self.team[player] = team
        self.season_number[player] = self.listed[player] = lists.season_number[rows]
        self.day[player] = day


def ages(lists: TeamLists, n_players: int, snapshots: Snapshots) -> Floats:
    """Return (n_snapshots, n_players) ages in years by the lists known by then; NaN: unknown."""
    birth = np.full(n_players, np.nan)
    result = np.full((len(snapshots), n_players), np.nan)
    bounds = np.searchsorted(lists.known, np.append(-(2**40), snapshots.day), side="right")
    for now in range(len(snapshots)):
        rows = slice(int(bounds[now]), int(bounds[now + 1]))
        found = np.isfinite(lists.birth[rows])
        birth[lists.player[rows][found]] = lists.birth[rows][found]
        result[now] = (snapshots.day[now] - birth) / 365.25
    return result
