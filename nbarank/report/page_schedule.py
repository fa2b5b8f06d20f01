"""Remaining schedule, play-in and playoffs of a season, for the page's script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

SERIES = 15
SERIES_WINS = 4
LATER = pd.Timestamp("2200-01-01")


def remaining(
    fixtures: pd.DataFrame, played: pd.DataFrame, strength: pd.DataFrame
) -> dict[pd.Timestamp, dict[str, list[Any]]]:
    """Return games left, those at home and the mean strength of the opponents, by day.

    Parameters
    ----------
    fixtures, played
        league/schedule and league/games of one season.
    strength
        Strength by day (index) and team id (columns, ascending).
    """
    dates = played.set_index("game_id")["game_date"].reindex(fixtures["game_id"])
    done = dates.fillna(LATER).to_numpy()
    home, away = (
        np.searchsorted(strength.columns, fixtures[f"{side}_id"]) for side in ("home", "away")
    )
    found = {}
    for day, values in strength.iterrows():
        ahead = done >= np.datetime64(str(day))
        sides = (home[ahead], away[ahead])
        at_home, at_away = (np.bincount(side, minlength=len(values)) for side in sides)
        points = values.to_numpy(float)
        met = np.zeros(len(values))
        np.add.at(met, sides[0], points[sides[1]])
        np.add.at(met, sides[1], points[sides[0]])
        left = at_home + at_away
        means = np.divide(met, left, out=np.zeros(len(values)), where=left > 0).round(1)
        found[pd.Timestamp(str(day))] = {
            "left": left.tolist(),
            "home": at_home.tolist(),
            "opponents": (means + 0.0).tolist(),
        }
    return found


def postseason(games: pd.DataFrame, number: Mapping[int, int]) -> dict[str, Any]:
    """Return the played games of play-in and playoffs.

    Returns
    -------
    dict
        `play_in`: date, home, away and their points; `series`: first team (with home court),
        second team and its games as (date, the first team won), in the order of a bracket once
        the final is decided, else by date; `over`.
    """
    rows = games.sort_values(["game_date", "game_id"], kind="stable")
    series: dict[frozenset[int], list[Any]] = {}
    play_in = []
    for game in rows[rows["kind"] != "regular"].to_dict("records"):
        home, away = number[game["home_id"]], number[game["away_id"]]
        date, home_won = f"{game['game_date']:%Y-%m-%d}", game["home_pts"] > game["away_pts"]
        if game["kind"] == "playin":
            play_in.append([date, home, away, game["home_pts"], game["away_pts"]])
            continue
        one = series.setdefault(frozenset((home, away)), [home, away, []])
        one[2].append([date, int(home_won == (home == one[0]))])
    found = list(series.values())
    over = len(found) == SERIES and max(_wins(found[-1])) == SERIES_WINS
    return {"play_in": play_in, "series": _bracket(found) if over else found, "over": over}


def _wins(one: list[Any]) -> tuple[int, int]:
    won = sum(first for _, first in one[2])
    return won, len(one[2]) - won


def _bracket(series: list[list[Any]]) -> list[list[Any]]:
    """Return series so that the winners of neighbours meet in the next round."""
    ordered = [series[-1]]
    rounds = [ordered]
    rest = series[:-1]
    while rest:
        before = []
        for one in rounds[0]:
            for team in one[:2]:
                latest = max(at for at, other in enumerate(rest) if team in other[:2])
                before.append(rest.pop(latest))
        rounds.insert(0, before)
    return [one for stage in rounds for one in stage]
