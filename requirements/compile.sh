#!/usr/bin/env bash
# Rewrites the lock files (one per supported Python) from pyproject.toml. Needs uv on PATH.
# Pins that still fit are kept; UPGRADE=1 moves all of them to the newest release.
# torch is written without a local version, so pip may take the CPU build where an index offers it;
# the CUDA libraries that the default build names are left out: torch itself pins them exactly.
set -euo pipefail
cd "$(dirname "$0")/.."
for version in 3.11 3.12 3.13; do
  lock=requirements/lock-$version.txt
  uv pip compile --quiet ${UPGRADE:+--upgrade} pyproject.toml --all-extras \
    --python-version "$version" --no-emit-index-url --no-header --no-annotate --output-file "$lock"
  { grep -vE '^(nvidia-|cuda-|triton|torch==|setuptools==)' "$lock"; echo "torch==2.13.0"; echo "setuptools==80.9.0"; } \
    | LC_ALL=C sort > "$lock.new"
  mv "$lock.new" "$lock"
done
