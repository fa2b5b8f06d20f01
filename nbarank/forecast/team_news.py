"""What is known of a game besides strength: days of rest, and who is absent.

States of knowledge, each seeing more than the one before it:

- schedule: the fixtures;
- evening: box scores and injury reports of earlier days. A player counts as absent who did not play
  in his team's latest game of the season (before the first playoff game: its latest three, because
  regulars rest at the end), or whom the latest report lists;
- game_day: also the report of the day itself, whatever its time;
- tip_off: the inactive list of the game itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.arrays import are_in
from nbarank.core.tables import Table
from nbarank.schemas.features import ROSTERS
from nbarank.schemas.forecast import ABSENCES, State
from nbarank.schemas.league import INACTIVE_LISTS, INJURY_REPORTS, PLAYER_GAMES, TEAM_GAMES

ABSENCE: dict[State, float] = {"schedule": 0.0, "evening": 0.6, "game_day": 0.6, "tip_off": 1.0}
"""Weight of the absent players' points by state where none is fitted, and mean of its prior."""
REPLACEMENT = -2.0
"""Points per 48 minutes of the players who take over an absent player's minutes."""
REPORT_DAYS = 3
"""Days for which an injury report counts if none follows."""
LONGEST_REST = 10
"""Days of rest that count: All-Star break, before the season."""
MEMBER = ["season", "as_of", "team_id", "player_id", "player_name", "minutes_raw", "impact"]
LONGER_THAN_REST = 3
"""Games missed in a row at the end of the regular season that are more than rest."""
SIDES = ("home", "away")
TEAM_STEP = 10**6
"""More days than there are in the data."""


NEWS = (ROSTERS, PLAYER_GAMES, INJURY_REPORTS, INACTIVE_LISTS, TEAM_GAMES)


class NewsTables(NamedTuple):
    """The tables `NEWS` of the same seasons; `team_games`, for totals, also of the one before."""

    rosters: pd.DataFrame
    player_games: pd.DataFrame
    reports: pd.DataFrame
    inactive: pd.DataFrame
    team_games: pd.DataFrame | None = None


def no_rows(table: Table) -> pd.DataFrame:
    """Return a table without rows."""
    columns = table.schema.columns
    return pd.DataFrame({name: pd.Series(dtype=one.dtype) for name, one in columns.items()})


def news_of_played(games: pd.DataFrame, tables: NewsTables) -> dict[State, pd.DataFrame]:
    """Return each state's home_out_points and away_out_points of played games.

    Parameters
    ----------
    games
        game_id, season, game_date, as_of (latest date of strengths and rosters), home_id, away_id.

    Returns
    -------
    dict
        By state: game_id, home_out_points, away_out_points; of game_day the games of days with a
        report, of tip_off the games with lists.
    """
    games = games.assign(known=games["game_date"])
    reported = games[games["game_date"].isin(tables.reports["report_date"])]
    listed = games[are_in(games["game_id"], tables.inactive["game_id"])]
    found: dict[State, pd.DataFrame] = {
        "evening": with_points(games, absent_before(games, tables)),
        "game_day": with_points(reported, absent_before(reported, tables, same_day=True)),
        "tip_off": with_points(listed, absent_at_tip_off(listed, tables)),
    }
    columns = ["game_id", *(f"{side}_out_points" for side in SIDES)]
    return {state: frame[columns] for state, frame in found.items()}


def with_rest(games: pd.DataFrame, schedule: pd.DataFrame) -> pd.DataFrame:
    """Add home_rest and away_rest: days since the team's latest game, 1 to `LONGEST_REST`.

    Parameters
    ----------
    games
        game_date, home_id, away_id.
    schedule
        The same columns: every game and fixture of these seasons.
    """
    played = np.unique(np.concatenate([_team_days(schedule, side) for side in SIDES]))
    played = np.append(-TEAM_STEP, played)
    rows = games.reset_index(drop=True)
    for side in SIDES:
        wanted = _team_days(rows, side)
        # Before a team's first game is the last one of another team, further than any rest; so is
        # the team's game of the season before.
        latest = played[np.searchsorted(played, wanted) - 1]
        rows[f"{side}_rest"] = np.minimum(wanted - latest, LONGEST_REST)
    return rows


def _team_days(games: pd.DataFrame, side: str) -> NDArray[np.int64]:
    """Return [games] numbers that are ordered by a side's team, then by day."""
    days = games["game_date"].to_numpy("datetime64[D]").astype(np.int64)
    return np.asarray(games[f"{side}_id"].to_numpy(np.int64) * TEAM_STEP + days)


def tired(paired: pd.DataFrame) -> NDArray[np.float64]:
    """Return [games] 1 if only the home side played the day before, -1 if only the other did."""
    if "home_rest" not in paired:
        return np.zeros(len(paired))
    sides = [(paired[f"{side}_rest"] == 1).to_numpy(float) for side in ("home", "away")]
    return np.asarray(sides[0] - sides[1])


