"""Rankings, single games and season forecasts compared with published ones.

    python -m benchmarks.anchors --anchors ANCHORS [--data data]

Reads the tables of a finished run on real seasons (data/), the published figures (closing lines,
FiveThirtyEight's game probabilities, season forecasts) and prints, with intervals over seasons:

1. the strength that the closing lines of earlier games imply, ranked on the same rows;
2. log-loss and Brier score of single games on the games common to all;
3. wins, playoff odds and title odds of published season forecasts on common dates.

Published figures are never a feature.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.season_intervals import season_intervals
from nbarank.core.tables import Table, read_table
from nbarank.evaluation.comparisons import paired_differences, rows_of
from nbarank.evaluation.game_probabilities import forecast_odds, odds_from_scores, snapshot_games
from nbarank.evaluation.probability_metrics import brier, log_loss
from nbarank.evaluation.rankings import baseline_rankings, rankings_for
from nbarank.evaluation.scorecard import checkpoint_days, score_rankings
from nbarank.schemas.evaluation import RANKED, TARGETS
from nbarank.schemas.forecast import FORECAST_GAMES, FORECAST_TEAMS
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES, SEASONS, STANDINGS, TEAMS
from nbarank.schemas.ratings import RATINGS

HALF_LIFE_DAYS = 30.0
"""Short: lines are recent and have little noise."""
RIDGE = 0.2
"""Shrinkage towards the average team, in games of weight one."""
COVERAGE = 0.95
NEAREST_DAYS = 8


def closing_line_strength(
    lines: pd.DataFrame, games: pd.DataFrame, dates: pd.DataFrame
) -> pd.DataFrame:
    """Return the strength implied by closing lines of games before each date.

    Ridge regression of the point spread on home court and the two teams, as in the Simple Rating
    System; a game's weight halves every `HALF_LIFE_DAYS`, across seasons.

    Returns
    -------
    pandas.DataFrame
        season, as_of, team_id, score (points).
    """
    rows = games.merge(lines[["game_id", "close_home_spread"]].dropna(), on="game_id")
    ids = np.unique(rows[["home_id", "away_id"]])
    n = len(ids)
    design = np.zeros((len(rows), n + 1))
    place = np.arange(len(rows))
    design[place, np.searchsorted(ids, rows["home_id"])] = 1.0
    design[place, np.searchsorted(ids, rows["away_id"])] = -1.0
    design[:, n] = ~rows["neutral"].to_numpy(dtype=bool)
    margin = -rows["close_home_spread"].to_numpy(dtype=float)
    played = rows["game_date"].to_numpy()
    penalty = np.diag([RIDGE] * n + [0.01])
    parts = []
    for season, day in dates[["season", "as_of"]].itertuples(index=False):
        age = (np.datetime64(day) - played) / np.timedelta64(1, "D")
        known = age > 0
        weight = 0.5 ** (age[known] / HALF_LIFE_DAYS)
        weighted = design[known] * weight[:, None]
        strength = np.linalg.solve(
            weighted.T @ design[known] + penalty, weighted.T @ margin[known]
        )[:n]
        parts.append(
            pd.DataFrame({"season": season, "as_of": day, "team_id": ids, "score": strength})
        )
    return pd.concat(parts, ignore_index=True)


def with_lines(games: pd.DataFrame, lines: pd.DataFrame, seasons: list[str]) -> list[str]:
    """Return the seasons with a line for most games; without, the implied strength is constant."""
    known = games["game_id"].isin(lines.loc[lines["close_home_spread"].notna(), "game_id"])
    share = known.groupby(games["season"]).mean()
    return [season for season in seasons if share.get(season, 0.0) > 0.5]


def print_rankings_comparison(
    read: dict[str, pd.DataFrame], lines: pd.DataFrame, seasons: list[str]
) -> None:
    """Print Spearman and mean rank error next to the ranking by closing lines."""
    days = checkpoint_days(read["as_of"])
    seasons = with_lines(read["games"], lines, seasons)
    if not seasons:
        print("\nNo season has closing lines: no ranking by them.")
        return
    days = days[days["season"].isin(seasons)]
    strength = closing_line_strength(lines, read["games"], days)
    strength = strength.merge(read["outcomes"][["season", "team_id"]])
    closing_line = rankings_for(strength.assign(ranker="closing_line"))
    ranked = read["rankings"]
    rankings = pd.concat([ranked[ranked["season"].isin(seasons)], closing_line])
    card = score_rankings(rankings, days, read["outcomes"], "performance", 5)
    for target in TARGETS:
        for metric in ("spearman", "rank_mae"):
            rows = card[(card["metric"] == metric) & (card["target"] == target)]
            means = rows.groupby(["ranker", "checkpoint"])["value"].mean().unstack()
            print(f"\n{metric}, {target}, {rows['season'].nunique()} seasons")
            print(means.round(3).to_string())
    leader = "ensemble" if "ensemble" in set(card["ranker"]) else "elo"
    ours, theirs = rows_of(card, leader), rows_of(card, "closing_line")
    found = paired_differences(ours, theirs, COVERAGE)
    found = found[found["metric"] == "spearman"]
    columns = ["target", "checkpoint", "difference", "low", "high", "seasons"]
    print(f"\n{leader} minus closing_line, Spearman")
    print(found[columns].round(3).to_string(index=False))


def print_games_comparison(
    read: dict[str, pd.DataFrame], anchors: Path, seasons: list[str]
) -> None:
    """Print log-loss and Brier score on the games common to all, and the gap to the lines."""
    days = checkpoint_days(read["as_of"])
    dates = read["as_of"]
    parts = []
    if "forecast_games" in read:
        made = read["forecast_games"][["season", "as_of"]].drop_duplicates()
        dates = pd.concat([dates[~dates["season"].isin(set(made["season"]))], dates.merge(made)])
    games = snapshot_games(read["games"], dates, days)
    if "forecast_games" in read:
        parts.append(forecast_odds(games, read["forecast_games"]))
    rated = read["ratings"].melt(
        ["season", "as_of", "team_id"],
        ["win_pct", "srs", "srs_carried", "elo"],
        var_name="ranker",
        value_name="score",
    )
    parts.append(odds_from_scores(games, rated, seasons))
    own = pd.concat(parts, ignore_index=True)
    wide = own.pivot(index="game_id", columns="ranker", values="home_win_probability")
    lines = pd.read_parquet(anchors / "closing_lines.parquet").set_index("game_id")
    theirs = pd.read_parquet(anchors / "fivethirtyeight_games.parquet").set_index("game_id")
    wide["closing line"] = lines["ml_prob_home"]
    wide["538 Elo"] = theirs["elo_prob1"]
    wide["538 RAPTOR or CARMELO"] = theirs["raptor_prob1"].fillna(theirs["carmelo_prob1"])
    facts = games.set_index("game_id").loc[wide.index]
    wide = wide[facts["season"].isin(seasons)]
    print_games(wide.drop(columns="538 RAPTOR or CARMELO").dropna(), facts, "all seasons")
    print_games(wide.dropna(), facts, "games for which RAPTOR or CARMELO was published")


def print_games(chances: pd.DataFrame, facts: pd.DataFrame, what: str) -> None:
    """Print one table of game scores with gaps to the closing line, if there are games."""
    if chances.empty:
        print(f"\nSingle games, {what}: none")
        return
    facts = facts.loc[chances.index]
    won = facts["home_won"].to_numpy(dtype=bool)
    loss = pd.DataFrame({name: log_loss(chances[name].to_numpy(), won) for name in chances})
    square = pd.DataFrame({name: brier(chances[name].to_numpy(), won) for name in chances})
    season = facts["season"].to_numpy()
    gap = loss.sub(loss["closing line"], axis=0).groupby(season).mean()
    found = season_intervals(gap.to_numpy(), COVERAGE)
    table = pd.DataFrame(
        {
            "log-loss": loss.mean(),
            "Brier": square.mean(),
            "behind the line": found.mean,
            "low": found.low,
            "high": found.high,
        }
    )
    regular = facts["kind"].to_numpy() == "regular"
    table["log-loss, regular"] = loss[regular].mean()
    table["log-loss, playoffs"] = loss[~regular].mean()
    print(f"\nSingle games, {what}: {len(chances)} games")
    print(table.sort_values("log-loss").round(4).to_string())


def print_seasons_comparison(read: dict[str, pd.DataFrame], anchors: Path) -> None:
    """Print wins, playoff and title odds of published forecasts on our dates."""
    published = pd.read_parquet(anchors / "season_forecasts.parquet")
    published["date"] = pd.to_datetime(published["date"]).astype("datetime64[us]")
    teams = read["teams"][["season", "team_id", "abbreviation"]]
    seasons = read["seasons"][["season", "start", "end"]]
    published = published.merge(seasons, how="cross")
    inside = published["date"].between(published["start"], published["end"])
    published = published[inside].merge(
        teams, left_on=["season", "team_abbr"], right_on=["season", "abbreviation"]
    )
    ours = read["forecast_teams"].rename(
        columns={"projected_wins": "wins", "playoffs": "make_playoffs", "title": "win_finals"}
    )
    columns = ["season", "as_of", "team_id", "wins", "make_playoffs", "win_finals"]
    ours = ours[columns].sort_values("as_of").astype({"as_of": "datetime64[us]"})
    published["date"] = published["date"].astype("datetime64[us]")
    for model, rows in published.groupby("model"):
        both = pd.merge_asof(
            ours,
            rows.sort_values("date").rename(columns={"date": "published"}),
            left_on="as_of",
            right_on="published",
            by=["season", "team_id"],
            tolerance=pd.Timedelta(days=NEAREST_DAYS),
            suffixes=("", "_theirs"),
        ).dropna(subset=["wins_theirs", "make_playoffs_theirs", "win_finals_theirs"])
        both = both.merge(read["outcomes"], on=["season", "team_id"], suffixes=("", "_true"))
        if both.empty:
            continue
        print(f"\n{model}: {both['as_of'].nunique()} dates, {both['season'].nunique()} seasons")
        for name, ending in (("ours", ""), ("theirs", "_theirs")):
            off = (both[f"wins{ending}"] - both["wins_true"]).abs().mean()
            playoffs = brier(
                both[f"make_playoffs{ending}"].to_numpy(), both["made_playoffs"].to_numpy()
            ).mean()
            champions = both[both["champion"]]
            title = log_loss(
                champions[f"win_finals{ending}"].to_numpy(), np.ones(len(champions), dtype=bool)
            ).mean()
            print(
                f"  {name:7s} wins off {off:.2f}   playoffs Brier {playoffs:.4f}   "
                f"title log-loss {title:.3f}"
            )


def main() -> None:
    """Print every comparison whose tables exist."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anchors", type=Path, required=True, help="folder of published figures")
    parser.add_argument("--data", type=Path, default=Path("data"), help="tables of a run")
    parser.add_argument("--first", default="2014-15", help="first season to score")
    options = parser.parse_args()
    start = time.perf_counter()
    wanted: dict[str, Table] = {
        "as_of": AS_OF,
        "games": GAMES,
        "outcomes": OUTCOMES,
        "seasons": SEASONS,
        "teams": TEAMS,
        "standings": STANDINGS,
        "ratings": RATINGS,
    }
    optional = {
        "rankings": RANKED,
        "forecast_teams": FORECAST_TEAMS,
        "forecast_games": FORECAST_GAMES,
    }
    read = {name: read_table(table, options.data / "ended") for name, table in wanted.items()}
    for name, table in optional.items():
        if table.path(options.data).is_file():
            read[name] = read_table(table, options.data)
    seasons = sorted(s for s in read["outcomes"]["season"].unique() if s >= options.first)
    if "rankings" not in read:
        print("No rankings yet (dvc repro evaluate): only baselines next to the closing lines.")
        days = checkpoint_days(read["as_of"])
        places = read["standings"][["season", "as_of", "team_id", "league_rank"]]
        read["rankings"] = baseline_rankings(
            read["ratings"], places, read["outcomes"], days[days["season"].isin(seasons)]
        )
    seasons = sorted(set(seasons) & set(read["rankings"]["season"]))
    lines = pd.read_parquet(options.anchors / "closing_lines.parquet")
    print_rankings_comparison(read, lines, seasons)
    print_games_comparison(read, options.anchors, seasons)
    if "forecast_teams" in read:
        print_seasons_comparison(read, options.anchors)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{time.perf_counter() - start:.1f} s, {memory:.0f} MB at most")


if __name__ == "__main__":
    main()
