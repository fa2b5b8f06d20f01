"""Describe every team as of every date: factors, form, schedule, rest, motivation, continuity."""

from nbarank.features.team import describe_teams
from nbarank.params.features import FeatureParams
from nbarank.schemas.features import RATINGS, TEAM_FEATURES
from nbarank.schemas.league import AS_OF, PLAYER_GAMES, SCHEDULE, SEASONS, TEAM_GAMES, TEAMS
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table


def main(stage: Stage) -> None:
    """Read the league tables and features/ratings; write features/teams."""
    tables = {
        "seasons": read_table(SEASONS),
        "teams": read_table(TEAMS),
        "team_games": read_table(TEAM_GAMES),
        "player_games": read_table(PLAYER_GAMES),
        "schedule": read_table(SCHEDULE),
        "as_of": read_table(AS_OF),
    }
    features = describe_teams(tables, read_table(RATINGS), stage.params(FeatureParams))
    write_table(TEAM_FEATURES, features)


if __name__ == "__main__":
    run_stage("team_features", main)
