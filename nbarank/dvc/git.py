"""The git commands that the project needs: read refs and files, fetch experiments."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbarank.core.errors import RevisionError, did_you_mean, nearest
from nbarank.core.git_variables import clean_environment

FETCH_RETRIES = 4


def tool_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment variables of every command that this project starts.

    `dvc` and `python` must be those of this interpreter: a queue worker that does not find them
    never runs anything and still reports success.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    own = {"PATH": path, "DVC_NO_ANALYTICS": "1", "GIT_TERMINAL_PROMPT": "0"}
    return clean_environment({**own, **(extra or {})})


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    """Run git in a folder and return what it prints.

    Raises
    ------
    RevisionError
        If git fails and `check` is set; without `check` a failure gives an empty text.
    """
    done = _run(folder, *arguments)
    if done.returncode and check:
        raise RevisionError(
            f"git {' '.join(arguments[:2])} failed: {hide_secrets(done.stderr.strip()[-500:])}",
            where=str(folder),
            next_command=f"git -C {shlex.quote(str(folder))} status",
        )
    return done.stdout if not done.returncode else ""


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git with messages in English; paths outside UTF-8 are kept as Python keeps them."""
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            env=tool_environment({"LC_ALL": "C.UTF-8", "LANGUAGE": ""}),
        )
    except FileNotFoundError as error:
        raise RevisionError(
            "git is not installed, or not on PATH.",
            where="PATH",
            next_command="install git, then run the same command again",
        ) from error


def repository_root(folder: Path) -> Path:
    """Return the root of the git and DVC repository that contains `folder`.

    Raises
    ------
    RevisionError
        If there is no git repository that may be read, no commit in it, or no DVC repository.
    """
    done = _run(folder, "rev-parse", "--show-toplevel")
    if done.returncode:
        raise _no_repository(folder, done.stderr.strip())
    root = Path(done.stdout.rstrip("\n"))
    if not has_commit(root, "HEAD"):
        raise RevisionError(
            "There is no commit yet, and every experiment needs one as its baseline.",
            where=str(root),
            next_command="git add -A && git commit -m 'start'",
        )
    if not (root / ".dvc").is_dir():
        raise RevisionError(
            "This is not a DVC repository.", where=str(root), next_command="dvc init"
        )
    return root


def _no_repository(folder: Path, message: str) -> RevisionError:
    """Return the error for a folder in which git finds no working tree."""
    place = folder.resolve()
    if "dubious ownership" in message:
        owned = re.search(r"repository at '(.*)'", message)
        directory = shlex.quote(owned[1] if owned else str(place))
        return RevisionError(
            "This git repository belongs to another user, and git does not read it.",
            where=str(place),
            allowed="repositories of your own, or of a user whom you trust",
            next_command=f"git config --global --add safe.directory {directory}",
        )
    if "not a git repository (or any" in message and not (folder / ".git").exists():
        return RevisionError(
            "This is not a git repository, and every experiment needs a commit as its baseline.",
            where=str(place),
            allowed="a clone of this project",
            next_command="cd to the clone; or, for a project of your own: "
            "git init && dvc init && git add -A && git commit -m 'start'",
        )
    return RevisionError(
        f"git cannot read this repository: {message[-300:]}",
        where=str(place),
        next_command=f"git -C {shlex.quote(str(place))} status",
    )


_OPERATIONS = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
"""Files of an unfinished operation of git, and its command."""


def require_lasting_commit(root: Path) -> None:
    """Raise a RevisionError in the middle of a rebase or merge, where HEAD will not last."""
    for name, operation in _OPERATIONS.items():
        if (root / git(root, "rev-parse", "--git-path", name).rstrip("\n")).exists():
            raise RevisionError(
                f"A {operation} is in progress, and an experiment needs a lasting commit.",
                where=str(root),
                allowed="a repository without an unfinished operation",
                next_command=f"git {operation} --continue, or git {operation} --abort",
            )