def absent_before(
    games: pd.DataFrame, tables: NewsTables, *, same_day: bool = False
) -> pd.DataFrame:
    """Return the players expected to be absent, as known before a day.

    Parameters
    ----------
    games
        game_id, season, kind, as_of (date of the rosters), known (box scores and reports before
        this day count), home_id, away_id.
    same_day
        Reports of the day itself count, too (state game_day).

    Returns
    -------
    pandas.DataFrame
        game_id, season, as_of, team_id, player_id, player_name, points (worth of his absence).
    """
    if games.empty:
        return no_rows(ABSENCES)
    sides = _by_team(games, ["game_id", "season", "kind", "as_of", "known"])
    on_court = tables.player_games[tables.player_games["minutes"] > 0]
    latest = on_court[["season", "team_id", "game_date", "game_id", "kind"]]
    latest = latest.drop_duplicates(["team_id", "game_id"])
    renamed = {"game_id": "latest_id", "game_date": "latest", "kind": "latest_kind"}
    latest = latest.rename(columns=renamed)
    sides = _latest(sides, latest.sort_values("latest"), "known", "latest")
    rosters = tables.rosters[[*MEMBER, "games_missed"]]
    members = sides.merge(rosters, on=["season", "as_of", "team_id"])
    played = on_court[["game_id", "player_id"]].rename(columns={"game_id": "latest_id"})
    members = members.merge(played.assign(played=True), on=["latest_id", "player_id"], how="left")
    missed = members["latest_id"].notna() & members["played"].isna()
    rest = (members["kind"] != "regular") & (members["latest_kind"] == "regular")
    missed &= ~rest | (members["games_missed"] >= LONGER_THAN_REST)
    return _priced(members[missed | _listed(members, tables.reports, same_day)])


def _listed(members: pd.DataFrame, reports: pd.DataFrame, same_day: bool) -> NDArray[np.bool_]:
    """Return whether the latest report before `known` (or on it) lists each player."""
    days = np.unique(reports["report_date"].to_numpy("datetime64[D]").astype(np.int64))
    if not len(days):
        return np.zeros(len(members), bool)
    known = members["known"].to_numpy("datetime64[D]").astype(np.int64)
    place = np.searchsorted(days, known, side="right" if same_day else "left") - 1
    latest = np.where(place >= 0, days[np.maximum(place, 0)], -(2**20))
    keys = pd.MultiIndex.from_arrays(
        [reports["report_date"].to_numpy("datetime64[D]").astype(np.int64), reports["player_id"]]
    )
    found = pd.MultiIndex.from_arrays([latest, members["player_id"]]).isin(keys)
    return np.asarray(found & (known - latest <= REPORT_DAYS))


def absent_at_tip_off(games: pd.DataFrame, tables: NewsTables) -> pd.DataFrame:
    """Return the players of the inactive lists (state tip_off).

    Parameters
    ----------
    games
        game_id, season, as_of (date of the rosters), home_id, away_id.

    Returns
    -------
    pandas.DataFrame
        As in `absent_before`.
    """
    sides = _by_team(games, ["game_id", "season", "as_of"])
    listed = tables.inactive[["game_id", "team_id", "player_id"]]
    listed = sides.merge(listed, on=["game_id", "team_id"])
    return _priced(
        listed.merge(tables.rosters[MEMBER], on=["season", "as_of", "team_id", "player_id"])
    )


def with_points(games: pd.DataFrame, absent: pd.DataFrame) -> pd.DataFrame:
    """Add home_out_points and away_out_points, the worth of each side's absent players.

    Parameters
    ----------
    games
        game_id, as_of, home_id, away_id.
    absent
        Of `absent_before` or `absent_at_tip_off`.
    """
    worth = absent.groupby(["game_id", "as_of", "team_id"])["points"].sum()
    rows = games
    for side in SIDES:
        key = pd.MultiIndex.from_frame(games[["game_id", "as_of", f"{side}_id"]])
        found = worth.reindex(key).fillna(0.0).to_numpy() if len(worth) else 0.0
        rows = rows.assign(**{f"{side}_out_points": found})
    return rows


def absence_points(minutes: pd.Series[float], impact: pd.Series[float]) -> pd.Series[float]:
    """Return what a team loses without players of some expected minutes and impact, at least 0."""
    return (minutes * (impact - REPLACEMENT) / 48.0).clip(lower=0.0)


def returning_minutes(members: pd.DataFrame, planned: str) -> pd.Series[float]:
    """Return minutes that players would add by being back: before their absence, less `planned`.

    0 for players who are not absent.
    """
    absent = (members["games_missed"] > 0) | (members["listed_out"] > 0)
    return (members["played_minutes"] - members[planned]).clip(lower=0.0).where(absent, 0.0)


def _priced(members: pd.DataFrame) -> pd.DataFrame:
    points = absence_points(members["minutes_raw"], members["impact"])
    kept = members[["game_id", "season", "as_of", "team_id", "player_id", "player_name"]]
    return kept.assign(points=points).reset_index(drop=True)


def _by_team(games: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return two rows a game, with team_id."""
    return pd.concat(
        [games[columns].assign(team_id=games[f"{side}_id"]) for side in SIDES], ignore_index=True
    )


def _latest(rows: pd.DataFrame, earlier: pd.DataFrame, day: str, their_day: str) -> pd.DataFrame:
    """Join to rows the team's latest earlier row of the season, strictly before `day`."""
    return pd.merge_asof(
        rows.sort_values(day, kind="stable"),
        earlier.astype({their_day: rows[day].dtype}),
        left_on=day,
        right_on=their_day,
        by=["season", "team_id"],
        allow_exact_matches=False,
    )
