"""Outputs at a revision: a file of a commit or experiment, from git, DVC's cache or its remote.

`dvc exp show` gives a failed experiment the metrics of its baseline. So an output counts only if
every stage up to it ran with the parameters of its own revision.
"""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.errors import RevisionError
from nbarank.core.sections import PARAMS_FILE, parse_yaml
from nbarank.dvc.git import hide_secrets, show, show_bytes
from nbarank.dvc.param_values import flattened, same_value, value_at
from nbarank.dvc.pipeline import read_pipeline, stage_that_makes, upstream
from nbarank.dvc.truncated_files import FIXES, LOCK_FILE

SUMMARY_FILE = "metrics/summary.json"
SCORECARD_FILE = "metrics/scorecard.csv"
PARAMS = PARAMS_FILE.as_posix()
LOCK = "dvc.lock"
RUN_ID_KEY = "report.run_id"


def read_params(root: Path, revision: str) -> dict[str, Any]:
    """Return params.yaml as of a revision; RevisionError if it has none."""
    return _read_yaml(root, revision, PARAMS)


def read_pipeline_file(root: Path, revision: str) -> dict[str, Any]:
    """Return the content of dvc.yaml as of a revision; RevisionError if it has none."""
    return _read_yaml(root, revision, "dvc.yaml")


def read_output(root: Path, revision: str, path: str, *, fetch: bool = True) -> bytes | None:
    """Return an output as of a revision, or None if the revision has no such output.

    Read from git, or by the hash in the revision's dvc.lock from DVC's cache or, with `fetch`,
    from the default remote. `path` may be a file in an output folder.

    Raises
    ------
    RevisionError
        If the output is neither in the cache nor in the default remote.
    """
    content = show_bytes(root, revision, path)
    if content is not None:
        return content
    for out in _locked_outputs(root, revision):
        if out["path"] == path:
            return _read_object(root, out["md5"], path, revision, fetch)
        if path.startswith(f"{out['path']}/") and out["md5"].endswith(".dir"):
            content = _read_object(root, out["md5"], path, revision, fetch)
            md5 = _listing(content, path, revision).get(path.removeprefix(f"{out['path']}/"))
            if md5:
                return _read_object(root, md5, path, revision, fetch)
    return None


def left_over(root: Path, revision: str, path: str) -> str | None:
    """Return why an output does not belong to its revision's parameters, or None if it does.

    An experiment that runs only some stages keeps its commit's outputs of all others.
    """
    params, locked = read_params(root, revision), _locked_stages(root, revision)
    stages = read_pipeline(read_pipeline_file(root, revision), params)
    hashes = {out["path"]: out.get("md5") for out in _locked_outputs(root, revision)}
    for name in upstream(stages, stage_that_makes(stages, path)):
        entry = locked.get(name)
        if entry is None:
            return f"stage {name} has not run"
        used = entry.get("params", {}).get(PARAMS, {})
        changed = [key for key, value in used.items() if value_at(params, key, None) != value]
        changed += [
            dep["path"]
            for dep in entry.get("deps", ())
            if hashes.get(dep["path"], dep.get("md5")) != dep.get("md5")
        ]
        if changed:
            return f"stage {name} did not run with the current {', '.join(changed)}"
    return None


def read_scorecard(root: Path, revision: str) -> pd.DataFrame:
    """Return metrics/scorecard.csv as of a revision, never that of another revision.

    One row a (season, checkpoint, target, ranker, metric); column `value`.

    Raises
    ------
    RevisionError
        If the revision has no scorecard, did not make it itself, or it cannot be found.
    """
    content = read_output(root, revision, SCORECARD_FILE)
    if content is None:
        raise RevisionError(
            f"{_label(revision)} has no {SCORECARD_FILE}.",
            where=revision,
            allowed=f"experiments and commits whose {LOCK} has the scorecard",
            next_command="dvc repro evaluate && git add metrics dvc.lock && git commit",
        )
    refuse_left_over(root, revision, SCORECARD_FILE)
    try:
        return pd.read_csv(io.BytesIO(content), dtype={"season": str})
    except ValueError as error:  # includes those of the parser and of decoding
        raise RevisionError(
            f"{SCORECARD_FILE} of {_label(revision)} cannot be read: {error}",
            where=revision,
            next_command=_run_whole(root, revision),
        ) from error


def refuse_left_over(root: Path, revision: str, path: str) -> None:
    """Raise a RevisionError if an output does not belong to its revision's parameters."""
    reason = left_over(root, revision, path)
    if reason:
        raise RevisionError(
            f"{path} of {_label(revision)} is from before its parameters changed: {reason}.",
            where=revision,
            allowed=f"experiments and commits that ran every stage up to {path}",
            next_command=_run_whole(root, revision),
        )


def _label(revision: str) -> str:
    """Return an experiment's name, or a commit's short hash."""
    return revision.rsplit("/", 1)[1] if "/" in revision else revision[:10]


def _recompute(revision: str) -> str:
    if "/" not in revision:
        return f"git checkout {revision[:10]} && dvc repro evaluate"
    return f"nbarank explain --experiment {shlex.quote(_label(revision))}"


