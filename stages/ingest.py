"""Check raw box scores and turn them into league tables; data/manifest.json tells what was read."""

from __future__ import annotations

from nbarank.league.ingest import ingest
from nbarank.params.data import DataParams
from nbarank.params.seasons import SnapshotsParams
from nbarank.schemas.league import (
    AS_OF,
    GAMES,
    PLAYER_GAMES,
    SCHEDULE,
    SEASONS,
    TEAM_GAMES,
    TEAMS,
)
from nbarank.sources.manifest import write_manifest
from nbarank.sources.raw import read_raw
from nbarank.stage import Stage, run_stage
from nbarank.tables import DATA, write_table

RAW = DATA / "raw"
MANIFEST = DATA / "manifest.json"


def main(stage: Stage) -> None:
    """Write league/{seasons,teams,games,schedule,team_games,player_games,as_of} and manifest."""
    snapshots = stage.params(SnapshotsParams)
    raw = read_raw(RAW)
    made = ingest(
        raw, stage.params(DataParams).on_fault, snapshots.every_days, snapshots.checkpoints
    )
    write_table(SEASONS, made.seasons)
    write_table(TEAMS, made.teams)
    write_table(GAMES, made.games)
    write_table(SCHEDULE, made.schedule)
    write_table(TEAM_GAMES, made.team_games)
    write_table(PLAYER_GAMES, made.player_games)
    write_table(AS_OF, made.as_of)
    write_manifest(MANIFEST, RAW, raw, made.report)


if __name__ == "__main__":
    run_stage("ingest", main)
