"""A synthetic batch of teams with a known order, to inspect the network without data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.core.seeds import generator
from nbarank.rankers.training.contract import RankerInputs, TrainingData
from nbarank.schemas.columns import KEY

TEAMS, PLAYERS, DATES = 30, 15, 8
SEASON_LABEL = "2000-01"


def synthetic_batch(seed: int, minutes_column: str) -> TrainingData:
    """Return one synthetic season: 30 teams in two conferences, 15 players each, 8 dates, no games.

    A team's strength is the minutes-weighted skill of its players. `impact` is skill with noise,
    `age` is pure noise, and the team column `rating` is strength with much noise.
    """
    random = generator(seed, "made-up batch")
    size = (TEAMS, PLAYERS)
    skill = random.normal(0, 2, size)
    minutes = np.sort(random.gamma(2.0, 8.0, size), axis=1)[:, ::-1].clip(0, 40)
    strength = (skill * minutes).sum(axis=1) / 48.0
    ids = np.arange(1, TEAMS + 1)
    teams, rosters = [], []
    for number in range(DATES):
        key = {
            "season": SEASON_LABEL,
            "as_of": pd.Timestamp("2000-11-01") + pd.Timedelta(days=7 * number),
        }
        rating = strength + random.normal(0, 4, TEAMS)
        teams.append(pd.DataFrame({**key, "team_id": ids, "rating": rating}))
        rosters.append(
            pd.DataFrame(
                {
                    **key,
                    "team_id": np.repeat(ids, PLAYERS),
                    "slot": np.tile(np.arange(PLAYERS), TEAMS),
                    "player_id": np.arange(TEAMS * PLAYERS) + 1,
                    minutes_column: minutes.ravel(),
                    "impact": (skill + random.normal(0, 0.5, size)).ravel(),
                    "age": random.normal(27, 4, size).ravel(),
                }
            )
        )
    inputs = RankerInputs(
        pd.concat(teams, ignore_index=True), pd.concat(rosters, ignore_index=True)
    )
    targets = inputs.teams[KEY].assign(
        conference=np.where(inputs.teams["team_id"] % 2, "East", "West"),
        rank_target=np.tile(strength.argsort().argsort(), DATES).astype(float),
        margin_target=np.tile(strength, DATES) + random.normal(0, 4, TEAMS * DATES),
        margin_games=6.0,
    )
    return TrainingData(inputs, targets)
