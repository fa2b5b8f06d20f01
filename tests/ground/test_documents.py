"""What the documents name exists: commands, options, tables with their keys, tests of failures."""

import importlib
import json
import pkgutil
import re
import shlex
import unicodedata
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import nbarank.schemas
from nbarank.cli.main import app
from nbarank.core.sections import read_yaml
from nbarank.core.tables import Table
from nbarank.dvc.param_values import flattened
from nbarank.schemas.oof import BASE_MODELS, oof_table
from tests.conftest import ROOT

IN_ROOT = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PAGES = [*(ROOT / name for name in IN_ROOT), *sorted((ROOT / "docs").rglob("*.md"))]
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


def test_settings_shown_are_parameters() -> None:
    known = flattened(read_yaml(ROOT / "params.yaml"))
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    shown = re.findall(r"""-S ["']?([a-z_.]+)=""", text)
    assert len(shown) > 10
    assert set(shown) <= set(known)


@pytest.mark.parametrize("page", ["README.md", "docs/start.md", "docs/games.md"])
def test_teams_and_players_shown_are_of_the_simulated_league(page: str) -> None:
    file = ROOT / "nbarank" / "sources" / "simulated" / "names.json"
    names = json.loads(file.read_text(encoding="utf-8"))
    blocks = "".join(re.findall(r"```sh\n.*?```", (ROOT / page).read_text("utf-8"), re.DOTALL))
    shown = re.findall(r"(?:--team|--result) (\S+)", blocks)
    teams = {team for word in shown for team in re.split("[-=]", word)}
    assert teams and teams <= {abbreviation for abbreviation, _ in names["teams"]}
    for first, last in re.findall(r'--without "(\S+) (\S+)"', blocks):
        assert first in map(plain, names["first_names"])
        assert last in map(plain, names["last_names"])


def plain(name: str) -> str:
    """Return a name without accents, as `--without` finds it."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_internal_link_is_dead(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!\w+:)([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(file), f"{page.name}: {target}"


def test_the_architecture_page_shows_which_stages_an_edit_re_runs() -> None:
    printed = CliRunner().invoke(app, ["pipeline", "rooms"]).stdout
    assert printed.startswith("| an edit in")
    assert printed in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def tables() -> dict[str, Table]:
    modules = pkgutil.iter_modules(nbarank.schemas.__path__, "nbarank.schemas.")
    values = [v for module in modules for v in vars(importlib.import_module(module.name)).values()]
    found = [*(value for value in values if isinstance(value, Table)), *map(oof_table, BASE_MODELS)]
    return {table.name: table for table in found}


@pytest.mark.parametrize("name", sorted(tables()))
def test_a_table_is_in_the_data_dictionary(name: str) -> None:
    text = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    lines = text.split("## Columns of features/*")[0].splitlines()
    rows = [line for line in lines if line.startswith("|") and f"`{name}`" in line]
    assert len(rows) == 1
    assert f"| {', '.join(tables()[name].key)} |" in rows[0]


TEXT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8").split("## Known limits")[0]
ROWS = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")]
CASES = [(row[0], row[-1]) for row in ROWS if row[-1] != "test"]


def test_the_tables_have_rows() -> None:
    assert len(CASES) > 35


@pytest.mark.parametrize(("failure", "tests"), CASES)
def test_a_row_names_its_test(failure: str, tests: str) -> None:
    names = re.findall(r"[\w/]+", tests)
    assert names, failure
    for name in names:
        path = ROOT / (name if "/" in name else f"tests/reliability/{name}")
        assert path.is_dir() or path.with_suffix(".py").is_file(), f"{failure}: {name}"
