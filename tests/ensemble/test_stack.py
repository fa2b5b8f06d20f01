"""The stack: finds known weights, shrinks towards the mean, keeps the orientation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import LeaveOneGroupOut

from nbarank.core.errors import RankerError
from nbarank.core.params import season_after
from nbarank.ensemble.blend import fit_blend
from nbarank.ensemble.params import StackingParams
from nbarank.ensemble.season_blends import seasons_to_fit, stack, stack_current, stored_blends
from nbarank.ensemble.stack_inputs import damped, stack_inputs
from nbarank.rankers.training.described_teams import chosen_columns, described_teams
from nbarank.schemas.columns import KEY
from tests.as_of_league import section
from tests.rankers.synthetic_league import SEASONS, known_strengths

PARAMS = section(
    StackingParams, passthrough=("srs_carried",), alphas=(1e-4, 1e-2, 1.0), non_negative=False
)
NAMES = ["a", "b", "c"]


def _rows(seed: int, n: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    seasons = np.repeat([f"20{k:02d}-{k + 1:02d}" for k in range(3)], n // 3).astype(object)
    return random.normal(size=(n, 3)), random.uniform(size=n), seasons


@pytest.mark.parametrize("non_negative", [False, True])
def test_known_weights_are_found_at_both_ends_of_the_season(non_negative: bool) -> None:
    x, share, seasons = _rows(1)
    start, end = np.array([1.0, 0.5, 0.0]), np.array([0.0, 0.5, 2.0])
    y = np.einsum("rk,rk->r", x, start + share[:, None] * (end - start))
    params = PARAMS.model_copy(update={"alphas": (1e-9,), "non_negative": non_negative})
    blend = fit_blend(x, share, y, seasons, NAMES, params)
    np.testing.assert_allclose(blend.start, start, atol=1e-3)
    np.testing.assert_allclose(blend.end, end, atol=1e-3)
    np.testing.assert_allclose(blend.apply(x, share), y, atol=0.01)


def test_a_heavy_penalty_gives_the_plain_mean_not_zero() -> None:
    x, share, seasons = _rows(2)
    y = x @ np.array([0.2, 0.3, 0.5])
    heavy = PARAMS.model_copy(update={"alphas": (1e6,), "season_share": False})
    blend = fit_blend(x, share, y, seasons, NAMES, heavy)
    unit = blend.start * x.std(axis=0)
    assert unit.std() < 1e-3 and unit.mean() > 0.25
    to_zero = heavy.model_copy(update={"shrink_to_mean": False})
    assert np.abs(fit_blend(x, share, y, seasons, NAMES, to_zero).start).max() < 1e-3


@pytest.mark.parametrize("n_seasons", [1, 3])
def test_penalty_and_weights_are_those_of_scikit_learn(n_seasons: int) -> None:
    x, share, seasons = _rows(3, 300)
    x, share, seasons = (part[: 100 * n_seasons] for part in (x, share, seasons))
    y = x[:, 0] + 2.0 * np.random.default_rng(4).normal(size=len(x))
    alphas = (1e-4, 1e-2, 0.03, 0.1, 0.3, 1.0, 10.0)
    changed = {"alphas": alphas, "season_share": False, "shrink_to_mean": False}
    blend = fit_blend(x, share, y, seasons, NAMES, PARAMS.model_copy(update=changed))
    folds = LeaveOneGroupOut().split(x, y, seasons) if n_seasons > 1 else None
    penalties = np.array(alphas) * len(x)
    ridge = RidgeCV(penalties, fit_intercept=False, cv=folds).fit(x / x.std(axis=0), y)
    assert blend.alpha == pytest.approx(ridge.alpha_ / len(x))
    assert alphas[0] < blend.alpha < alphas[-1]
    np.testing.assert_allclose(blend.start, ridge.coef_ / x.std(axis=0), atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_non_negative_weights_are_never_negative(seed: int) -> None:
    x, share, seasons = _rows(seed, 300)
    y = -x[:, 0] + x[:, 1]
    blend = fit_blend(x, share, y, seasons, NAMES, PARAMS.model_copy(update={"non_negative": True}))
    assert (blend.start >= 0).all() and (blend.end >= 0).all()


def test_the_unit_of_an_input_does_not_matter() -> None:
    x, share, seasons = _rows(3)
    y = x.sum(axis=1)
    factor = np.array([1.0, 1000.0, 0.01])
    plain = fit_blend(x, share, y, seasons, NAMES, PARAMS).apply(x, share)
    scaled = fit_blend(x * factor, share, y, seasons, NAMES, PARAMS).apply(x * factor, share)
    np.testing.assert_allclose(plain, scaled, rtol=1e-6, atol=1e-5)


def test_values_that_are_not_finite_are_refused() -> None:
    x, share, seasons = _rows(4)
    x[5, 1] = np.nan
    with pytest.raises(RankerError, match="not finite"):
        fit_blend(x, share, x[:, 0], seasons, NAMES, PARAMS)


def test_an_uncertain_score_is_damped_and_a_certain_one_is_not() -> None:
    values = np.array([-3.0, 0.0, 3.0])
    np.testing.assert_allclose(damped(values, np.zeros(3)), values)
    assert abs(damped(values, np.full(3, 5.0))[2]) < 1.0


def _league() -> tuple[pd.DataFrame, dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]:
    """A made-up league: true strength, three noisy models of it, ranks and games to come."""
    random = np.random.default_rng(0)
    teams = known_strengths(random, SEASONS[1:], teams=12, days=(0, 7, 14, 21))
    teams = teams.rename(columns={"strength": "truth"})
    dates = teams.groupby(["season", "as_of"])
    teams["season_share"] = (teams["as_of"].dt.day - 1) / 28
    teams["rank_target"] = 12 - dates["truth"].rank(ascending=False)
    teams["srs_carried"] = teams["truth"] + random.normal(0, 4, len(teams))
    home, away = (dates.sample(30, replace=True, random_state=random) for _ in range(2))
    ahead = home[["season", "as_of"]].assign(
        home_id=home["team_id"].to_numpy(),
        away_id=away["team_id"].to_numpy(),
        home_margin=home["truth"] - away["truth"].to_numpy() + random.normal(0, 12, len(home)),
    )
    ahead = ahead[ahead["home_id"] != ahead["away_id"]].reset_index(drop=True)
    oof = {}
    for model, noise in (("deepset", 3.0), ("xgb", 2.0), ("rf", 6.0)):
        score = teams["truth"] + random.normal(0, noise, len(teams))
        oof[model] = teams[KEY].assign(
            rank_score=score, rank_score_sd=1.0, margin_score=score, margin_score_sd=noise
        )
    return teams, oof, ahead, teams[[*KEY, "rank_target"]]


TEAMS, OOF, AHEAD, TARGET = _league()
SEEN = sorted(TEAMS["season"].unique())


def inputs_of(params: StackingParams = PARAMS) -> pd.DataFrame:
    return stack_inputs(TEAMS[[*KEY, "season_share", "srs_carried"]], OOF, params)


@pytest.mark.parametrize("use_confidence", [False, True])
def test_stacked_scores_point_up_and_beat_the_worst_model(use_confidence: bool) -> None:
    params = PARAMS.model_copy(update={"use_confidence": use_confidence})
    stacked, weights = stack(inputs_of(params), TARGET, AHEAD, SEEN, (), params)
    assert sorted(stacked["season"].unique()) == SEEN[1:], "the first has nothing to learn from"
    both = stacked.merge(TEAMS, on=KEY)
    for column in ("strength", "rank_score"):
        rho = spearmanr(both[column], both["truth"]).statistic
        worst = spearmanr(OOF["rf"]["margin_score"], TEAMS["truth"]).statistic
        assert rho > worst > 0
    assert set(weights["input"]) == {"deepset", "xgb", "rf", "srs_carried"}


def test_stored_weights_stack_a_new_season_as_if_it_had_been_there() -> None:
    inputs = inputs_of()
    *ended, new = SEEN
    stacked, weights = stack(inputs, TARGET, AHEAD, [*ended, new], (), PARAMS)
    _, next_weights = stack(inputs, TARGET, AHEAD, [*ended, season_after(new)], (), PARAMS)
    assert next_weights["season"].max() == season_after(new)
    earlier = stacked[stacked["season"] != new]
    found = stack_current(earlier, weights.iloc[::-1], inputs, [new])
    pd.testing.assert_frame_equal(found[stacked.columns], stacked)
    with pytest.raises(RankerError, match="weights are for"):
        stored_blends(weights, ["deepset", "xgb"])


def test_a_blend_is_fitted_on_earlier_seasons_or_on_those_folded_with_it() -> None:
    seasons = ["2000-01", "2001-02", "2002-03", "2003-04", "2004-05"]
    assert seasons_to_fit(seasons[3], seasons, ()) == seasons[:3]
    folded = seasons[:3]
    assert seasons_to_fit(seasons[1], seasons, folded) == [seasons[0], seasons[2]]
    assert seasons_to_fit(seasons[4], seasons, folded) == seasons[:4]


def test_a_season_is_not_moved_by_its_own_results_or_by_later_seasons() -> None:
    inputs = inputs_of()
    before, _ = stack(inputs, TARGET, AHEAD, SEEN, (), PARAMS)
    late = AHEAD["season"] >= SEEN[3]
    changed_games = AHEAD.assign(home_margin=AHEAD["home_margin"].where(~late, -50.0))
    changed_ranks = TARGET.assign(
        rank_target=TARGET["rank_target"].where(TARGET["season"] < SEEN[3], 3.0)
    )
    after, _ = stack(inputs, changed_ranks, changed_games, SEEN, (), PARAMS)
    same = before["season"] <= SEEN[3]
    pd.testing.assert_frame_equal(before[same], after[same])
    assert not before[~same].equals(after[~same]), "seasons after it do learn from them"


def test_feature_tables_that_do_not_fit_are_refused() -> None:
    dates = TEAMS[["season", "as_of", "season_share"]].drop_duplicates()
    left, right = TEAMS[[*KEY, "truth"]], TEAMS[[*KEY, "srs_carried"]]
    joined = described_teams([left, right], dates)
    assert list(joined.columns) == [*KEY, "truth", "srs_carried", "season_share"]
    with pytest.raises(RankerError, match="unmatched rows: 1"):
        described_teams([left, right.iloc[1:]], dates)
    with pytest.raises(RankerError, match="truth"):
        described_teams([left, left], dates)


def test_an_unknown_column_is_named_with_its_nearest_neighbour() -> None:
    with pytest.raises(RankerError, match="srs_carried"):
        chosen_columns(TEAMS, ["srs_caried"])
