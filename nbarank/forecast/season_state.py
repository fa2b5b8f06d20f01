"""The league's tables, and what they say of a season on a day: results, fixtures, rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.arrays import are_in
from nbarank.core.errors import ForecastError
from nbarank.forecast.team_news import tired, with_rest
from nbarank.league.fixtures import complete_fixtures
from nbarank.league.rules import SeasonRules, season_rules
from nbarank.schemas.league import CONFERENCES, regular_fixtures

Whole = NDArray[np.int64]

_FIXTURE = ["season", "game_date", "home_id", "away_id"]

MARGIN_BEFORE, MARGIN_AFTER = pd.Timedelta(days=150), pd.Timedelta(days=60)
"""A day this long before a season's start or after its playoffs still belongs to the season."""


@dataclass(frozen=True)
class SeasonState:
    """A season as of a day, teams numbered 0..K-1 in the order of `team_ids`.

    Parameters
    ----------
    team_ids
        [K] ascending.
    conference, division
        [K] 0 East, 1 West; division number, unique in the league.
    won
        [K, K] regular-season wins of row over column before the day.
    difference
        [K] points scored minus allowed before the day.
    home, away
        [G] remaining fixtures, in order of date.
    days
        [G] days from `as_of` to the fixture (0 if postponed).
    neutral
        [G] played on neutral ground.
    tired
        [G] 1 if only the home side plays the day before, -1 if only the other does, else 0.
    decided
        [G] assumed result: 1 home win, -1 away win, 0 none.
    play_in_won, playoffs_won
        [K, K] wins of row over column in play-in and playoff games before the day.
    playoffs_neutral
        The playoffs are on neutral ground (the bubble), and that is known by the day.
    """

    season: str
    as_of: pd.Timestamp
    rules: SeasonRules
    team_ids: Whole
    conference: Whole
    division: Whole
    won: Whole
    difference: Whole
    home: Whole
    away: Whole
    days: NDArray[np.float64]
    neutral: NDArray[np.bool_]
    tired: NDArray[np.float64]
    decided: Whole
    play_in_won: Whole
    playoffs_won: Whole
    playoffs_neutral: bool

    @property
    def n_teams(self) -> int:
        """Number of teams."""
        return len(self.team_ids)

    @property
    def played(self) -> Whole:
        """[K, K] regular-season games between two teams when the season is over."""
        games = self.won + self.won.T
        np.add.at(games, (self.home, self.away), 1)
        np.add.at(games, (self.away, self.home), 1)
        return games

    def fixture(self, home_id: int, away_id: int, date: pd.Timestamp) -> int | None:
        """Return the place of a game among the remaining fixtures; None if it is not one."""
        same = (self.team_ids[self.home] == home_id) & (self.team_ids[self.away] == away_id)
        found = np.flatnonzero(same & (self.days == (date - self.as_of).days))
        return int(found[0]) if len(found) else None


@dataclass(frozen=True)
class League:
    """Tables league/seasons, league/teams, league/games and league/schedule."""

    seasons: pd.DataFrame
    teams: pd.DataFrame
    games: pd.DataFrame
    schedule: pd.DataFrame

    def state(self, season: str, as_of: pd.Timestamp) -> SeasonState:
        """Return a season's state before the games of a day.

        Raises
        ------
        ForecastError
            If the season is not in the data, the day is outside the season's data, a team is not
            in league/teams, or a conference has too few teams for the bracket.
        """
        facts = self.seasons[self.seasons["season"] == season]
        if facts.empty:
            raise ForecastError(
                f"Season {season} is not in the data.",
                where="league/seasons",
                allowed=", ".join(self.seasons["season"]),
            )
        fact = facts.iloc[0]
        members = self.teams[self.teams["season"] == season].sort_values("team_id")
        team_ids = members["team_id"].to_numpy(np.int64)
        rules = season_rules(season, str(fact["play_in"]), simulated=bool(fact["simulated"]))
        _check_conferences(season, members, rules)
        all_games = self.games[self.games["season"] == season]
        before = all_games[all_games["game_date"] < as_of]
        fixtures = self.schedule[self.schedule["season"] == season]
        _check_day(season, as_of, fact, all_games, fixtures)
        fixtures = regular_fixtures(fixtures)

        regular = before[before["kind"] == "regular"]
        to_play = fixtures[~are_in(fixtures["game_id"], regular["game_id"])]
        late = to_play["known_from"] > as_of
        to_play, unknown = to_play[~late], to_play[late]
        known, expected = len(regular) + len(to_play), int(fact["games_expected"])
        ended = bool(fact["complete"])
        if len(unknown) if ended else known < expected:
            to_play = complete_fixtures(
                members,
                regular,
                to_play,
                known + len(unknown) if ended else expected,
                as_of,
                fact["end"],
                unknown if ended else None,
            )
        to_play = to_play.sort_values(["game_date", "game_id"], kind="stable")
        meetings = pd.concat([regular[_FIXTURE], to_play[_FIXTURE]])
        lasts = before.sort_values("game_date").tail(20)
        bubble = len(lasts) == 20 and bool(lasts["neutral"].all())
        neutral_ids = set(all_games.loc[all_games["neutral"], "game_id"]) if bubble else set()
        difference = np.zeros(len(team_ids), np.int64)
        margin = (regular["home_pts"] - regular["away_pts"]).to_numpy(np.int64)
        np.add.at(difference, _number(regular["home_id"], team_ids, season), margin)
        np.add.at(difference, _number(regular["away_id"], team_ids, season), -margin)
        return SeasonState(
            season=season,
            as_of=as_of,
            rules=rules,
            team_ids=team_ids,
            conference=np.asarray(members["conference"] == CONFERENCES[1], dtype=np.int64),
            division=np.unique(members["division"].to_numpy(str), return_inverse=True)[1],
            won=_won(regular, team_ids, season),
            difference=difference,
            home=_number(to_play["home_id"], team_ids, season),
            away=_number(to_play["away_id"], team_ids, season),
            days=np.maximum((to_play["game_date"] - as_of).dt.days.to_numpy(np.float64), 0.0),
            neutral=to_play["game_id"].isin(neutral_ids).to_numpy(bool),
            tired=tired(with_rest(to_play[_FIXTURE], meetings)),
            decided=np.zeros(len(to_play), np.int64),
            play_in_won=_won(before[before["kind"] == "playin"], team_ids, season),
            playoffs_won=_won(before[before["kind"] == "playoffs"], team_ids, season),
            playoffs_neutral=bubble,
        )


