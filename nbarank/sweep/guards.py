"""Refuse a sweep whose trials would not run what the user sees in the tree.

Trials run in a private clone of a commit. A change that is not committed, or a new file that git
does not know, would be missed silently: the trial would measure something else than the tree.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from nbarank.core.errors import SweepError
from nbarank.dvc.git import git

# What no stage reads: spaces and campaigns are read from the user's tree by the sweep itself.
HARMLESS_FOLDERS = ("reports", "docs", "sweeps", "tests", "benchmarks", ".github", ".ci")
HARMLESS_ENDINGS = (".md",)


def unseen_changes(root: Path) -> tuple[list[str], list[str]]:
    """Return the changed and the untracked files that a trial would miss.

    Parameters
    ----------
    root
        Root of the user's repository.
    """
    changed: list[str] = []
    untracked: list[str] = []
    entries = iter(git(root, "status", "--porcelain=v1", "-z", "--untracked-files=all").split("\0"))
    for entry in entries:
        if not entry:
            continue
        code, path = entry[:2], entry[3:]
        if "R" in code or "C" in code:
            next(entries, None)  # the old name of a renamed file follows
        if _harmless(path):
            continue
        (untracked if code == "??" else changed).append(path)
    return changed, untracked


def refuse_unseen_changes(root: Path) -> None:
    """Stop when the tree holds changes that trials would miss.

    Raises
    ------
    SweepError
        Naming the files, and the `git add` to type.
    """
    changed, untracked = unseen_changes(root)
    if not changed and not untracked:
        return
    parts = []
    if untracked:
        parts.append(f"{len(untracked)} file(s) git does not know")
    if changed:
        parts.append(f"{len(changed)} change(s) not committed")
    files = [*untracked, *changed]
    shown = " ".join(_quoted(path) for path in files[:12])
    if len(files) > 12:
        shown = "-A"
    raise SweepError(
        f"Trials run what is committed, and would miss {' and '.join(parts)}.",
        where=", ".join(files[:12]) + (" ..." if len(files) > 12 else ""),
        allowed=f"a clean tree (changes below {', '.join(HARMLESS_FOLDERS)} do not matter)",
        next_command=f"git add {shown} && git commit -m 'what the sweep shall run'",
    )


def _harmless(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.parts[0] in HARMLESS_FOLDERS or pure.suffix in HARMLESS_ENDINGS


def _quoted(path: str) -> str:
    return f"'{path}'" if " " in path else path
