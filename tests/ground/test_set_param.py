"""Values given to `dvc exp run --set-param` arrive as they were written."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.utils.hydra import apply_overrides
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nbarank.core.sections import read_yaml
from nbarank.dvc.param_values import set_param_arguments
from nbarank.dvc.runs import with_absolute_paths
from tests.reliability.small import commit_new, dvc

NAMES = ("données", "it's mine", "a&b", "Jo (work)", "#1", "~=2, [x] {y}", "${HOME}", "trailing ")
texts = st.text(
    st.one_of(st.sampled_from(list("'\"\\${}()[],=&#~: é%@*!")), st.characters(codec="ascii")),
    max_size=12,
).filter(lambda text: all(sign.isprintable() for sign in text))
values = st.one_of(texts, st.integers(), st.booleans(), st.none(), st.lists(texts, max_size=3))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values)
@example("null")
@example("C:\\data\\")
@example("\\${x}'")
@example("Yes")
def test_a_value_survives_the_grammar_of_overrides(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("data:\n  path: x\n", encoding="utf-8")
    apply_overrides(path, set_param_arguments({"data": {"path": value}})[1::2])
    assert read_yaml(path)["data"]["path"] == value


def test_home_is_expanded_in_the_paths_of_a_run() -> None:
    params = {"data": {"source": "folder", "folder": {"path": "x"}}}
    overlay = with_absolute_paths({"data": {"folder": {"path": "~/box"}}}, params)
    assert overlay["data"]["folder"]["path"] == str(Path.home() / "box")


@pytest.mark.slow
def test_dvc_runs_a_stage_that_depends_on_such_a_path(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*NAMES)
    folder.mkdir(parents=True)
    (folder / "file").write_text("x")
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "params.yaml").write_text("data:\n  path: none\n")
    (repository / "dvc.yaml").write_text(
        "stages:\n  copy:\n    cmd: cp params.yaml out.yaml\n"
        '    deps: ["${data.path}"]\n    params: [data]\n    outs: [out.yaml]\n'
    )
    commit_new(repository)
    dvc(repository, "exp", "run", *set_param_arguments({"data": {"path": str(folder)}}))
    found = yaml.safe_load((repository / "out.yaml").read_text(encoding="utf-8"))
    assert found["data"]["path"] == str(folder)
