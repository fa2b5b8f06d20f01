"""Fixtures that every room's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REAL_RAW = ROOT.parent / "shared" / "nba" / "raw"
REAL_ANCHORS = ROOT.parent / "shared" / "nba" / "anchors"


@pytest.fixture(scope="session")
def real_raw() -> Path:
    """Folder of real box scores; skips where it is missing."""
    if not REAL_RAW.is_dir():
        pytest.skip(f"real box scores are not there: {REAL_RAW}")
    return REAL_RAW


@pytest.fixture(scope="session")
def real_anchors() -> Path:
    """Folder of published figures to be measured against; skips where it is missing."""
    if not REAL_ANCHORS.is_dir():
        pytest.skip(f"published figures are not there: {REAL_ANCHORS}")
    return REAL_ANCHORS
