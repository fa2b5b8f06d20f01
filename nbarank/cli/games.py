"""`nbarank games`: the games of a day, who is out, and what if."""

from __future__ import annotations

from typing import Annotated

import typer

DAY_HELP = "Day such as 2022-01-15; by default the next with games, or the last of an ended season."
TEAM_HELP = "Only this team: abbreviation or part of its name."


def games(
    date: Annotated[str | None, typer.Option(help=DAY_HELP)] = None,
    days: Annotated[int, typer.Option("--next", min=1, max=366, help="Number of days.")] = 1,
    team: Annotated[str | None, typer.Option(help=TEAM_HELP)] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Player assumed to be out; may be repeated.")
    ] = None,
    playing: Annotated[
        list[str] | None, typer.Option("--with", help="Player assumed to play; may be repeated.")
    ] = None,
    result: Annotated[
        list[str] | None,
        typer.Option(help="Assumed result of their next game: TEAM-TEAM=WINNER; repeatable."),
    ] = None,
    stakes: Annotated[
        bool, typer.Option("--leverage", help="Show what a win is worth against a loss.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show who wins the games of a day, by how much, and who is out; trains nothing.

    Games are forecast from what was known the evening before --date. With --result the change of
    the odds is shown, and leverage is that of the season with these results.
    """
    from nbarank.cli.games_screen import games_json, games_text
    from nbarank.forecast.what_if import WhatIf
    from nbarank.results.days import day_of
    from nbarank.results.games import games_of_days

    day = None if date is None else day_of(date, "--date", "nbarank games")
    what_if = WhatIf(tuple(without or ()), tuple(playing or ()), tuple(result or ()))
    found = games_of_days(day, days, team, what_if, stakes)
    if day is None and not found.to_come and not as_json:
        season, whose = found.games.season, "" if team is None else " of the team"
        length = f" --next {days}" if days > 1 else ""
        other_day = f"nbarank games --date {int(season[:4]) + 1}-01-15{length}"
        schedule = f"schedule_{season.replace('-', '_')} (docs/data.md), then dvc repro"
        if found.ended:
            shown = f"The {season} season is over; its last day with games{whose} is shown."
            shown += f"\nAnother day: {other_day}\n"
        elif found.eliminated:
            shown = "The team is eliminated: its last day with games is shown.\n"
        else:
            shown = f"No game{whose} to come is known: the last day with one is shown."
            shown += f"\nTo add games: {schedule}\n"
        typer.echo(shown)
    text = games_json if as_json else games_text
    typer.echo(text(found.games, found.names, found.stakes))
