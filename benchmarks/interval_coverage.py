"""Coverage of 95 % intervals over eight seasons: Student's t and three bootstraps.

    python -m benchmarks.interval_coverage [--scorecard metrics/scorecard.csv] [--sets 1000]

Three kinds of season differences whose mean is known; each set has eight of them:

- league: games only, on a fixture list of the simulated league. Thirty strengths ~ N(0, 4.5 points)
  a season, margins ~ N(difference + 2.2, 11.2). Spearman with the final standings at 10, 25, 50 and
  75 % of three rankings, pairwise: share of wins, mean margin, and mean margin shrunk towards a
  preseason strength with an error of 3 points. Truth: the mean over all simulated seasons.
- normal: N(0, 1).
- resampled: a season's difference between two rankers of --scorecard, drawn with replacement from
  the measured ones; truth: their mean. Every checkpoint, and both ranking targets' Spearman.

Coverage is the share of sets whose interval contains the truth, over all columns of a kind; the
width is relative to that of t.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from nbarank.core.season_intervals import season_intervals
from nbarank.core.seeds import generator
from nbarank.evaluation.comparisons import read_scorecard
from nbarank.schemas.evaluation import TARGETS
from nbarank.sources.simulated.schedule import make_fixtures
from nbarank.sources.simulated.teams import build_structure

Floats = NDArray[np.float64]
Bounds = tuple[Floats, Floats]
SEASONS, COVERAGE, RESAMPLES, CHUNK = 8, 0.95, 2000, 500
TAILS = ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2)
STRENGTH_SD, PRIOR_SD, HOME_COURT, GAME_SD = 4.5, 3.0, 2.2, 11.2
BASELINES = ("standings", "srs", "srs_carried", "elo")


def league_differences(seasons: int, random: np.random.Generator) -> Floats:
    """Return [seasons, columns], differences of Spearman between rankings of simulated seasons."""
    fixtures = make_fixtures(build_structure(30), 82, 0, random)
    games = len(fixtures.home)
    side = np.zeros((games, 30))
    side[np.arange(games), fixtures.home] = 1.0
    side[np.arange(games), fixtures.away] = -1.0
    parts = []
    for start in range(0, seasons, CHUNK):
        n = min(CHUNK, seasons - start)
        strength = random.normal(0.0, STRENGTH_SD, (n, 30))
        prior = strength + random.normal(0.0, PRIOR_SD, (n, 30))
        margin = strength @ side.T + HOME_COURT + random.normal(0.0, GAME_SD, (n, games))
        truth = ranks(np.sign(margin) @ side)
        columns = []
        for share in (0.1, 0.25, 0.5, 0.75):
            until = round(share * games)
            played = np.abs(side[:until]).sum(axis=0)
            points = (margin[:, :until] - HOME_COURT) @ side[:until]
            shrunk = (points + prior * GAME_SD**2 / PRIOR_SD**2) / (
                played + GAME_SD**2 / PRIOR_SD**2
            )
            rankings = (np.sign(margin[:, :until]) @ side[:until] / played, points / played, shrunk)
            found = [correlation(ranks(score), truth) for score in rankings]
            columns += [first - second for first, second in combinations(found, 2)]
        parts.append(np.column_stack(columns))
    return np.concatenate(parts)


def ranks(values: Floats) -> Floats:
    """Return average ranks by row, standardised."""
    ranked = rankdata(values, axis=1)
    ranked -= ranked.mean(axis=1, keepdims=True)
    return np.asarray(ranked / np.sqrt((ranked**2).sum(axis=1, keepdims=True)))


def correlation(first: Floats, second: Floats) -> Floats:
    return np.asarray((first * second).sum(axis=1))


def scorecard_differences(path: Path) -> Floats:
    """Return [seasons, columns], the ensemble minus each baseline, where they differ."""
    card = read_scorecard(path)
    card = card[(card["metric"] == "spearman") & card["target"].isin(TARGETS)]
    wide = card.pivot(index="season", columns=["target", "checkpoint", "ranker"], values="value")
    columns = [
        wide[target, checkpoint, "ensemble"] - wide[target, checkpoint, baseline]
        for target, checkpoint, baseline in wide.columns
        if baseline in BASELINES
    ]
    values = pd.concat(columns, axis=1).to_numpy(dtype=float)
    return values[:, np.isfinite(values).all(axis=0) & (np.ptp(values, axis=0) > 0)]


def t_interval(values: Floats, random: np.random.Generator) -> Bounds:
    found = season_intervals(values, COVERAGE)
    return found.low, found.high


def draws(values: Floats, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Return means and standard errors [resamples, columns] of seasons drawn with replacement."""
    n = len(values)
    weight = random.multinomial(n, np.full(n, 1 / n), RESAMPLES).astype(float)
    mean = weight @ values / n
    variance = np.maximum(weight @ values**2 / n - mean**2, 0.0)
    return mean, np.sqrt(variance / (n - 1))


