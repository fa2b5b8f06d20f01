"""A stage removes what a killed run of it has left half-written, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbarank.core.stage import run_stage


def test_a_stage_begins_without_what_a_killed_run_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("repro: {seed: 42, threads: 1, device: cpu}\n")
    Path("dvc.yaml").write_text(
        "stages:\n  one:\n    cmd: python -m stages.one\n    params: [repro]\n    outs:\n"
        "      - data/league/games.parquet\n      - metrics/summary.json:\n          cache: false\n"
    )
    left = [
        Path("data/league/.games.parquet.qg_ql8wn"),
        Path("metrics/.summary.json.abc"),
        Path("metrics/.environment.json.abc"),
    ]
    kept = [
        Path("data/league/games.parquet"),
        Path("data/league/.gitignore"),
        Path("data/league/.teams.parquet.abc"),  # another stage's, which may be running
    ]
    for path in (*left, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    seen: list[bool] = []
    run_stage("one", lambda _: seen.extend(path.exists() for path in (*left, *kept)))
    assert seen == [False] * len(left) + [True] * len(kept)
