"""Forecasts as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from nbarank.cli.screen import KEPT, folded
from nbarank.schemas.predictions import DayForecast, Predictions, TeamPrediction

TEAM = 22
"""Columns of a team's name."""
CHANGED_TEAMS = 8
"""Teams listed with the changes of an assumption."""
HEADER = (
    f"{'':>3} {'team':<26}{'conf':<4}{'now':>6}{'wins':>5}{{:>6.0%}}{'str.':>6}"
    f"{'playoffs':>9}{'title':>7}"
)
VS_NOW = f"{'vs now':>7}"
ORDER = "By mean final place in the simulations, not by wins; conf: place in conference."
STRENGTH = (
    "str.: points a game against an average team, with the minutes expected of each player for the "
    "rest of the season: players out now count in part"
)
CHANGE, UNCHANGED = (
    "Change by the {}; odds in percentage points",
    "The assumption changes no figure shown.",
)
LEGEND = (
    "vs now: conference places expected above (+, sleeper) or below (-, paper tiger) its record; "
    "small differences are left out"
)


def season_over_text(as_of: pd.DataFrame, champion: str | None) -> str:
    """Return that the newest season is over, with its checkpoints from table league/as_of."""
    days = as_of[(as_of["season"] == as_of["season"].max()) & as_of["checkpoint"].notna()]
    shares = zip(days["checkpoint"], days["as_of"], strict=True)
    won = f": {champion} won the title" if champion else ""
    listed = ", ".join(f"{day:%Y-%m-%d} ({share:.0%})".replace(" ", KEPT) for share, day in shares)
    return folded(
        f"The season {days['season'].iloc[0]} is over{won}.\n"
        "Shown: before the playoffs. Any other day: nbarank forecast --as-of DAY, such as\n"
        f"  {listed}\n"
    )


def predictions_text(predictions: Predictions, champion: str | None = None) -> str:
    """Return a table of each day, or the details of a single team.

    `champion`: who has won the title on the days; None if it is open.
    """
    return folded(
        "\n\n".join(
            _team(day, day.teams[0], champion) if len(day.teams) == 1 else _day(day, champion)
            for day in predictions.forecasts
        )
    )


def changes_text(usual: Predictions, assumed: Predictions, games: Sequence[str] = ()) -> str:
    """Return what an assumption changes, of the teams whose title odds or wins it changes most.

    `games`: those whose result is assumed, from `assumed_texts`.
    """
    rows = []
    for before, after in team_pairs(usual, assumed):
        wins = after.projected_wins - before.projected_wins
        playoffs = after.odds.playoffs - before.odds.playoffs
        title = after.odds.title - before.odds.title
        size = abs(title) + abs(playoffs) + abs(wins) / 10
        cells = [f"{signed(wins, 2):>7}", f"{points(playoffs):>10}", f"{points(title):>8}"]
        rows.append((size, after, cells))
    header = [f"  {'team':<26}{'wins':>7}{'playoffs':>10}{'title':>8}"]
    return "\n".join([*games, *largest_changes(header, rows)])


def team_pairs(
    usual: Predictions, assumed: Predictions
) -> Iterator[tuple[TeamPrediction, TeamPrediction]]:
    """Return each team without and with an assumption."""
    return zip(
        sorted(usual.forecasts[0].teams, key=_team_id),
        sorted(assumed.forecasts[0].teams, key=_team_id),
        strict=True,
    )


def largest_changes(
    header: Sequence[str], rows: Sequence[tuple[float, TeamPrediction, Sequence[str]]]
) -> list[str]:
    """Return the lines of the largest changes below a header; `rows`: size, team and cells."""
    by_size = sorted(rows, key=lambda row: (-row[0], row[1].name))
    shown = [
        f"  {named(team)}{''.join(cells)}"
        for _, team, cells in by_size[:CHANGED_TEAMS]
        if any(float(cell) for cell in cells)
    ]
    if shown:
        return [CHANGE.format("assumption"), *header, *shown]
    return [UNCHANGED if len(rows) > 1 else f"{UNCHANGED[:-1]} of the {rows[0][1].name}."]


def signed(change: float, decimals: int) -> str:
    """Return a change with its sign; one that rounds to zero has none."""
    text = f"{change:+.{decimals}f}"
    return text if float(text) else text[1:]


def points(change: float) -> str:
    """Return a change of a probability in percentage points."""
    return signed(100.0 * change, 1)


