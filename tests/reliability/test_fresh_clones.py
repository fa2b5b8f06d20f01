"""A fresh clone gives the same dvc.lock wherever it lies, on another processor, at another time."""

import shutil
from pathlib import Path

import pytest

from benchmarks.processors import PROCESSORS, emulated
from tests.reliability.small import assert_sound, clone, dvc, lock_of, stages_that_ran


@pytest.mark.slow
def test_another_place_clock_and_processor_give_the_same_bytes(
    reproduced: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Zweite Kopie, größer — 篮球 🏀"
    repository = clone(reproduced, folder / "a clone", share_cache=False)
    faketime = shutil.which("faketime")
    changed = {
        "LC_ALL": "C",
        "LANG": "tr_TR.UTF-8",
        "TZ": "Pacific/Kiritimati",
        "PYTHONHASHSEED": "7",
        "COLUMNS": "40",
        **{key: emulated("avx2")[key] for key in PROCESSORS["avx2"]},
    }
    prefix = [faketime, "-f", "+1827d"] if faketime else []
    output = dvc(repository, "repro", prefix=prefix, **changed)
    assert "collect" in stages_that_ran(output)
    assert_sound(repository, lock_of(reproduced))
    assert stages_that_ran(dvc(repository, "repro", **changed)) == []
