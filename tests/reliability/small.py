"""A whole copy of this project with a small league, in a git + DVC repository of its own.

The copy holds what git would commit here (tracked and new files), so the tests run the code as
it stands. Only the size is changed: five seasons of twenty teams, a few trees, one epoch. Every
process is a real one: `python -m dvc`, `python -m stages.NAME`, `git`.
"""

import configparser
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT

SMALL: dict[str, Any] = {
    "data.simulated.n_seasons": 5,
    "data.simulated.n_teams": 20,
    "data.simulated.games": 30,
    "seasons.warm_up": [],
    "seasons.train": ["2010-11", "2011-12", "2012-13"],
    "seasons.validation": ["2013-14", "2014-15"],
    "seasons.test": ["2015-16"],
    "snapshots.every_days": 30,
    "snapshots.checkpoints": [0.5, 1.0],
    "training.history_days": 120,
    "training.max_lists_oof": 30,
    "model_a.epochs": 1,
    "model_a.mc_dropout_samples": 0,
    "model_a.hidden_width": 8,
    "model_a.attention_heads": 2,
    "model_a.early_stopping_val_frac": 0.0,
    "model_b.n_estimators": 5,
    "model_b.bags": 1,
    "model_c.n_estimators": 5,
    "playoff_classifier.n_estimators": 5,
    "forecast.n_simulations": 200,
}
"""What makes the league small; the rest of params.yaml stays."""

COMMAND = (sys.executable, "-c", "from nbarank.cli.main import main; main()")
"""`nbarank`, with the code of the folder it is run in."""

TIMEOUT = 900
"""Seconds for one command; generous, because test machines are shared."""


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of every process: this interpreter first, nobody's git settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "GIT_", "PYTEST_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {
        **kept,
        "PATH": path,
        "DVC_NO_ANALYTICS": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **changes,
    }


