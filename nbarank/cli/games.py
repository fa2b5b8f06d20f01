"""`nbarank games`: the games of a day, who is out, and what if."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from nbarank.forecast.coming_games import GameInputs

DAY_HELP = "Day such as 2023-01-15; by default the next day with games."


def games(
    date: Annotated[str | None, typer.Option(help=DAY_HELP)] = None,
    days: Annotated[int, typer.Option("--next", min=1, max=60, help="Number of days.")] = 1,
    team: Annotated[str | None, typer.Option(help="Only this team: BOS, or its name.")] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Player assumed to be out; may be repeated.")
    ] = None,
    playing: Annotated[
        list[str] | None, typer.Option("--with", help="Player assumed to play; may be repeated.")
    ] = None,
    stakes: Annotated[
        bool, typer.Option("--leverage", help="Show what a win is worth against a loss.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show who wins the games of a day, by how much, and who is out; trains nothing.

    A day of an ended season is forecast from what was known the evening before.
    """
    import pandas as pd

    from nbarank.cli.results import day_of
    from nbarank.core.params import ReproParams
    from nbarank.core.sections import load_section
    from nbarank.core.tables import read_table
    from nbarank.forecast.coming_games import coming_games
    from nbarank.forecast.games_text import games_json, games_text
    from nbarank.forecast.inputs import read_game_inputs
    from nbarank.forecast.leverage import leverage
    from nbarank.forecast.name_search import find_team
    from nbarank.forecast.params import ForecastParams
    from nbarank.forecast.single_day import season_of_day
    from nbarank.forecast.what_if import WhatIf
    from nbarank.schemas.league import AS_OF, SEASONS
    from nbarank.schemas.season_split import CURRENT, current_seasons, read_whole

    seasons, current = read_whole(SEASONS), current_seasons()
    newest = read_table(AS_OF, CURRENT)["as_of"].max() if current else None
    wanted = day_of(date, "--date", "nbarank games") if date else newest
    season = seasons["season"].max() if wanted is None else season_of_day(wanted, seasons)
    params = load_section(ForecastParams)
    inputs = read_game_inputs(season, params)
    members = inputs.league.teams
    own_team = None if team is None else find_team(team, season, members)
    day = wanted if wanted is not None and date else _day_with_games(inputs, wanted, own_team)
    known = min(day, newest) if newest is not None and season in current else day
    what_if = WhatIf(tuple(without or ()), tuple(playing or ()))
    found = coming_games(inputs, known, pd.date_range(day, periods=days), what_if)
    if own_team is not None:
        own = found.games[["home_id", "away_id"]] == own_team
        found = found._replace(games=found.games[own.any(axis=1)])
    worth = leverage(inputs, found, params, load_section(ReproParams).seed) if stakes else None
    names = dict(zip(members["team_id"], members["abbreviation"], strict=True))
    if not date and season not in current and not as_json:
        typer.echo(f"The season {season} is over. Any day of it: nbarank games --date DAY\n")
    typer.echo(games_json(found, names, worth) if as_json else games_text(found, names, worth))


def _day_with_games(inputs: GameInputs, day: pd.Timestamp | None, team: int | None) -> pd.Timestamp:
    """Return the first day with games (of a team) from a day on; None, or none left: the last."""
    import pandas as pd

    columns = ["season", "game_date", "home_id", "away_id"]
    known = pd.concat([inputs.league.games[columns], inputs.league.schedule[columns]])
    known = known[known["season"] == inputs.season]
    if team is not None:
        known = known[(known[["home_id", "away_id"]] == team).any(axis=1)]
    dates = known["game_date"].sort_values()
    ahead = dates if day is None else dates[dates >= day]
    return pd.Timestamp(dates.iloc[-1] if day is None or ahead.empty else ahead.iloc[0])
