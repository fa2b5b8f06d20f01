"""Player-games as arrays, the as-of dates (snapshots), and the clock by which history decays.

Everything is ordered by date, so rows of the past do not depend on later ones, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.schemas.league import BOX_COUNTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Counts = NDArray[np.int32]

LOG_ORDER = ["game_date", "game_id", "team_id", "player_id"]


@dataclass(frozen=True)
class Snapshots:
    """As-of dates of all seasons in time order.

    Attributes
    ----------
    season
        (n_snapshots,) label.
    season_number
        (n_snapshots,) position of the season among all seasons, from 0.
    day
        (n_snapshots,) as-of day, in days since 1970.
    clock
        (n_snapshots,) league clock at the day: days with games before it, plus summers.
    share
        (n_snapshots,) share of the regular season played.
    seasons
        Labels of all seasons in order.
    """

    season: NDArray[np.str_]
    season_number: Ints
    day: Ints
    clock: Floats
    share: Floats
    seasons: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of snapshots."""
        return len(self.day)


@dataclass(frozen=True)
class PlayerLog:
    """Player-games with minutes, in the order of LOG_ORDER; arrays are (n_rows, ...).

    Attributes
    ----------
    players, teams
        Ids in ascending order; `player` and `team` are positions in them.
    names
        Name of the player in that game; only for display and matching by name.
    counts
        (n_rows, 15) box-score counts in the order of BOX_COUNTS.
    side
        +1 at home, -1 away, 0 on neutral ground.
    length, possessions
        Minutes and possessions (per team) of the game.
    margin
        Margin of the player's team in the game.
    interval
        Number of the first snapshot that may see the game.
    """

    players: Ints
    teams: Ints
    names: NDArray[np.object_]
    player: Ints
    team: Ints
    game: Ints
    season_number: Ints
    regular: NDArray[np.bool_]
    playoff: NDArray[np.bool_]
    day: Ints
    clock: Floats
    minutes: Floats
    plus_minus: Floats
    counts: Counts
    team_counts: Counts
    side: Floats
    length: Floats
    possessions: Floats
    margin: Floats
    interval: Ints

    def of_players(self, players: Ints) -> PlayerLog:
        """Return the rows of some players (positions in `players`)."""
        rows = np.isin(self.player, players)
        if rows.all():
            return self
        by_row = [f.name for f in fields(self) if f.name not in ("players", "teams")]
        return replace(self, **{name: getattr(self, name)[rows] for name in by_row})

    def bounds(self, n_snapshots: int) -> Ints:
        """Return (n_snapshots + 1,) row bounds: snapshot k adds rows bounds[k]:bounds[k + 1]."""
        return np.asarray(np.searchsorted(self.interval, np.arange(n_snapshots + 1)), np.int64)


def day_numbers(dates: pd.Series) -> Ints:
    """Return dates as whole days since 1970."""
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def game_clock(game_days: Ints, days: Ints, seasons: Ints, summer_days: float) -> Floats:
    """Return the league clock of days: days with games before each, plus the summers.

    History does not decay in pauses such as that of 2020; a summer counts as `summer_days`.
    """
    playing_days = np.unique(game_days)
    return np.searchsorted(playing_days, days) + summer_days * seasons.astype(np.float64)


def make_snapshots(
    as_of: pd.DataFrame, team_games: pd.DataFrame, seasons: tuple[str, ...], summer_days: float
) -> Snapshots:
    """Return the snapshots of league/as_of in time order; of team_games only dates are read."""
    ordered = as_of.sort_values("as_of", kind="stable")
    number = {label: place for place, label in enumerate(seasons)}
    season_number = ordered["season"].map(number).to_numpy().astype(np.int64)
    day = day_numbers(ordered["as_of"])
    game_days = day_numbers(team_games["game_date"])
    return Snapshots(
        season=ordered["season"].to_numpy(str),
        season_number=season_number,
        day=day,
        clock=game_clock(game_days, day, season_number, summer_days),
        share=ordered["season_share"].to_numpy(np.float64),
        seasons=seasons,
    )


def make_log(
    player_games: pd.DataFrame,
    team_games: pd.DataFrame,
    teams: Ints,
    snapshots: Snapshots,
    summer_days: float,
    listed: Ints,
) -> PlayerLog:
    """Return the player log from the league tables.

    Player rows without minutes, or without a row of their team in the game, are left out. `listed`
    are ids of players who may have no game.
    """
    # Narrow tables are joined and sorted; the box scores are then copied once.
    own = player_games.loc[player_games["minutes"] > 0, LOG_ORDER]
    own["row"] = np.flatnonzero(player_games["minutes"] > 0)
    side = team_games[["game_id", "team_id"]].assign(team_row=np.arange(len(team_games)))
    rows = own.merge(side, on=["game_id", "team_id"]).sort_values(LOG_ORDER, kind="stable")
    player_row, team_row = rows["row"].to_numpy(np.int64), rows["team_row"].to_numpy(np.int64)

    def of_player(column: str) -> Floats:
        return player_games[column].to_numpy(np.float64).take(player_row)

    def of_team(column: str) -> Floats:
        return team_games[column].to_numpy(np.float64).take(team_row)

    number = {label: place for place, label in enumerate(snapshots.seasons)}
    season_number = team_games["season"].map(number).to_numpy(np.int64)[team_row]
    all_days = day_numbers(team_games["game_date"])
    day = all_days[team_row]
    player_id = rows["player_id"].to_numpy(np.int64)
    players = np.unique(np.r_[player_id, listed])
    kind = team_games["kind"]
    name, known_names = pd.factorize(player_games["player_name"])  # one text for all his games
    at_home = np.where(team_games["is_home"], 1.0, -1.0)
    return PlayerLog(
        players=players,
        teams=teams,
        names=known_names.to_numpy(object)[name[player_row]],
        player=np.searchsorted(players, player_id).astype(np.int64),
        team=np.searchsorted(teams, rows["team_id"].to_numpy(np.int64)).astype(np.int64),
        game=pd.factorize(rows["game_id"])[0].astype(np.int64),
        season_number=season_number,
        regular=(kind == "regular").to_numpy(bool)[team_row],
        playoff=(kind == "playoffs").to_numpy(bool)[team_row],
        day=day,
        clock=game_clock(all_days, day, season_number, summer_days),
        minutes=of_player("minutes"),
        plus_minus=of_player("plus_minus"),
        counts=_box_counts(player_games, player_row),
        team_counts=_box_counts(team_games, team_row),
        side=np.where(team_games["neutral"], 0.0, at_home)[team_row],
        length=of_team("minutes"),
        possessions=of_team("possessions"),
        margin=of_team("margin"),
        interval=np.searchsorted(snapshots.day, day, side="right").astype(np.int64),
    )


def _box_counts(games: pd.DataFrame, rows: Ints) -> Counts:
    """Return (n_rows, 15) counts of some rows of a table; copied by column, to save memory."""
    counts = np.empty((len(rows), len(BOX_COUNTS)), np.int32)
    for place, name in enumerate(BOX_COUNTS):
        counts[:, place] = games[name].to_numpy()[rows]
    return counts
