"""A chain on its own, and one that is committed."""

from pathlib import Path

import pytest

from nbarank.ledger.entry import sha256_of

from .chains import LOCK, commit, git, write_chain


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    write_chain(tmp_path)
    return tmp_path


@pytest.fixture
def project(tmp_path: Path) -> dict[str, str]:
    """Make a repository with a dvc.lock and a manifest; return what entries say of its commit."""
    git(tmp_path, "init", "-q")
    (tmp_path / "dvc.lock").write_text(LOCK)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/manifest.json").write_text("{}\n")
    return {"commit": commit(tmp_path), "dvc_lock": sha256_of(LOCK.encode())}


@pytest.fixture
def committed(tmp_path: Path, project: dict[str, str]) -> Path:
    write_chain(tmp_path, **project)
    commit(tmp_path, "seal")
    return tmp_path
