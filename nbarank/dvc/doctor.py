"""Check that everything a run needs is installed and reachable; changes nothing.

Addresses of remotes are shown without user names and passwords.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
from nbarank.dvc.git import git, hide_secrets, lock_differs, require_identity
from nbarank.dvc.params_file import check_params
from nbarank.dvc.truncated_files import FIXES, require_readable, truncated

REMOTE_TIMEOUT = 20
"""Seconds that a remote may take to answer."""
NEEDED_MEMORY_GIB = 3.0
NEEDED_DISK_GIB = 2.0
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """What was checked, its state, and how to fix it (None if nothing is wrong)."""

    subject: str
    state: str
    fix: str | None = None


def examine(root: Path) -> list[Finding]:
    """Check machine, installation, parameters, repository, remotes and queue.

    A check that itself fails becomes a finding with the reason.
    """
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("machine", _machine),
        ("installation", lambda: _installation(root)),
        ("torch", _torch),
        ("parameters", lambda: _parameters(root)),
        ("memory and disk", lambda: _memory_and_disk(root)),
        ("repository", lambda: _repository(root)),
        ("files of dvc", lambda: _dvc_files(root)),
        ("dvc", lambda: _dvc(root)),
    ]
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings.extend(check())
        except NbarankError as error:
            state = f"{error.what} {error.where or ''}".strip()
            findings.append(Finding(name, state, error.next_command or "see the message"))
        except Exception as error:
            reason = f"{type(error).__name__}: {hide_secrets(str(error))}"
            findings.append(Finding(name, f"could not be checked: {reason}", "see the message"))
    return findings


def _machine() -> Iterator[Finding]:
    yield Finding("system", f"{platform.system()} {platform.release()} {platform.machine()}")
    if on_wsl() and str(Path.cwd()).startswith("/mnt/"):
        yield Finding(
            "WSL", "yes, on a Windows disk, which is slow", "clone the repository below /home"
        )
    else:
        yield Finding("WSL", "yes" if on_wsl() else "no")
    sets = ", ".join(instruction_sets()) or "instruction sets unknown"
    yield Finding("processor", f"{os.cpu_count()} cores; {sets}")


def _installation(root: Path) -> Iterator[Finding]:
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding(
        "Python",
        f"{platform.python_version()} ({sys.executable})",
        None if supported else "make clean && make repro PYTHON=python3.11",
    )
    lock = root / "requirements" / f"lock-{sys.version_info[0]}.{sys.version_info[1]}.txt"
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    pins = {name.lower(): version for name, version in _PIN.findall(text)}
    for name in LIBRARIES:
        found, pinned = version_of(name), pins.get(name)
        if found is None:
            yield Finding(name, "not installed", "make clean && make repro")
        elif pinned and found.split("+")[0] != pinned.split("+")[0]:
            yield Finding(
                name,
                f"{found}, but the lock file has {pinned}",
                f"pip install -r {shlex.quote(str(lock))}",
            )
        else:
            yield Finding(name, found)
    extra = "" if importlib.util.find_spec("nba_api") else "not "
    yield Finding("nba_api", f"{extra}installed (for data.source: nba_stats)")


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
        f"valid; seed {params.seed}, threads {params.threads or 'all'}, device {params.device}, "
        f"source {content['data']['source']}",
    )
    if (params.threads or 1) > (os.cpu_count() or 1):
        state = f"repro.threads is {params.threads}, this machine has {os.cpu_count()} cores"
        yield Finding("threads", state, "set repro.threads in params.yaml")


def _memory_and_disk(root: Path) -> Iterator[Finding]:
    memory = free_memory_gib()
    if memory is None:
        yield Finding("free memory", "not reported by this system")
    else:
        fix = f"close programs: a run takes up to {NEEDED_MEMORY_GIB:g} GiB"
        short = memory < NEEDED_MEMORY_GIB
        yield Finding("free memory", f"{memory} GiB", fix if short else None)
    disk = shutil.disk_usage(root).free / 2**30
    fix = "dvc gc --workspace"
    yield Finding("free disk", f"{disk:.1f} GiB", fix if disk < NEEDED_DISK_GIB else None)
    if os.access(root, os.W_OK):
        yield Finding("repository folder", "writable")
    else:
        yield Finding("repository folder", "read-only", f"ls -ld {shlex.quote(str(root))}")


def _repository(root: Path) -> Iterator[Finding]:
    if shutil.which("git") is None:
        yield Finding("git", "not installed", "install git")
        return
    branch, *changed = git(root, "status", "--porcelain", "--branch").splitlines()
    yield Finding("git", f"{branch.removeprefix('## ')}; {len(changed)} changed file(s)")
    differs = "differs from the commit: git diff dvc.lock"
    yield Finding("dvc.lock", differs if lock_differs(root) else "as committed")
    require_identity(root)
    yield Finding("git identity", git(root, "config", "user.name", check=False).strip())


def _dvc_files(root: Path) -> Iterator[Finding]:
    for path in truncated(root):
        yield Finding(str(path), "truncated: DVC was killed while writing it", FIXES[path])


def _dvc(root: Path) -> Iterator[Finding]:
    from dvc.repo import Repo

    require_readable(root)
    with Repo(str(root)) as repository:
        yield Finding("DVC cache", str(repository.cache.local.path))
        yield from _remotes(repository)
        yield from _queue(repository)


def _remotes(repository: Any) -> Iterator[Finding]:
    remotes = repository.config["remote"]
    if not remotes:
        yield Finding("remote", "none configured (optional; see docs/remotes.md)")
    for name, settings in remotes.items():
        yield _reach(repository, name, hide_secrets(str(settings["url"])))
        if not settings.get("verify", False):
            yield Finding(
                f"remote {name}: verify",
                "off: pulled files are not hashed again",
                f"dvc remote modify {shlex.quote(name)} verify true",
            )


def _reach(repository: Any, name: str, address: str) -> Finding:
    """List a remote's top folder, within `REMOTE_TIMEOUT`."""
    subject = f"remote {name}"

    def ask() -> bool:
        store = repository.cloud.get_remote_odb(name)
        return bool(store.fs.exists(store.fs.parent(store.path)) or store.fs.exists(store.path))

    pool = ThreadPoolExecutor(max_workers=1)
    try:
        exists = pool.submit(ask).result(REMOTE_TIMEOUT)
    except TimeoutError:
        return Finding(subject, f"{address}: no answer in {REMOTE_TIMEOUT} s", "check the network")
    except Exception as error:
        reason = hide_secrets(f"{type(error).__name__}: {error}".splitlines()[0])
        fix = f"dvc remote list; check address and credentials of {name}"
        if "requires 'dvc-" in reason:  # the plugin of this kind of remote
            fix = f"pip install 'dvc[{address.split(':')[0]}]'"
        return Finding(subject, f"{address}: {reason}", fix)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return Finding(
        subject, f"{address}: " + ("reachable" if exists else "reachable, nothing is stored yet")
    )


def _queue(repository: Any) -> Iterator[Finding]:
    queue = repository.experiments.celery_queue
    waiting = len(list(queue.iter_queued()))
    running = len(list(queue.iter_active()))
    workers = len(queue.worker_status())
    stuck = (waiting or running) and not workers
    yield Finding(
        "experiment queue",
        f"{waiting} waiting, {running} running, {workers} worker(s)",
        "dvc queue start" if stuck else None,
    )
