"""Describe teams and rosters of the current season; rate offence and defence of all seasons."""

from __future__ import annotations

from functools import partial

from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import write_table
from nbarank.features.dates import LEAGUE_TABLES, describe_dates
from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.ratings.efficiency import adjusted_efficiency
from nbarank.ratings.params import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.table import rate
from nbarank.schemas.features import PLAYER_WEIGHTS, ROSTER_TEAMS, ROSTERS, TEAM_FEATURES
from nbarank.schemas.ratings import EFFICIENCY, RATINGS
from nbarank.schemas.season_split import CURRENT, by_name, ended_seasons, read_ended, read_whole


def main(stage: Stage) -> None:
    """Read the league tables of all seasons; write current/features, and efficiency of all.

    current/features is empty without days of a current season.
    """
    tables = by_name(LEAGUE_TABLES, read_whole)
    days, srs = tables["as_of"], stage.params(SrsParams)
    sides = adjusted_efficiency(tables["games"], tables["team_games"], tables["teams"], days, srs)
    write_table(EFFICIENCY, sides)
    tables["as_of"] = days[~days["season"].isin(ended_seasons())]
    if tables["as_of"].empty:
        for table in (RATINGS, TEAM_FEATURES, ROSTERS, ROSTER_TEAMS):
            write_table(table, read_ended(table).iloc[:0], CURRENT)
        return
    rated = tables["games"], tables["teams"], tables["as_of"]
    how = stage.params(EloParams), srs, stage.params(PythagoreanParams)
    made = describe_dates(
        tables,
        partial(rate, *rated, *how),
        stage.params(FeatureParams),
        stage.params(PlayerParams),
        read_ended(PLAYER_WEIGHTS),
        stage.threads,
    )
    write_table(RATINGS, made.ratings, CURRENT)
    write_table(TEAM_FEATURES, made.teams, CURRENT)
    write_table(ROSTERS, made.rosters, CURRENT)
    write_table(ROSTER_TEAMS, made.roster_teams, CURRENT)


if __name__ == "__main__":
    run_stage("current_features", main)
