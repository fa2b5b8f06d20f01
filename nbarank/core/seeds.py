"""Seeds, threads and random generators: what makes a run repeatable.

Threads are set through environment variables before numpy's and torch's pools start, and through
threadpoolctl for pools that have started. Nothing draws from a global generator: every function
that needs chance takes a `numpy.random.Generator` made by `generator`.
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


def prepare_process(params: ReproParams) -> None:
    """Fix the thread counts and the leftover global seeds of this process.

    torch is touched only if something has imported it already: stages that do not need it do not
    pay for it.
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(params.threads)
    threadpool_limits(params.threads)
    np.random.seed(params.seed)  # noqa: NPY002 - for libraries that read the global generator
    if "torch" in sys.modules:
        import torch

        torch.set_num_threads(params.threads)
        torch.manual_seed(params.seed)
        # The same switch as use_deterministic_algorithms(True, warn_only=True), which also imports
        # torch's compiler: a second that no stage has a use for.
        torch.set_deterministic_debug_mode("warn")


@contextmanager
def not_installed(module: str) -> Iterator[None]:
    """Let an optional package pass for missing within the block, unless it is in use already.

    For packages that another one imports where it finds them, at a cost and for nothing here.
    """
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # so Python knows what is missing
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
        Words or numbers that name the use (for example a stage and a season). The same words
        give the same stream, in any process.
    """
    words = [word if isinstance(word, int) else zlib.crc32(word.encode()) for word in purpose]
    return np.random.default_rng([seed, *words])
