"""Put aside what is known of the seasons that have ended, to learn from and to be judged by."""

from __future__ import annotations

import logging

from nbarank.in_progress import HISTORY
from nbarank.schemas.features import RATINGS, TEAM_FEATURES
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES, SCHEDULE, SEASONS, STANDINGS, TEAMS
from nbarank.schemas.rosters import ROSTER_TEAMS, ROSTERS
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table

log = logging.getLogger(__name__)
TABLES = (
    SEASONS,
    TEAMS,
    GAMES,
    SCHEDULE,
    AS_OF,
    STANDINGS,
    RATINGS,
    TEAM_FEATURES,
    ROSTERS,
    ROSTER_TEAMS,
)


def main(_stage: Stage) -> None:
    """Read league/* and features/*; write the rows of ended seasons to history/."""
    ended = set(read_table(OUTCOMES)["season"])
    for table in TABLES:
        frame = read_table(table)
        write_table(table, frame[frame["season"].isin(ended)], HISTORY)
        if table is SEASONS:
            others = ", ".join(sorted(set(frame["season"]) - ended))
            log.info("seasons that have not ended: %s", others or "none")


if __name__ == "__main__":
    run_stage("history", main)
