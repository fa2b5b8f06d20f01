"""dvc.yaml declares what the stages really read: code, parameters, tables."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from nbarank.params.document import all_sections
from nbarank.pipeline import import_closure, stage_modules
from tests.conftest import ROOT

PIPELINE = ROOT / "dvc.yaml"


def _stages() -> dict[str, dict]:
    from nbarank.params.base import read_yaml

    return read_yaml(PIPELINE)["stages"]


STAGES = sorted(_stages()) if PIPELINE.exists() else []


@pytest.mark.parametrize("name", STAGES)
def test_imports_lie_within_deps(name: str) -> None:
    """Editing a helper module must re-run every stage that imports it."""
    deps = [Path(str(dep)) for dep in _stages()[name]["deps"]]
    closure = import_closure(stage_modules(PIPELINE)[name], ROOT)
    missing = [f for f in closure if not any(f == dep or dep in f.parents for dep in deps)]
    assert not missing, f"run: nbarank pipeline sync (stage {name} lacks {missing})"


@pytest.mark.parametrize("name", STAGES)
def test_code_in_deps_is_imported(name: str) -> None:
    """A dep that is not imported re-runs a stage for nothing."""
    code = {Path(str(dep)) for dep in _stages()[name]["deps"] if str(dep).endswith(".py")}
    assert code <= import_closure(stage_modules(PIPELINE)[name], ROOT)


def _sections_read(module: str) -> set[str]:
    """Paths of the sections a stage, or what it shares with others, asks its Stage for."""
    by_class = {section.__name__: path for path, section in all_sections().items()}
    asked = {"repro"}  # run_stage itself reads it
    for file in import_closure(module, ROOT):
        if file.parts[0] != "stages":
            continue
        for node in ast.walk(ast.parse((ROOT / file).read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "params"
            ):
                assert isinstance(node.args[0], ast.Name), "stages name the section class directly"
                asked.add(by_class[node.args[0].id])
    return asked


@pytest.mark.parametrize("name", STAGES)
def test_params_read_are_params_declared(name: str) -> None:
    declared = set(_stages()[name]["params"])
    assert declared == _sections_read(stage_modules(PIPELINE)[name])


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_says_what_it_does(name: str) -> None:
    assert len(_stages()[name]["desc"]) > 20
