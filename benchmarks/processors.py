"""Run the pipeline under emulated processors and compare every output, byte for byte.

    python -m benchmarks.processors                                  # the simulated default
    python -m benchmarks.processors --folder ../shared/nba/raw       # your own box scores
    python -m benchmarks.processors --processors plain avx2 --threads 1 2

Each run is a clone of the committed state in a temporary folder, so nothing here changes. Printed:
one row per processor and number of threads with the outputs that differ from the native run, and
for each of these the column with the largest difference.

Libraries choose their code by what the processor offers; the variables below make them believe that
it offers less. Nothing can emulate a processor that offers more.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.sections import read_yaml

PROCESSORS: dict[str, dict[str, str]] = {
    "native": {},
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL",
    },
    "avx": {
        "ATEN_CPU_CAPABILITY": "default",
        "OPENBLAS_CORETYPE": "Sandybridge",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "MKL_ENABLE_INSTRUCTIONS": "AVX",
        "ONEDNN_MAX_CPU_ISA": "AVX",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F",
    },
    "plain": {
        "ATEN_CPU_CAPABILITY": "default",
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX,-FMA,-AVX512F",
    },
}
"""Environment variables by name of the emulated processor."""


def emulated(name: str) -> dict[str, str]:
    """Return the environment of a process on an emulated processor, native variables removed."""
    known = {key for variables in PROCESSORS.values() for key in variables}
    kept = {key: value for key, value in os.environ.items() if key not in known}
    # a feature that the processor does not have cannot be disabled
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__  # type: ignore

    variables = dict(PROCESSORS[name])
    if "NPY_DISABLE_CPU_FEATURES" in variables:
        there = [
            one
            for one in variables["NPY_DISABLE_CPU_FEATURES"].split()
            if one in __cpu_dispatch__ and __cpu_features__.get(one)
        ]
        variables["NPY_DISABLE_CPU_FEATURES"] = " ".join(there)
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return {**kept, **variables, "PATH": path, "DVC_NO_ANALYTICS": "1"}


def output_hashes(root: Path) -> dict[str, str]:
    """Return the md5 of each output in a repository's dvc.lock, by path."""
    stages = read_yaml(root / "dvc.lock")["stages"]
    return {out["path"]: out["md5"] for stage in stages.values() for out in stage.get("outs", ())}


def largest_difference(first: Path, second: Path) -> str:
    """Return where two outputs, files or folders, differ most."""
    files = [first] if first.is_file() else sorted(p for p in first.rglob("*") if p.is_file())
    found: list[str] = []
    for file in files:
        other = second / file.relative_to(first) if first.is_dir() else second
        if other.is_file() and file.read_bytes() == other.read_bytes():
            continue
        name = file.name if first.is_file() else str(file.relative_to(first))
        found.append(f"{name} {_difference(file, other)}")
    return "; ".join(found[:3]) + (" ..." if len(found) > 3 else "")


def _difference(file: Path, other: Path) -> str:
    if not other.is_file():
        return "is missing"
    if file.suffix not in (".parquet", ".csv", ".tsv"):
        return "differs"
    read: Any = pd.read_parquet if file.suffix == ".parquet" else pd.read_csv
    a, b = read(file), read(other)
    if a.shape != b.shape:
        return f"has {len(b)} rows instead of {len(a)}"
    gaps = {c: float((a[c] - b[c]).abs().max()) for c in a.select_dtypes("number") if c in b}
    column = max(gaps, key=lambda name: gaps[name], default="")
    return f"{column} {gaps[column]:.1e}" if column and gaps[column] else "differs"


def main() -> None:
    """Print which outputs differ between processors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, help="box scores; the simulated league by default")
    parser.add_argument("--processors", nargs="+", choices=[*PROCESSORS][1:], default=["plain"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1])
    options = parser.parse_args()
    runs = [("native", options.threads[0])]
    runs += [("native", threads) for threads in options.threads[1:]]
    runs += [(name, threads) for name in options.processors for threads in options.threads]
    with tempfile.TemporaryDirectory() as folder:
        reference: Path | None = None
        for name, threads in runs:
            clone = Path(folder) / f"{name}-{threads}"
            subprocess.run(["git", "clone", "--quiet", ".", str(clone)], check=True)
            set_params(clone / "params.yaml", options.folder, threads)
            start = time.perf_counter()
            command = [sys.executable, "-m", "dvc", "repro", "--quiet"]
            subprocess.run(command, cwd=clone, env=emulated(name), check=True)
            seconds = time.perf_counter() - start
            hashes = output_hashes(clone)
            if reference is None:
                reference, expected = clone, hashes
                print(f"{name}, {threads} thread(s): {len(hashes)} outputs, {seconds:.0f} s")
                continue
            differ = [path for path, md5 in expected.items() if hashes.get(path) != md5]
            print(f"{name}, {threads} thread(s): {len(differ)} differ, {seconds:.0f} s", flush=True)
            for path in differ:
                print(f"  {path}: {largest_difference(reference / path, clone / path)}")


def set_params(path: Path, folder: Path | None = None, threads: int | None = None) -> None:
    """Change the few values of a run in place; the file stays as it is otherwise."""
    text = path.read_text(encoding="utf-8")
    if threads is not None:
        text = re.sub(r"\n  threads: \S+", f"\n  threads: {threads}", text)
    if folder is not None:
        text = text.replace("\n  source: simulated", "\n  source: folder")
        text = re.sub(r"path: (data/)?box_scores", f"path: {folder.resolve()}", text)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