def run(
    command: Sequence[str],
    cwd: Path,
    *,
    fails: bool = False,
    may_fail: bool = False,
    prefix: Sequence[str] = (),
    **changes: str,
) -> str:
    """Run a command to its end; returns what it printed, both streams.

    Fails the test if the command fails, or (`fails=True`) if it does not.
    """
    done = subprocess.run(
        [*prefix, *command],
        cwd=cwd,
        env=environment(**changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert may_fail or (done.returncode != 0) == fails, (
        f"{' '.join(map(str, command))} exited with {done.returncode}:\n{done.stdout[-6000:]}"
    )
    return done.stdout


def dvc(cwd: Path, *arguments: str, **options: Any) -> str:
    return run([sys.executable, "-m", "dvc", *arguments], cwd, **options)


def git(cwd: Path, *arguments: str, **options: Any) -> str:
    return run(["git", *arguments], cwd, **options)


def nbarank(cwd: Path, *arguments: str, **options: Any) -> str:
    return run([*COMMAND, *arguments], cwd, **options)


def without_install(repository: Path) -> None:
    """Let `make` use the environment of these tests."""
    if not (Path(sys.prefix) / "bin" / "activate").is_file():
        pytest.skip("the tests do not run in a virtual environment")
    (repository / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (repository / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    (repository / ".venv" / ".ready").touch()


def stages_that_ran(output: str) -> list[str]:
    """Return the names of the stages that `dvc repro` ran, in order; those from caches are not."""
    marker = "Running stage '"
    return [line.split(marker)[1].split("'")[0] for line in output.splitlines() if marker in line]


def edit_params(repository: Path, values: Mapping[str, Any]) -> None:
    """Set values of params.yaml by dotted key, comments kept."""
    yaml = YAML()
    yaml.width = 1000
    path = repository / "params.yaml"
    content = yaml.load(path.read_text(encoding="utf-8"))
    for key, value in values.items():
        *parents, leaf = key.split(".")
        node = content
        for parent in parents:
            node = node[parent]
        assert leaf in node, f"params.yaml has no {key}"
        node[leaf] = value
    stream = io.StringIO()
    yaml.dump(content, stream)
    path.write_text(stream.getvalue(), encoding="utf-8")


def make_repository(folder: Path) -> Path:
    """Copy the project as it stands into `folder`, make the league small, commit."""
    copy_files(folder)
    edit_params(folder, SMALL)
    return commit_new(folder)


def copy_files(folder: Path) -> None:
    """Copy what git would commit into a new folder, without dvc.lock: it is of the full league."""
    folder.mkdir(parents=True)
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listing.split("\0")):
        source = ROOT / name
        if source.is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    (folder / "dvc.lock").unlink(missing_ok=True)


def commit_new(folder: Path) -> Path:
    """Make a folder a git + DVC repository and commit it; returns the folder."""
    git(folder, "init", "-q", "-b", "main")
    if not (folder / ".dvc").exists():
        dvc(folder, "init", "-q")
    settle(folder)
    commit_all(folder, "Start")
    return folder


def settle(repository: Path) -> None:
    """Give a repository an identity, and DVC a place of its own for what it keeps beside it."""
    for key, value in (("name", "Test"), ("email", "test@localhost"), ("gc.auto", "0")):
        git(repository, "config", key if "." in key else f"user.{key}", value)
    site = repository.parent / f".{repository.name}.dvc-site"
    settings = f'[core]\n    analytics = false\n    site_cache_dir = "{site}"\n'
    (repository / ".dvc" / "config.local").write_text(settings, encoding="utf-8")
    ignore = repository / ".dvc" / ".gitignore"
    if not ignore.exists():
        ignore.write_text("/config.local\n/tmp\n/cache\n", encoding="utf-8")


def commit_all(repository: Path, message: str) -> None:
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", message)


def clone(source: Path, target: Path, *, share_cache: bool) -> Path:
    """Clone a repository with git; with the source's DVC cache, or with none at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    git(target.parent, "clone", "-q", str(source), str(target))
    settle(target)
    if share_cache:
        configure(target, "cache", dir=str(source / ".dvc" / "cache"))
    return target


def configure(repository: Path, section: str, **values: str) -> None:
    """Write a section of .dvc/config.local without a process of DVC; `core` keeps its values."""
    path = repository / ".dvc" / "config.local"
    config = configparser.ConfigParser(interpolation=None)
    config.read(path, encoding="utf-8")
    config[section] = {**(dict(config["core"]) if section == "core" else {}), **values}
    with path.open("w", encoding="utf-8") as stream:
        config.write(stream)


def copy_with_outputs(source: Path, target: Path) -> Path:
    """Copy a reproduced repository whole, outputs and cache included: nothing left to run."""
    shutil.copytree(source, target, symlinks=True)
    settle(target)
    return target


def lock_of(repository: Path) -> bytes:
    return (repository / "dvc.lock").read_bytes()


def locked_files(repository: Path) -> dict[str, str]:
    """Return path -> md5 (or the md5 of a folder's listing) of every output in dvc.lock."""
    lock = YAML(typ="safe").load((repository / "dvc.lock").read_text(encoding="utf-8"))
    return {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage["outs"]}


def cache_file(repository: Path, md5: str) -> Path:
    """Return the place of an object in the cache."""
    return repository / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]


def wrong_outputs(repository: Path) -> list[str]:
    """Return the outputs in the workspace whose bytes are not those that dvc.lock promises.

    Reads the files themselves; DVC's own notes about them are not asked.
    """
    wrong = []
    for path, md5 in locked_files(repository).items():
        target = repository / path
        if md5.endswith(".dir"):
            listing = json.loads(cache_file(repository, md5).read_text(encoding="utf-8"))
            promised = {entry["relpath"]: entry["md5"] for entry in listing}
            found = {
                file.relative_to(target).as_posix(): _md5(file)
                for file in target.rglob("*")
                if file.is_file()
            }
            if found != promised:
                wrong.append(path)
        elif not target.is_file() or _md5(target) != md5:
            wrong.append(path)
    return wrong


def assert_sound(repository: Path, lock: bytes) -> None:
    """dvc.lock has these bytes, every output is as recorded, no stage left a partial file."""
    assert lock_of(repository) == lock
    assert wrong_outputs(repository) == []
    assert leftovers(repository) == []


def assert_reported(printed: str, *parts: str) -> None:
    """The output has all parts and no traceback."""
    for part in parts:
        assert part in printed, printed
    assert "Traceback" not in printed, printed


def experiment_file(repository: Path, name: str, path: str | Path) -> str:
    """Return a file as an experiment recorded it."""
    refs = git(repository, "for-each-ref", "--format=%(refname)", f"refs/exps/*/*/{name}")
    return git(repository, "show", f"{refs.strip()}:{path}")


def leftovers(repository: Path) -> list[str]:
    """Return half-written files and folders that a killed or failed stage left behind."""
    return sorted(
        str(path.relative_to(repository))
        for folder in ("data", "models", "metrics", "plots")
        for path in (repository / folder).rglob(".*")
        if path.name not in (".gitignore", ".gitkeep")
    )


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def start(command: Sequence[str], cwd: Path, **changes: str) -> subprocess.Popen[str]:
    """Start a command in a process group of its own, so that all of it can be killed at once."""
    return subprocess.Popen(
        list(command),
        cwd=cwd,
        env=environment(**changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def kill_group(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def stage_processes(process: subprocess.Popen[str], *stages: str) -> list[int]:
    """Return the ids of the processes below `process` that run one of the stages."""
    wanted, found = {f"stages.{stage}".encode() for stage in stages}, []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = set((entry / "cmdline").read_bytes().split(b"\0"))
            if wanted & words and os.getpgid(int(entry.name)) == process.pid:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_until(
    condition: Callable[[], object], what: str, process: subprocess.Popen[str] | None = None
) -> None:
    """Wait for a condition, or fail; at once if the process that should bring it about ends."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"the process ended before {what}: {process.communicate()[0]}")
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def wait_for_stage(process: subprocess.Popen[str], *stages: str) -> bool:
    """Wait until one of the stages runs below `process`; False if `process` ended before."""

    def began() -> bool:
        return process.poll() is not None or bool(stage_processes(process, *stages))

    wait_until(began, f"one of these stages: {stages}")
    return process.poll() is None
