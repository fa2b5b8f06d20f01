"""Rate every team as of every date of the ended seasons, from the games before it."""

from __future__ import annotations

from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import write_table
from nbarank.ratings.params import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.table import rate
from nbarank.schemas.league import AS_OF, GAMES, TEAMS
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import ENDED, read_ended


def main(stage: Stage) -> None:
    """Read league/games, league/teams, league/as_of; write features/ratings."""
    ratings = rate(
        read_ended(GAMES),
        read_ended(TEAMS),
        read_ended(AS_OF),
        stage.params(EloParams),
        stage.params(SrsParams),
        stage.params(PythagoreanParams),
    )
    write_table(RATINGS, ratings, ENDED)


if __name__ == "__main__":
    run_stage("ratings", main)
