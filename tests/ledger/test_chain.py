"""The chain: every changed byte is noticed, and so is every entry removed, moved or rewritten."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nbarank.cli.ledger import verify_entries
from nbarank.core.errors import RevisionError
from nbarank.ledger.chain import FOLDER, SUMS, LedgerError, examined, read_entries
from nbarank.ledger.verify import verify_ledger

from .chains import DAYS, LATE, add, commit, git, write_chain
from .rebuilding import rebuild, small_forecast


def problems_of(root: Path) -> list[str]:
    return list(verify_ledger(root, recompute=False).problems)


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
        add(ledger, "2026-01-05")


def test_a_committed_chain_has_no_problem(committed: Path) -> None:
    found = verify_ledger(committed, recompute=False)
    assert (found.entries, found.problems, found.unchecked) == (3, (), ())


def test_a_chain_made_anew_differs_from_git(committed: Path) -> None:
    head = git(committed, "rev-parse", "HEAD").strip()

    def raise_chance(content: dict) -> None:
        content["forecast"]["games"]["home_win_probability"] = [0.99]

    rebuild(committed, raise_chance)
    assert not examined(committed)[1], "every hash agrees again"
    problems = problems_of(committed)
    assert sum(f"is not what commit {head[:12]} added" in text for text in problems) == 3
    commit(committed, "improve")
    problems = problems_of(committed)
    assert sum("changed by a commit after it was added" in text for text in problems) == 3


@pytest.mark.parametrize("gone", [DAYS[2:], DAYS[1:], DAYS])
@pytest.mark.parametrize("in_git", [False, True])
def test_a_tail_that_was_committed_cannot_be_removed(
    committed: Path, gone: Sequence[str], in_git: bool
) -> None:
    head = git(committed, "rev-parse", "HEAD").strip()
    for day in gone:
        next((committed / FOLDER).glob(f"*{day}.json")).unlink()
    rebuild(committed, lambda content: None)
    if len(gone) == len(DAYS):
        shutil.rmtree(committed / FOLDER)
    if in_git:
        commit(committed, "tidy")
    assert not examined(committed)[1], "what is left is a chain"
    problems = problems_of(committed)
    assert sum("is gone: git checkout" in text for text in problems) == len(gone)
    git(committed, "checkout", head, "--", str(FOLDER))  # the remedy
    assert not problems_of(committed)


def test_entries_removed_on_a_merged_branch_are_reported(committed: Path) -> None:
    git(committed, "checkout", "-qb", "side")
    git(committed, "rm", "-qr", str(FOLDER))
    commit(committed)
    git(committed, "checkout", "-q", "-")
    (committed / "other").write_text("x")
    commit(committed)
    git(committed, "merge", "-q", "--no-edit", "side")
    assert sum("is gone" in text for text in problems_of(committed)) == 3


def test_an_entry_put_before_committed_ones_is_reported(
    tmp_path: Path, project: dict[str, str]
) -> None:
    write_chain(tmp_path, **project)
    git(tmp_path, "add", "ledger/0001_2026-01-01.json", "ledger/0003_2026-01-03.json")
    git(tmp_path, "commit", "-qm", "seal")
    assert any("0002_2026-01-02.json is not committed, but" in one for one in problems_of(tmp_path))


def test_an_entry_committed_after_its_games_is_noticed(
    tmp_path: Path, project: dict[str, str]
) -> None:
    write_chain(tmp_path, **project)
    found = verify_ledger(tmp_path, recompute=False)
    assert len(found.unchecked) == 3, "without a commit nothing shows the day"
    assert sum("was not committed in time" in text for text in found.problems) == 3
    commit(tmp_path, at=LATE)
    problems = problems_of(tmp_path)
    assert sum("was committed on 2026-01-05, after its games" in text for text in problems) == 3


def test_a_shallow_clone_is_refused(committed: Path, tmp_path_factory: Any) -> None:
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", "--depth=1", f"file://{committed}", ".")
    with pytest.raises(RevisionError, match="shallow"):
        verify_ledger(clone, recompute=False)


def teams(**columns: list[Any]) -> dict[str, Any]:
    own = small_forecast("2026-01-01")
    return {"forecast": {**own, "teams": {**own["teams"], **columns}}}


def games(**columns: list[Any]) -> dict[str, Any]:
    own = small_forecast("2026-01-01")
    return {"forecast": {**own, "games": {**own["games"], **columns}}}


FORGED: dict[str, dict[str, Any]] = {
    "format": {"format": 2.0},
    "number": {"number": True},
    "a replay that is not a bool": {"replay": "no"},
    "a live forecast sealed later": {"sealed_on": "2026-01-09"},
    "a replay of its own day": {"replay": True},
    "sealed before its day": {"sealed_on": "2025-12-31"},
    "a day that is none": {"sealed_on": "2026-02-30"},
    "a day in another form": {"sealed_on": "20260101"},
    "forecast of another day": {"forecast": small_forecast("2026-01-02")},
    "forecast that is none": {"forecast": []},
    "season": {"season": "2024-25"},
    "commit": {"commit": "HEAD"},
    "dvc.lock": {"dvc_lock": "d"},
    "another key": {"note": "x"},
    "columns of different length": games(game_id=["g1", "g2"]),
    "a game twice": games(
        game_id=["g1", "g1"],
        game_date=["2026-01-06"] * 2,
        home_id=[1, 1],
        away_id=[2, 2],
        home_win_probability=[0.5, 0.5],
    ),
    "a game of an unknown day": games(game_date=["soon"]),
    "a game without a home team": games(home_id=[None]),
    "a game without a chance": games(home_win_probability=[None]),
    "a chance as text": games(home_win_probability=["0.5"]),
    "a chance above 1": games(home_win_probability=[2]),
    "teams as text": teams(team_id=["1", "2"]),
    "a team beyond 64 bits": teams(team_id=[1, 2**70]),
    "title odds": teams(title=[0.9, 0.9]),
    "a distribution with a gap": teams(wins_p01=[None, 0.5]),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_an_entry_of_another_form_is_refused_everywhere(
    tmp_path: Path, project: dict[str, str], change: dict[str, Any]
) -> None:
    add(tmp_path, DAYS[0], **project)
    rebuild(tmp_path, lambda content: content.update(change))
    assert any("is not an entry of format" in text for text in problems_of(tmp_path))
    with pytest.raises(LedgerError, match="is not an entry of format"):  # as grade reads
        read_entries(tmp_path)
    with pytest.raises(LedgerError, match="is not an entry of format"):
        add(tmp_path, DAYS[1], **project)


@pytest.mark.parametrize("data", [b"{", b"NaN\n", b'{"a":1e999}\n', b"[" * 10**5, b"\xff"])
def test_bytes_that_are_no_json_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "0001_2026-01-01.json").write_bytes(data)
    assert "is not an entry of format" in examined(tmp_path)[1][0]


def test_an_unknown_commit_and_another_lock_are_reported(
    tmp_path: Path, project: dict[str, str]
) -> None:
    add(tmp_path, DAYS[0], dvc_lock=project["dvc_lock"])
    add(tmp_path, DAYS[1], commit=project["commit"])
    problems = problems_of(tmp_path)
    assert any("0001" in one and "is not in this repository" in one for one in problems)
    assert any("0002" in one and "names another dvc.lock" in one for one in problems)


def test_verify_says_what_it_did_not_check(
    committed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (committed / ".dvc").mkdir()
    monkeypatch.chdir(committed)
    verify_entries(chain_only=True)
    printed = capsys.readouterr().out
    assert printed.startswith("3 entries, 0 forecasts recomputed.\nHashes and history are intact.")
    assert "Not checked (--chain): the forecasts. An amended or rebased history" in printed


def test_an_empty_ledger_has_nothing_to_verify(
    tmp_path: Path,
    project: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / ".dvc").mkdir()
    monkeypatch.chdir(tmp_path)
    verify_entries()
    printed = capsys.readouterr().out
    assert printed.startswith("Nothing to verify.\nNo forecast is sealed yet. Next: nbarank seal")
