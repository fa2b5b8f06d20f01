"""A made-up batch of teams with a known order, for looking at the network without any data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.core.seeds import generator
from nbarank.rankers.training.contract import RankerInputs, TrainingData
from nbarank.schemas.columns import KEY

TEAMS, PLAYERS, DATES = 30, 15, 8
MADE_UP_SEASON = "2000-01"


def made_up_batch(seed: int, minutes_column: str) -> TrainingData:
    """Return one made-up season on a few dates.

    A team is as strong as the minutes-weighted skill of its players; `impact` shows a player's
    skill with noise, `age` nothing, and the team column `rating` its strength with much noise.

    Returns
    -------
    TrainingData
        30 teams in two conferences, 15 players each, 8 dates; no games.
    """
    chance = generator(seed, "made-up batch")
    size = (TEAMS, PLAYERS)
    skill = chance.normal(0, 2, size)
    minutes = np.sort(chance.gamma(2.0, 8.0, size), axis=1)[:, ::-1].clip(0, 40)
    strength = (skill * minutes).sum(axis=1) / 48.0
    ids = np.arange(1, TEAMS + 1)
    teams, rosters = [], []
    for number in range(DATES):
        key = {
            "season": MADE_UP_SEASON,
            "as_of": pd.Timestamp("2000-11-01") + pd.Timedelta(days=7 * number),
        }
        rating = strength + chance.normal(0, 4, TEAMS)
        teams.append(pd.DataFrame({**key, "team_id": ids, "rating": rating}))
        rosters.append(
            pd.DataFrame(
                {
                    **key,
                    "team_id": np.repeat(ids, PLAYERS),
                    "slot": np.tile(np.arange(PLAYERS), TEAMS),
                    "player_id": np.arange(TEAMS * PLAYERS) + 1,
                    minutes_column: minutes.ravel(),
                    "impact": (skill + chance.normal(0, 0.5, size)).ravel(),
                    "age": chance.normal(27, 4, size).ravel(),
                }
            )
        )
    inputs = RankerInputs(
        pd.concat(teams, ignore_index=True), pd.concat(rosters, ignore_index=True)
    )
    targets = inputs.teams[list(KEY)].assign(
        conference=np.where(inputs.teams["team_id"] % 2, "East", "West"),
        rank_target=np.tile(strength.argsort().argsort(), DATES).astype(float),
        margin_target=np.tile(strength, DATES) + chance.normal(0, 4, TEAMS * DATES),
        margin_games=6.0,
    )
    return TrainingData(inputs, targets)