def _team_id(team: TeamPrediction) -> int:
    return team.team_id


def named(team: TeamPrediction) -> str:
    """Return abbreviation and name in 26 columns."""
    name = team.name if len(team.name) < TEAM else f"{team.name[: TEAM - 2]}…"
    return f"{team.abbreviation:<4}{name:<{TEAM}}"


def percent(probability: float) -> str:
    """Return a percentage that shows 0 % and 100 % only for exactly 0 and 1."""
    if 0.0 < probability < 0.001:
        return "<0.1%"
    if 0.999 < probability < 1.0:
        return ">99.9%"
    return f"{probability:.1%}"


def _title(day: DayForecast, champion: str | None) -> str:
    if champion:
        return f"{day.season} as of {day.as_of}, after the season\nChampion: {champion}"
    text = forecast_title(day, f"{day.season_share:.0%} played")
    return f"{text}\n{day.known}" if day.known else text


def forecast_title(day: DayForecast, progress: str) -> str:
    """Return the first line of a day; `progress`: how far the season is."""
    simulations = f"{day.n_simulations:,} simulations"
    return f"Forecast of {day.season} as of {day.as_of} ({progress}, {simulations})"


def _day(day: DayForecast, champion: str | None) -> str:
    """Return one line a team, in order of the place it is expected to finish."""
    far = any(team.analysis.classification != "aligned" for team in day.teams)
    header = HEADER.format(day.interval) + (VS_NOW if far else "")
    lines = [_title(day, champion), ORDER, header]
    for team in day.teams:
        now = f"{team.analysis.wins}-{team.analysis.losses}"
        wins = f"{team.wins_interval.low:.0f}-{team.wins_interval.high:.0f}"
        place = f"{team.conference[0]}{team.predicted_conference_rank}"
        aligned = team.analysis.classification == "aligned"
        lines.append(
            f"{team.predicted_league_rank:>3} {named(team)}{place:<4}"
            f"{now:>6}{team.projected_wins:>5.1f}{wins:>6}{team.strength:>+6.1f}"
            f"{percent(team.odds.playoffs):>9}{percent(team.odds.title):>7}"
            f"{'' if aligned else f'{team.analysis.delta:+g}':>7}".rstrip()
        )
    if far:
        lines.append(LEGEND)
    lines.append(STRENGTH)
    return "\n".join(lines)


def ordinal(place: int) -> str:
    """Return a place such as '1st'."""
    last = {1: "st", 2: "nd", 3: "rd"}
    return f"{place}{'th' if place in (11, 12, 13) else last.get(place % 10, 'th')}"


def _team(day: DayForecast, team: TeamPrediction, champion: str | None) -> str:
    """Return the details of one team, one fact per line."""
    rank = team.analysis.conference_rank
    now = f"now {ordinal(rank)}, " if rank else ""
    return team_text(
        _title(day, champion),
        team,
        f"  place          {now}expected {ordinal(team.predicted_conference_rank)} in the "
        f"{team.conference}, {ordinal(team.predicted_league_rank)} in the league",
        f"  wins           {team.projected_wins:.1f} ({team.wins_interval.low:.0f} to "
        f"{team.wins_interval.high:.0f} with {day.interval:.0%})",
    )


def team_text(title: str, team: TeamPrediction, place: str, *games: str) -> str:
    """Return the details of one team; `place` and `games` are the lines around its strength."""
    odds, analysis = team.odds, team.analysis
    lines = [
        title,
        f"{team.name} ({team.abbreviation}): {analysis.wins}-{analysis.losses}",
        place,
        f"  strength       {team.strength:+.1f} ± {team.strength_sd:.1f} points a game against an "
        "average team (± one SD; players out now count in part)",
        *games,
        f"  playoffs       {percent(odds.playoffs)} (play-in {percent(odds.play_in)}), second "
        f"round {percent(odds.second_round)}, conference final {percent(odds.conference_final)}",
        f"  final, title   {percent(odds.final)}, {percent(odds.title)}",
        f"  {analysis.classification:<14} {analysis.explanation}",
    ]
    if team.diagnostics.agreement:
        ranks = ", ".join(f"{m} {r:g}" for m, r in team.diagnostics.rank_by_model.items())
        lines.append(f"  models agree   {team.diagnostics.agreement} (league ranks: {ranks})")
    return "\n".join(lines)
