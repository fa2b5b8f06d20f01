"""The small pipeline gives the same dvc.lock on other processors and with other thread counts."""

from pathlib import Path

import pytest

from benchmarks.processors import PROCESSORS, emulated, largest_difference
from tests.reliability.small import clone, dvc, edit_params, locked_files


@pytest.mark.slow
@pytest.mark.parametrize(("processor", "threads"), [("plain", 2), ("avx", 1), ("avx2", 2)])
def test_every_processor_and_thread_count_gives_the_same_bytes(
    reproduced: Path, tmp_path: Path, processor: str, threads: int
) -> None:
    other = clone(reproduced, tmp_path / processor, share_cache=False)
    edit_params(other, {"repro.threads": threads})
    variables = {key: value for key, value in emulated(processor).items() if key in _variables()}
    dvc(other, "repro", **variables)
    expected, found = locked_files(reproduced), locked_files(other)
    differences = {
        path: largest_difference(reproduced / path, other / path)
        for path, md5 in expected.items()
        if found[path] != md5 and path != "report"  # the page shows params.yaml, threads included
    }
    assert not differences


def _variables() -> set[str]:
    return {name for variables in PROCESSORS.values() for name in variables}
