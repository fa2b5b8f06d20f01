"""Title odds beside those of simpler ways, on the same days.

    python -m benchmarks.title_odds --data data [--simulations 10000]

Log-loss of the champion, Brier score of the thirty odds and the champion's place, means over the
validation and test seasons that have ended, at each checkpoint:

- uniform: 1/30 each, what an earlier system of this design gave;
- softmax of standings: share of games won, in points and shrunk by six games at one half, with
  `forecast.odds_temperature`; nothing is simulated;
- Monte Carlo on Elo and on SRS carried over: the ensemble's own Monte Carlo and calibration, fed
  with that rating alone;
- ensemble: the odds of forecast/teams, as the pipeline wrote them.

With differences to the ensemble and their paired season-clustered 95 % intervals.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.leaderboard import SEED, VARIANTS, Bench
from nbarank.core.sections import load_section
from nbarank.core.seeds import generator
from nbarank.core.tables import read_table
from nbarank.evaluation.compare import compare
from nbarank.evaluation.games import title_scores
from nbarank.forecast.params import ForecastParams
from nbarank.schemas.columns import KEY
from nbarank.schemas.features import RATINGS
from nbarank.schemas.forecast import FORECAST_TEAMS
from nbarank.schemas.season_split import read_whole

SIMULATED = {"Monte Carlo on Elo": "Elo alone", "Monte Carlo on SRS": "carried SRS alone"}
METRICS = ("title_logloss", "title_brier", "champion_rank")
SHRINKAGE_GAMES = 6
POINTS_PER_SHARE = 33.0
"""Points of margin a game for a team that wins all instead of none: 2.5 wins in 82 are a point."""
LIST = ["season", "checkpoint"]


def stated_odds(bench: Bench, data: Path) -> dict[str, pd.DataFrame]:
    """Return the odds that take no simulation here: one row a checkpoint and team.

    Columns: season, checkpoint, team_id, champion, title.
    """
    ended = bench.outcomes[["season", "team_id", "champion"]]
    forecast = read_table(FORECAST_TEAMS, data).merge(bench.days, on=["season", "as_of"])
    forecast = forecast.merge(ended, on=["season", "team_id"])
    rows = forecast.merge(read_whole(RATINGS, data)[[*KEY, "wins", "losses"]], on=KEY)
    played = rows["wins"] + rows["losses"]
    share = (rows["wins"] + SHRINKAGE_GAMES / 2) / (played + SHRINKAGE_GAMES)
    # As the pipeline's softmax: over teams that can still reach the playoffs.
    points = (POINTS_PER_SHARE * (share - 0.5)).where(rows["playoffs"] > 0, -np.inf)
    weight = np.exp(points / load_section(ForecastParams).odds_temperature)
    lists = [rows["season"], rows["checkpoint"]]
    return {
        "uniform": rows.assign(title=1 / rows.groupby(LIST)["team_id"].transform("size")),
        "softmax of standings": rows.assign(title=weight / weight.groupby(lists).transform("sum")),
        "ensemble": forecast,
    }


def title_rows(odds: pd.DataFrame, simulations: int) -> pd.DataFrame:
    """Return tidy scores; a champion that no simulation saw is given half a simulation."""
    total = odds.assign(title_probability=odds["title"].clip(lower=0.5 / simulations))
    total["title_probability"] /= total.groupby(LIST)["title_probability"].transform("sum")
    tidy = title_scores(total, LIST).melt(LIST, var_name="metric")
    return tidy.assign(target="title")


def main() -> None:
    """Print the table and the differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--simulations", type=int, default=10_000)
    arguments = parser.parse_args()
    bench = Bench(arguments.data, arguments.simulations)
    scores = {
        name: title_rows(odds, arguments.simulations)
        for name, odds in stated_odds(bench, arguments.data).items()
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
        print(f"\n{metric}, less is better\n{means.round(3).to_string()}")
    ours = scores.pop("ensemble")
    for name, theirs in scores.items():
        found = compare(ours, theirs, generator(SEED, "title odds"), 10_000, 0.95)
        found["text"] = [
            f"{row.difference:+.2f} [{row.low:+.2f}, {row.high:+.2f}]" for row in found.itertuples()
        ]
        table = found.pivot(index="metric", columns="checkpoint", values="text")
        order = [*(str(one) for one in sorted(ours["checkpoint"].unique())), "mean"]
        table = table.rename(columns=str)[order].loc[list(METRICS[:2])]
        print(f"\nensemble minus {name}\n{table.to_string()}")


if __name__ == "__main__":
    main()
