"""Time and memory of simulating a season from its start and from its middle.

    python -m benchmarks.season_simulation [--chunk 2000] [--save FILE] [--before FILE]

A made-up league of thirty teams; reads params.yaml only. `--save` writes the figures as CSV;
`--before` prints them next to saved ones, for example of the commit before a change.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.seeds import generator
from nbarank.forecast.game_model import default_model
from nbarank.forecast.odds import CHUNK_SIZE, simulate_odds
from nbarank.forecast.season_simulation import Drift, Strengths
from tests.forecast.made_league import MID, SEASON, START, league, params, strengths

KEY = ["games_left", "simulations"]


def measure(day: pd.Timestamp, n: int, chunk: int) -> dict[str, float]:
    """Simulate the season from a day; return seconds, processor seconds and peak memory."""
    state, section = league(day).state(SEASON, day), params()
    given = Strengths(strengths(), np.full(state.n_teams, 2.5))
    drift = Drift(section.drift_sd, section.drift_memory_days)
    random = generator(0, "benchmark")
    start, busy = time.perf_counter(), time.process_time()
    simulate_odds(state, given, default_model(section), drift, n, random, chunk_size=chunk)
    return {
        "games_left": len(state.home),
        "simulations": n,
        "seconds": time.perf_counter() - start,
        "processor": time.process_time() - busy,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Simulate and print one row per day and number of simulations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chunk", type=int, default=CHUNK_SIZE)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--before", type=Path)
    options = parser.parse_args()
    found = pd.DataFrame(
        [measure(day, n, options.chunk) for n in (1_000, 10_000, 100_000) for day in (MID, START)]
    )
    if options.save:
        found.to_csv(options.save, index=False)
    if options.before:
        found = found.merge(pd.read_csv(options.before), on=KEY, suffixes=("", "_before"))
        found["times_faster"] = found["processor_before"] / found["processor"]
    print(found.round(2).to_string(index=False))


if __name__ == "__main__":
    main()