def require_whole_history(root: Path) -> None:
    """Raise a RevisionError in a shallow clone, which git and DVC cannot copy for experiments."""
    if git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise RevisionError(
            "This clone is shallow: the history that experiments are copied with is missing.",
            where=str(root),
            allowed="a clone with its whole history",
            next_command="git fetch --unshallow",
        )


def require_identity(root: Path) -> None:
    """Raise a RevisionError if DVC has no name and e-mail address to commit an experiment with."""
    keys = ("name", "email")
    missing = [k for k in keys if not git(root, "config", f"user.{k}", check=False).strip()]
    variables = (f"GIT_{role}_{k.upper()}" for role in ("AUTHOR", "COMMITTER") for k in keys)
    if missing and not all(map(os.environ.get, variables)):
        texts = {"name": "'Your Name'", "email": "you@example.com"}
        raise RevisionError(
            "git does not know who you are, and DVC commits every experiment.",
            where=f"git config: {', '.join(f'user.{key}' for key in missing)} not set",
            allowed="any name and address, for this clone; with --global for all",
            next_command=" && ".join(f"git config user.{key} {texts[key]}" for key in missing),
        )


def require_remote(root: Path, name: str) -> None:
    """Raise a RevisionError if git has no remote of a name; a URL could contain a password."""
    if name not in (known := git(root, "remote").split()):
        raise RevisionError(
            f"There is no git remote '{hide_secrets(name)}'{did_you_mean(name, known)}",
            where=f"{root}: git remote",
            allowed=", ".join(known) or "none is set up yet",
            next_command="git remote add NAME URL, then the command with NAME",
        )


def require_whole_repository(root: Path, remote: str | None = None) -> None:
    """Raise a RevisionError where experiments cannot run on HEAD, or be pushed to a remote."""
    if remote is not None:
        require_remote(root, remote)
    require_lasting_commit(root)
    require_whole_history(root)
    require_identity(root)


def lock_differs(root: Path) -> bool:
    """Return whether dvc.lock is not as committed."""
    return bool(git(root, "status", "--porcelain", "--", "dvc.lock", check=False))


def head(folder: Path) -> str:
    """Return the commit that is checked out."""
    return git(folder, "rev-parse", "HEAD").strip()


def commit_of(folder: Path, revision: str) -> str:
    """Return the commit that a ref or a revision names; empty if there is none."""
    options = ("--verify", "--quiet", "--end-of-options")
    return git(folder, "rev-parse", *options, f"{revision}^{{commit}}", check=False).strip()


def has_commit(folder: Path, commit: str) -> bool:
    """Return whether a commit is in this repository."""
    return bool(commit_of(folder, commit))


def experiment_ref(base: str, name: str) -> str:
    """Return the ref under which DVC stores an experiment of the commit `base`."""
    return f"refs/exps/{base[:2]}/{base[2:]}/{name}"


def ref_exists(folder: Path, ref: str) -> bool:
    """Return whether a ref exists in a repository."""
    return bool(git(folder, "rev-parse", "-q", "--verify", ref, check=False))


def experiment_refs(folder: Path) -> dict[str, str]:
    """Return the commit of every experiment by its ref, oldest first."""
    lines = git(
        folder,
        "for-each-ref",
        "--sort=creatordate",
        "--format=%(refname) %(objectname)",
        "refs/exps",
    )
    pairs = (line.split() for line in lines.splitlines())
    return {
        ref: commit
        for ref, commit in pairs
        if ref.count("/") == 4 and ref.split("/")[2] not in ("exec", "celery")
    }


def experiments_by_name(folder: Path) -> dict[str, str]:
    """Return the ref of every experiment by its name; the newest baseline wins."""
    return {ref.rsplit("/", 1)[1]: ref for ref in experiment_refs(folder)}


