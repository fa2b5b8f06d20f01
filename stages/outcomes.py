"""Standings as of every date; final standings, seeds, series, champions and playoff ranks."""

from __future__ import annotations

from nbarank.league.outcomes import build_outcomes
from nbarank.league.standings import standings_to_date
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES, SEASONS, SERIES, STANDINGS, TEAMS
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table


def main(stage: Stage) -> None:
    """Write league/{standings,outcomes,series}."""
    games, teams, seasons = read_table(GAMES), read_table(TEAMS), read_table(SEASONS)
    write_table(STANDINGS, standings_to_date(games, teams, seasons, read_table(AS_OF)))
    outcomes, series = build_outcomes(games, teams, seasons)
    write_table(OUTCOMES, outcomes)
    write_table(SERIES, series)


if __name__ == "__main__":
    run_stage("outcomes", main)
