"""Every shell block of the README and of the tutorial, line by line, on a small repository."""

import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import ROOT
from tests.reliability.small import commit_all, run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("documented_commands")]
DAY = "2015-01-15"
"""A day of the small league, in place of those in the documents."""
NOT_RUN = re.compile(r"\bPATH\b|sportsdataverse|nba_stats")
"""Need real box scores or a network; tests/ground checks their commands and settings."""
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def lines_of(page: str) -> list[str]:
    """Return the commands of a page's shell blocks in order, without comments."""
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    commands = [re.sub(r"\s{2,}#.*", "", line).strip() for line in lines]
    return [command for command in commands if command]


def adapted(command: str, repository: Path) -> str:
    """Return a command for the small league: its days and teams, and an end."""
    teams = pd.read_parquet(repository / "data/ended/league/teams.parquet")
    rosters = pd.read_parquet(repository / "data/ended/features/rosters.parquet")
    day = rosters[rosters["as_of"] == rosters["as_of"][rosters["as_of"] <= DAY].max()]
    best = day.sort_values("impact").iloc[-1]
    command = re.sub(r"\b20\d\d-\d\d-\d\d\b", DAY, command)
    command = re.sub(r"--team \S+", f"--team {teams['abbreviation'].iloc[0]}", command)
    command = re.sub(r"--without \"[^\"]+\"", f'--without "{best["player_name"]}"', command)
    if command.startswith("nbarank serve"):
        return f"timeout --signal=INT 10 {command} || test $? = 124"
    if command.startswith("nbarank sweep run") and "--dry-run" not in command:
        return f"{command} --dry-run"
    return command


def test_the_commands_of_readme_and_tutorial_work_in_order(repository: Path) -> None:
    binaries = Path(sys.executable).parent
    if not (binaries / "activate").is_file():
        pytest.skip("the tests do not run in a virtual environment")
    (repository / ".venv").mkdir()
    (repository / ".venv" / "bin").symlink_to(binaries)
    (repository / ".venv" / ".ready").touch()  # so that make does not install everything again
    commit_all(repository, "Reproduce")
    pages = [lines_of(page) for page in ("README.md", "docs/start.md")]
    assert [page[0] for page in pages] == ["make repro", "make repro"]
    wanted = [command for page in pages for command in page if not NOT_RUN.search(command)]
    assert len(wanted) > 15
    for command in dict.fromkeys(adapted(command, repository) for command in wanted):
        printed = run(
            ["bash", "-ec", command], repository, PYTHONPATH=str(repository), BROWSER="true"
        )
        assert "Traceback" not in printed, f"{command}\n{printed}"
    assert printed == "", "the last command, git status --short, shows a clean tree"
