"""The classifier: finds the teams, keeps directions, never sees the season it scores."""

import numpy as np
import pandas as pd
import pytest

from nbarank.evaluation.rank_metrics import roc_auc
from nbarank.rankers.playoffs.classifier import classify_playoffs
from nbarank.rankers.playoffs.params import PlayoffClassifierParams
from nbarank.rankers.training.folds import walk_forward
from tests.as_of_league import section
from tests.rankers import synthetic_league

PARAMS = section(
    PlayoffClassifierParams, columns=("strength", "noise"), learning_rate=0.1, n_estimators=60
)
SEASONS = synthetic_league.SEASONS[:5]
FOLDS = walk_forward(SEASONS[:2], SEASONS[2:])
League = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def league() -> League:
    random = np.random.default_rng(0)
    rows = synthetic_league.known_strengths(random, SEASONS)
    outcomes = rows.drop_duplicates(["season", "team_id"])
    made = outcomes["strength"] + random.normal(0, 2, len(outcomes)) > 0
    rows["strength"] += random.normal(0, 1, len(rows))
    teams = rows.assign(noise=random.normal(0, 1, len(rows)))
    return teams, outcomes[["season", "team_id"]].assign(made_playoffs=made)


def classify(teams: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    return classify_playoffs(teams, outcomes, FOLDS, PARAMS, {"strength": 1}, seed=1)


@pytest.fixture(scope="module")
def found(league: League) -> pd.DataFrame:
    return classify(*league)


def test_it_finds_the_teams_and_repeats_itself(league: League, found: pd.DataFrame) -> None:
    teams, outcomes = league
    assert set(found["season"]) == set(SEASONS[1:])
    both = found.merge(outcomes)
    score = both["probability"].to_numpy()[None]
    made = both["made_playoffs"].to_numpy(dtype=bool)[None]
    assert roc_auc(score, made, np.ones_like(made))[0] > 0.9
    pd.testing.assert_frame_equal(found, classify(teams, outcomes))


def test_the_newest_season_known_decides_how_many_trees(found: pd.DataFrame) -> None:
    chosen = found.groupby("season")["validation_season"].first()
    assert list(chosen) == ["", *SEASONS[1:-1]]
    fewer = found[found["season"] > SEASONS[1]]
    assert (fewer["trees"] < PARAMS.n_estimators).any()


def test_no_season_sees_its_own_end_or_a_later_one(league: League, found: pd.DataFrame) -> None:
    (teams, outcomes), before = league, found
    turned = outcomes.copy()
    late = turned["season"] >= SEASONS[3]
    turned.loc[late, "made_playoffs"] = ~turned.loc[late, "made_playoffs"]
    after = classify(teams, turned)
    early = before["season"] <= SEASONS[3]
    pd.testing.assert_frame_equal(before[early], after[early])
    assert not np.allclose(before[~early]["probability"], after[~early]["probability"])


def test_more_strength_never_means_less_chance(league: League) -> None:
    teams, outcomes = league
    ladder = teams[teams["season"] == SEASONS[-1]].head(30)
    ladder = ladder.assign(strength=np.linspace(-15, 15, 30), noise=0.0)
    rows = pd.concat([teams[teams["season"] != SEASONS[-1]], ladder], ignore_index=True)
    found = classify(rows, outcomes)
    chances = found.loc[found["season"] == SEASONS[-1], "probability"].to_numpy()
    assert (np.diff(chances) >= -1e-6).all() and chances[-1] > chances[0]


def test_a_season_in_progress_is_scored_though_its_end_is_not_known(league: League) -> None:
    teams, outcomes = league
    known = outcomes[outcomes["season"] != SEASONS[-1]]
    found = classify(teams, known)
    assert (found["season"] == SEASONS[-1]).sum() == 180
