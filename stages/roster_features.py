"""Describe every roster as of every date: impact, expected minutes, absences."""

from __future__ import annotations

import logging
from pathlib import Path

from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA
from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.features.players.rosters import build_rosters
from nbarank.schemas.features import PLAYER_WEIGHTS, ROSTER_TEAMS, ROSTERS
from nbarank.schemas.league import AS_OF, PLAYER_GAMES, SEASONS, TEAM_GAMES, TEAMS
from nbarank.schemas.season_split import ended_seasons, read_whole, write_split
from nbarank.sources.external_ratings import read_external_ratings
from nbarank.sources.injuries import read_injury_reports
from nbarank.sources.raw import read_rosters

LOG = logging.getLogger(__name__)


def main(stage: Stage) -> None:
    """Read the league tables and data/raw; write rosters, totals and weights."""
    features = stage.params(FeatureParams)
    tables = {
        "player_games": read_whole(PLAYER_GAMES),
        "team_games": read_whole(TEAM_GAMES),
        "teams": read_whole(TEAMS),
        "seasons": read_whole(SEASONS),
        "as_of": read_whole(AS_OF),
    }
    raw = DATA / "raw"
    team_lists = read_rosters(raw)
    made = build_rosters(
        tables,
        features,
        stage.params(PlayerParams),
        reports=read_injury_reports(raw if features.injuries else Path()),
        external=read_external_ratings(raw if features.external_ratings else Path()),
        team_lists=team_lists,
    )
    ended = ended_seasons()
    write_split(ROSTERS, made.rosters, ended)
    write_split(ROSTER_TEAMS, made.roster_teams, ended)
    write_split(PLAYER_WEIGHTS, made.weights, ended)
    newest = tables["seasons"]["season"].max()
    if newest not in set(team_lists["season"]):
        LOG.info("no roster file for %s: players count for the team of their latest game", newest)
    LOG.info("%d roster slots, %d team rows", len(made.rosters), len(made.roster_teams))


if __name__ == "__main__":
    run_stage("roster_features", main)
