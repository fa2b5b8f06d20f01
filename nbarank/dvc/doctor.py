"""Look whether everything is here that a run needs; what a person asks first when it is not.

Looks, and changes nothing. Addresses of remotes are shown without user names and passwords.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbarank.core.environment import (
    LIBRARIES,
    free_memory_gib,
    instruction_sets,
    on_wsl,
    version_of,
)
from nbarank.core.errors import NbarankError
from nbarank.core.params import ReproParams
from nbarank.core.sections import PARAMS_FILE, read_yaml
from nbarank.dvc.params_file import check_params
from nbarank.dvc.truncated_files import REMEDIES, cut_off

REMOTE_TIMEOUT = 20
"""Seconds that a remote may take to answer."""
NEEDED_MEMORY_GIB = 3.0
NEEDED_DISK_GIB = 2.0
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Parameters
    ----------
    subject
        What was looked at.
    state
        What was found.
    remedy
        What to do about it; None where all is well.
    """

    subject: str
    state: str
    remedy: str | None = None


def examine(root: Path) -> list[Finding]:
    """Look at machine, installation, parameters, repository, remotes and queue.

    Parameters
    ----------
    root
        Root of the repository.

    Returns
    -------
    One finding a line. A check that itself breaks becomes a finding with the reason.
    """
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("machine", _machine),
        ("installation", lambda: _installation(root)),
        ("torch", _torch),
        ("parameters", lambda: _parameters(root)),
        ("room", lambda: _room(root)),
        ("repository", lambda: _repository(root)),
        ("files of dvc", lambda: _dvc_files(root)),
        ("dvc", lambda: _dvc(root)),
    ]
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings.extend(check())
        except NbarankError as error:
            told = f"{error.what} {error.where or ''}".strip()
            findings.append(Finding(name, told, error.next_command or "see the message"))
        except Exception as error:
            reason = f"{type(error).__name__}: {hide_secrets(str(error))}"
            findings.append(Finding(name, f"could not be looked at: {reason}", "see the message"))
    return findings


def hide_secrets(address: str) -> str:
    """Return an address without user name, password, query and token."""
    without_user = re.sub(r"(\w+://)[^/@\s]+@", r"\1", address)
    return re.sub(r"\?\S*", "", without_user)


def _machine() -> Iterator[Finding]:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    yield Finding("system", system)
    if on_wsl():
        slow = str(Path.cwd()).startswith("/mnt/")
        yield Finding(
            "WSL",
            "yes" + (", on a Windows disk, which is slow" if slow else ""),
            "clone the repository below /home" if slow else None,
        )
    else:
        yield Finding("WSL", "no")
    sets = ", ".join(instruction_sets()) or "not told"
    yield Finding("processor", f"{os.cpu_count()} cores; {sets}")


def _installation(root: Path) -> Iterator[Finding]:
    version = platform.python_version()
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding(
        "Python",
        f"{version} ({sys.executable})",
        None if supported else "make clean && make repro PYTHON=python3.11",
    )
    lock = root / "requirements" / f"lock-{sys.version_info[0]}.{sys.version_info[1]}.txt"
    pins = _pins(lock)
    for name in LIBRARIES:
        found, wanted = version_of(name), pins.get(name)
        if found is None:
            yield Finding(name, "not installed", "make clean && make repro")
        elif wanted and found.split("+")[0] != wanted.split("+")[0]:
            yield Finding(
                name, f"{found}, but the lock file says {wanted}", f"pip install -r {lock}"
            )
        else:
            yield Finding(name, found)
    extra = importlib.util.find_spec("nba_api") is not None
    yield Finding("nba_api (for data.source: nba_stats)", "installed" if extra else "not installed")


def _pins(lock: Path) -> dict[str, str]:
    """Return the versions of a lock file; none where there is no such file."""
    if not lock.is_file():
        return {}
    matches = (_PIN.match(line) for line in lock.read_text(encoding="utf-8").splitlines())
    return {match[1].lower(): match[2] for match in matches if match}


def _torch() -> Iterator[Finding]:
    import torch

    yield Finding("torch threads", str(torch.get_num_threads()))
    build = torch.version.cuda
    if torch.cuda.is_available():
        yield Finding("CUDA", f"{torch.cuda.get_device_name(0)}, CUDA {build}")
    else:
        built = f"torch is built for CUDA {build}, no device answers" if build else "CPU build"
        yield Finding("CUDA", f"none ({built})")


