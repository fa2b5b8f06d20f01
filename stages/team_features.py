"""Describe every team as of every date: factors, form, schedule, rest, motivation, continuity."""

from __future__ import annotations

from nbarank.core.stage import Stage, run_stage
from nbarank.features.params import FeatureParams
from nbarank.features.team import describe_teams
from nbarank.schemas.features import TEAM_FEATURES
from nbarank.schemas.league import AS_OF, PLAYER_GAMES, SCHEDULE, SEASONS, TEAM_GAMES, TEAMS
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import ended_seasons, read_whole, write_split


def main(stage: Stage) -> None:
    """Read the league tables and features/ratings; write features/teams."""
    tables = {
        "seasons": read_whole(SEASONS),
        "teams": read_whole(TEAMS),
        "team_games": read_whole(TEAM_GAMES),
        "player_games": read_whole(PLAYER_GAMES),
        "schedule": read_whole(SCHEDULE),
        "as_of": read_whole(AS_OF),
    }
    features = describe_teams(tables, read_whole(RATINGS), stage.params(FeatureParams))
    write_split(TEAM_FEATURES, features, ended_seasons())


if __name__ == "__main__":
    run_stage("team_features", main)
