"""Every stage gives the same bytes on other processors and with other thread counts."""

import sys
from pathlib import Path

import pytest

from benchmarks.processors import PROCESSORS, emulated, largest_difference
from tests.conftest import contents
from tests.reliability.small import clone, edit_params, locked_files, run

STAGES = Path(__file__).with_name("every_stage.py")


def content(path: Path) -> dict[str, bytes] | bytes:
    return contents(path) or path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("processor", "threads"), [("plain", 2), ("avx", 1)])
def test_every_processor_and_thread_count_gives_the_same_bytes(
    reproduced: Path, tmp_path: Path, processor: str, threads: int
) -> None:
    other = clone(reproduced, tmp_path / processor, share_cache=False)
    edit_params(other, {"repro.threads": threads})
    variables = {key: emulated(processor)[key] for key in PROCESSORS[processor]}
    run([sys.executable, str(STAGES)], other, PYTHONPATH=str(other), **variables)
    differences = {
        path: largest_difference(reproduced / path, other / path)
        for path in locked_files(reproduced)
        # the page shows params.yaml, threads included
        if path != "report" and content(reproduced / path) != content(other / path)
    }
    assert not differences
