"""Describe every team as of every date of the ended seasons: factors, form, schedule, rest."""

from __future__ import annotations

from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import write_table
from nbarank.features.params import FeatureParams
from nbarank.features.team import LEAGUE_TABLES, describe_teams
from nbarank.schemas.features import TEAM_FEATURES
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import ENDED, by_name, read_ended


def main(stage: Stage) -> None:
    """Read the league tables and features/ratings; write features/teams."""
    tables = by_name(LEAGUE_TABLES, read_ended)
    features = describe_teams(tables, read_ended(RATINGS), stage.params(FeatureParams))
    write_table(TEAM_FEATURES, features, ENDED)


if __name__ == "__main__":
    run_stage("team_features", main)