def experiment_named(folder: Path, name: str, *, allowed: Iterable[str] = ()) -> str:
    """Return the ref of an experiment.

    Raises
    ------
    RevisionError
        If there is none of that name; `allowed` are other words that the command takes.
    """
    refs = experiments_by_name(folder)
    if name not in refs and (leftover := _unfinished(folder, name)):
        raise RevisionError(
            f"Experiment '{name}' has no results: it is still running, or was killed half-way.",
            where=f"{leftover[0]}: DVC shows it as running either way",
            allowed=", ".join([*allowed, *sorted(refs)]) or "none has been recorded yet",
            next_command=f"if it is not running: {shlex.join(['rm', '-rf', '--', *leftover])}",
        )
    if name not in refs:
        close = nearest(name, [*allowed, *refs], 1)
        raise RevisionError(
            f"There is no experiment '{name}'{did_you_mean(name, [*allowed, *refs])}",
            where=str(folder.resolve()),
            allowed=", ".join([*allowed, *sorted(refs)]) or "none has been recorded yet",
            next_command="dvc exp list --all-commits" if refs else "nbarank run",
            # Only `nbarank lock` takes no other word; it may refuse the similar run as well.
            instead=(name, close[0]) if close and allowed else None,
        )
    return refs[name]


def _unfinished(folder: Path, name: str) -> list[str]:
    """Return the folders of `dvc exp run --temp` of a run without results; DVC never removes them.

    `dvc exp remove` rejects such a run.
    """
    runs = folder.resolve() / ".dvc" / "tmp" / "exps"
    for file in (runs / "run").glob("*/*.run"):
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
            content = json.loads(file.read_bytes())
            clone = Path(content["root_dir"]).resolve()
            # A run that ended leaves its record, not its clone.
            if content["name"] == name and not content["result_hash"] and clone.exists():
                return [str(file.parent), *([str(clone)] if runs in clone.parents else [])]
    return []


def fetch_refs(home: Path, clone: Path, refs: Iterable[str]) -> None:
    """Copy refs of a clone to `home`, without touching the user's tree or FETCH_HEAD.

    `git gc --prune=now` deletes objects without a ref: a pack is locked until its ref is written
    (loose objects are not), and a fetch whose unfinished pack was deleted is tried again.
    """
    if not (refspecs := [f"+{ref}:{ref}" for ref in refs]):
        return
    settings = ("gc.auto=0", "maintenance.auto=false", "fetch.unpackLimit=1")
    fetch = [part for setting in settings for part in ("-c", setting)]
    fetch += ["fetch", "-q", "--no-tags", "--no-write-fetch-head", str(clone), *refspecs]
    for _ in range(FETCH_RETRIES):
        with contextlib.suppress(RevisionError):
            git(home, *fetch)
            return
    git(home, *fetch)


def show_bytes(folder: Path, revision: str, path: str) -> bytes | None:
    """Return a git-tracked file as of a revision, or None if there is no such file."""
    return _blobs(folder, [revision], path).get(revision)


def show(folder: Path, revision: str, path: str) -> str | None:
    """Return a git-tracked text file as of a revision, or None if there is no such file."""
    return show_many(folder, [revision], path).get(revision)


def show_many(folder: Path, revisions: Iterable[str], path: str) -> dict[str, str]:
    """Return one text file as of many revisions; revisions without the file are left out."""
    blobs = _blobs(folder, revisions, path)
    return {key: content.decode("utf-8", errors="replace") for key, content in blobs.items()}


def _blobs(folder: Path, revisions: Iterable[str], path: str) -> dict[str, bytes]:
    """Read one file as of many revisions in one git process."""
    wanted = list(revisions)
    done = subprocess.run(
        ["git", "-C", str(folder), "cat-file", "--batch"],
        input="".join(f"{revision}:{path}\n" for revision in wanted).encode(),
        capture_output=True,
        check=False,
        env=tool_environment(),
    )
    found: dict[str, bytes] = {}
    data, position = done.stdout, 0
    for revision in wanted:
        end = data.find(b"\n", position)
        header = data[position:end].split()
        position = end + 1
        if len(header) == 3 and header[1] == b"blob":
            size = int(header[2])
            found[revision] = data[position : position + size]
            position += size + 1
    return found


def hide_secrets(address: str) -> str:
    """Return the address of a remote without user name, password, query and token."""
    without_user = re.sub(r"(\w+://)\S*@", r"\1", address)  # a password may contain / and @
    return re.sub(r"\?\S*", "", without_user)
