"""Forecasts during play-in and playoffs as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from nbarank.cli.forecast_screen import (
    STRENGTH,
    forecast_title,
    largest_changes,
    named,
    ordinal,
    percent,
    points,
    team_pairs,
    team_text,
)
from nbarank.cli.screen import folded
from nbarank.forecast.open_playoffs import Meeting, OpenPlayoffs
from nbarank.schemas.predictions import DayForecast, Predictions, TeamPrediction

ORDER = "By title odds; now: record of the regular season."


class Stage(NamedTuple):
    """Name of a stage, the field of `RoundOdds` of its winners, and that column's header."""

    name: str
    odds: str
    header: tuple[str, str]


STAGES = (
    Stage("Play-in", "playoffs", ("play-", "offs")),
    Stage("First round", "second_round", ("second", "round")),
    Stage("Second round", "conference_final", ("conf.", "final")),
    Stage("Conference finals", "final", ("", "final")),
    Stage("Final", "title", ("", "title")),
)


def playoffs_text(predictions: Predictions, playoffs: OpenPlayoffs, members: pd.DataFrame) -> str:
    """Return the teams that can win the title and their series, or the details of a single team.

    `members`: table league/teams of the season.
    """
    day = predictions.forecasts[0]
    title = forecast_title(day, "play-in" if playoffs.in_play_in else "playoffs")
    if len(day.teams) == 1:
        return folded(_team(title, day.teams[0], playoffs, members))
    return folded("\n".join(_day(title, day, playoffs)))


def playoff_changes_text(
    usual: Predictions, assumed: Predictions, playoffs: OpenPlayoffs, games: Sequence[str] = ()
) -> str:
    """Return what an assumption changes, of the teams whose odds it changes most.

    `games`: those whose result is assumed, from `assumed_texts`.
    """
    stages = _open(playoffs)
    rows = []
    for before, after in team_pairs(usual, assumed):
        changes = [_odds(after, stage) - _odds(before, stage) for stage in stages]
        cells = [f"{points(change):>8}" for change in changes]
        rows.append((sum(map(abs, changes)), after, cells))
    header = _header(f"  {'team':<26}", stages, 8)
    return "\n".join([*games, *largest_changes(header, rows)])


def _open(playoffs: OpenPlayoffs) -> list[Stage]:
    return [STAGES[stage] for stage in playoffs.open_stages]


def _odds(team: TeamPrediction, stage: Stage) -> float:
    return float(getattr(team.odds, stage.odds))


def _header(start: str, stages: Sequence[Stage], width: int) -> list[str]:
    """Return the rows of a header whose last columns are the odds."""
    top, bottom = ("".join(f"{one.header[row]:>{width}}" for one in stages) for row in (0, 1))
    rows = [start + bottom]
    return [" " * len(start) + top.rstrip(), *rows] if top.strip() else rows


def _day(title: str, day: DayForecast, playoffs: OpenPlayoffs) -> list[str]:
    stages = _open(playoffs)
    alive = [team for team in day.teams if team.team_id in playoffs.alive]
    alive.sort(key=lambda team: [-_odds(team, stage) for stage in reversed(stages)])
    place_name = "conf" if playoffs.in_play_in else "seed"
    start = f"{'':>2} {'team':<26}{place_name:<4}{'now':>5}{'str.':>6}"
    lines = [title, ORDER, *_header(start, stages, 7)]
    for place, team in enumerate(alive, 1):
        rank, seed = team.analysis.conference_rank, playoffs.seeds.get(team.team_id)
        own = f"{team.conference[0]}{rank if playoffs.in_play_in else seed}"
        now = f"{team.analysis.wins}-{team.analysis.losses}"
        odds = "".join(f"{percent(_odds(team, stage)):>7}" for stage in stages)
        lines.append(f"{place:>2} {named(team)}{own:<4}{now:>5}{team.strength:>+6.1f}{odds}")
    teams = {team.team_id: team for team in day.teams}
    for stage in playoffs.open_stages:
        meetings = [
            _meeting(one, teams)
            for one in playoffs.meetings
            if one.stage == stage and not one.decided and _announced(one)
        ]
        lines += ["", STAGES[stage].name, *meetings] if meetings else []
    out = [team.abbreviation for team in day.teams if team.team_id in playoffs.out]
    return [*lines, "", STRENGTH, *([f"Eliminated: {', '.join(out)}"] if out else [])]


def _announced(meeting: Meeting) -> bool:
    """Return whether both sides are known, or one and the few candidates for the other.

    The first seed may meet four teams of the play-in; of other meetings two candidates are few.
    """
    few, more = sorted((len(meeting.first), len(meeting.second)))
    return few == 1 and more <= (4 if meeting.stage == 1 else 2)


def _meeting(meeting: Meeting, teams: dict[int, TeamPrediction]) -> str:
    first, second = (
        " or ".join([*filter(None, [", ".join(names[:-1])]), names[-1]])
        for side in sorted((meeting.first, meeting.second), key=len)
        if (names := [teams[team].abbreviation for team in side])
    )
    if not meeting.known or meeting.prize:
        return f"  {first} against {second}{_prize(meeting)}"
    final = meeting.stage == len(STAGES) - 1
    field = "title_simulated" if final else STAGES[meeting.stage].odds
    odds = {team: float(getattr(teams[team].odds, field)) for team in meeting.winners}
    better = max(odds, key=lambda team: odds[team])
    verb = "wins the title" if final else "advances"
    score = f"{first} {meeting.won[0]}-{meeting.won[1]} {second}"
    return f"  {score}   {teams[better].abbreviation} {verb}: {percent(odds[better])}"


def _team(title: str, team: TeamPrediction, playoffs: OpenPlayoffs, members: pd.DataFrame) -> str:
    rank = team.analysis.conference_rank
    seed = playoffs.seeds.get(team.team_id, rank)
    place = f"  place          {ordinal(team.predicted_conference_rank)} in the {team.conference}"
    place += f" (seed {seed})" if seed != rank else ""
    place += f", {ordinal(team.predicted_league_rank)} in the league"
    latest = playoffs.latest(team.team_id)
    games = [] if latest is None else [_games(team.team_id, latest, members)]
    return team_text(title, team, place, *games)


def _games(team: int, meeting: Meeting, members: pd.DataFrame) -> str:
    """Return the line of a team's latest game of the play-in, or series."""
    own_first = meeting.first == (team,)
    others = meeting.second if own_first else meeting.first
    won, lost = meeting.won if own_first else meeting.won[::-1]
    rows = members.set_index("team_id")
    names = " or ".join(f"the {rows['name'][one]} ({rows['abbreviation'][one]})" for one in others)
    score = f"{won}-{lost} " if meeting.known and meeting.stage else ""
    text = f"lost {score}to {names}" if meeting.decided else f"{score}against {names}"
    label = "series" if meeting.stage else "play-in"
    prize = "" if meeting.decided else _prize(meeting)
    return f"  {label:<14} {text}{prize}"


def _prize(meeting: Meeting) -> str:
    return f", {meeting.prize}" if meeting.prize else ""
