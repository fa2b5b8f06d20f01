"""Single games of some days, as known on a morning (`nbarank games`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.forecast.game_forecasts import NEWS_DAYS, game_rows, meetings_of
from nbarank.forecast.game_model import with_edges
from nbarank.forecast.season_model import SeasonModel
from nbarank.forecast.season_state import League
from nbarank.forecast.team_news import (
    SIDES,
    NewsTables,
    absence_points,
    absent_before,
    returning_minutes,
    with_points,
    with_rest,
)
from nbarank.forecast.what_if import WhatIf


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


class ComingGames(NamedTuple):
    """Games of a season as known on the morning of `known`, with strengths of `as_of`.

    `games` are rows of forecast/games in order of date; `absent` has game_id, team_id, player_id,
    player_name, points and assumed, the most valuable player first.
    """

    season: str
    known: pd.Timestamp
    as_of: pd.Timestamp
    games: pd.DataFrame
    absent: pd.DataFrame


def coming_games(
    inputs: GameInputs,
    known: pd.Timestamp,
    days: Iterable[pd.Timestamp],
    what_if: WhatIf = WhatIf(),  # noqa: B008
) -> ComingGames:
    """Forecast the games of some days from what was known on a morning.

    Parameters
    ----------
    known
        Box scores and reports before this day count, and the latest strengths up to it.
    days
        Days of the games.
    what_if
        Absences and returns to assume.

    Raises
    ------
    ForecastError
        If no strengths are stored up to the day, or a roster has no player of a name.
    """
    as_of = _latest_strength(inputs, known)
    strength = inputs.strength[inputs.strength["as_of"] == as_of]
    rosters = inputs.news.rosters[inputs.news.rosters["as_of"] == as_of]
    meetings = meetings_of(inputs.league)
    meetings = meetings[meetings["season"] == inputs.season]
    chosen = with_rest(meetings[meetings["game_date"].isin(list(days))], meetings)
    chosen = chosen.sort_values(["game_date", "game_id"], kind="stable", ignore_index=True)
    days_known = {"as_of": as_of, "known": known}
    chosen = chosen.assign(**days_known).astype(dict.fromkeys(days_known, "datetime64[us]"))
    paired = with_edges(chosen, strength)
    soon = (paired["game_date"] - known).dt.days <= NEWS_DAYS
    paired["state"] = np.where(soon, "evening", "schedule")
    absent = absent_before(paired[soon], inputs.news._replace(rosters=rosters))
    absent, points = _assume(absent, paired, rosters, what_if, inputs.model)
    priced = with_points(paired.assign(edge=paired["edge"] + points), absent)
    rows = game_rows(priced, {inputs.season: inputs.model})
    order = absent.sort_values(["points", "player_id"], ascending=[False, True], ignore_index=True)
    return ComingGames(inputs.season, known, as_of, rows, order.drop(columns=["season", "as_of"]))


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
    what_if: WhatIf,
    model: SeasonModel,
) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Return the absent players with those of a what-if, and points to add to each edge.

    An expected absence has the weight of its state; an assumed one, or a return, that of a list at
    tip-off.
    """
    absent = absent.assign(assumed=False)
    added = pd.Series(0.0, index=paired.index)
    certain = model.games["tip_off"].absence
    usual = paired["state"].map({state: one.absence for state, one in model.games.items()})
    out, back = what_if.players(rosters)
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
