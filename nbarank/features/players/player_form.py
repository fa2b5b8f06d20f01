"""Players' form: box score per game over windows, season and career, and availability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbarank.features.players.box_plus_minus import game_score
from nbarank.features.players.members import Members
from nbarank.features.players.past_sums import THOUSANDTHS, GameDays, SpanSums, thousandths
from nbarank.features.players.player_log import Floats, Ints, PlayerLog, Snapshots
from nbarank.schemas.league import BOX_COUNTS

PER_GAME = ("pts", "reb", "ast", "stl", "blk", "tov")
_EXTRA = ("games", "minutes", "plus_minus", "margin", "length", "team_plays", "playoff_minutes")
_N_BOX = len(BOX_COUNTS)
_PLACE = {name: place for place, name in enumerate((*BOX_COUNTS, *_EXTRA))}
_THOUSANDTHS = ("minutes", "plus_minus", "margin", "length", "team_plays", "playoff_minutes")


@dataclass(frozen=True)
class History:
    """Exact sums over spans of days by player and by player and team; days of games."""

    players: SpanSums
    within_team: SpanSums
    team_days: GameDays
    player_days: GameDays


def make_history(log: PlayerLog, members: Members) -> History:
    """Return the log as sums over any span; of players, those who are members."""
    starts = np.flatnonzero((np.diff(log.game, prepend=-1) | np.diff(log.team, prepend=-1)) != 0)
    team_days = GameDays.of(log.team[starts], log.day[starts])
    log = log.of_players(np.unique(members.player))
    fga, fta, tov = (
        log.team_counts[:, BOX_COUNTS.index(name)].astype(np.float64)
        for name in ("fga", "fta", "tov")
    )
    values = np.column_stack(
        [
            log.counts.astype(np.int64),
            np.ones(len(log.player), np.int64),
            thousandths(log.minutes),
            thousandths(log.plus_minus),
            thousandths(log.margin * log.minutes / log.length),
            thousandths(log.length),
            thousandths(fga + 0.44 * fta + tov),
            np.where(log.playoff, thousandths(log.minutes), 0),
        ]
    )
    pair = log.player * len(log.teams) + log.team
    own = np.column_stack(
        [np.ones(len(pair), np.int64), thousandths(48.0 * log.minutes / log.length)]
    )
    return History(
        players=SpanSums.of(log.player, log.day, values),
        within_team=SpanSums.of(pair, log.day, own),
        team_days=team_days,
        player_days=GameDays.of(log.player, log.day),
    )


@dataclass(frozen=True)
class Sums:
    """Sums of one span, one row per member."""

    values: Floats

    def __getitem__(self, name: str) -> Floats:
        """Return (n_rows,) sum of one quantity, in its own unit."""
        column = self.values[:, _PLACE[name]]
        return column / THOUSANDTHS if name in _THOUSANDTHS else column

    def averages(self) -> dict[str, Floats]:
        """Return the form of each member over the span; zeros without a game.

        pts .. tov, minutes and game_score per game; true_shooting and usage as shares;
        plus_minus per 48 minutes, minus the team's in the same games.
        """
        games = np.maximum(self["games"], 1.0)
        minutes = np.maximum(self["minutes"], 1e-3)
        plays = self["fga"] + 0.44 * self["fta"] + self["tov"]
        shots = 2.0 * (self["fga"] + 0.44 * self["fta"])
        team_plays = np.maximum(self["team_plays"], 1e-3)
        return {
            **{name: self[name] / games for name in PER_GAME},
            "minutes": self["minutes"] / games,
            "true_shooting": np.where(shots > 0, self["pts"] / np.maximum(shots, 1.0), 0.0),
            # One fifth of the team's minutes is the game's length.
            "usage": np.minimum(plays * self["length"] / (minutes * team_plays), 1.0),
            "plus_minus": _per_48(self["plus_minus"] - self["margin"], self["minutes"]),
            "game_score": game_score(self.values[:, :_N_BOX]) / games,
        }


RECENT_GAMES = 5
STEADY_MINUTES = 240.0
"""Minutes at the team's level added to on-court plus-minus, against extremes of a few minutes."""


def _per_48(points: Floats, minutes: Floats) -> Floats:
    return np.asarray(48.0 * points / (minutes + STEADY_MINUTES))


def span(history: History, members: Members, first_day: Ints, end_day: Ints) -> Sums:
    """Return the sums of every member over first_day <= day < end_day."""
    return Sums(history.players.between(members.player, first_day, end_day).astype(np.float64))


@dataclass(frozen=True)
class Spans:
    """Days that bound the spans of each member's row; arrays are (n_rows,)."""

    day: Ints
    season_start: Ints
    last_season_start: Ints


def member_spans(members: Members, snapshots: Snapshots, season_starts: Ints) -> Spans:
    """Return the days that bound season and last season, from each season's first day."""
    number = snapshots.season_number[members.snapshot]
    last = np.where(number > 0, season_starts[np.maximum(number - 1, 0)], season_starts[number])
    return Spans(
        day=snapshots.day[members.snapshot],
        season_start=season_starts[number],
        last_season_start=last,
    )


def form_columns(
    history: History, members: Members, spans: Spans, windows: list[int], prior_games: float
) -> dict[str, Floats]:
    """Return form over the season to date and the rolling windows.

    Parameters
    ----------
    windows
        Lengths in games of the team; a window extends into last season if necessary.
    prior_games
        Games at last season's averages added to the season to date.

    Returns
    -------
    dict
        `{stat}_season`, `{stat}_last_season` and `{stat}_last_{window}`, each (n_rows,). Without
        a game in the window: the season's values and availability 0; without one last season:
        career values.
    """
    season = span(history, members, spans.season_start, spans.day)
    last = span(history, members, spans.last_season_start, spans.season_start)
    career = span(history, members, np.zeros_like(spans.day), spans.day)
    now, before, ever = season.averages(), last.averages(), career.averages()
    columns: dict[str, Floats] = {}
    weight = season["games"] / (season["games"] + np.maximum(prior_games, 1e-9))
    base: dict[str, Floats] = {}
    for name in now:
        prior = np.where(last["games"] > 0, before[name], ever[name])
        base[name] = weight * now[name] + (1.0 - weight) * prior
        columns[f"{name}_season"] = base[name]
        columns[f"{name}_last_season"] = prior
    team_games = history.team_days.count(members.team, spans.season_start, spans.day)
    columns["availability_season"] = _share(season["games"], team_games)
    last_games = history.team_days.count(members.team, spans.last_season_start, spans.season_start)
    columns["availability_last_season"] = _share(last["games"], last_games)
    for window in windows:
        first_day = history.team_days.day_of_last(members.team, spans.day, window)
        sums = span(history, members, first_day, spans.day)
        for name, values in sums.averages().items():
            columns[f"{name}_last_{window}"] = np.where(sums["games"] > 0, values, base[name])
        games = history.team_days.count(members.team, first_day, spans.day)
        columns[f"availability_last_{window}"] = _share(sums["games"], games)
    recent = history.player_days.day_of_last(members.player, spans.day, RECENT_GAMES)
    columns["minutes_last_5_games"] = span(history, members, recent, spans.day).averages()[
        "minutes"
    ]
    columns["playoff_minutes_career"] = career["playoff_minutes"]
    columns["games_career"] = career["games"]
    columns["games_season"] = season["games"]
    return columns


def _share(games: Floats, of_games: Ints) -> Floats:
    """Return the share of games played, 0 before the first, at most 1 (a trade can add games)."""
    return np.minimum(games / np.maximum(of_games, 1), 1.0)
