"""`make` lists its targets; the set-up takes torch without CUDA where the index answers."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

PYTHON = """#!/bin/sh
case "$*" in
  "-c "*) echo 3.11 ;;
  *venv*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  *) echo "$*" >> pip.log; case "$*" in *nowhere*) exit 1 ;; esac ;;
esac
"""
"""Stands in for Python and pip; the index 'nowhere' has no packages."""


def make(folder: Path, *words: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", *words], cwd=folder, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_make_alone_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^\.PHONY: help (.*)$", text, re.MULTILINE)
    listed = re.findall(r"^make (\w+) ", make(ROOT), re.MULTILINE)
    assert sorted(listed) == sorted(targets.split())
    assert make(ROOT) == make(ROOT, "help")


@pytest.mark.parametrize(
    ("index", "asked", "message"),
    [("https://here", True, False), ("https://nowhere", True, True), ("", False, False)],
)
def test_where_torch_is_installed_from(
    tmp_path: Path, index: str, asked: bool, message: bool
) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements/lock-3.11.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    python = tmp_path / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    printed = make(tmp_path, ".venv/.ready", f"PYTHON={python}", f"TORCH_INDEX={index}")
    _, *torch, package = (tmp_path / "pip.log").read_text().splitlines()
    assert [f"--index-url {index} " in line for line in torch] == [True] * asked
    assert "index-url" not in package
    assert "--constraint requirements/lock-3.11.txt" in package
    assert (f"No torch in {index}" in printed) == message
