"""Starting real sweeps as processes, killing them, and looking at what is left."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from optuna.trial import FrozenTrial

from nbarank.cli import main as cli
from nbarank.dvc.git import experiment_refs
from nbarank.sweep.clone import processes_of
from nbarank.sweep.storage import Storage, storage_url
from nbarank.sweep.study import Study
from tests.reliability import small

PATIENCE = 600.0


def start(
    repository: Path, space: str, study: str, *more: str, **changes: str
) -> subprocess.Popen[str]:
    command = (*small.COMMAND, "sweep", "run", space, "--study", study, "--no-explain", *more)
    return small.start(command, repository, **changes)


def failed_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run `nbarank` in this process; it must fail. Returns what it printed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["nbarank", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert ended.value.code in (1, 2)
    captured = capsys.readouterr()
    return captured.out + captured.err


def finish(process: subprocess.Popen[str], status: int = 0) -> str:
    try:
        printed, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        printed, _ = process.communicate()
        raise AssertionError(f"the sweep did not end: {printed}") from None
    assert process.returncode == status, printed
    return printed


def working_for(repository: Path, study: str, words: str = "") -> list[psutil.Process]:
    """Return the live processes that work in the clones of a study."""
    found = []
    for lock in (repository / ".sweeps" / "clones" / study).glob("*.lock"):
        for process in processes_of(lock.with_suffix("")):
            with contextlib.suppress(psutil.Error):
                found += [process] if words in " ".join(process.cmdline()) else []
    return found


def kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            os.kill(process.pid, signal.SIGKILL)


def opened(repository: Path, study: str, url: str | None = None) -> Study:
    found = Study(Storage(storage_url(repository, url)), study)
    found.join()
    return found


def trials_of(repository: Path, study: str, url: str | None = None) -> list[FrozenTrial]:
    """Return the trials of a study that count: interrupted attempts are left out."""
    return opened(repository, study, url).counted_trials()


def experiments(repository: Path, study: str) -> dict[str, str]:
    """Return the commit of every numbered experiment of a study by its name."""
    named = {ref.rsplit("/", 1)[1]: sha for ref, sha in experiment_refs(repository).items()}
    return {name: sha for name, sha in named.items() if re.fullmatch(rf"{study}-\d+", name)}


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on loopback, with an empty database at `url`."""

    url: str
    folder: Path
    port: int
    user: str | None
    pg_ctl: str

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -h 127.0.0.1 -c fsync=off"
        self._run("start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        self._run("stop", "-m", "immediate")

    def _run(self, *command: str) -> None:
        subprocess.run(
            [self.pg_ctl, *command, "-D", str(self.folder / "data")],
            user=self.user,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
