"""Rate every team as of every date, from the games before it."""

from __future__ import annotations

from nbarank.core.stage import Stage, run_stage
from nbarank.ratings.params import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.table import rate
from nbarank.schemas.league import AS_OF, GAMES, TEAMS
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import ended_seasons, read_whole, write_split


def main(stage: Stage) -> None:
    """Read league/games, league/teams, league/as_of; write features/ratings."""
    ratings = rate(
        read_whole(GAMES),
        read_whole(TEAMS),
        read_whole(AS_OF),
        stage.params(EloParams),
        stage.params(SrsParams),
        stage.params(PythagoreanParams),
    )
    write_split(RATINGS, ratings, ended_seasons())


if __name__ == "__main__":
    run_stage("ratings", main)
