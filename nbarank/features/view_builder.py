"""One `SeasonView` per season from the league tables, in time order; regular-season games only.

A season passes each team's averages per game, the league's, and its stints to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from nbarank.core.errors import TableError
from nbarank.features.params import FeatureParams
from nbarank.features.running_sums import Floats, Ints, count_before, order_within, running_sums
from nbarank.features.season_view import COLUMNS, Appearances, Fixtures, SeasonView
from nbarank.league.fixtures import fixtures_as_known, whole_schedule
from nbarank.schemas.league import regular_fixtures

TYPICAL_RETURNING = 0.67
"""Share of minutes from last season's players of the team, where there is no last season."""

TYPICAL_GAME = {
    "fgm": 39.0, "fga": 85.4, "fg3m": 9.8, "fg3a": 27.4, "ftm": 17.6, "fta": 23.1, "oreb": 10.6,
    "dreb": 33.0, "reb": 43.6, "ast": 23.2, "stl": 7.7, "blk": 4.9, "tov": 14.3, "pf": 20.2,
    "pts": 105.4,
}  # fmt: skip
"""A team's average game, 2010-11 to 2022-23: the prior of every team in the first season of the
data. From the next season on, the league's own averages replace it."""


@dataclass
class _Past:
    """The last season: averages per game by team and of the league, and stints."""

    averages: dict[int, Floats] = field(default_factory=dict)
    league: Floats = field(default_factory=lambda: _typical_average())
    stints: frozenset[tuple[int, int]] = frozenset()
    returning: float = TYPICAL_RETURNING


def season_views(
    tables: dict[str, pd.DataFrame], ratings: pd.DataFrame, params: FeatureParams
) -> Iterator[SeasonView]:
    """Yield a view of every season of league/seasons, with or without games.

    Missing fixtures of a season in progress are generated (`whole_schedule`): without fixtures
    left, every team would have clinched or be eliminated.

    Parameters
    ----------
    tables
        league/seasons, teams, team_games, player_games, schedule and as_of, by those names.
    ratings
        features/ratings: `srs_carried` for every row of the as-of grid.

    Raises
    ------
    TableError
        If ratings miss a team on a date, or a game has a team that is not in its season.
    """
    by_season = {
        name: dict(list(tables[name].groupby("season")))
        for name in ("teams", "team_games", "player_games", "schedule", "as_of")
    }
    rated = dict(list(ratings.groupby("season")))
    past = _Past()
    for row in tables["seasons"].sort_values("season").itertuples():
        own = {
            name: frames.get(str(row.season), tables[name].iloc[:0])
            for name, frames in by_season.items()
        }
        own["schedule"] = regular_fixtures(own["schedule"])
        end = pd.Timestamp(str(row.end))
        members = own["teams"].sort_values("team_id")
        if not row.complete and len(own["as_of"]):
            own["schedule"] = whole_schedule(
                members,
                own["schedule"],
                int(str(row.games_expected)),
                own["as_of"]["as_of"].max(),
                end,
            )
        own["schedule"] = fixtures_as_known(members, own["schedule"], end)
        view = _view(
            str(row.season),
            (end.to_datetime64(), str(row.play_in)),
            own,
            rated.get(str(row.season), ratings.iloc[:0]),
            past,
            params,
        )
        yield view
        past = _remember(view, past)


def _view(
    season: str,
    calendar: tuple[np.datetime64, str],
    own: dict[str, pd.DataFrame],
    ratings: pd.DataFrame,
    past: _Past,
    params: FeatureParams,
) -> SeasonView:
    members = own["teams"].sort_values("team_id")
    ids = members["team_id"].to_numpy(dtype=np.int64)
    as_of = np.unique(own["as_of"]["as_of"].to_numpy().astype("datetime64[us]"))
    games = own["team_games"]
    games = games[games["kind"] == "regular"].sort_values(["game_date", "game_id", "team_id"])
    team = _index(ids, games["team_id"], season)
    opponent = _index(ids, games["opponent_id"], season)
    day = games["game_date"].to_numpy().astype("datetime64[us]")
    order = order_within(team, len(ids))
    length = int(order.max(initial=0)) + 1
    columns = games.assign(games=1.0)[list(COLUMNS)].to_numpy(dtype=np.float64)
    running = running_sums(team, order, columns, len(ids), length)
    game_day = np.full((len(ids), length), np.datetime64("2262-01-01", "us"))
    game_day[team, order] = day
    meetings = count_before(day, team * len(ids) + opponent, as_of, len(ids) ** 2)
    averages = np.array([past.averages.get(int(one), past.league) for one in ids])
    averages = averages.reshape(len(ids), len(COLUMNS))
    prior = past.league + params.carry_over * (averages - past.league)
    fixtures = own["schedule"]
    return SeasonView(
        season=season,
        end=calendar[0],
        play_in=calendar[1],
        teams=ids,
        conference=members["conference"].to_numpy(dtype=str),
        as_of=as_of,
        played=count_before(day, team, as_of, len(ids)).astype(np.int64),
        running=dict(zip(COLUMNS, running, strict=True)),
        game_day=game_day,
        prior=dict(zip(COLUMNS, prior.T, strict=True)),
        strength=_strength(ratings, season, ids, as_of),
        meetings=meetings.reshape(len(as_of), len(ids), len(ids)),
        fixtures=Fixtures(
            _index(ids, fixtures["home_id"], season),
            _index(ids, fixtures["away_id"], season),
            *(
                fixtures[name].to_numpy().astype("datetime64[us]")
                for name in ("game_date", "known_from", "known_until")
            ),
        ),
        appearances=_appearances(own["player_games"], games, team, order, ids, past),
        prior_returning=past.returning,
        params=params,
    )


