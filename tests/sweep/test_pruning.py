"""Trials stopped by the validation curve that the Deep Set reports while it trains."""

import functools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from optuna.trial import TrialState

from nbarank.core.live_curve import CURVE_VARIABLE, append_point, read_points
from nbarank.sweep.plan import SweepRequest
from nbarank.sweep.report import write_report
from nbarank.sweep.workers import SweepOutcome, run_sweep
from tests.reliability.small import git
from tests.sweep.conftest import copied
from tests.sweep.running import experiments, trials_of, working_for

pytestmark = pytest.mark.xdist_group("pruning")  # two of them look at one sweep
STUDY = "pruned"
PRUNED = SweepRequest(
    space="pruned", study=STUDY, n_trials=4, explain=False, settings={"toy.seconds": 2.0}
)
Engine = Literal["workers", "queue"]
Swept = Callable[[Engine], tuple[Path, SweepOutcome]]


@pytest.fixture(scope="module")
def swept(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Swept:
    """Return a toy after a sweep by an engine, and the sweep's result."""

    @functools.cache
    def sweep(engine: Engine) -> tuple[Path, SweepOutcome]:
        toy = copied(pristine, tmp_path_factory.mktemp(engine))
        return toy, run_sweep(replace(PRUNED, engine=engine), toy, quiet=True)

    return sweep


def test_a_curve_has_the_points_written_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(CURVE_VARIABLE, raising=False)
    append_point(1, 0.5)
    path = tmp_path / "curve"
    assert read_points(path) == {}
    monkeypatch.setenv(CURVE_VARIABLE, str(path))
    append_point(1, 0.5)
    append_point(2, 1.25)
    with path.open("a") as file:
        file.write("[3, 1.")
    assert read_points(path) == {1: 0.5, 2: 1.25}


@pytest.mark.parametrize("engine", ["workers", pytest.param("queue", marks=pytest.mark.slow)])
def test_hopeless_trials_stop_early_and_count(swept: Swept, engine: Engine) -> None:
    toy, outcome = swept(engine)
    trials = trials_of(toy, STUDY)
    states = {trial.params["model_a.epochs"]: trial.state for trial in trials}
    assert len(trials) == 4
    assert states[18] is TrialState.COMPLETE
    assert outcome.counts["pruned"] >= 1
    assert outcome.counts["pruned"] + outcome.counts["complete"] == 4
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    assert outcome.best == f"{STUDY}-{max(complete, key=lambda t: t.value or 0.0).number}"
    for trial in trials:
        assert min(trial.intermediate_values) == 1
        if trial.state is TrialState.PRUNED:
            assert 2 <= max(trial.intermediate_values) < 4
    assert experiments(toy, STUDY).keys() == {f"{STUDY}-{t.number}" for t in complete}
    assert not working_for(toy, STUDY), "a pruned trial left processes"
    assert git(toy, "status", "--porcelain", "--untracked-files=no") == ""
    # The same command again has nothing to do: a pruned trial is one of those asked for.
    assert run_sweep(replace(PRUNED, engine=engine), toy, quiet=True).counts == outcome.counts


def test_a_report_shows_what_pruning_saved_and_whether_the_winner_is_the_same(
    swept: Swept,
) -> None:
    """The curve and the objective of the toy agree, so pruning cannot change the winner."""
    toy, _ = swept("workers")
    text = write_report(STUDY, toy).read_text()
    assert re.search(r"median: [1-9] of 4 trials stopped by the curve", text)
    assert "Too few complete trials to estimate" in text, "two complete"
    run_sweep(replace(PRUNED, study="whole", pruner="none"), toy, quiet=True)
    text = write_report(STUDY, toy).read_text()
    assert "Compared with whole, the same study without pruning" in text
    assert "they have the same values" in text
    assert "of the pruned trials ran to the end there; the best of them reached 0.7" in text
