"""Synthetic leagues with a known order, for tests of rankers and of the ensemble."""

import numpy as np
import pandas as pd

from nbarank.rankers.training.contract import RankerInputs, TrainingData
from nbarank.schemas.columns import KEY

SEASONS = [f"20{year}-{year + 1}" for year in range(11, 17)]
N_TEAMS = 12
N_PLAYERS = 8


def known_strengths(
    random: np.random.Generator,
    seasons: list[str],
    *,
    teams: int = 30,
    sd: float = 5.0,
    days: tuple[int, ...] = (0, 14, 28, 42, 56, 70),
) -> pd.DataFrame:
    """Return the key and a column `strength` that stays the same through a season.

    `days` are those of the as-of dates, counted from 1 November.
    """
    parts = []
    for season in seasons:
        dates = pd.Timestamp(f"{season[:4]}-11-01") + pd.to_timedelta(days, unit="D")
        part = pd.MultiIndex.from_product([[season], dates, range(1, teams + 1)], names=KEY)
        strength = np.tile(random.normal(0, sd, teams), len(days))
        parts.append(part.to_frame(index=False).assign(strength=strength))
    return pd.concat(parts, ignore_index=True)


def synthetic_league(
    seasons: tuple[str, ...] = ("2011-12", "2012-13", "2013-14"),
    dates: int = 5,
    seed: int = 3,
    noise: float = 0.5,
) -> tuple[TrainingData, pd.DataFrame]:
    """Return a training fold and the true strength of each row.

    Strength is the minutes-weighted sum of the players' skill. The team column `rating` is
    strength with noise, the player column `impact` is skill with noise; the others are noise.
    """
    rng = np.random.default_rng(seed)
    frames: dict[str, list[pd.DataFrame]] = {}
    ids = np.arange(1, N_TEAMS + 1)
    for season in seasons:
        skill = rng.normal(size=(N_TEAMS, N_PLAYERS))
        minutes = np.sort(rng.uniform(4, 38, size=(N_TEAMS, N_PLAYERS)))[:, ::-1]
        truth = (skill * minutes).sum(axis=1) / minutes.sum(axis=1) * 10
        start = pd.Timestamp(f"{season[:4]}-11-01")
        for number in range(dates):
            rating, pace = truth + rng.normal(0, noise, N_TEAMS), rng.normal(size=N_TEAMS)
            impact = (skill + rng.normal(0, noise / 4, skill.shape)).ravel()
            height = rng.normal(size=N_TEAMS * N_PLAYERS)
            margin_target = truth + rng.normal(0, 2, N_TEAMS)
            home = rng.permutation(N_TEAMS)
            away = np.roll(home, 1)
            tables = {
                "teams": {"team_id": ids, "rating": rating, "pace": pace},
                "rosters": {
                    "team_id": np.repeat(ids, N_PLAYERS),
                    "slot": np.tile(np.arange(N_PLAYERS), N_TEAMS),
                    "player_id": np.arange(N_TEAMS * N_PLAYERS) + 1000 * int(season[:4]),
                    "expected_minutes": minutes.ravel(),
                    "impact": impact,
                    "height": height,
                },
                "targets": {
                    "team_id": ids,
                    "conference": np.where(ids % 2, "East", "West"),
                    "rank_target": truth.argsort().argsort().astype(float),
                    "margin_target": margin_target,
                    "margin_games": 6.0,
                },
                "games": {
                    "home_id": ids[home],
                    "away_id": ids[away],
                    "home_margin": truth[home] - truth[away] + rng.normal(0, 6, N_TEAMS),
                },
                "truth": {"team_id": ids, "truth": truth},
            }
            key = {"season": season, "as_of": start + pd.Timedelta(days=14 * number)}
            for name, columns in tables.items():
                frames.setdefault(name, []).append(pd.DataFrame({**key, **columns}))
    whole = {name: pd.concat(parts, ignore_index=True) for name, parts in frames.items()}
    inputs = RankerInputs(whole["teams"], whole["rosters"])
    return TrainingData(inputs, whole["targets"], whole["games"]), whole["truth"]
