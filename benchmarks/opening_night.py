"""Rankings and projected wins before the first game of a season, next to the betting market's.

    python -m benchmarks.opening_night --anchors ANCHORS --run rosters=FOLDER [--run none=FOLDER]
                                       [--parts]

A run is the folder of a finished run on real seasons (data/, metrics/scorecard.csv), for example
one with roster files and one without. Only a run with data.preseason.path uses the preseason win
totals in ANCHORS. --parts also prints what rosters, age, player values, the minutes model, a coach
effect and the win totals add, for the first run, at 0, 10 and 25 %.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from benchmarks.opening_parts import part_scores
from nbarank.core.season_intervals import season_intervals
from nbarank.core.tables import read_table
from nbarank.schemas.league import OUTCOMES, TEAMS
from nbarank.sources.preseason import read_preseason

RANKERS = ("ensemble", "deepset", "xgb", "rf", "elo", "srs_carried", "last_season")
MEASURES = {("final_rank", "spearman"): "Spearman", ("wins", "wins_rmse"): "RMSE of wins"}
COVERAGE = 0.95


def opening_scores(run: Path) -> pd.DataFrame:
    """Return Spearman and RMSE of wins at 0 %: one row a season, columns (measure, ranker)."""
    card = pd.read_csv(run / "metrics" / "scorecard.csv")
    card = card[(card["checkpoint"] == 0) & card["ranker"].isin(RANKERS)]
    keys = pd.Series(list(zip(card["target"], card["metric"], strict=True)), card.index)
    rows = card.assign(measure=keys.map(MEASURES)).dropna(subset=["measure"])
    return rows.pivot(index="season", columns=["measure", "ranker"], values="value")


def market_scores(run: Path, anchors: Path) -> pd.DataFrame:
    """Return the same of preseason win totals, for seasons with a total of every team."""
    teams, outcomes = (
        read_table(TEAMS, run / "data/ended"),
        read_table(OUTCOMES, run / "data/ended"),
    )
    totals = read_preseason(anchors, teams).rename(columns={"wins": "total"})
    rows = outcomes.merge(totals, on=["season", "team_id"], how="left")
    scores = {}
    for season, of_season in rows.groupby("season"):
        if of_season["total"].notna().all():
            error = of_season["total"] - of_season["wins"]
            order = -float(spearmanr(of_season["total"], of_season["final_rank"])[0])
            scores[season] = [order, float(np.sqrt((error**2).mean()))]
    columns = pd.MultiIndex.from_product([MEASURES.values(), ["market"]])
    return pd.DataFrame(scores, index=columns).T


def print_scores(scores: pd.DataFrame, title: str) -> None:
    """Print means with intervals over seasons."""
    found = season_intervals(scores.to_numpy(dtype=float), COVERAGE)
    table = pd.DataFrame(
        {"mean": found.mean, "low": found.low, "high": found.high, "seasons": found.seasons},
        index=scores.columns,
    )
    print(f"\n{title}")
    print(table.round(3).to_string())


def main() -> None:
    """Print all seasons, those with a market, and differences to it and between runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anchors", type=Path, required=True, help="folder of published figures")
    parser.add_argument("--run", action="append", required=True, help="NAME=FOLDER of a run")
    parser.add_argument("--parts", action="store_true", help="print what each part adds")
    options = parser.parse_args()
    runs = {name: Path(folder) for name, _, folder in (one.partition("=") for one in options.run)}
    scores = {name: opening_scores(folder) for name, folder in runs.items()}
    first = next(iter(runs))
    own = ["Spearman", "RMSE of wins"]
    market = market_scores(runs[first], options.anchors)
    for name, table in scores.items():
        print_scores(table[own], f"{name}: all seasons scored")
        common = table.join(market, how="inner")
        print_scores(common[own], f"{name}: seasons with win totals")
        gap = pd.DataFrame({m: common[m, "ensemble"] - common[m, "market"] for m in own})
        print_scores(gap, f"{name}: ensemble minus market")
        if name != first:
            gain = {m: scores[first][m, "ensemble"] - table[m, "ensemble"] for m in own}
            print_scores(pd.DataFrame(gain), f"ensemble: {first} minus {name}")
    if options.parts:
        totals = read_preseason(options.anchors, read_table(TEAMS, runs[first] / "data/ended"))
        print(f"\nridge on the strength of the roster, {first}: what each part adds")
        print(part_scores(runs[first], list(scores[first].index), totals).round(3).to_string())


if __name__ == "__main__":
    main()
