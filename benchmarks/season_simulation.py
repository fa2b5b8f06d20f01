"""Time and memory of 1,000, 10,000 and 100,000 simulated rests of a season from its middle.

    OMP_NUM_THREADS=2 python benchmarks/season_simulation.py [--chunk 2000]

A made-up league of thirty teams with a full schedule, half of it played: nothing is read from
disk but params.yaml.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np

from nbarank.forecast.run import CHUNK_SIZE

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from nbarank.core.seeds import generator
from nbarank.forecast.game_model import default_model
from nbarank.forecast.odds import simulate_odds
from nbarank.forecast.simulate import Drift, Strengths
from tests.forecast.made_league import MID, SEASON, league, params, strengths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
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
