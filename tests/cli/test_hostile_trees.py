"""Every command in missing, garbage, unreadable and read-only trees: a message, no traceback."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nbarank.dvc.git import git, tool_environment
from tests.conftest import ROOT

pytestmark = pytest.mark.xdist_group("hostile_trees")  # one process visits all of them
SCRIPT = Path(__file__).with_name("every_command.py")
COPIED = ("params.yaml", "dvc.yaml", "dvc.lock", ".dvcignore", "sweeps", "profiles", "nbarank")
READ = (
    *("params.yaml", "dvc.yaml", "dvc.lock", ".dvc/config", "metrics/scorecard.csv"),
    *("metrics/scorecard.md", "metrics/environment.json", "metrics/summary.json"),
    *("report/index.html", "report/predictions.json", "report/analysis.md"),
    *("reports/ANALYSIS_01.md", "models/deepset/final/ranker.json", "data/manifest.json"),
    *("models/deepset/final/deepset.json", "models/deepset/final/checksums.json"),
    *("data/raw/league.json", "data/raw/teams.csv", "data/raw/team_logs_2021_22.parquet"),
    *("data/ended/league/games.parquet", "data/ended/league/outcomes.parquet"),
    *("data/ended/features/rosters.parquet", "data/current/results/seasons.json"),
    *("data/current/league/games.parquet", "data/ensemble/strength.parquet"),
    *("profiles/medium.yaml", "sweeps/phase2_rf.yaml", "sweeps/campaigns/phase1.yaml"),
    *(".dvc/tmp/rwlock", ".sweeps/studies.sqlite3"),
)
"""Files that some command reads."""


def make_tree(folder: Path) -> Path:
    """Make a repository with a commit, in which nothing has been run."""
    folder.mkdir()
    for name in COPIED:
        source, target = ROOT / name, folder / name
        ignore = shutil.ignore_patterns("__pycache__", "*.py")
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignore)
        elif source.exists():
            shutil.copyfile(source, target)
    shutil.rmtree(folder / "nbarank")
    (folder / ".gitignore").write_text("/data\n/models\n/report\n/.sweeps\n")
    git(folder, "init", "-q", "-b", "main")
    subprocess.run(
        [sys.executable, "-m", "dvc", "init", "-q"], cwd=folder, env=tool_environment(), check=True
    )
    git(folder, "add", "-A")
    identity = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
    git(folder, *identity, "commit", "-q", "-m", "start")
    return folder


def fill(content: Callable[[int], bytes]) -> Callable[[Path], None]:
    """Return what writes `content` to every file that a command reads."""

    def spoil(folder: Path) -> None:
        for number, name in enumerate(READ):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content(number))

    return spoil


def folders_instead(folder: Path) -> None:
    for name in READ:
        path = folder / name
        path.unlink(missing_ok=True)
        path.mkdir(parents=True)


def files_instead(folder: Path) -> None:
    for name in ("data", "models", "metrics", "report", "reports", "profiles", "sweeps"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).write_bytes(b"")


def loops(folder: Path) -> None:
    for name in READ:
        path = folder / name
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(path.name)


def no_git(folder: Path) -> None:
    shutil.rmtree(folder / ".git")


def broken_git(folder: Path) -> None:
    (folder / ".git" / "HEAD").write_bytes(b"\xff\x00")
    (folder / ".git" / "config").write_bytes(b"[[[\xff")


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def outputs_only(folder: Path) -> None:
    fill(lambda number: random.Random(number).randbytes(300))(folder)
    git(folder, "checkout", "-q", "--", ".")


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)
)
MERGES = b"a: &a {k: 1}\n" + b"".join(
    b"%c: &%c {<<: [%s]}\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)
)
TREES: dict[str, Callable[[Path], None]] = {
    "fresh": lambda folder: None,
    "empty": empty,
    "no git": no_git,
    "broken git": broken_git,
    "random bytes": fill(lambda number: random.Random(number).randbytes(300)),
    "random outputs": outputs_only,
    "empty files": fill(lambda number: b""),
    "numbers": fill(lambda number: b"7"),
    "lists": fill(lambda number: b"[1, 2]"),
    "nulls": fill(lambda number: b'{"stages": null, "data": null, "seasons": null, "path": null}'),
    "deep": fill(lambda number: b"[" * 20_000),
    "aliases": fill(lambda number: BOMB),
    "merged aliases": fill(lambda number: MERGES),
    "folders": folders_instead,
    "files": files_instead,
    "links in a loop": loops,
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tree(tmp_path_factory.mktemp("clean") / "tree")


@pytest.fixture
def tree(clean: Path, tmp_path: Path) -> Path:
    return shutil.copytree(clean, tmp_path / "tree")


@pytest.fixture(scope="module")
def visitor() -> Iterator[subprocess.Popen[str]]:
    """A process that runs every command in each folder it is given."""
    environment = tool_environment({"PYTHONPATH": str(ROOT)})
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [sys.executable, str(SCRIPT)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes) as process:
        yield process


def assert_messages(line: str) -> None:
    """Fail for a traceback, a crash, or an error without its next command."""
    assert line.startswith("["), line
    rows: list[dict[str, object]] = json.loads(line)
    tracebacks = [f"{row['arguments']}\n{row['trace']}" for row in rows if row["trace"]]
    assert not tracebacks, "\n".join(tracebacks)
    for row in rows:
        printed = str(row["printed"])
        assert row["code"] in (0, 1, 2), row
        assert "Traceback" not in printed, row
        if row["code"] == 1:
            assert "next:" in printed or "Next:" in printed, row


@pytest.mark.slow
@pytest.mark.parametrize("kind", TREES)
def test_every_command_ends_with_a_message(
    tree: Path, visitor: subprocess.Popen[str], kind: str
) -> None:
    TREES[kind](tree)
    assert visitor.stdin is not None and visitor.stdout is not None
    visitor.stdin.write(f"{tree}\n")
    visitor.stdin.flush()
    assert_messages(visitor.stdout.readline())


@pytest.mark.slow
@pytest.mark.parametrize("mode", [0o000, 0o555], ids=["unreadable", "read-only"])
def test_every_command_without_permissions(tree: Path, mode: int) -> None:
    """Root ignores permissions, so it gives that capability up."""
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root needs setpriv (util-linux) to obey permissions")
        prefix = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
    fill(lambda number: b"{}")(tree)
    git(tree, "checkout", "-q", "--", ".")
    paths = sorted(tree.rglob("*"), key=lambda path: len(path.parts), reverse=True)
    for path in paths:
        if ".git" not in path.relative_to(tree).parts:
            path.chmod(mode if path.is_file() or mode else 0o555)
    tree.chmod(0o555)
    try:
        done = subprocess.run(
            [*prefix, sys.executable, str(SCRIPT), str(tree)],
            env=tool_environment({"PYTHONPATH": str(ROOT)}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert_messages(done.stdout)
    finally:
        for path in [tree, *reversed(paths)]:
            path.chmod(0o755)
