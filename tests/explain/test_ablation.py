"""Removing a player: the same as never having had him."""

import numpy as np
import pandas as pd
import pytest

from nbarank.core.tables import validate
from nbarank.explain.ablation import without_players
from nbarank.rankers.training.contract import RankerInputs
from nbarank.schemas.columns import KEY
from nbarank.schemas.explain import ABLATION, REMOVALS
from tests.explain.small_models import batch, contributors, fitted_deepset


def test_a_removed_player_is_one_who_never_was() -> None:
    ranker, inputs = fitted_deepset(), batch().inputs
    table = validate(ABLATION, without_players(ranker, inputs, contributors(), "margin"))
    assert sorted(table["removed"].unique()) == sorted(REMOVALS)
    assert len(table) == len(inputs.teams) * len(REMOVALS)
    leaders = contributors().loc[contributors().groupby(KEY)["attention_weight"].idxmax()]
    gone = pd.MultiIndex.from_frame(leaders[[*KEY, "player_id"]])
    rosters = inputs.rosters
    kept = rosters[~pd.MultiIndex.from_frame(rosters[[*KEY, "player_id"]]).isin(gone)]
    whole = ranker.predict(inputs)["margin_score"]
    without = ranker.predict(RankerInputs(inputs.teams, kept))["margin_score"]
    most = table[table["removed"] == "most attended"].reset_index(drop=True)
    np.testing.assert_allclose(most["change"], without - whole, atol=1e-4)
    np.testing.assert_allclose(most["size"], most["change"].abs())


def test_the_average_other_player_is_the_mean_of_all_others() -> None:
    ranker, inputs = fitted_deepset(), batch().inputs
    one = inputs.teams.iloc[[0]].reset_index(drop=True)
    own = inputs.rosters.merge(one[KEY], on=KEY)
    mine = contributors().merge(one[KEY])
    table = without_players(ranker, RankerInputs(one, own), mine, "margin")
    leader = mine.loc[mine["attention_weight"].idxmax(), "player_id"]
    whole = ranker.predict(RankerInputs(one, own))["margin_score"][0]
    changes = [
        ranker.predict(RankerInputs(one, own[own["player_id"] != player]))["margin_score"][0]
        - whole
        for player in own["player_id"]
        if player != leader
    ]
    row = table.set_index("removed").loc["average other"]
    assert row["change"] == pytest.approx(np.mean(changes), abs=1e-4)
    assert row["size"] == pytest.approx(np.mean(np.abs(changes)), abs=1e-4)


def test_teams_on_the_fallback_are_left_out() -> None:
    hidden = contributors().copy()
    hidden.loc[hidden["team_id"] == 1, "attention_weight"] = np.nan
    table = without_players(fitted_deepset(), batch().inputs, hidden, "margin")
    assert 1 not in set(table["team_id"]) and 2 in set(table["team_id"])
