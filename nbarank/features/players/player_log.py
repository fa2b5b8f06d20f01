"""Player-games as arrays, the as-of dates (snapshots), and the clock by which history decays.

Everything is ordered by date, so rows of the past do not depend on later ones, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.schemas.league import BOX_COUNTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

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
    counts: Ints
    team_counts: Ints
    side: Floats
    length: Floats
    possessions: Floats
    margin: Floats
    interval: Ints

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
    columns = ["game_id", "team_id", "is_home", "neutral", "minutes", "margin"]
    team_counts = [f"team_{name}" for name in BOX_COUNTS]
    game = team_games[[*columns, "possessions", *BOX_COUNTS]].rename(
        columns={
            "minutes": "length",
            "margin": "team_margin",
            **dict(zip(BOX_COUNTS, team_counts, strict=True)),
        }
    )
    rows = player_games[player_games["minutes"] > 0].merge(game, on=["game_id", "team_id"])
    rows = rows.sort_values(LOG_ORDER, kind="stable").reset_index(drop=True)
    number = {label: place for place, label in enumerate(snapshots.seasons)}
    season_number = rows["season"].map(number).to_numpy().astype(np.int64)
    day = day_numbers(rows["game_date"])
    all_days = day_numbers(team_games["game_date"])
    players = np.unique(np.r_[rows["player_id"].to_numpy(np.int64), listed])
    player = np.searchsorted(players, rows["player_id"].to_numpy(np.int64))
    side = np.where(rows["neutral"], 0.0, np.where(rows["is_home"], 1.0, -1.0))
    return PlayerLog(
        players=players,
        teams=teams,
        names=rows["player_name"].to_numpy(object),
        player=player.astype(np.int64),
        team=np.searchsorted(teams, rows["team_id"].to_numpy(np.int64)).astype(np.int64),
        game=pd.factorize(rows["game_id"])[0].astype(np.int64),
        season_number=season_number,
        regular=(rows["kind"] == "regular").to_numpy(bool),
        playoff=(rows["kind"] == "playoffs").to_numpy(bool),
        day=day,
        clock=game_clock(all_days, day, season_number, summer_days),
        minutes=rows["minutes"].to_numpy(np.float64),
        plus_minus=rows["plus_minus"].to_numpy(np.float64),
        counts=rows[list(BOX_COUNTS)].to_numpy(np.int64),
        team_counts=rows[team_counts].to_numpy(np.int64),
        side=side,
        length=rows["length"].to_numpy(np.float64),
        possessions=rows["possessions"].to_numpy(np.float64),
        margin=rows["team_margin"].to_numpy(np.float64),
        interval=np.searchsorted(snapshots.day, day, side="right").astype(np.int64),
    )
