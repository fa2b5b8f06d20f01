"""Describe every roster as of every date of the ended seasons: impact, minutes, absences."""

from __future__ import annotations

import logging

from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import write_table
from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.features.players.rosters import LEAGUE_TABLES, build_rosters
from nbarank.schemas.features import PLAYER_WEIGHTS, ROSTER_TEAMS, ROSTERS
from nbarank.schemas.season_split import ENDED, by_name, read_ended

LOG = logging.getLogger(__name__)


def main(stage: Stage) -> None:
    """Read the league tables; write rosters, totals, and weights up to the next season."""
    tables = by_name(LEAGUE_TABLES, read_ended)
    made = build_rosters(tables, stage.params(FeatureParams), stage.params(PlayerParams))
    write_table(ROSTERS, made.rosters, ENDED)
    write_table(ROSTER_TEAMS, made.roster_teams, ENDED)
    write_table(PLAYER_WEIGHTS, made.weights, ENDED)
    LOG.info("%d roster slots, %d team rows", len(made.rosters), len(made.roster_teams))


if __name__ == "__main__":
    run_stage("roster_features", main)
