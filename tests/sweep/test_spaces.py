"""Search spaces: parsing, sampling, errors, and test seasons that are refused."""

from pathlib import Path

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.core.errors import NbarankError, SweepError
from nbarank.core.sections import read_yaml
from nbarank.sweep.objectives import OBJECTIVES, objective_named, objective_value
from nbarank.sweep.preflight import refuse_bad_values, refuse_test_seasons
from nbarank.sweep.spaces import load_space, parse_space

ROOT = Path(__file__).parents[2]
BODY = {
    "name": "test",
    "description": "test",
    "method": "grid",
    "space": {
        "a.depth": {"type": "int", "low": 2, "high": 6, "step": 2},
        "a.windows": {"type": "lists", "choices": [[10], [10, 30]]},
    },
}


def test_grid_has_every_point_once_whatever_the_seed() -> None:
    for seed in (0, 1):
        grid = parse_space({**BODY, "seed": seed}, "test").grid()
        assert len(grid) == 6
        assert {(p["a.depth"], p["a.windows"]) for p in grid} == {
            (depth, windows) for depth in (2, 4, 6) for windows in ("[10]", "[10, 30]")
        }


def test_lists_come_back_as_lists() -> None:
    space = parse_space(BODY, "test")
    assert space.decoded({"a.depth": 4, "a.windows": "[10, 30]"}) == {
        "a.depth": 4,
        "a.windows": [10, 30],
    }


def test_tuned_values_become_a_trial_only_if_they_are_in_the_space() -> None:
    space = parse_space({**BODY, "method": "optuna", "n_trials": 2}, "test")
    assert space.start({"a.depth": 4, "a.windows": [10, 30]}) == {
        "a.depth": 4,
        "a.windows": "[10, 30]",
    }
    assert space.start({"a.depth": 3, "a.windows": [10, 30]}) is None
    assert space.start({"a.depth": 4, "a.windows": [99]}) is None
    drawn = parse_space({**BODY, "method": "random", "n_trials": 2}, "test")
    assert drawn.start({"a.depth": 4, "a.windows": [10, 30]}) is None


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    low=st.floats(1e-6, 1.0),
    width=st.floats(1e-6, 10.0),
    log=st.booleans(),
    seed=st.integers(0, 100),
)
def test_samples_are_in_the_dimension(low: float, width: float, log: bool, seed: int) -> None:
    dimension = {"type": "float", "low": low, "high": low + width, "log": log}
    space = parse_space(
        {**BODY, "method": "random", "n_trials": 1, "space": {"a.rate": dimension}}, "test"
    )
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    value = space.suggest(study.ask())["a.rate"]
    assert space.space["a.rate"].contains(value)


def test_a_resumed_sweep_draws_other_numbers_than_before() -> None:
    space = parse_space({**BODY, "method": "random", "n_trials": 9}, "test")
    seeds = [space.trial_seed(number) for number in range(50)]
    assert len(set(seeds)) == 50
    assert seeds == [space.trial_seed(number) for number in range(50)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "optuna"}, "n_trials"),
        ({"method": "halving", "n_trials": 3}, "halving"),
        ({"typo": 1}, "typo"),
        ({"fixed": {"a.depth": 3}}, "both swept and fixed"),
        ({"space": {"a.depth": {"type": "int", "low": 6, "high": 2}}}, "`low <= high` must hold"),
        ({"space": {"a.rate": {"type": "float", "low": 0.0, "high": 1.0}}}, "step"),
        ({"space": {"a.depth": {"type": "integer", "low": 1, "high": 2}}}, "integer"),
    ],
)
def test_an_error_in_a_space_is_reported(change: dict[str, object], message: str) -> None:
    with pytest.raises(SweepError) as caught:
        parse_space({**BODY, **change}, "test.yaml")
    assert message in str(caught.value)


def test_unknown_space_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "rolling.yaml").write_text("x: 1")
    with pytest.raises(SweepError, match="did you mean rolling"):
        load_space("roling", tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "fine"),
    [
        ("model_b.max_depth", 5, True),
        ("model_b.max_depth", 5.5, False),
        ("model_b.max_depth", True, False),
        ("model_b.max_depth", 1000, False),
        ("model_b.max_depth", "many", False),
        ("model_b.learning_rate", 1, True),
        ("features.rolling_windows", [5], True),
        ("features.rolling_windows", 5, False),
        ("model_b.max_dept", 5, False),
    ],
)
def test_keys_and_types_must_be_those_of_params(key: str, value: object, fine: bool) -> None:
    params = read_yaml(ROOT / "params.yaml")
    if fine:
        refuse_bad_values({key: [value]}, params)
    else:
        with pytest.raises(NbarankError, match=r"max_depth|rolling_windows"):
            refuse_bad_values({key: [value]}, params)


def test_test_seasons_cannot_be_an_objective() -> None:
    for name in ("test.spearman", "test_spearman", "Test"):
        with pytest.raises(SweepError, match="test"):
            objective_named(name)
    with pytest.raises(SweepError, match="not an objective"):
        objective_named("accuracy")


def test_no_value_of_a_space_may_name_a_test_season() -> None:
    params = {"seasons": {"test": ["2022-23"]}}
    refuse_test_seasons({"seasons.validation": ["2020-21"]}, params)
    with pytest.raises(SweepError, match="2022-23"):
        refuse_test_seasons({"seasons.validation": [["2020-21", "2022-23"]]}, params)
    for key, value in (("seasons.test", []), ("seasons.validation", "2020-21 to 2023-24")):
        with pytest.raises(SweepError, match="test"):
            refuse_test_seasons({key: [value]}, params)
    with pytest.raises(SweepError, match="test"):
        refuse_test_seasons({"seasons": [{"test": []}]}, params)


def test_figures_of_test_seasons_never_replace_the_objective() -> None:
    objective = OBJECTIVES["spearman"]
    assert objective_value({"objectives": {"spearman": 0.8}}, objective) == 0.8
    for summary in ({"objectives": {}, "test": {"spearman": 0.9}}, {"test": {}}):
        with pytest.raises(SweepError, match="spearman"):
            objective_value(summary, objective)
    with pytest.raises(SweepError, match="finite"):
        objective_value({"objectives": {"spearman": float("nan")}}, objective)


@pytest.mark.parametrize("path", sorted((ROOT / "sweeps").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_space_is_valid(path: Path) -> None:
    space = load_space(str(path))
    assert space.total_trials(None) >= 1