def percentile(values: Floats, random: np.random.Generator) -> Bounds:
    low, high = np.quantile(draws(values, random)[0], TAILS, axis=0)
    return low, high


def studentised(values: Floats, random: np.random.Generator) -> Bounds:
    """Return the bootstrap-t interval; a draw of one season only has no standard error."""
    mean, error = draws(values, random)
    center, own = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))
    t = np.where(error > 1e-12, (mean - center) / np.maximum(error, 1e-12), np.nan)
    low, high = np.nanquantile(t, TAILS, axis=0)
    return center - high * own, center - low * own


def bca(values: Floats, random: np.random.Generator) -> Bounds:
    """Return the bias-corrected and accelerated interval (Efron, 1987)."""
    mean, _ = draws(values, random)
    center, n = values.mean(axis=0), len(values)
    below = ((mean < center).mean(axis=0) + (mean <= center).mean(axis=0)) / 2
    bias = norm.ppf(np.clip(below, 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    left_out = (center - values) / (n - 1)
    acceleration = (left_out**3).sum(axis=0) / (6 * (left_out**2).sum(axis=0) ** 1.5)
    ends = []
    for tail in TAILS:
        z = bias + norm.ppf(tail)
        at = norm.cdf(bias + z / (1 - acceleration * z))
        ends.append(np.array([np.quantile(mean[:, i], at[i]) for i in range(mean.shape[1])]))
    return ends[0], ends[1]


METHODS: dict[str, Callable[[Floats, np.random.Generator], Bounds]] = {
    "t": t_interval,
    "percentile bootstrap": percentile,
    "BCa bootstrap": bca,
    "studentised bootstrap": studentised,
}


def sets_of(values: Floats, sets: int) -> Iterator[Floats]:
    """Yield consecutive seasons, eight at a time."""
    yield from (values[SEASONS * i : SEASONS * (i + 1)] for i in range(sets))


def print_coverage(kind: str, sets: list[Floats], truth: Floats) -> None:
    """Print one row a method."""
    random = generator(42, "interval coverage", kind)
    print(f"\n{kind}: {len(sets)} sets of {SEASONS} seasons, {len(truth)} column(s)")
    base = 0.0
    for name, method in METHODS.items():
        start = time.perf_counter()
        bounds = [method(values, random) for values in sets]
        low, high = (np.array(part) for part in zip(*bounds, strict=True))
        inside = (low <= truth) & (truth <= high)
        width = float((high - low).mean())
        base = base or width
        by_column = inside.mean(axis=0)
        print(
            f"  {name:22s} {inside.mean():6.1%} (columns {by_column.min():.1%} to "
            f"{by_column.max():.1%})   width {width / base:.2f}   "
            f"{time.perf_counter() - start:.0f} s"
        )


def main() -> None:
    """Print the coverage of every method on every kind of difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scorecard", type=Path, default=Path("metrics/scorecard.csv"))
    parser.add_argument("--sets", type=int, default=1000)
    options = parser.parse_args()
    random = generator(42, "interval coverage")
    league = league_differences(SEASONS * options.sets, random)
    print_coverage("league", list(sets_of(league, options.sets)), league.mean(axis=0))
    normal = random.normal(size=(SEASONS * options.sets, 10))
    print_coverage("normal", list(sets_of(normal, options.sets)), np.zeros(10))
    pool = scorecard_differences(options.scorecard)
    picked = [pool[random.integers(len(pool), size=SEASONS)] for _ in range(options.sets)]
    print_coverage(f"resampled from {len(pool)} seasons", picked, pool.mean(axis=0))


if __name__ == "__main__":
    main()