def _run_whole(root: Path, revision: str) -> str:
    """Return the command that runs every stage with a revision's parameters."""
    if "/" not in revision:
        return "dvc repro && git add metrics dvc.lock && git commit"
    before = flattened(read_params(root, "".join(revision.split("/")[2:4])))
    settings = [
        f"-S {shlex.quote(f'{key}={value if isinstance(value, str) else json.dumps(value)}')}"
        for key, value in flattened(read_params(root, revision)).items()
        if not same_value(before.get(key), value)
    ]
    return f"nbarank run --name {shlex.quote(_label(revision))}-again {' '.join(settings)}"


@lru_cache(maxsize=4)
def parse_lock(text: str) -> dict[str, Any]:
    """Return the stages in the text of a dvc.lock by name.

    Raises
    ------
    RevisionError
        If it is not a lock file: every output and dependency has a path; a hash is an MD5.
    """
    try:
        stages: dict[str, Any] = (parse_yaml(text) or {}).get("stages", {})
        for stage in stages.values():
            for entry in (*stage.get("deps", ()), *stage.get("outs", ())):
                if not isinstance(entry["path"], str):
                    raise TypeError(f"path: {entry['path']!r}")
                if "md5" in entry:
                    require_md5(entry["md5"])
            for values in stage.get("params", {}).values():
                values.items()
    except Exception as error:  # the reader raises more than its YAMLError
        raise RevisionError(
            f"A {LOCK} cannot be read: {' '.join(f'{type(error).__name__} {error}'.split())[:200]}",
            where=LOCK,
            next_command=FIXES[LOCK_FILE],
        ) from error
    return stages


_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")


def require_md5(text: Any) -> str:
    """Return an MD5 as DVC writes it, '.dir' for a folder's listing; ValueError for other values.

    It becomes a path in the cache, so it must not lead out of it.
    """
    if not isinstance(text, str) or not _MD5.fullmatch(text):
        raise ValueError(f"not an MD5: {text!r}")
    return text


def parse_listing(content: bytes) -> dict[str, str]:
    """Return the MD5 of every file in a folder's listing by relative path; ValueError if damaged.

    A path outside the folder is not checked.
    """
    try:
        return {str(e["relpath"]): require_md5(e["md5"]) for e in json.loads(content)}
    except (LookupError, TypeError, RecursionError) as error:
        raise ValueError(f"not a listing of a folder: {error}") from error


def _listing(content: bytes, path: str, revision: str) -> dict[str, str]:
    try:
        return parse_listing(content)
    except ValueError as error:
        raise RevisionError(
            f"The folder of {path} of {_label(revision)} has a damaged listing: {error}",
            where=revision,
            next_command="nbarank verify --all",
        ) from error


def _locked_stages(root: Path, revision: str | None) -> dict[str, Any]:
    """Return the stages in the dvc.lock of a revision, or of the workspace (None)."""
    if revision is None:
        own = root / LOCK
        return parse_lock(own.read_text(encoding="utf-8") if own.is_file() else "")
    return parse_lock(show(root, revision, LOCK) or "")


def _locked_outputs(root: Path, revision: str | None) -> list[dict[str, Any]]:
    """Return the entries of outputs in the dvc.lock of a revision; empty if it has none."""
    stages = _locked_stages(root, revision).values()
    return [out for stage in stages for out in stage.get("outs", ()) if out.get("md5")]


def locked_hash(root: Path, revision: str | None, path: str) -> str | None:
    """Return an output's hash in the dvc.lock of a revision, or of the workspace (None)."""
    outs = _locked_outputs(root, revision)
    return next((out["md5"] for out in outs if out["path"] == path), None)


def _read_object(root: Path, md5: str, path: str, revision: str, fetch: bool) -> bytes:
    """Return an object of DVC's cache; get it from the default remote if it is missing."""
    from dvc.repo import Repo
    from dvc_data.hashfile.hash_info import HashInfo

    with Repo(str(root)) as repository:
        cache = repository.cache.local
        remote = repository.config["core"].get("remote")
        reason = "there is no default remote (dvc remote add --default NAME ADDRESS)"
        if fetch and remote and not cache.exists(md5):
            reason = f"remote '{remote}' does not have it either"
            try:
                repository.cloud.pull([HashInfo("md5", md5)])
            except Exception as error:  # each kind of remote raises errors of its own
                reason = hide_secrets(f"it cannot be fetched: {type(error).__name__}: {error}")
        stored = cache.oid_to_path(md5)
        if cache.exists(md5):
            return Path(stored).read_bytes()
    raise RevisionError(
        f"{path} of {_label(revision)} is not in DVC's cache, and {reason}.",
        where=stored,
        allowed="revisions whose outputs are in the cache or the default remote",
        next_command=_recompute(revision),
    )


def _read_yaml(root: Path, revision: str, path: str) -> dict[str, Any]:
    try:
        content = parse_yaml(show(root, revision, path) or "")
    except Exception:  # the reader raises more than its YAMLError
        content = None
    if not isinstance(content, dict):
        raise RevisionError(
            f"There is no readable {path} in {revision}.",
            where=revision,
            next_command=f"git show {shlex.quote(f'{revision}:{path}')}",
        )
    return content


def changed_values(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Return the leaves that differ between two contents of params.yaml: key to (before, after).

    Without the id of a recorded run, and paths that a private clone made absolute.
    """
    old = flattened(before)
    return {
        key: (old.get(key), value)
        for key, value in flattened(after).items()
        if key != RUN_ID_KEY
        and not same_value(old.get(key), value)
        and not (isinstance(old.get(key), str) and str(value).startswith("/"))
    }
