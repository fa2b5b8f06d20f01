"""Title odds compared with those of simpler methods, on the same days.

    python -m benchmarks.title_odds --data data [--simulations 10000]

Log-loss of the champion, Brier score of the thirty odds and the champion's place, means over the
validation and test seasons that have ended, at each checkpoint:

- uniform: 1/30 each;
- softmax of standings: share of games won, shrunk by six games at one half and converted to points,
  with `forecast.odds_temperature`; no simulation;
- Monte Carlo on Elo and on SRS carried over: the ensemble's calibration and Monte Carlo with that
  rating alone;
- ensemble: the odds in forecast/teams.

Also prints the differences to the ensemble with paired 95 % intervals over seasons.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.leaderboard import LIST, VARIANTS, Bench, title_rows
from nbarank.core.sections import load_section
from nbarank.core.tables import read_table
from nbarank.evaluation.comparisons import paired_differences
from nbarank.forecast.params import ForecastParams
from nbarank.schemas.columns import KEY
from nbarank.schemas.forecast import FORECAST_TEAMS
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import read_whole

SIMULATED = {"Monte Carlo on Elo": "Elo alone", "Monte Carlo on SRS": "carried SRS alone"}
METRICS = ("title_logloss", "title_brier", "champion_rank")
SHRINKAGE_GAMES = 6
POINTS_PER_SHARE = 33.0
"""Margin per game between winning all games and none: 2.5 wins in 82 are one point."""


def odds_without_simulation(bench: Bench, data: Path) -> dict[str, pd.DataFrame]:
    """Return the odds that need no simulation here: one row per checkpoint and team.

    Columns: season, checkpoint, team_id, champion, title.
    """
    ended = bench.outcomes[["season", "team_id", "champion"]]
    forecast = read_table(FORECAST_TEAMS, data).merge(bench.days, on=["season", "as_of"])
    forecast = forecast.merge(ended, on=["season", "team_id"])
    rows = forecast.merge(read_whole(RATINGS, data)[[*KEY, "wins", "losses"]], on=KEY)
    played = rows["wins"] + rows["losses"]
    share = (rows["wins"] + SHRINKAGE_GAMES / 2) / (played + SHRINKAGE_GAMES)
    # Like the pipeline's softmax: teams that can still reach the playoffs.
    points = (POINTS_PER_SHARE * (share - 0.5)).where(rows["playoffs"] > 0, -np.inf)
    weight = np.exp(points / load_section(ForecastParams).odds_temperature)
    lists = [rows["season"], rows["checkpoint"]]
    return {
        "uniform": rows.assign(title=1 / rows.groupby(LIST)["team_id"].transform("size")),
        "softmax of standings": rows.assign(title=weight / weight.groupby(lists).transform("sum")),
        "ensemble": forecast,
    }


def main() -> None:
    """Print the table and the differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--simulations", type=int, default=10_000)
    arguments = parser.parse_args()
    bench = Bench(arguments.data, arguments.simulations)
    scores = {
        name: title_rows(odds, arguments.simulations)
        for name, odds in odds_without_simulation(bench, arguments.data).items()
    }
    for name, variant in SIMULATED.items():
        tidy = bench.scores(VARIANTS[variant])
        scores[name] = tidy[tidy["target"] == "title"]
    everything = pd.concat([rows.assign(ranker=name) for name, rows in scores.items()])
    seasons = everything["season"].nunique()
    print(f"{seasons} seasons, {min(everything['season'])} to {max(everything['season'])}")
    for metric in METRICS:
        of = everything[everything["metric"] == metric]
        means = of.pivot_table(index="ranker", columns="checkpoint", values="value")
        print(f"\n{metric}, lower is better\n{means.round(3).to_string()}")
    ours = scores.pop("ensemble")
    for name, theirs in scores.items():
        found = paired_differences(ours, theirs, 0.95)
        found["text"] = [
            f"{row.difference:+.2f} [{row.low:+.2f}, {row.high:+.2f}]" for row in found.itertuples()
        ]
        table = found.pivot(index="metric", columns="checkpoint", values="text")
        order = [*(str(one) for one in sorted(ours["checkpoint"].unique())), "mean"]
        table = table.rename(columns=str)[order].loc[list(METRICS[:2])]
        print(f"\nensemble minus {name}\n{table.to_string()}")


if __name__ == "__main__":
    main()
