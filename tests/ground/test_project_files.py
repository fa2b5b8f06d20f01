"""Files around the code agree with it: versions, licence, hooks, workflow, issue forms."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import nbarank
from nbarank.core.sections import read_yaml
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))


def test_one_version_everywhere() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\] - (\S+)$", changes, re.MULTILINE)
    cited = read_yaml(ROOT / "CITATION.cff")
    assert newest is not None
    assert {PROJECT["version"], nbarank.__version__, cited["version"]} == {newest[1]}
    assert cited["date-released"] == newest[2]
    assert cited["license"] == PROJECT["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_the_workflow_runs_every_python_with_a_lock_file() -> None:
    job = read_yaml(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["ci"]
    locks = (ROOT / "requirements").glob("lock-*.txt")
    assert job["strategy"]["matrix"]["python"] == sorted(
        path.stem.removeprefix("lock-") for path in locks
    )
    assert job["steps"][-1] == {"run": ".ci/run"}
    assert "PYTHON ?=" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert job["env"] == {"PYTHON": "python${{ matrix.python }}"}


def test_hooks_run_tools_of_the_environment_on_files_that_exist() -> None:
    hooks = read_yaml(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    declared = " ".join(PROJECT["optional-dependencies"]["test"]) + " nbarank"
    for hook in hooks:
        tool, *words = shlex.split(hook["entry"])
        assert tool.removeprefix(".venv/bin/") in declared
        assert all((ROOT / word).is_file() for word in words if "/" in word)


def test_dependencies_are_declared_used_and_explained() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deptry", "--no-ansi", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = page.split("## Dependencies")[1]
    wanted = {name_of(requirement) for requirement in PROJECT["dependencies"]}
    wanted |= set(PROJECT["optional-dependencies"])
    assert {
        name for name in wanted if not re.search(rf"[| ,]{re.escape(name)}[,; |]", listed)
    } == set()


def name_of(requirement: str) -> str:
    return re.split(r"[\[=<>]", requirement)[0]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_asks_for_the_output_of_doctor(path: Any) -> None:
    form = read_yaml(path)
    assert {"name", "description", "body"} <= set(form)
    assert any("nbarank doctor" in str(field["attributes"]["label"]) for field in form["body"])


def test_dvc_does_not_hash_bytecode(tmp_path: Path) -> None:
    # A repository of its own: this file also runs in copies of the project without one.
    dvc = [sys.executable, "-m", "dvc"]
    ignored = ["nbarank/core/__pycache__/a.pyc", ".venv/a", ".mypy_cache/a"]
    for command in (["git", "init", "--quiet"], [*dvc, "init", "--quiet"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    (tmp_path / ".dvcignore").write_bytes((ROOT / ".dvcignore").read_bytes())
    done = subprocess.run(
        [*dvc, "check-ignore", *ignored, "nbarank/core/a.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ignored
