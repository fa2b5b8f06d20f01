"""Seeds, threads and random generators: what makes a run reproducible.

Threads are set through environment variables before the pools of numpy and torch start, and
through threadpoolctl for pools that have started. No code draws from a global generator: functions
with randomness take a `numpy.random.Generator` from `generator`.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from threadpoolctl import threadpool_limits

from nbarank.core.params import ReproParams


def threads_of(params: ReproParams) -> int:
    """Return `repro.threads`, or the number of cores."""
    return params.threads or os.cpu_count() or 1


def prepare_process(params: ReproParams) -> None:
    """Set the thread counts and the global seeds of this process; torch only if it is imported."""
    threads = threads_of(params)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    # The matrices are small: a second thread of BLAS waits in a loop and doubles the CPU time.
    for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    threadpool_limits({"openmp": threads, "blas": 1})
    np.random.seed(0)  # noqa: NPY002 - for libraries that read the global generator
    if "torch" in sys.modules:
        prepare_torch()


def prepare_torch() -> None:
    """Set torch's threads and seed; for a stage that imports it late."""
    import torch

    # The Deep Set's matrices are small: a second thread costs half as much again, for nothing.
    torch.set_num_threads(1)
    torch.manual_seed(0)
    # As use_deterministic_algorithms(True, warn_only=True), which also imports torch's compiler
    # and takes a second longer.
    torch.set_deterministic_debug_mode("warn")


@contextmanager
def not_installed(module: str) -> Iterator[None]:
    """Make an optional package appear not installed within the block, unless it is imported.

    For packages that another one imports if it finds them, which takes time for no use here.
    """
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """Return a generator for one purpose, independent of every other purpose.

    Parameters
    ----------
    seed
        `repro.seed`.
    purpose
        Words or numbers that name the use, for example a stage and a season. The same words give
        the same stream in every process.
    """
    words = [word if isinstance(word, int) else zlib.crc32(word.encode()) for word in purpose]
    return np.random.default_rng([seed, *words])
