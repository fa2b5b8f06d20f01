"""Commands and options in README, CONTRIBUTING and docs exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from nbarank.cli.main import app
from nbarank.core.sections import read_yaml
from nbarank.dvc.param_values import flattened
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_COMMAND = re.compile(r"(?:^|`)((?:nbarank|python -m benchmarks\.)[^`\n#]*)", re.MULTILINE)


def commands(page: Path) -> list[str]:
    """Return every `nbarank ...` and `python -m benchmarks...` of a page, in text or in blocks."""
    return [match.strip() for match in _COMMAND.findall(page.read_text(encoding="utf-8"))]


SHOWN = [(page.name, command) for page in PAGES for command in commands(page)]


def test_the_readme_shows_commands() -> None:
    assert len(commands(ROOT / "README.md")) > 5


@pytest.mark.parametrize(("page", "command"), sorted(set(SHOWN)))
def test_a_documented_command_exists(page: str, command: str) -> None:
    words = shlex.split(command, comments=True)
    if words[:2] == ["python", "-m"]:
        assert (ROOT / (words[2].replace(".", "/") + ".py")).is_file(), f"{page}: {command}"
        return
    node = typer.main.get_command(app)
    rest = words[1:]
    while rest and rest[0] in getattr(node, "commands", {}):
        node, rest = node.commands[rest[0]], rest[1:]
    if rest and hasattr(node, "commands") and re.fullmatch(r"[a-z-]+", rest[0]):
        raise AssertionError(f"{page}: there is no '{rest[0]}' in `{command}`")
    options = {option for parameter in node.params for option in parameter.opts} | {"--help"}
    shown = {word.split("=")[0] for word in rest if word.startswith("--")}
    assert shown <= options, f"{page}: {sorted(shown - options)} in `{command}`"


def test_settings_shown_in_the_readme_are_parameters() -> None:
    known = flattened(read_yaml(ROOT / "params.yaml"))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"-S ([a-z_.]+)=", text)
    assert shown
    assert set(shown) <= set(known)


def test_the_architecture_page_shows_which_stages_an_edit_re_runs() -> None:
    printed = CliRunner().invoke(app, ["pipeline", "rooms"]).stdout
    assert printed.startswith("| an edit in")
    assert printed in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