def _parameters(root: Path) -> Iterator[Finding]:
    check_params(root / PARAMS_FILE)
    content = read_yaml(root / PARAMS_FILE)
    params = ReproParams.model_validate(content["repro"])
    yield Finding(
        "params.yaml",
        f"valid; seed {params.seed}, threads {params.threads}, device {params.device}, "
        f"source {content['data']['source']}",
    )
    if params.threads > (os.cpu_count() or 1):
        yield Finding(
            "threads",
            f"{params.threads} asked for, {os.cpu_count()} cores here",
            "set repro.threads in params.yaml",
        )


def _room(root: Path) -> Iterator[Finding]:
    memory = free_memory_gib()
    if memory is None:
        yield Finding("free memory", "not told by this system")
    else:
        short = memory < NEEDED_MEMORY_GIB
        yield Finding(
            "free memory",
            f"{memory} GiB",
            f"close programs: a run takes up to {NEEDED_MEMORY_GIB:g} GiB" if short else None,
        )
    free = shutil.disk_usage(root).free / 2**30
    yield Finding(
        "free disk",
        f"{free:.1f} GiB",
        "dvc gc --workspace" if free < NEEDED_DISK_GIB else None,
    )
    writable = os.access(root, os.W_OK)
    yield Finding(
        "repository folder",
        "can be written to" if writable else "read-only",
        None if writable else f"ls -ld {root}",
    )


def _repository(root: Path) -> Iterator[Finding]:
    if shutil.which("git") is None:
        yield Finding("git", "not installed", "install git")
        return
    done = subprocess.run(
        ["git", "status", "--porcelain", "--branch"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        yield Finding("git", done.stderr.strip().splitlines()[0], "clone the repository with git")
        return
    branch, *changed = done.stdout.splitlines()
    yield Finding("git", f"{branch.removeprefix('## ')}; {len(changed)} changed file(s)")


def _dvc_files(root: Path) -> Iterator[Finding]:
    for path in cut_off(root):
        yield Finding(str(path), "cut off: DVC was killed while writing it", REMEDIES[path])


def _dvc(root: Path) -> Iterator[Finding]:
    from dvc.repo import Repo

    repository = Repo(str(root))
    try:
        yield Finding("DVC cache", str(repository.cache.local.path))
        yield from _remotes(repository)
        yield from _queue(repository)
    finally:
        repository.close()


def _remotes(repository: Any) -> Iterator[Finding]:
    remotes = repository.config["remote"]
    if not remotes:
        yield Finding("remote", "none configured (optional; see docs/remotes.md)")
    for name, settings in remotes.items():
        address = hide_secrets(str(settings["url"]))
        yield _reach(repository, name, address)
        if not settings.get("verify", False):
            yield Finding(
                f"remote {name}: verify",
                "off: what is pulled is not hashed again",
                f"dvc remote modify {name} verify true",
            )


def _reach(repository: Any, name: str, address: str) -> Finding:
    """Ask a remote for its top folder, for a limited time."""

    def ask() -> bool:
        store = repository.cloud.get_remote_odb(name)
        return bool(store.fs.exists(store.fs.parent(store.path)) or store.fs.exists(store.path))

    pool = ThreadPoolExecutor(max_workers=1)
    try:
        there = pool.submit(ask).result(REMOTE_TIMEOUT)
    except TooLate:
        return Finding(
            f"remote {name}", f"{address}: no answer in {REMOTE_TIMEOUT} s", "check the network"
        )
    except Exception as error:
        reason = hide_secrets(f"{type(error).__name__}: {error}".splitlines()[0])
        return Finding(
            f"remote {name}",
            f"{address}: {reason}",
            f"dvc remote list; check address and credentials of {name}",
        )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    if there:
        return Finding(f"remote {name}", f"{address}: reachable")
    return Finding(f"remote {name}", f"{address}: answers; nothing is stored there yet", None)


def _queue(repository: Any) -> Iterator[Finding]:
    queue = repository.experiments.celery_queue
    waiting = len(list(queue.iter_queued()))
    running = len(list(queue.iter_active()))
    workers = len(queue.worker_status())
    state = f"{waiting} waiting, {running} running, {workers} worker(s)"
    stuck = (waiting or running) and not workers
    yield Finding("experiment queue", state, "dvc queue start" if stuck else None)
