"""Change of the Deep Set's score when one player is removed: attention is not an explanation.

    python -m benchmarks.deepset_masking --data data

At the checkpoints of every validation and test season, one player is removed from each team: the
most attended, the one with the most expected minutes, the one with the highest impact, or a random
one. Prints the mean change of the team's score (in SDs of the scores of that date), of its size,
and of the team's rank with the other teams unchanged.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from benchmarks.deepset_data import QUICK, SEED, command_line, folds, load, sections
from nbarank.core.seeds import generator
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import RankerInputs
from nbarank.schemas.columns import KEY

RANDOM_DRAWS = 5


def main() -> None:
    """Fit the folds, remove players, print one row per choice of player."""
    arguments = command_line(__doc__ or "").parse_args()
    torch.set_num_threads(1)
    league = load(arguments.data)
    model, training, targets = sections(dict(QUICK))
    data = league.training(training, targets.margin_horizon_days)
    chance = generator(SEED, "masking")
    days = league.as_of.dropna(subset=["checkpoint"])[["season", "as_of"]]
    parts = []
    for fold in folds(league):
        ranker = DeepSetRanker(model, training).fit(data.restrict(frozenset(fold.train)), SEED)
        inputs = league.inputs.restrict(frozenset(fold.score))
        teams = inputs.teams.merge(days, on=["season", "as_of"])
        assert inputs.rosters is not None
        rosters = inputs.rosters.merge(days, on=["season", "as_of"])
        parts.append(changes(ranker, RankerInputs(teams, rosters), chance))
    table = pd.concat(parts).groupby("player removed", sort=False)
    print(table.mean(numeric_only=True).to_string(float_format=lambda value: f"{value:.3f}"))
    print(f"{len(table.get_group('most attended'))} teams as of checkpoint dates")


def changes(
    ranker: DeepSetRanker, inputs: RankerInputs, chance: np.random.Generator
) -> pd.DataFrame:
    """Return one row per team, date and choice of player."""
    assert inputs.rosters is not None
    slots = ranker.attend(inputs).merge(inputs.rosters, on=[*KEY, "slot", "player_id"])
    before = ranker.predict(inputs)["rank_score"].to_numpy()
    dates = inputs.teams.sort_values(list(KEY)).groupby(["season", "as_of"]).ngroup().to_numpy()
    orders = {
        "most attended": [slots["weight"]],
        "most expected minutes": [slots["expected_minutes"]],
        "highest impact": [slots["impact"]],
        "random": [pd.Series(chance.random(len(slots))) for _ in range(RANDOM_DRAWS)],
    }
    rows = []
    for name, draws in orders.items():
        for order in draws:
            by_team = slots.assign(order=order.to_numpy()).groupby(list(KEY))["order"]
            taken = by_team.idxmax().to_numpy()
            left = slots[~slots.index.isin(taken)][inputs.rosters.columns]
            after = ranker.predict(replace(inputs, rosters=left))["rank_score"].to_numpy()
            moved = (after - before) / spread(before, dates)
            ranks = np.abs(rank_among(after, before, dates) - rank_among(before, before, dates))
            rows.append(
                pd.DataFrame(
                    {
                        "player removed": name,
                        "score": moved,
                        "size of score change": np.abs(moved),
                        "places moved": ranks,
                        "minutes share": slots.loc[taken, "minutes_share"].to_numpy(),
                    }
                )
            )
    return pd.concat(rows)


def spread(values: np.ndarray, dates: np.ndarray) -> np.ndarray:
    """Return the standard deviation over the teams of each row's date."""
    return pd.Series(values).groupby(dates).transform("std").to_numpy(dtype=float)


def rank_among(own: np.ndarray, others: np.ndarray, dates: np.ndarray) -> np.ndarray:
    """Return each team's place by `own` while every other team of the date has `others`."""
    same = dates[:, None] == dates[None, :]
    np.fill_diagonal(same, False)
    return np.asarray(1 + ((others[None, :] > own[:, None]) & same).sum(axis=1))


if __name__ == "__main__":
    main()
