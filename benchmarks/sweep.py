"""Overhead and throughput of sweeps on a toy pipeline with stages of known duration.

    python -m benchmarks.sweep [--engine workers] [--quick]

1. overhead of a trial beyond its stages, in wall and CPU seconds (target: below 2.5 s);
2. throughput of two workers against one (target: at least 1.5 times, on two cores);
3. time of a trial after 200 finished ones (target: at most 20 % more).

Run it on an idle machine with two cores; on a busy one only CPU seconds mean anything.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbarank.sweep.plan import SweepRequest, make_plan
from nbarank.sweep.workers import Sweep
from tests.reliability.small import dvc, git, run
from tests.sweep import toy

SPACE = """
description: benchmark
method: random
n_trials: 1
seed: {seed}
space:
  model_b.max_depth: {{type: int, low: 1, high: 1000}}
  model_b.learning_rate: {{type: float, low: 0.001, high: 1.0}}
"""


def sweep(
    repository: Path, name: str, n_trials: int, jobs: int, seconds: float, engine: str, seed: int
) -> list[float]:
    """Run a sweep; return the end times of its trials, from the first claim."""
    (repository / "sweeps").mkdir(exist_ok=True)
    (repository / "sweeps" / "bench.yaml").write_text(SPACE.format(seed=seed))
    request = SweepRequest(
        space="bench",
        study=name,
        n_trials=n_trials,
        jobs=jobs,
        engine=engine,
        explain=False,
        settings={"toy.seconds": seconds},
    )
    plan, study = make_plan(request, repository)
    Sweep(plan, study, quiet=True).run()
    trials = study.counted_trials()
    begin = min(trial.datetime_start for trial in trials)
    return sorted((trial.datetime_complete - begin).total_seconds() for trial in trials)


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def own_time(repository: Path, seconds: float) -> tuple[float, float]:
    """Return the wall (median of five) and CPU time (mean) of one trial's stages alone."""
    dvc(repository, "checkout", "-q")
    params = repository / "params.yaml"
    before = params.read_text()
    params.write_text(before.replace("seconds: 0.0", f"seconds: {seconds}"))
    times, before_cpu = [], cpu_seconds()
    for _ in range(5):
        begin = time.perf_counter()
        for stage in ("oof_xgb", "evaluate"):
            run([sys.executable, "toy.py", stage], repository)
        times.append(time.perf_counter() - begin)
    cpu = (cpu_seconds() - before_cpu) / 5
    git(repository, "checkout", "-q", "--", ".")
    dvc(repository, "checkout", "-q")
    return statistics.median(times), cpu


def steps(ends: list[float]) -> list[float]:
    """Return the time between the ends of successive trials."""
    return [after - before for before, after in itertools.pairwise(ends)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engine", choices=["workers", "queue", "both"], default="both")
    parser.add_argument("--quick", action="store_true", help="fewer trials, no 200 finished ones")
    parser.add_argument("--finished", type=int, default=200)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; ", end="")
    print(subprocess.run(["dvc", "--version"], capture_output=True, text=True).stdout.strip())
    engines = ["workers", "queue"] if options.engine == "both" else [options.engine]
    trials = 5 if options.quick else 12
    with tempfile.TemporaryDirectory() as folder:
        repository = toy.make_toy(Path(folder), burn=True)
        stages, stages_cpu = own_time(repository, 0.5)
        print(f"stages of a trial alone: {stages:.2f} s, {stages_cpu:.2f} CPU s")
        for engine in engines:
            sweep(repository, f"one_{engine}", 1, 1, 0.5, engine, 1)
            begin = cpu_seconds()
            ends = sweep(repository, f"one_{engine}", trials, 1, 0.5, engine, 1)
            cpu = (cpu_seconds() - begin) / (trials - 1)
            step = statistics.median(steps(ends))
            print(
                f"{engine}: a trial {step:.2f} s, {cpu:.2f} CPU s; overhead {step - stages:.2f} s, "
                f"{cpu - stages_cpu:.2f} CPU s (< 2.5)"
            )
        for engine in engines:
            rates = {}
            for jobs in (1, 2):
                # Two trials may end together, so single steps mean nothing.
                ends = sweep(repository, f"j{jobs}_{engine}", trials, jobs, 2.0, engine, 10 + jobs)
                rates[jobs] = (len(ends) - jobs) / (ends[-1] - ends[jobs - 1])
            print(
                f"{engine}: {60 * rates[1]:.1f} trials a minute with one worker, "
                f"{60 * rates[2]:.1f} with two: {rates[2] / rates[1]:.2f} times (>= 1.5)"
            )
        if not options.quick:
            ends = sweep(repository, "long", options.finished + 20, 1, 0.0, engines[0], 99)
            early = statistics.median(steps(ends)[:20])
            late = statistics.median(steps(ends)[-20:])
            print(
                f"{engines[0]}: a trial takes {early:.2f} s at first, {late:.2f} s after "
                f"{options.finished} finished ones: {late / early - 1:+.0%} (<= +20 %)"
            )
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory: this process {own:.0f} MiB, largest child {children:.0f} MiB")


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    main()
