"""Probabilities of single games by state of knowledge, compared with the closing line.

    python -m benchmarks.games --anchors ANCHORS [--data data] [--first 2016-17]

The same games for every forecast: the states schedule (strength of the latest stored date, rest),
evening (also who missed his team's latest game or was reported out), game_day (also the report of
the day itself) and tip_off (the inactive lists), FiveThirtyEight's Elo and the closing line. Each
season is forecast by models of the seasons before it. Games without a state's news have that of the
state before. Differences to the line have 95 % intervals over seasons.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from nbarank.core.season_intervals import season_intervals
from nbarank.core.tables import read_table
from nbarank.evaluation.probability_metrics import brier, log_loss
from nbarank.schemas.forecast import PLAYED_GAMES, STATES
from nbarank.schemas.league import AS_OF, GAMES

LINE = "closing line"
COVERAGE = 0.95


def state_forecasts(data: Path) -> pd.DataFrame:
    """Return the games of forecast/played by game_id, with each state's probability in a column."""
    played = read_table(PLAYED_GAMES, data)
    by_state = played.pivot(index="game_id", columns="state", values="home_win_probability")
    known = by_state.reindex(columns=STATES).ffill(axis=1)
    played["absent"] = played["home_out_points"] + played["away_out_points"]
    known["absent"] = played[played["state"] == "tip_off"].set_index("game_id")["absent"]
    facts = played[played["state"] == "schedule"].drop(columns=["state", "absent"])
    shares = read_table(AS_OF, data / "ended")[["season", "as_of", "season_share"]]
    results = read_table(GAMES, data / "ended")[["game_id", "home_pts", "away_pts"]]
    return facts.merge(shares).merge(results).set_index("game_id").join(known)


def with_anchors(facts: pd.DataFrame, anchors: Path) -> pd.DataFrame:
    """Add the closing line and FiveThirtyEight's Elo; keep the games that have both."""
    lines = pd.read_parquet(anchors / "closing_lines.parquet").set_index("game_id")
    theirs = pd.read_parquet(anchors / "fivethirtyeight_games.parquet").set_index("game_id")
    facts = facts.assign(
        **{LINE: lines["ml_prob_home"], "538 Elo": theirs["elo_prob1"]},
        won=facts["home_pts"] > facts["away_pts"],
    )
    return facts.dropna(subset=[LINE, "538 Elo"])


def calibration_slope(chance: pd.Series[float], won: pd.Series[bool]) -> float:
    """Return the slope of the outcome on the log-odds: 1 calibrated, below 1 overconfident."""
    odds = np.log((chance / (1 - chance)).to_numpy())[:, None]
    return float(LogisticRegression(C=1e6).fit(odds, won).coef_[0, 0])


def print_scores(facts: pd.DataFrame) -> None:
    """Print every score, the distance to the line with its interval, and that of each season."""
    names = [*STATES, "538 Elo", LINE]
    won = facts["won"].to_numpy(bool)
    loss = pd.DataFrame({name: log_loss(facts[name].to_numpy(), won) for name in names})
    loss.index = facts.index
    behind = loss.sub(loss[LINE], axis=0)
    by_season = behind.groupby(facts["season"]).mean()
    regular = facts["kind"] == "regular"
    table = pd.DataFrame(
        {
            "log-loss": loss.mean(),
            "Brier": {name: brier(facts[name].to_numpy(), won).mean() for name in names},
            "accuracy": {name: ((facts[name] > 0.5) == won).mean() for name in names},
            "slope": {name: calibration_slope(facts[name], facts["won"]) for name in names},
            "behind": behind.mean(),
        }
    )
    for title, rows in (("all", regular | ~regular), ("regular", regular), ("playoffs", ~regular)):
        gap = behind[rows].groupby(facts["season"]).mean()
        found = season_intervals(gap.to_numpy(), COVERAGE)
        table[title] = [
            f"{mean:.4f} [{low:.4f}, {high:.4f}]"
            for mean, low, high in zip(found.mean, found.low, found.high, strict=True)
        ]
    print(f"{len(facts)} games, {facts['season'].nunique()} seasons")
    print("Log-loss behind the closing line: mean of games; means of seasons with intervals")
    print(table.round(4).to_string())
    print(f"\nBehind the line by season\n{by_season.T.round(4).to_string()}")
    groups = {
        "share of the season played": (facts["season_share"] * 5).astype(int).clip(upper=4) / 5,
        "last tenth of the season": facts["season_share"] > 0.9,
        "back-to-back (home - away)": (facts["home_rest"] == 1) * 1 - (facts["away_rest"] == 1) * 1,
        "points absent, both sides": pd.cut(
            facts["absent"].fillna(0), [-1, 2, 4, 6, 99], labels=["0-2", "2-4", "4-6", "6-"]
        ),
    }
    for title, group in groups.items():
        of = behind.loc[regular, list(STATES)].groupby(group[regular], observed=True)
        print(f"\nRegular season by {title}")
        print(of.mean().assign(games=of.size()).round(4).to_string())


def print_totals(facts: pd.DataFrame, games: pd.DataFrame) -> None:
    """Print the mean absolute error of expected totals and of the league's mean to date.

    Parameters
    ----------
    facts
        Of `state_forecasts`.
    games
        Table league/games.
    """
    games = games.sort_values(["game_date", "game_id"])
    total = games["home_pts"] + games["away_pts"]
    days = total.groupby([games["season"], games["game_date"]]).agg(["sum", "size"])
    before = days.groupby("season").cumsum().groupby("season").shift()
    means = (before["sum"] / before["size"]).fillna(total.groupby(games["season"]).mean().shift())
    keys = pd.MultiIndex.from_frame(facts[["season", "game_date"]])
    actual = facts["home_pts"] + facts["away_pts"]
    error = pd.DataFrame(
        {
            "expected_total": (actual - facts["expected_total"]).abs(),
            "league mean": (actual - means.reindex(keys).to_numpy()).abs(),
        }
    )
    error["gain"] = error["league mean"] - error["expected_total"]
    by_season = error.groupby(facts["season"]).mean()
    found = season_intervals(by_season["gain"].to_numpy()[:, None], COVERAGE)
    print(f"\nMean absolute error of totals, points\n{by_season.round(2).to_string()}")
    print(by_season.mean().round(2).to_string())
    print(f"gain {found.mean[0]:.2f} [{found.low[0]:.2f}, {found.high[0]:.2f}]")
    print(error.groupby(facts["kind"]).mean().round(2).to_string())


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anchors", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--first", default="2016-17", help="first season to score")
    parser.add_argument("--last", default="9999", help="last season to score")
    arguments = parser.parse_args()
    facts = state_forecasts(arguments.data)
    facts = facts[facts["season"].between(arguments.first, arguments.last)]
    print_scores(with_anchors(facts, arguments.anchors))
    print_totals(facts, read_table(GAMES, arguments.data / "ended"))


if __name__ == "__main__":
    main()
