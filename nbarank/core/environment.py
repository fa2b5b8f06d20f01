"""The environment record of a run: system, processor, libraries, seed and threads.

Every stage that runs writes `metrics/environment.json`. The file is no output of DVC and git
ignores it, because dvc.lock must be equal on all machines that give the same numbers. Only in the
working copy of an experiment (`dvc exp run --temp`, the queue) is it added to git, so that every
recorded run has the record of its machine.

It contains nothing secret: no host name, no user, no paths, no environment variables.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from nbarank.core.git_variables import clean_environment
from nbarank.core.params import ReproParams
from nbarank.core.tables import write_text

ENVIRONMENT_FILE = Path("metrics/environment.json")
LIBRARIES = ("dvc", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "torch", "xgboost-cpu")
"""Libraries whose version can change a number or a byte."""
_INSTRUCTION_SETS = ("avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "asimd", "sve")
_LOG = logging.getLogger(__name__)


def describe_environment(params: ReproParams) -> dict[str, Any]:
    """Return what may make the numbers of two machines differ, as plain data."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()).strip(),
        "wsl": on_wsl(),
        "instruction_sets": instruction_sets(),
        "cores": os.cpu_count(),
        "memory_gib": round(_memory("MemTotal") / 2**20) or None,
        "python": platform.python_version(),
        "libraries": {name: version_of(name) for name in LIBRARIES},
        "seed": params.seed,
        "threads": params.threads,
        "device": params.device,
        "gpu": None if params.device == "cpu" else graphics_card(),
    }


def record_environment(params: ReproParams) -> None:
    """Write metrics/environment.json, unless it is up to date."""
    text = json.dumps(describe_environment(params), indent=1) + "\n"
    if not ENVIRONMENT_FILE.is_file() or ENVIRONMENT_FILE.read_text(encoding="utf-8") != text:
        write_text(ENVIRONMENT_FILE, text)
    if in_experiment_copy(Path.cwd()):
        _add_to_experiment()


def in_experiment_copy(folder: Path) -> bool:
    """Return whether a folder is a working copy that DVC made for one experiment."""
    parts = folder.resolve().parts
    return any(parts[n : n + 3] == (".dvc", "tmp", "exps") for n in range(len(parts)))


def _add_to_experiment() -> None:
    """Add the ignored record to the commit that DVC makes of this working copy."""
    done = subprocess.run(
        ["git", "add", "--force", "--", str(ENVIRONMENT_FILE)],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
    )
    if done.returncode:
        _LOG.warning("the environment is not recorded: %s", done.stderr.strip())


def on_wsl() -> bool:
    """Return whether Linux runs inside Windows (WSL), where files below /mnt are slow."""
    return "microsoft" in platform.release().lower()


def instruction_sets() -> list[str]:
    """Return the vector instruction sets of the processor, by which libraries choose their code."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    flags = next(
        (line.split(":", 1)[1] for line in text.splitlines() if line.startswith(("flags", "Feat"))),
        "",
    ).split()
    return [name for name in _INSTRUCTION_SETS if name in flags]


def free_memory_gib() -> float | None:
    """Return the memory available to a new process in GiB; None if it is unknown."""
    return round(_memory("MemAvailable") / 2**20, 1) or None


def _memory(key: str) -> int:
    """Return an entry of /proc/meminfo in KiB; 0 if there is none."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{key}:")), 0)


def version_of(distribution: str) -> str | None:
    """Return the version of an installed library, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def graphics_card() -> str | None:
    """Return name and driver of the CUDA device, or None; asks torch only if it is imported."""
    if "torch" in sys.modules:
        import torch

        if not torch.cuda.is_available():
            return None
    command = shutil.which("nvidia-smi") or shutil.which("nvidia-smi", path="/usr/lib/wsl/lib")
    if command is None:
        return None
    query = [command, "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout else None
