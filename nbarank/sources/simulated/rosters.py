"""Files of the simulated league beside its box scores: opening-night rosters and inactive lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.arrays import Bools, Ints
from nbarank.sources.layout import file_name, write_parquet
from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.files import FIRST_PLAYER_ID, day_labels
from nbarank.sources.simulated.games import Played
from nbarank.sources.simulated.players import Players
from nbarank.sources.simulated.state import SeasonState
from nbarank.sources.simulated.teams import ABBREVIATIONS

_REASONS = tuple(c.INACTIVE_REASONS)


def write_rosters(
    raw: Path,
    season: str,
    state: SeasonState,
    players: Players,
    names: list[str],
    start: pd.Timestamp,
) -> None:
    """Write the roster of each team on the day of its first game, in the order of ids."""
    first_day = state.team_days[:, 0]
    on_roster = state.stints.on_roster(np.arange(len(first_day)), first_day)
    team, column = np.nonzero(on_roster)
    player = state.stints.player[team, column]
    frame = pd.DataFrame(
        {
            "TEAM_ID": team + 1,
            "SEASON": season,
            "PLAYER_ID": player + FIRST_PLAYER_ID,
            "PLAYER": np.array(names, dtype=object)[player],
            "AGE": players.age[player].astype(np.float64),
            "AS_OF": day_labels(start, first_day[team]),
        }
    )
    frame = frame.sort_values(["TEAM_ID", "PLAYER_ID"], ignore_index=True)
    write_parquet(frame, raw / file_name(season, "rosters"))


def inactive_list(
    state: SeasonState,
    played: Played,
    ids: list[str],
    names: list[str],
    start: pd.Timestamp,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the inactive lists of some games, in the order of ids.

    Listed are players on the roster who are absent or not dressed; a healthy player who dressed
    and stayed on the bench is not.

    Parameters
    ----------
    ids
        Game ids in the order of `played`.
    start
        Date of the season's first game.
    rng
        Generator of the reasons alone, so that box scores do not depend on these lists.
    """
    team, day = played.team.reshape(-1), np.repeat(played.day, 2)
    roster = state.stints.player[team]
    absent = state.absent[roster, state.slot(team, day)[:, None]]
    dressed = played.players.reshape(len(team), -1)
    on_court = np.where(played.hundredths.reshape(dressed.shape) > 0, dressed, -1)
    listed = (
        state.stints.on_roster(team, day)
        & (absent | ~_contains(dressed, roster))
        & ~_contains(on_court, roster)
    )
    side, column = np.nonzero(listed)
    player = roster[side, column]
    reason = rng.choice(len(_REASONS), size=len(side), p=list(c.INACTIVE_REASONS.values()))
    reason = np.where(absent[side, column], reason, 0)
    frame = pd.DataFrame(
        {
            "GAME_ID": np.repeat(np.array(ids), 2)[side],
            "GAME_DATE": day_labels(start, day[side]),
            "TEAM_ID": team[side] + 1,
            "TEAM_ABBREVIATION": ABBREVIATIONS[team[side]],
            "PLAYER_ID": player + FIRST_PLAYER_ID,
            "PLAYER_NAME": np.array(names, dtype=object)[player],
            "REASON": np.array(_REASONS)[reason],
        }
    )
    return frame.sort_values(["GAME_ID", "TEAM_ID", "PLAYER_ID"], ignore_index=True)


def _contains(rows: Ints, values: Ints) -> Bools:
    """Return which values of each row are in the same row of `rows`."""
    found: Bools = (values[:, :, None] == rows[:, None, :]).any(axis=2)
    return found
