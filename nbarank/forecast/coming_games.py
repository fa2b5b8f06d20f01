"""Single games of some days, as known the evening before a day (`nbarank games`)."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.forecast.game_forecasts import NEWS_DAYS, game_rows, meetings_of
from nbarank.forecast.game_model import with_edges
from nbarank.forecast.open_playoffs import coming_meetings, games_since
from nbarank.forecast.season_model import SeasonModel
from nbarank.forecast.season_state import League
from nbarank.forecast.team_news import (
    SIDES,
    NewsTables,
    absence_points,
    absent_before,
    no_rows,
    returning_minutes,
    with_points,
    with_rest,
)
from nbarank.forecast.what_if import WhatIf, assumed_games, assumed_results
from nbarank.schemas.forecast import ABSENCES, FORECAST_GAMES


class GameInputs(NamedTuple):
    """Tables of one season and its models.

    `strength` has season, as_of, team_id, strength, strength_sd as simulated; optional
    playoff_strength.
    """

    season: str
    league: League
    strength: pd.DataFrame
    news: NewsTables
    model: SeasonModel


RETURNED = ["game_id", "team_id", "player_id", "player_name"]


class ComingGames(NamedTuple):
    """Games of a season as known the evening before `known`, with strengths of `as_of`.

    `games` are rows of forecast/games in order of date; `absent` has game_id, team_id, player_id,
    player_name, points and assumed, the most valuable player first; `returned` has `RETURNED` of
    players assumed to play. `winners` has the assumed winner by game_id; `uncertain` the ids of
    playoff games that may not be needed, or whose teams may not meet. Without games `as_of` is
    `known`, `nearest` is the next day with games, else the latest, and `team` the abbreviation of
    the only team asked for.
    """

    season: str
    known: pd.Timestamp
    as_of: pd.Timestamp
    games: pd.DataFrame
    absent: pd.DataFrame
    winners: Mapping[str, int] = {}
    nearest: pd.Timestamp | None = None
    uncertain: Collection[str] = ()
    team: str = ""
    returned: pd.DataFrame = pd.DataFrame(columns=RETURNED)


def no_games(
    season: str,
    known: pd.Timestamp,
    dates: pd.Series[pd.Timestamp],
    last: pd.Timestamp,
    team: str = "",
) -> ComingGames:
    """Return the answer for days up to `last` without games; `dates` are sorted, with games.

    `team`: abbreviation of the only team asked for.
    """
    ahead = dates[dates > last]
    near = pd.Timestamp(dates.iloc[-1] if ahead.empty else ahead.iloc[0]) if len(dates) else None
    games, absent = no_rows(FORECAST_GAMES), no_rows(ABSENCES)
    return ComingGames(season, known, known, games, absent, {}, near, team=team)


def coming_games(
    inputs: GameInputs,
    known: pd.Timestamp,
    days: Iterable[pd.Timestamp],
    what_if: WhatIf = WhatIf(),  # noqa: B008
    team: int | None = None,
) -> ComingGames:
    """Forecast the games of some days from what was known the evening before a day.

    Parameters
    ----------
    known
        Box scores and reports before this day count, and the latest strengths up to it.
    days
        Days of the games.
    what_if
        Absences, returns and results to assume.
    team
        Only games of this team.

    Raises
    ------
    ForecastError
        If no strengths are stored up to the day, a roster has no player of a name, an assumed
        player is in none of the games, or a result is not possible.
    """
    as_of = _latest_strength(inputs, known)
    strength = inputs.strength[inputs.strength["as_of"] == as_of]
    rosters = inputs.news.rosters[inputs.news.rosters["as_of"] == as_of]
    meetings = meetings_of(inputs.league)
    meetings = meetings[meetings["season"] == inputs.season]
    chosen = with_rest(of_team(meetings[meetings["game_date"].isin(list(days))], team), meetings)
    chosen = chosen.sort_values(["game_date", "game_id"], kind="stable", ignore_index=True)
    days_known = {"as_of": as_of, "known": known}
    chosen = chosen.assign(**days_known).astype(dict.fromkeys(days_known, "datetime64[us]"))
    paired = with_edges(chosen, strength)
    soon = (paired["game_date"] - known).dt.days <= NEWS_DAYS
    paired["state"] = np.where(soon, "evening", "schedule")
    absent = absent_before(paired[soon], inputs.news._replace(rosters=rosters))
    out, back = what_if.players(rosters)
    for option, players in (("--without", out), ("--with", back)):
        for player in players:
            _require_playing(player, option, rosters, paired, meetings, inputs.league.teams)
    absent, points = _assume(absent, paired, rosters, (out, back), inputs.model)
    returned = [paired[["game_id", f"{side}_id"]].set_axis(RETURNED[:2], axis=1) for side in SIDES]
    members = rosters.loc[rosters["player_id"].isin(back), RETURNED[1:]].drop_duplicates()
    priced = with_points(paired.assign(assumed_points=points), absent)
    rows = game_rows(priced, {inputs.season: inputs.model}, inputs.news.team_games)
    order = absent.sort_values(["points", "player_id"], ascending=[False, True], ignore_index=True)
    winners = _assumed_winners(inputs, known, rows, what_if) if what_if.results else {}
    absences = order.drop(columns=["season", "as_of"])
    uncertain = _uncertain(inputs, known, rows, what_if) - set(winners)
    return ComingGames(
        *(inputs.season, known, as_of, rows, absences, winners),
        uncertain=uncertain,
        returned=pd.concat(returned).merge(members, on="team_id"),
    )


def of_team(games: pd.DataFrame, team: int | None) -> pd.DataFrame:
    """Return the games of a team; None: all."""
    return games if team is None else games[(games[["home_id", "away_id"]] == team).any(axis=1)]


def _require_playing(
    player: int,
    option: str,
    rosters: pd.DataFrame,
    games: pd.DataFrame,
    meetings: pd.DataFrame,
    teams: pd.DataFrame,
) -> None:
    """Raise a ForecastError if the team of a player on the rosters is in none of the games."""
    name, team = rosters.loc[rosters["player_id"] == player, ["player_name", "team_id"]].to_numpy()[
        0
    ]
    if len(of_team(games, team)):
        return
    known = teams.drop_duplicates("team_id", keep="last").set_index("team_id")
    dates = of_team(meetings, team)["game_date"].sort_values()
    ahead = dates[dates >= games["game_date"].min()]
    day = dates.iloc[-1] if ahead.empty else ahead.iloc[0]
    playing = known.loc[pd.unique(games[["away_id", "home_id"]].to_numpy().ravel()), "abbreviation"]
    raise ForecastError(
        f"{name} ({known.loc[team, 'name']}) is in none of the games shown.",
        where=option,
        allowed=f"players of {', '.join(playing)}",
        next_command=f"nbarank games --date {day:%Y-%m-%d} {option} {shlex.quote(name)}",
    )


def postseason_numbers(league: League, season: str, known: pd.Timestamp) -> pd.Series[int]:
    """Return by game_id the number of each coming postseason game among those of its teams.

    0 is the next one.
    """
    games = meetings_of(league)
    games = games[(games["season"] == season) & (games["kind"] != "regular")]
    games = games[games["game_date"] >= known].sort_values(["game_date", "game_id"])
    pair = [games[["home_id", "away_id"]].min(axis=1), games[["home_id", "away_id"]].max(axis=1)]
    return games.groupby(pair).cumcount().set_axis(games["game_id"])


def _uncertain(
    inputs: GameInputs, known: pd.Timestamp, games: pd.DataFrame, what_if: WhatIf
) -> set[str]:
    """Return the ids of games of the postseason that need not take place."""
    late = games[games["kind"] != "regular"]
    if late.empty:
        return set()
    usual = inputs.league.state(inputs.season, known)
    state = assumed_results(usual, inputs.league.teams, what_if)
    before, meetings = (
        {frozenset(meeting.winners): meeting for meeting in coming_meetings(one)}
        for one in (usual, state)
    )
    needed = {
        teams: games_since(before.get(teams), meeting) + meeting.games_left
        for teams, meeting in meetings.items()
    }
    numbers = postseason_numbers(inputs.league, inputs.season, known)
    return {
        game["game_id"]
        for game in late.to_dict("records")
        if numbers.get(game["game_id"], 0)
        >= needed.get(frozenset((game["home_id"], game["away_id"])), 0)
    }


def _assumed_winners(
    inputs: GameInputs, known: pd.Timestamp, games: pd.DataFrame, what_if: WhatIf
) -> dict[str, int]:
    """Return the winner by game_id of the games with an assumed result."""
    state = inputs.league.state(inputs.season, known)
    assumed = assumed_games(state, inputs.league.teams, what_if)
    dated = {(one.home_id, one.away_id, one.day): one.winner_id for one in assumed}
    late: dict[frozenset[int], list[int]] = {}
    for one in assumed:
        if one.day is None:
            late.setdefault(frozenset((one.home_id, one.away_id)), []).append(one.winner_id)
    numbers = postseason_numbers(inputs.league, inputs.season, known)
    winners = {}
    for game in games.to_dict("records"):
        of_pair = late.get(frozenset((game["home_id"], game["away_id"])), [])
        number = numbers.get(game["game_id"])
        if number is None:
            winner = dated.get((game["home_id"], game["away_id"], game["game_date"]))
        else:
            winner = of_pair[number] if number < len(of_pair) else None
        if winner is not None:
            winners[game["game_id"]] = winner
    return winners


def _latest_strength(inputs: GameInputs, known: pd.Timestamp) -> pd.Timestamp:
    stored = inputs.strength["as_of"]
    if not (stored <= known).any():
        first = stored.min()
        raise ForecastError(
            f"No strengths of {inputs.season} are stored up to {known:%Y-%m-%d}.",
            where="ensemble/strength",
            allowed=f"days from {first:%Y-%m-%d} on",
            next_command=f"nbarank games --date {first:%Y-%m-%d}",
        )
    return pd.Timestamp(stored[stored <= known].max())


def _assume(
    absent: pd.DataFrame,
    paired: pd.DataFrame,
    rosters: pd.DataFrame,
    assumed: tuple[list[int], list[int]],
    model: SeasonModel,
) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Return the absent players with those assumed to be out, and points to add to each margin.

    An expected absence has the weight of its state; an assumed one, or a return, that of a list at
    tip-off.
    """
    absent = absent.assign(assumed=False)
    added = pd.Series(0.0, index=paired.index)
    certain = model.games["tip_off"].absence
    usual = paired["state"].map({state: one.absence for state, one in model.games.items()})
    out, back = assumed
    for player in (*out, *back):
        row = rosters[rosters["player_id"] == player].head(1)
        member, away = row.iloc[0], player in out
        minutes = row["minutes_raw"] if away else returning_minutes(row, "minutes_raw")
        worth = float(absence_points(minutes, row["impact"]).iloc[0])
        absent = absent[absent["player_id"] != player]
        for side, sign in zip(SIDES, (-1.0, 1.0), strict=True):
            own = paired[f"{side}_id"] == member["team_id"]
            added += own * (sign * worth * (certain - usual) if away else -sign * worth * certain)
            if away:
                facts = {"team_id": member["team_id"], "player_id": player, "points": worth}
                facts |= {"player_name": member["player_name"], "assumed": True}
                absent = pd.concat(
                    [absent, paired.loc[own, ["game_id", "season", "as_of"]].assign(**facts)]
                )
    return absent, added
