"""dvc.yaml declares what the stages read: rooms of code, parameters, tables."""

import ast
from functools import cache
from pathlib import Path
from typing import Any

import grimp
import pytest

from nbarank.core.sections import read_yaml
from nbarank.dvc.params_file import all_sections
from nbarank.dvc.pipeline import read_pipeline, reruns_by_room
from tests.conftest import ROOT

STAGES: dict[str, Any] = read_yaml(ROOT / "dvc.yaml")["stages"]
every_stage = pytest.mark.parametrize("name", sorted(STAGES))


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("nbarank", "stages", cache_dir=None)


def _imported(name: str) -> set[Path]:
    """Return the files that a stage imports, directly or not, relative to the root."""
    module = f"stages.{name}"
    files = set()
    for one in {module, *_graph().find_upstream_modules(module)}:
        base = Path(*one.split("."))
        file = base / "__init__.py" if (ROOT / base).is_dir() else base.with_suffix(".py")
        files.add(file)
    return files


@pytest.mark.skipif(not (ROOT / "dvc.lock").exists(), reason="the pipeline has not run here")
def test_the_lock_file_has_no_deleted_stage() -> None:
    assert set(read_yaml(ROOT / "dvc.lock")["stages"]) <= set(STAGES)


def _is_only_a_docstring(file: Path) -> bool:
    return file.name == "__init__.py" and len(ast.parse((ROOT / file).read_text()).body) <= 1


@every_stage
def test_imports_are_within_the_declared_rooms(name: str) -> None:
    deps = [Path(str(dep)) for dep in STAGES[name]["deps"]]
    missing = [
        file
        for file in _imported(name)
        if not any(file == dep or dep in file.parents for dep in deps)
        and not _is_only_a_docstring(file)
    ]
    assert not missing, f"dvc.yaml: add the room of {missing} to the deps of stage {name}"


@every_stage
def test_each_declared_room_is_imported(name: str) -> None:
    imported = _imported(name)
    for dep in map(Path, STAGES[name]["deps"]):
        if dep.parts[0] in ("nbarank", "stages") and dep.suffix != ".csv":
            assert any(file == dep or dep in file.parents for file in imported), dep


def _read(name: str) -> set[str]:
    """Return the paths of the sections and values that a stage asks its `Stage` for."""
    by_class = {section.__name__: path for path, section in all_sections().items()}
    asked: set[str] = set()
    files = [Path(f"stages/{name}.py")]
    if "score_out_of_fold(" in (ROOT / files[0]).read_text():
        files.append(Path("nbarank/rankers/training/out_of_fold.py"))
    for file in files:
        for node in ast.walk(ast.parse((ROOT / file).read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if not isinstance(node.func.value, ast.Name) or node.func.value.id != "stage":
                continue
            if node.func.attr == "params":
                assert isinstance(node.args[0], ast.Name), "name the section class directly"
                asked.add(by_class[node.args[0].id])
            elif node.func.attr == "value":
                assert isinstance(node.args[0], ast.Constant), "name the key directly"
                asked.add(str(node.args[0].value))
    return asked


@every_stage
def test_params_read_are_params_declared(name: str) -> None:
    read, declared = _read(name), set(STAGES[name].get("params", ()))
    assert {key for key in read if not _within(key, declared)} == set()
    assert {key for key in declared if not any(_within(one, {key}) for one in read)} == set()


def _within(key: str, sections: set[str]) -> bool:
    return any(key == section or key.startswith(f"{section}.") for section in sections)


@every_stage
def test_every_stage_has_a_description(name: str) -> None:
    assert len(STAGES[name]["desc"]) > 20


def test_the_stages_that_an_edit_re_runs_are_listed_by_room() -> None:
    stages = read_pipeline(read_yaml(ROOT / "dvc.yaml"), read_yaml(ROOT / "params.yaml"))
    rows = {
        room: later for room, *later in reruns_by_room(stages, ["nbarank/report", "nbarank/cli"])
    }
    assert rows["nbarank/core"] == [list(stages), []]
    assert rows["nbarank/report"] == [["charts", "report"], []]
    assert rows["nbarank/cli"] == [[], []]
    assert "nbarank/rankers" not in rows, "its own rooms are listed"
    direct, later = rows["nbarank/rankers/trees"]
    assert {"oof_xgb", "oof_rf", "explain"} <= set(direct)
    assert "stack" in later and not {"oof_deepset", "ratings"} & {*direct, *later}
    assert "ingest" in rows["nbarank/league/calendar.csv"][0]