def _number(ids: pd.Series[int], team_ids: Whole, season: str) -> Whole:
    """Return the numbers 0..K-1 of team ids."""
    wanted = ids.to_numpy(np.int64)
    number = np.minimum(np.searchsorted(team_ids, wanted), len(team_ids) - 1)
    unknown = team_ids[number] != wanted
    if unknown.any():
        raise ForecastError(
            f"Team {wanted[unknown][0]} plays in {season} but is not in league/teams.",
            where="league/games or league/schedule",
            allowed=", ".join(map(str, team_ids)),
            next_command="dvc repro ingest",
        )
    return number


def _won(games: pd.DataFrame, team_ids: Whole, season: str) -> Whole:
    """Return [K, K] wins of row over column."""
    home = _number(games["home_id"], team_ids, season)
    away = _number(games["away_id"], team_ids, season)
    home_won = (games["home_pts"] > games["away_pts"]).to_numpy(bool)
    won = np.zeros((len(team_ids), len(team_ids)), np.int64)
    np.add.at(won, (np.where(home_won, home, away), np.where(home_won, away, home)), 1)
    return won


def _check_conferences(season: str, members: pd.DataFrame, rules: SeasonRules) -> None:
    needed = rules.contenders + (rules.play_in == "bubble")
    sizes = members["conference"].value_counts()
    small = [name for name in CONFERENCES if int(sizes.get(name, 0)) < needed]
    if small:
        raise ForecastError(
            f"The bracket of {season} cannot be completed: too few teams in the "
            f"{' and the '.join(small)}.",
            where=f"league/teams: {dict(sizes)}",
            allowed=f"{needed} teams or more in each of East and West",
        )


def _check_day(
    season: str,
    as_of: pd.Timestamp,
    fact: pd.Series[str],
    games: pd.DataFrame,
    fixtures: pd.DataFrame,
) -> None:
    """Refuse a day before which games are missing from the data."""
    start, end = pd.Timestamp(fact["start"]), pd.Timestamp(fact["playoffs_end"])
    latest = end + MARGIN_AFTER
    if not bool(fact["complete"]):
        last = games["game_date"].max() if len(games) else start - pd.Timedelta(days=1)
        later = fixtures.loc[fixtures["game_date"] > last, "game_date"]
        latest = later.min() if len(later) else max(last + pd.Timedelta(days=7), start)
    earliest = start - MARGIN_BEFORE
    if not earliest <= as_of <= latest:
        nearest = f"{min(max(as_of, earliest), latest):%Y-%m-%d}"
        raise ForecastError(
            f"{as_of:%Y-%m-%d} is outside the data of season {season}.",
            where="league/games",
            allowed=f"{earliest:%Y-%m-%d} to {latest:%Y-%m-%d}; later games: docs/data.md",
            next_command=f"nbarank forecast --as-of {nearest}",
            instead=(f"{as_of:%Y-%m-%d}", nearest),
        )