def _appearances(
    player_games: pd.DataFrame, games: pd.DataFrame, team: Ints, order: Ints, ids: Ints, past: _Past
) -> Appearances:
    """Return players' minutes by the games of their teams."""
    slots = games[["game_id", "team_id"]].assign(team=team, order=order)
    played = player_games[(player_games["kind"] == "regular") & (player_games["minutes"] > 0)]
    played = played.merge(slots, on=["game_id", "team_id"], how="inner")
    player, player_ids = pd.factorize(played["player_id"], sort=True)
    n_players = max(len(player_ids), 1)
    keys, stint = np.unique(
        played["team"].to_numpy(dtype=np.int64) * n_players + player, return_inverse=True
    )
    stint_team, stint_player = np.divmod(keys, n_players)
    length = int(order.max(initial=0)) + 1
    slot = played["order"].to_numpy(dtype=np.int64)
    minutes = played["minutes"].to_numpy(dtype=np.float64)
    sums = running_sums(
        stint.astype(np.int64),
        slot,
        np.column_stack([minutes, np.ones_like(minutes)]),
        len(keys),
        length,
    )
    days = np.zeros((len(keys), length + 1), dtype=np.int64)
    days[stint, slot + 1] = played["game_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    known_teams = {one for one, _ in past.stints}
    returning = [
        float((int(ids[one]), int(player_ids[other])) in past.stints)
        if int(ids[one]) in known_teams
        else past.returning  # the team's first season
        for one, other in zip(stint_team, stint_player, strict=True)
    ]
    return Appearances(
        team=stint_team,
        player=stint_player,
        returning=np.array(returning, dtype=np.float64),
        minutes=sums[0],
        games=sums[1],
        last_day=np.maximum.accumulate(days, axis=1),
        player_ids=np.asarray(player_ids, dtype=np.int64),
    )


def _remember(view: SeasonView, past: _Past) -> _Past:
    """Return what the next season sees of this one; a season without games changes nothing."""
    totals = np.array([view.running[name][:, -1] for name in COLUMNS]).T
    played = totals[:, -1]
    if not played.sum():
        return past
    averages = totals / np.maximum(played, 1.0)[:, None]
    stints = view.appearances
    minutes = stints.minutes[:, -1]
    known = past.stints and minutes.sum() > 0
    return _Past(
        averages={
            int(team): averages[place] for place, team in enumerate(view.teams) if played[place]
        },
        league=totals.sum(axis=0) / played.sum(),
        stints=frozenset(
            zip(
                view.teams[stints.team].tolist(),
                stints.player_ids[stints.player].tolist(),
                strict=True,
            )
        ),
        returning=(
            float((minutes * stints.returning).sum() / minutes.sum()) if known else past.returning
        ),
    )


def _strength(ratings: pd.DataFrame, season: str, ids: Ints, as_of: np.ndarray) -> Floats:
    """Return `srs_carried` as (dates, teams)."""
    wide = ratings.pivot(index="as_of", columns="team_id", values="srs_carried")
    wide = wide.reindex(index=pd.DatetimeIndex(as_of).as_unit("us"), columns=pd.Index(ids))
    if wide.isna().to_numpy().any():
        raise TableError(
            f"features/ratings misses {int(wide.isna().to_numpy().sum())} row(s) of {season}.",
            where="features/ratings: srs_carried",
            allowed="a row for every team on every as-of date",
            next_command="dvc repro ratings",
        )
    return wide.to_numpy(dtype=np.float64)


def _index(ids: Ints, teams: pd.Series, season: str) -> Ints:
    """Return the place of each team among the season's teams."""
    wanted = teams.to_numpy(dtype=np.int64)
    unknown = np.setdiff1d(wanted, ids)
    if unknown.size:
        raise TableError(
            f"Games of {season} have {unknown.size} team(s) that are not in the season.",
            where=f"team {unknown[:3].tolist()}",
            allowed="the teams of league/teams in that season",
            next_command="dvc repro ingest",
        )
    return np.searchsorted(ids, wanted).astype(np.int64)


def _typical_average() -> Floats:
    """Return an average game in the order of `COLUMNS`: both sides alike."""
    box = TYPICAL_GAME
    possessions = box["fga"] + 0.44 * box["fta"] - box["oreb"] + box["tov"]
    rest = {"minutes": 48.4, "possessions": possessions, "margin": 0.0, "won": 0.5, "games": 1.0}
    both = {**box, **{f"opponent_{name}": value for name, value in box.items()}, **rest}
    return np.array([both[name] for name in COLUMNS], dtype=np.float64)
