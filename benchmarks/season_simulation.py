"""Time and memory of 1,000, 10,000 and 100,000 simulations of the second half of a season.

    python -m benchmarks.season_simulation [--chunk 2000]

A made-up league of thirty teams; reads params.yaml only.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from nbarank.core.seeds import generator
from nbarank.forecast.game_model import default_model
from nbarank.forecast.odds import CHUNK_SIZE, simulate_odds
from nbarank.forecast.simulation import Drift, Strengths
from tests.forecast.made_league import MID, SEASON, league, params, strengths


def main() -> None:
    """Simulate and print one row per number of simulations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chunk", type=int, default=CHUNK_SIZE)
    chunk = parser.parse_args().chunk
    state = league(MID).state(SEASON, MID)
    given = Strengths(strengths(), np.full(state.n_teams, 2.5))
    section = params()
    drift = Drift(section.drift_sd, section.drift_memory_days)
    print(f"{len(state.home)} games left, chunks of {chunk}")
    print(f"{'simulations':>12}{'seconds':>10}{'processor':>11}{'peak MB':>10}")
    for n in (1_000, 10_000, 100_000):
        start, busy = time.perf_counter(), time.process_time()
        simulate_odds(
            state,
            given,
            default_model(section),
            drift,
            n,
            generator(0, "benchmark"),
            chunk_size=chunk,
        )
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{n:>12,}{seconds:>10.2f}{busy:>11.2f}{peak:>10.0f}", flush=True)


if __name__ == "__main__":
    main()
