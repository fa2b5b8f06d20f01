"""A season replayed: sealed weekly, graded, verified from a fresh clone; and ways to cheat."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from nbarank.ledger.chain import FOLDER, entry_names
from tests.ledger.rebuilding import rebuild
from tests.reliability.small import dvc, git, nbarank

pytestmark = pytest.mark.slow
FIRST = dt.date(2014, 10, 21)
WEEKS = [(FIRST + dt.timedelta(days=7 * week)).isoformat() for week in range(9)]


def clone_with_cache(repository: Path, folder: Path) -> Path:
    git(repository, "clone", "-q", str(repository), str(folder))
    dvc(folder, "cache", "dir", "--local", str(repository / ".dvc" / "cache"))
    return folder


def contents(repository: Path) -> list[dict[str, Any]]:
    folder = repository / FOLDER
    return [json.loads((folder / name).read_bytes()) for name in entry_names(repository)]


def test_a_replayed_season_and_cheats_that_fail(repository: Path, tmp_path: Path) -> None:
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "as reproduced")
    # A past day is refused, and so are a tree and outputs that no commit has.
    assert "is not today" in nbarank(repository, "seal", WEEKS[0], fails=True)
    (repository / "params.yaml").open("a").write("\n")
    assert "differ from the commit" in nbarank(repository, "seal", "--replay", WEEKS[0], fails=True)
    git(repository, "checkout", "params.yaml")
    strength = next((repository / "data" / "ensemble").glob("strength*"))
    right = strength.read_bytes()
    strength.unlink()
    strength.write_bytes(right[:-20] + bytes(20))
    assert "not those of the commit" in nbarank(
        repository, "seal", "--replay", WEEKS[0], fails=True
    )
    strength.write_bytes(right)

    nbarank(repository, "seal", "--replay", *WEEKS)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "seal the season")
    sealed = contents(repository)
    assert [one["as_of"] for one in sealed] == WEEKS
    assert all(one["replay"] and one["knowledge"]["latest_game"] < one["as_of"] for one in sealed)
    graded = nbarank(repository, "grade")
    assert "9 replayed entries" in graded and "final wins: CRPS" in graded

    clone = clone_with_cache(repository, tmp_path / "clone")
    verified = nbarank(clone, "ledger", "verify")
    assert "9 forecasts recomputed" in verified and "The ledger is intact." in verified

    # Replays passed off as live: every hash agrees, the history does not.
    rebuild(clone, lambda content: content.update(replay=False))
    git(clone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qam", "tidy")
    assert "changed by a commit after it was added" in nbarank(
        clone, "ledger", "verify", "--chain", fails=True
    )

    # A better forecast in a rewritten history: only computing it again shows it.
    git(repository, "reset", "-q", "--hard", "HEAD~1", "--")
    cheat = clone_with_cache(repository, tmp_path / "cheat")
    (cheat / FOLDER).mkdir()
    for name, one in zip(entry_names(clone), sealed, strict=True):
        (cheat / FOLDER / name).write_text(json.dumps(one))

    def know_the_champion(content: dict[str, Any]) -> None:
        content["forecast"]["teams"]["title"][0] += 0.1

    rebuild(cheat, know_the_champion)
    git(cheat, "add", "-A")
    git(cheat, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "seal")
    assert "Hashes and history are intact" in nbarank(cheat, "ledger", "verify", "--chain")
    found = nbarank(cheat, "ledger", "verify", fails=True)
    assert found.count("has another forecast than its commit") == 9
