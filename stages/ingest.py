"""Check raw box scores and write the league tables of ended and current seasons."""

from __future__ import annotations

import logging

from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, write_table
from nbarank.league.ingest import ingest
from nbarank.league.outcomes import build_outcomes
from nbarank.league.params import SnapshotsParams
from nbarank.league.seasons import in_seasons
from nbarank.league.standings import standings_to_date
from nbarank.schemas.league import (
    AS_OF,
    GAMES,
    INACTIVE_LISTS,
    INJURY_REPORTS,
    MARKET,
    OUTCOMES,
    PLAYER_GAMES,
    PRESEASON,
    PUBLISHED_RATINGS,
    SCHEDULE,
    SEASONS,
    STANDINGS,
    TEAM_GAMES,
    TEAM_LISTS,
    TEAMS,
)
from nbarank.schemas.season_split import ENDED, write_split
from nbarank.sources.external_ratings import read_external_ratings
from nbarank.sources.injuries import read_injury_reports
from nbarank.sources.manifest import write_manifest
from nbarank.sources.market import read_market
from nbarank.sources.preseason import read_preseason
from nbarank.sources.raw import read_raw, read_rosters

LOG = logging.getLogger(__name__)
RAW = DATA / "raw"


def main(stage: Stage) -> None:
    """Read data/raw; write the league tables, standings and outcomes, and data/manifest.json."""
    snapshots = stage.params(SnapshotsParams)
    raw = read_raw(RAW)
    made = ingest(
        raw,
        stage.value("data.on_fault", str) == "drop_games",
        snapshots.every_days,
        snapshots.checkpoints,
    )
    outcomes = build_outcomes(made.games, made.teams, made.seasons)
    standings = standings_to_date(made.games, made.teams, made.seasons, made.as_of)
    team_lists, ratings = read_rosters(RAW), read_external_ratings(RAW)
    newest = made.seasons["season"].max()
    if newest not in set(team_lists["season"]):
        LOG.info("no roster file for %s: players count for the team of their latest game", newest)
    ended = set(outcomes["season"])
    for table, frame in (
        (SEASONS, made.seasons),
        (TEAMS, made.teams),
        (GAMES, made.games),
        (SCHEDULE, made.schedule),
        (TEAM_GAMES, made.team_games),
        (PLAYER_GAMES, made.player_games),
        (AS_OF, made.as_of),
        (INACTIVE_LISTS, made.inactive),
        (STANDINGS, standings),
        (TEAM_LISTS, team_lists),
        (INJURY_REPORTS, in_seasons(read_injury_reports(RAW), made.seasons)),
        (PRESEASON, read_preseason(RAW, made.teams)),
        (PUBLISHED_RATINGS, ratings[ratings["season"].isin(made.seasons["season"])]),
    ):
        write_split(table, frame, ended)
    write_table(OUTCOMES, outcomes, ENDED)
    write_table(MARKET, read_market(RAW, made.games[made.games["season"].isin(ended)]), ENDED)
    write_manifest(DATA / "manifest.json", RAW, raw, made.report)


if __name__ == "__main__":
    run_stage("ingest", main)
