"""A small made-up league in tables, for tests of the scorecard."""

import numpy as np
import pandas as pd

TEAMS = 30
SEASONS = ("2014-15", "2015-16", "2016-17", "2017-18")
CHECKPOINTS = (0.10, 0.50, 1.00)


def pick(frame: pd.DataFrame, **where: object) -> pd.DataFrame:
    """Return the rows whose columns have these values."""
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame


def as_of_table() -> pd.DataFrame:
    rows = []
    for season in SEASONS:
        year = season[:4]
        for month, share in ((f"{year}-11", 0.10), (f"{year}-12", 0.30)):
            rows.append((season, f"{month}-20", share if share == 0.10 else np.nan, share))
        rows.append((season, f"{int(year) + 1}-01-20", 0.50, 0.50))
        rows.append((season, f"{int(year) + 1}-04-15", 1.00, 1.00))
    frame = pd.DataFrame(rows, columns=["season", "as_of", "checkpoint", "season_share"])
    return frame.assign(as_of=frame["as_of"].astype("datetime64[us]"), weekly=True)


def outcomes_table(seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    parts = []
    for season in SEASONS:
        rank = random.permutation(TEAMS) + 1
        frame = pd.DataFrame({"season": season, "team_id": np.arange(1, TEAMS + 1)})
        frame["conference"] = np.where(frame["team_id"] % 2 == 0, "East", "West")
        frame["final_rank"] = rank
        frame["conference_rank"] = frame.groupby("conference")["final_rank"].rank().astype(int)
        frame["made_playoffs"] = frame["conference_rank"] <= 8
        frame["seed"] = frame["conference_rank"].where(frame["made_playoffs"], 0)
        noisy = frame["final_rank"] + random.normal(0, 3, TEAMS) + 100 * ~frame["made_playoffs"]
        frame["playoff_rank_performance"] = noisy.rank().astype(int)
        frame["playoff_rank_eos_final"] = frame["playoff_rank_performance"]
        frame["champion"] = frame["playoff_rank_performance"] == 1
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def rankings_table(outcomes: pd.DataFrame, noise: dict[str, float], seed: int = 1) -> pd.DataFrame:
    """Rankings that are the final standings plus noise, its SD in places by ranker."""
    random = np.random.default_rng(seed)
    dates = as_of_table()
    dates = dates[dates["checkpoint"].notna()][["season", "as_of"]]
    base = dates.merge(outcomes[["season", "team_id", "final_rank"]], on="season")
    parts = []
    for target in ("final_rank", "playoff_outcome"):
        for ranker, places in noise.items():
            score = -base["final_rank"] + random.normal(0, 1, len(base)) * places
            parts.append(base.assign(target=target, ranker=ranker, score=score))
    frame = pd.concat(parts, ignore_index=True)
    return frame[["season", "as_of", "target", "ranker", "team_id", "score"]]


def games_table(outcomes: pd.DataFrame, seed: int = 2) -> pd.DataFrame:
    """Forty games a fortnight from November to May; the better team wins more often."""
    random = np.random.default_rng(seed)
    parts = []
    for season in SEASONS:
        rank = outcomes[outcomes["season"] == season].set_index("team_id")["final_rank"]
        start = pd.Timestamp(f"{season[:4]}-11-22")
        n = 40 * 13
        home = random.integers(1, TEAMS + 1, n)
        away = (home + random.integers(1, TEAMS, n) - 1) % TEAMS + 1
        gap = rank[away].to_numpy() - rank[home].to_numpy()
        chance = 1 / (1 + np.exp(-0.08 * gap - 0.3))
        won = random.random(n) < chance
        date = start + pd.to_timedelta(np.repeat(np.arange(13) * 14, 40), unit="D")
        parts.append(
            pd.DataFrame(
                {
                    "game_id": [f"002{season[2:4]}{k:05d}" for k in range(n)],
                    "season": season,
                    "game_date": date.astype("datetime64[us]"),
                    "kind": np.where(date >= f"{int(season[:4]) + 1}-04-15", "playoffs", "regular"),
                    "home_id": home,
                    "away_id": away,
                    "home_pts": np.where(won, 101, 99),
                    "away_pts": np.where(won, 99, 101),
                    "neutral": False,
                    "true_chance": chance,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
