"""A small made-up league with a known order, for tests of rankers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.rankers.training.contract import RankerInputs, TrainingData

N_TEAMS = 12
N_PLAYERS = 8


def made_up(
    seasons: tuple[str, ...] = ("2011-12", "2012-13", "2013-14"),
    dates: int = 5,
    seed: int = 3,
    noise: float = 0.5,
) -> tuple[TrainingData, pd.DataFrame]:
    """Return a training fold and the true strength of each row.

    Strength is the minutes-weighted sum of the players' skill. A team sees it with noise as
    `rating`, a player shows his skill with noise as `impact`; the other columns are noise.
    """
    rng = np.random.default_rng(seed)
    teams, rosters, targets, games, truths = [], [], [], [], []
    for season in seasons:
        skill = rng.normal(size=(N_TEAMS, N_PLAYERS))
        minutes = np.sort(rng.uniform(4, 38, size=(N_TEAMS, N_PLAYERS)))[:, ::-1]
        truth = (skill * minutes).sum(axis=1) / minutes.sum(axis=1) * 10
        rank_target = truth.argsort().argsort().astype(float)
        start = pd.Timestamp(f"{season[:4]}-11-01")
        for number in range(dates):
            as_of = start + pd.Timedelta(days=14 * number)
            key = {"season": season, "as_of": as_of}
            ids = np.arange(1, N_TEAMS + 1)
            teams.append(
                pd.DataFrame(
                    {
                        **key,
                        "team_id": ids,
                        "rating": truth + rng.normal(0, noise, N_TEAMS),
                        "pace": rng.normal(size=N_TEAMS),
                    }
                )
            )
            rosters.append(
                pd.DataFrame(
                    {
                        **key,
                        "team_id": np.repeat(ids, N_PLAYERS),
                        "slot": np.tile(np.arange(N_PLAYERS), N_TEAMS),
                        "player_id": np.arange(N_TEAMS * N_PLAYERS) + 1000 * int(season[:4]),
                        "expected_minutes": minutes.ravel(),
                        "impact": (skill + rng.normal(0, noise / 4, skill.shape)).ravel(),
                        "height": rng.normal(size=N_TEAMS * N_PLAYERS),
                    }
                )
            )
            targets.append(
                pd.DataFrame(
                    {
                        **key,
                        "team_id": ids,
                        "conference": np.where(ids % 2, "East", "West"),
                        "rank_target": rank_target,
                        "margin_target": truth + rng.normal(0, 2, N_TEAMS),
                        "margin_games": 6.0,
                    }
                )
            )
            home = rng.permutation(N_TEAMS)
            away = np.roll(home, 1)
            games.append(
                pd.DataFrame(
                    {
                        **key,
                        "home_id": ids[home],
                        "away_id": ids[away],
                        "home_margin": truth[home] - truth[away] + rng.normal(0, 6, N_TEAMS),
                    }
                )
            )
            truths.append(pd.DataFrame({**key, "team_id": ids, "truth": truth}))
    inputs = RankerInputs(
        pd.concat(teams, ignore_index=True), pd.concat(rosters, ignore_index=True)
    )
    data = TrainingData(
        inputs, pd.concat(targets, ignore_index=True), pd.concat(games, ignore_index=True)
    )
    return data, pd.concat(truths, ignore_index=True)
