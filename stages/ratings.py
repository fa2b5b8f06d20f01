"""Rate every team as of every date, from the games before it."""

from nbarank.params.ratings import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.table import rate
from nbarank.schemas.features import RATINGS
from nbarank.schemas.league import AS_OF, GAMES, TEAMS
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table


def main(stage: Stage) -> None:
    """Read league/games, league/teams, league/as_of; write features/ratings."""
    ratings = rate(
        read_table(GAMES),
        read_table(TEAMS),
        read_table(AS_OF),
        stage.params(EloParams),
        stage.params(SrsParams),
        stage.params(PythagoreanParams),
    )
    write_table(RATINGS, ratings)


if __name__ == "__main__":
    run_stage("ratings", main)
