"""`nbarank explain --experiment`: an experiment's own parameters and models, never the tree's."""

from pathlib import Path

import pytest

from nbarank.core.errors import NbarankError
from nbarank.dvc.experiment_page import explain_experiment
from tests.reliability.small import commit_new, dvc

PIPELINE = """stages:
  model:
    cmd: python -c "import re; v = re.search(r'\\\\d+', open('params.yaml').read())[0]; \
open('model.txt', 'w').write('model ' + v)"
    params: [value]
    outs: [model.txt]
  explain:
    cmd: python -c "open('explained.txt', 'w').write(open('model.txt').read())"
    deps: [model.txt]
    outs: [explained.txt]
  report:
    cmd: python -c "import os; os.makedirs('report', exist_ok=True); \
open('report/index.html', 'w').write(open('explained.txt').read() + open('params.yaml').read())"
    deps: [explained.txt, params.yaml]
    outs: [report]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    (root / "dvc.yaml").write_text(PIPELINE)
    (root / "params.yaml").write_text("value: 1\n")
    (root / ".gitignore").write_text("model.txt\nexplained.txt\n/report\n")
    return commit_new(root)


@pytest.mark.slow
def test_an_experiment_is_explained_by_its_own_models(project: Path) -> None:
    dvc(project, "exp", "run", "--temp", "-q", "-n", "two", "-S", "value=2")
    (project / "params.yaml").write_text("value: 3\n")
    page = explain_experiment("two", project / "out")
    assert page.read_text() == "model 2value: 2\n"
    assert (project / "params.yaml").read_text() == "value: 3\n"
    assert not (project / "report").exists()


def test_an_unknown_experiment_is_named(project: Path) -> None:
    with pytest.raises(NbarankError, match="There is no experiment 'nobody'"):
        explain_experiment("nobody", project / "out")
