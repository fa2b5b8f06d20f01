"""Time and memory of ratings, team features and rosters by number of seasons.

    python -m benchmarks.features --data data

Needs the league tables (`dvc repro ingest`). Every number of seasons runs in its own process with
`repro.threads` threads, so that peak memory is measured separately. Reading and validating tables
are included, writing is not; the time per snapshot leaves out reading (always all seasons).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from nbarank.core.params import ReproParams
from nbarank.core.sections import load_section
from nbarank.core.seeds import prepare_process
from nbarank.core.tables import validate
from nbarank.features.dates import LEAGUE_TABLES
from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.features.players.rosters import build_rosters
from nbarank.features.team import describe_teams
from nbarank.ratings.params import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.table import rate
from nbarank.schemas.features import ROSTER_TEAMS, ROSTERS, TEAM_FEATURES
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import by_name, read_whole

LIMIT_SECONDS = 40.0
LIMIT_MIB = 2048.0


def measure(data: Path, n_seasons: int, wanted: list[str]) -> dict[str, float]:
    """Build the requested tables of the last `n_seasons` seasons; return seconds and MiB."""
    prepare_process(load_section(ReproParams))
    seconds: dict[str, float] = {}
    cpu: dict[str, float] = {}

    def timed(name: str, step: Callable[[], object]) -> None:
        start, cpu_start = time.perf_counter(), time.process_time()
        step()
        seconds[name] = time.perf_counter() - start
        cpu[name] = time.process_time() - cpu_start

    tables: dict[str, pd.DataFrame] = {}
    timed("read", lambda: tables.update(by_name(LEAGUE_TABLES, lambda one: read_whole(one, data))))
    kept = sorted(tables["seasons"]["season"])[-n_seasons:]
    tables = {name: frame[frame["season"].isin(kept)] for name, frame in tables.items()}
    params = load_section(FeatureParams)
    made: dict[str, pd.DataFrame] = {}

    def ratings() -> None:
        made["ratings"] = rate(
            tables["games"],
            tables["teams"],
            tables["as_of"],
            load_section(EloParams),
            load_section(SrsParams),
            load_section(PythagoreanParams),
        )
        validate(RATINGS, made["ratings"])

    def teams() -> None:
        validate(TEAM_FEATURES, describe_teams(tables, made["ratings"], params))

    def rosters() -> None:
        both = build_rosters(tables, params, load_section(PlayerParams))
        validate(ROSTERS, both.rosters)
        validate(ROSTER_TEAMS, both.roster_teams)

    for name, step in (("ratings", ratings), ("teams", teams), ("rosters", rosters)):
        if name in wanted or name == "ratings":
            timed(name, step)
    return {
        "seasons": len(kept),
        "snapshots": len(tables["as_of"]),
        **seconds,
        "total": sum(seconds.values()),
        "total CPU": sum(cpu.values()),
        "CPU ms per snapshot": 1000 * (sum(cpu.values()) - cpu["read"]) / len(tables["as_of"]),
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Print the table; exit with 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the tables")
    parser.add_argument("--seasons", type=int, nargs="+", default=[3, 6, 13])
    parser.add_argument("--tables", nargs="+", default=["ratings", "teams", "rosters"])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.data, options.one, options.tables)))
        return
    rows = []
    for count in options.seasons:
        command = [sys.executable, "-m", "benchmarks.features", "--data", str(options.data)]
        command += ["--tables", *options.tables]
        done = subprocess.run(
            [*command, "--one", str(count)], check=True, stdout=subprocess.PIPE, text=True
        )
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    table = pd.DataFrame(rows).astype({"seasons": int, "snapshots": int})
    print(table.to_string(index=False, float_format="{:.2f}".format))
    last = rows[-1]
    kept = last["total"] < LIMIT_SECONDS and last["peak MiB"] < LIMIT_MIB
    limits = f"{LIMIT_SECONDS:.0f} s and {LIMIT_MIB:.0f} MiB for {last['seasons']:.0f} seasons"
    print(f"\n{'kept' if kept else 'EXCEEDED'}: {limits}")
    raise SystemExit(not kept)


if __name__ == "__main__":
    main()
