"""A season replayed: sealed, graded, verified from a fresh clone; and ways to cheat."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from nbarank.ledger.chain import FOLDER, entry_names
from tests.ledger.rebuilding import rebuild
from tests.reliability.small import configure, git, nbarank

pytestmark = pytest.mark.slow
FIRST = dt.date(2014, 10, 21)
WEEKS = [(FIRST + dt.timedelta(days=7 * week)).isoformat() for week in range(0, 9, 2)]


def clone_with_cache(repository: Path, folder: Path) -> Path:
    git(repository, "clone", "-q", str(repository), str(folder))
    configure(folder, "cache", dir=str(repository / ".dvc" / "cache"))
    return folder


def contents(repository: Path) -> list[dict[str, Any]]:
    folder = repository / FOLDER
    return [json.loads((folder / name).read_bytes()) for name in entry_names(repository)]


def assert_printed(repository: Path, sealed: dict[str, Any]) -> None:
    """Compare a sealed forecast with what `nbarank games` and `nbarank forecast` print."""
    day, games = sealed["as_of"], sealed["games"]
    found = json.loads(nbarank(repository, "games", "--date", day, "--next", "14", "--json"))
    chances = dict(zip(games["game_id"], games["home_win_probability"], strict=True))
    printed = {one["game_id"]: one["home_win_probability"] for one in found["games"]}
    assert chances == pytest.approx(printed, abs=1e-6) and printed
    absent = [out for one in found["games"] for out in (*one["home_out"], *one["away_out"])]
    assert len(sealed["absences"]["player_id"]) == len(absent) > 0
    forecast = json.loads(nbarank(repository, "forecast", "--as-of", day, "--json"))
    teams = sealed["teams"]
    title = {one["team_id"]: one["odds"]["title"] for one in forecast["forecasts"][-1]["teams"]}
    assert dict(zip(teams["team_id"], teams["title"], strict=True)) == pytest.approx(title)


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
    assert all(one["replay"] for one in sealed)
    assert_printed(repository, sealed[2]["forecast"])
    graded = nbarank(repository, "grade")
    assert f"{len(WEEKS)} replayed entries" in graded and "final wins: CRPS" in graded

    clone = clone_with_cache(repository, tmp_path / "clone")
    verified = nbarank(clone, "ledger", "verify")
    assert f"{len(WEEKS)} forecasts recomputed" in verified and "The ledger is intact." in verified

    # The worst entries deleted, and the rest chained anew: git has them.
    for name in entry_names(clone)[-3:]:
        (clone / FOLDER / name).unlink()
    rebuild(clone, lambda content: None)
    found = nbarank(clone, "ledger", "verify", "--chain", fails=True)
    assert found.count("is gone") == 3
    git(clone, "checkout", "HEAD", "--", str(FOLDER))

    # Replays passed off as live: the form shows it, and so does the history.
    rebuild(clone, lambda content: content.update(replay=False, sealed_on=content["as_of"]))
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
        content["forecast"]["teams"]["title"].reverse()

    rebuild(cheat, know_the_champion)
    git(cheat, "add", "-A")
    git(cheat, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "seal")
    assert "Hashes and history are intact" in nbarank(cheat, "ledger", "verify", "--chain")
    found = nbarank(cheat, "ledger", "verify", fails=True)
    assert found.count("has another forecast than its commit") == len(WEEKS)
