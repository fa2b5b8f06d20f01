"""Check raw box scores and write the league tables of ended and current seasons."""

from __future__ import annotations

from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, write_table
from nbarank.league.ingest import ingest
from nbarank.league.outcomes import build_outcomes
from nbarank.league.params import SnapshotsParams
from nbarank.league.standings import standings_to_date
from nbarank.schemas.league import (
    AS_OF,
    GAMES,
    OUTCOMES,
    PLAYER_GAMES,
    SCHEDULE,
    SEASONS,
    STANDINGS,
    TEAM_GAMES,
    TEAMS,
)
from nbarank.schemas.season_split import ENDED, write_split
from nbarank.sources.manifest import write_manifest
from nbarank.sources.raw import read_raw

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
    ended = set(outcomes["season"])
    for table, frame in (
        (SEASONS, made.seasons),
        (TEAMS, made.teams),
        (GAMES, made.games),
        (SCHEDULE, made.schedule),
        (TEAM_GAMES, made.team_games),
        (PLAYER_GAMES, made.player_games),
        (AS_OF, made.as_of),
        (STANDINGS, standings),
    ):
        write_split(table, frame, ended)
    write_table(OUTCOMES, outcomes, ENDED)
    write_manifest(DATA / "manifest.json", RAW, raw, made.report)


if __name__ == "__main__":
    run_stage("ingest", main)
