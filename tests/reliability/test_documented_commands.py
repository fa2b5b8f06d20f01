"""A new user's first half hour: every shell line of README and tutorial, and mistakes on the way.

On a small repository. The next command of each message is run in the state that printed it.
"""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import ROOT
from tests.reliability.small import commit_all, git, run, without_install

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("documented_commands")]
DAY = "2015-01-15"
"""A day of the small league, in place of those in the documents."""
NOT_RUN = re.compile(r"\bPATH\b|sportsdataverse|nba_stats")
"""Need real box scores or a network; tests/ground checks their commands and settings."""
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
MISTAKES = {
    "nbarank forecast": [
        (f"nbarank forecast --as-of {DAY} --team {{typo}}", "did you mean"),
        ("nbarank forecast --as-of 2031-01-15", "outside the seasons of the data"),
        ("nbarank forecast --as-of 2010-12-15", "No stored model may score 2010-11"),
        ("cd / && nbarank forecast", "not inside an nbarank repository"),
    ],
    "nbarank games": [
        ("nbarank games --date 2031-01-15", "outside the seasons of the data"),
        ("nbarank games --date 15.1.2015", "is not a day"),
    ],
    "nbarank compare": [
        ("nbarank compare ensembel standings", "did you mean ensemble"),
        ("nbarank compare ensemble standings --metric spearmann", "did you mean spearman"),
    ],
    "nbarank run": [
        ("nbarank scorecard --experiment run-01", "There is no experiment 'run-01'"),
        ("nbarank run -S repro.devise=cpu", "did you mean device"),
        ("nbarank data refetch 2040-41", "The source simulated downloads nothing"),
        ("nbarank data check box_scores", "does not exist"),
    ],
    "nbarank sweep": [
        ("nbarank scorecard --experiment run-01", "did you mean run-001"),
        ("nbarank lock run-01", "did you mean run-001"),
        ("nbarank lock run-001", "changes no value"),
    ],
}
"""What someone types before a documented command, and a part of the answer."""
CORRECTED = {
    "cd to the clone, then the same command": "nbarank forecast",
}
"""Next steps that are no commands of their own, and what is run for them."""


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
    # One stage and what follows, in place of ten: tests/reliability/test_repro.py changes XGBoost.
    command = command.replace("model_b.max_depth=4", "explain.gradient_steps=16")
    command = re.sub(r"--team \S+", f"--team {teams['abbreviation'].iloc[0]}", command)
    command = re.sub(r"--without \"[^\"]+\"", f'--without "{best["player_name"]}"', command)
    if command.startswith("nbarank serve"):
        return f"timeout --signal=INT 5 {command} || test $? = 124"
    if command.startswith("nbarank sweep run") and "--dry-run" not in command:
        return f"{command} --dry-run"
    return command


def test_the_first_half_hour(repository: Path) -> None:
    without_install(repository)
    commit_all(repository, "Reproduce")
    pages = [lines_of(page) for page in ("README.md", "docs/start.md")]
    assert [page[0] for page in pages] == ["make repro", "make repro"]
    wanted = [command for page in pages for command in page if not NOT_RUN.search(command)]
    assert len(wanted) > 15
    mistakes = dict(MISTAKES)
    for command in dict.fromkeys(adapted(command, repository) for command in wanted):
        for mistake, answer in mistakes.pop(" ".join(command.split()[:2]), ()):
            make_mistake(mistake, answer, repository)
        printed = typed(command, repository)
        if command == "make repro":
            ending = "\n".join(printed.splitlines()[-6:])
            assert (repository / "report" / "index.html").as_uri() in ending, printed
    assert not mistakes
    assert printed == "", "the last command, git status --short, shows a clean tree"


def typed(command: str, repository: Path, *, fails: bool = False) -> str:
    """Run a line of a shell; returns what it printed, which has no traceback."""
    changes = {"PYTHONPATH": str(repository), "BROWSER": "true"}
    printed = run(["bash", "-ec", command], repository, fails=fails, **changes)
    assert "Traceback" not in printed, f"{command}\n{printed}"
    return printed


def make_mistake(mistake: str, answer: str, repository: Path) -> None:
    """Type a mistake, read the answer, do what it says next."""
    teams = pd.read_parquet(repository / "data/ended/league/teams.parquet")["abbreviation"]
    printed = typed(mistake.format(typo=f"{teams.iloc[0][:2]}0"), repository, fails=True)
    assert answer in printed, printed
    ((step),) = re.findall(r"^ +next: +(.*)$", printed, re.MULTILINE)
    for start, command in CORRECTED.items():
        if step.startswith(start):
            step = command
    assert shlex.split(step)[0] in ("nbarank", "dvc", "ls"), printed
    assert typed(step, repository), step
    git(repository, "checkout", "-q", "--", "params.yaml")
