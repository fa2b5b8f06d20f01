"""The chain: every changed byte is noticed, and so is every entry removed, moved or rewritten."""

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from nbarank.ledger.chain import FOLDER, SUMS, LedgerError, append, examined, read_entries
from nbarank.ledger.seal import seal
from nbarank.ledger.verify import verify_ledger

from .rebuilding import rebuild

FACTS = {"season": "2025-26", "sealed_on": "2026-01-01", "replay": False, "commit": "c" * 40}
FACTS |= {"dvc_lock": "d" * 64, "manifest": "m" * 64, "knowledge": {"games": 1}}
DAYS = ("2026-01-01", "2026-01-02", "2026-01-03")


def write_chain(root: Path) -> None:
    for number, day in enumerate(DAYS):
        append(root, {**FACTS, "as_of": day}, {"chance": 0.25 + number / 4})


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    write_chain(tmp_path)
    return tmp_path


def git(root: Path, *arguments: str) -> str:
    own = ("-c", "user.name=a", "-c", "user.email=a@b", "-C", str(root))
    return subprocess.run(
        ["git", *own, *arguments], check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def committed(ledger: Path) -> Path:
    git(ledger, "init", "-q")
    (ledger / "dvc.lock").write_text("lock\n")
    (ledger / "data").mkdir()
    (ledger / "data/manifest.json").write_text("{}\n")
    git(ledger, "add", "-A")
    git(ledger, "commit", "-qm", "start", "--date=2026-01-03T12:00:00")
    return ledger


def test_an_intact_chain_is_listed_for_sha256sum(ledger: Path) -> None:
    entries = read_entries(ledger)
    assert [entry.content["number"] for entry in entries] == [1, 2, 3]
    assert entries[2].content["previous"] == entries[1].sha256
    done = subprocess.run(["sha256sum", "--check", SUMS], cwd=ledger / FOLDER, check=False)
    assert done.returncode == 0


def test_every_changed_byte_is_noticed(ledger: Path) -> None:
    for path in sorted((ledger / FOLDER).iterdir()):
        right = path.read_bytes()
        for at in range(len(right)):
            path.write_bytes(right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :])
            assert examined(ledger)[1], f"byte {at} of {path.name}"
        for wrong in (right + b"\n", right[:-1], b""):
            path.write_bytes(wrong)
            assert examined(ledger)[1]
        path.write_bytes(right)
    assert not examined(ledger)[1]


def test_entries_removed_moved_or_added_are_noticed(ledger: Path) -> None:
    folder = ledger / FOLDER
    first, second, third = sorted(folder.glob("*.json"))
    data = [path.read_bytes() for path in (first, second, third)]
    for path in (first, second, third):
        path.unlink()
        assert examined(ledger)[1], f"{path.name} removed"
        shutil.rmtree(folder)
        write_chain(ledger)
    first.write_bytes(data[1])
    second.write_bytes(data[0])
    assert examined(ledger)[1], "two entries exchanged"
    first.write_bytes(data[0])
    second.write_bytes(data[1])
    (folder / "0004_2026-01-04.json").write_bytes(data[2])
    assert examined(ledger)[1], "an entry copied"
    with pytest.raises(LedgerError, match="not intact"):
        append(ledger, {**FACTS, "as_of": "2026-01-05"}, {})


def test_a_chain_made_anew_differs_from_git(committed: Path) -> None:
    commit = git(committed, "rev-parse", "HEAD").strip()
    assert not any("added" in text for text in verify_ledger(committed, recompute=False).problems)

    def raise_chance(content: dict) -> None:
        content["forecast"]["chance"] = 0.99

    rebuild(committed, raise_chance)
    assert not examined(committed)[1], "every hash agrees again"
    problems = verify_ledger(committed, recompute=False).problems
    assert sum(f"is not what commit {commit[:12]} added" in text for text in problems) == 3
    git(committed, "commit", "-qam", "improve")
    problems = verify_ledger(committed, recompute=False).problems
    assert sum("changed by a commit after it was added" in text for text in problems) == 3


def test_an_entry_committed_after_its_games_is_noticed(committed: Path) -> None:
    problems = verify_ledger(committed, recompute=False).problems
    assert any("was committed on" in text and "after its games" in text for text in problems)


GAMES = pd.DataFrame({"game_date": pd.to_datetime(["2026-01-02", "2026-01-05"]), "season": "x"})


@pytest.mark.parametrize(
    ("day", "today", "replay", "message"),
    [
        ("2026-01-04", "2026-01-06", False, "not today"),
        ("2026-01-05", "2026-01-05", False, "has results of 2026-01-05"),
        ("2026-01-09", "2026-01-06", False, "not today"),
        ("2026-01-06", "2026-01-06", True, "not past"),
        ("2026-01-03", "2026-01-06", True, "sealed already"),
    ],
)
def test_days_that_are_refused(
    committed: Path, day: str, today: str, replay: bool, message: str
) -> None:
    with pytest.raises(LedgerError, match=message):
        seal(
            committed,
            pd.Timestamp(day),
            lambda day: {},
            GAMES,
            dt.date.fromisoformat(today),
            replay=replay,
        )


def test_an_entry_names_commit_and_hashes_and_needs_a_clean_tree(committed: Path) -> None:
    def forecast(day: pd.Timestamp) -> dict:
        return {"season": "x", "as_of": f"{day:%Y-%m-%d}"}

    today = dt.date(2026, 1, 6)
    entry = seal(committed, pd.Timestamp(today), forecast, GAMES, today, replay=False)
    assert entry.content["commit"] == git(committed, "rev-parse", "HEAD").strip()
    assert entry.content["knowledge"] == {"games": 2, "latest_game": "2026-01-05"}
    assert not entry.content["replay"]
    seal(committed, pd.Timestamp("2026-01-04"), forecast, GAMES, today, replay=True)
    (committed / "dvc.lock").write_text("other\n")
    with pytest.raises(LedgerError, match="differ from the commit"):
        seal(committed, pd.Timestamp(today), forecast, GAMES, today, replay=False)


def test_a_commit_that_is_not_here_is_reported(committed: Path) -> None:
    problems = verify_ledger(committed).problems
    assert any("is not in this repository" in text for text in problems)
