"""Forecasts as text for a terminal."""

from __future__ import annotations

from nbarank.schemas.predictions import DayForecast, Predictions, TeamPrediction

CHANGED_TEAMS = 8
"""Teams listed with the changes of an assumption."""
HEADER = (
    f"{'':>3} {'team':<5}{'conf':<6}{'now':>7}{'wins':>7}{'interval':>10}{'strength':>10}"
    f"{'playoffs':>10}{'final':>8}{'title':>8}  "
)


def predictions_text(predictions: Predictions) -> str:
    """Return a table of each day, or the details of a single team."""
    return "\n\n".join(
        _team(day, day.teams[0]) if len(day.teams) == 1 else _day(day)
        for day in predictions.forecasts
    )


def changes_text(usual: Predictions, assumed: Predictions) -> str:
    """Return what an assumption changes, of the teams whose title odds or wins it changes most."""
    rows = []
    for before, after in zip(
        sorted(usual.forecasts[0].teams, key=_team_id),
        sorted(assumed.forecasts[0].teams, key=_team_id),
        strict=True,
    ):
        wins = after.projected_wins - before.projected_wins
        playoffs = after.odds.playoffs - before.odds.playoffs
        title = after.odds.title - before.odds.title
        size = abs(title) + abs(playoffs) + abs(wins) / 10
        rows.append(
            (size, f"  {after.abbreviation:<5}{wins:>+7.2f}{playoffs:>+10.1%}{title:>+8.1%}")
        )
    shown = [line for size, line in sorted(rows, reverse=True)[:CHANGED_TEAMS] if size > 0]
    header = f"\nChange by the assumption\n  {'team':<5}{'wins':>7}{'playoffs':>10}{'title':>8}"
    return "\n".join([header, *shown] if shown else ["\nThe assumption changes nothing."])


def _team_id(team: TeamPrediction) -> int:
    return team.team_id


def _percent(probability: float) -> str:
    """Return a percentage that shows 0 % and 100 % only for exactly 0 and 1."""
    if 0.0 < probability < 0.001:
        return "<0.1%"
    if 0.999 < probability < 1.0:
        return ">99.9%"
    return f"{probability:.1%}"


def _title(day: DayForecast) -> str:
    text = f"Forecast of {day.season} as of {day.as_of} ({day.season_share:.0%} played, "
    text += f"{day.n_simulations:,} simulations)"
    return f"{text}\n{day.known}" if day.known else text


def _day(day: DayForecast) -> str:
    """Return one line a team, best first."""
    lines = [_title(day), HEADER.rstrip()]
    for team in day.teams:
        now = f"{team.analysis.wins}-{team.analysis.losses}"
        wins = f"{team.wins_interval.low:.0f}-{team.wins_interval.high:.0f}"
        place = f"{team.conference[0]}{team.predicted_conference_rank}"
        word = team.analysis.classification
        called = "" if word == "aligned" else f"{word} ({team.analysis.slots:g})"
        lines.append(
            f"{team.predicted_league_rank:>3} {team.abbreviation:<5}{place:<6}{now:>7}"
            f"{team.projected_wins:>7.1f}{wins:>10}{team.strength:>+10.1f}"
            f"{_percent(team.odds.playoffs):>10}{_percent(team.odds.final):>8}"
            f"{_percent(team.odds.title):>8}  {called}".rstrip()
        )
    return "\n".join(lines)


def _team(day: DayForecast, team: TeamPrediction) -> str:
    """Return the details of one team, one fact per line."""
    odds, analysis = team.odds, team.analysis
    place = (
        f"{analysis.conference_rank} in the {team.conference}" if analysis.conference_rank else ""
    )
    lines = [
        _title(day),
        f"{team.name} ({team.abbreviation}): {analysis.wins}-{analysis.losses} {place}".rstrip(),
        f"  predicted      {team.predicted_conference_rank} in the {team.conference}, "
        f"{team.predicted_league_rank} in the league",
        f"  strength       {team.strength:+.1f} points (error {team.strength_sd:.1f}); score "
        f"{team.ensemble_score_100:.0f} of 100",
        f"  wins           {team.projected_wins:.1f} ({team.wins_interval.low:.0f} to "
        f"{team.wins_interval.high:.0f} with {day.interval:.0%})",
        f"  playoffs       {_percent(odds.playoffs)} (play-in {_percent(odds.play_in)}), second "
        f"round {_percent(odds.second_round)}, conference final {_percent(odds.conference_final)}",
        f"  final, title   {_percent(odds.final)}, {_percent(odds.title)}",
        f"  {analysis.classification:<14} {analysis.explanation}",
    ]
    if team.diagnostics.agreement:
        ranks = ", ".join(f"{m} {r:g}" for m, r in team.diagnostics.rank_by_model.items())
        lines.append(f"  models agree   {team.diagnostics.agreement} ({ranks})")
    return "\n".join(lines)
