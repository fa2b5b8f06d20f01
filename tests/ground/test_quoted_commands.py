"""Values in the commands that errors print are quoted for the shell."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbarank.core.errors import ParamsError
from nbarank.core.sections import parse_section, read_yaml
from nbarank.dvc.params_file import check_content
from tests.conftest import ROOT

COMMAND = re.compile(r"(^|[ ;&(])(git|dvc|rm|mv|cp|cd|ls|df|pip|nbarank)( [^{},:;]*)? $")
SAFE = {
    *("PARAMS_FILE", "CALENDAR_FILE", "TEAMS_FILE", "RAW", "MANIFEST", "SCORECARD_FILE"),
    *("operation", "command", "shown", "restore", "season", "nearest", "STORAGE_VARIABLE"),
    *("quoted", "directory", "known", "REFERENCE", "revision", "FOLDER"),
}
"""Constants, texts that are quoted where they are made, and values of a bounded form."""


def names_of(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


def unquoted(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and code of every value that follows a command in an f-string unquoted."""
    for text in ast.walk(tree):
        if not isinstance(text, ast.JoinedStr):
            continue
        before = ""
        for part in text.values:
            if isinstance(part, ast.Constant):
                before = str(part.value)
            elif isinstance(part, ast.FormattedValue):
                names = names_of(part.value)
                day = part.format_spec is not None and "%Y" in ast.unparse(part.format_spec)
                bounded = day or names & (SAFE | {"quote", "join"})
                if COMMAND.search(before.split("\n")[-1]) and not bounded:
                    yield part.lineno, ast.unparse(part.value)
                before = ""


@pytest.mark.parametrize(
    "path", sorted((ROOT / "nbarank").rglob("*.py")), ids=lambda p: p.relative_to(ROOT).as_posix()
)
def test_values_after_a_command_are_quoted(path: Path) -> None:
    found = list(unquoted(ast.parse(path.read_text(encoding="utf-8"))))
    if path.match("cli/runs.py"):  # a name that `require_name` has checked
        found = [(line, code) for line, code in found if code != "name"]
    assert found == []


def test_an_unquoted_value_is_found() -> None:
    assert list(unquoted(ast.parse('f"rm -f {path}; x"'))) == [(1, "path")]
    assert list(unquoted(ast.parse('f"rm -f {quote(path)}; edit {path}"'))) == []


@pytest.mark.parametrize("name", ["a b; rm x.yaml", "$(x).yaml", "it's.yaml"])
def test_the_command_after_an_invalid_file_names_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("[")
    with pytest.raises(ParamsError) as caught:
        read_yaml(path)
    assert shlex.split(str(caught.value.next_command)) == ["git", "diff", str(path)]


def test_the_command_after_an_invalid_value_of_a_run_does_not_edit_a_file() -> None:
    from nbarank.core.params import ReproParams

    with pytest.raises(ParamsError) as caught:
        parse_section(ReproParams, {}, "params.yaml with the values of this run")
    assert caught.value.next_command == "nbarank params check"
    with pytest.raises(ParamsError) as caught:
        parse_section(ReproParams, {}, "params.yaml")
    assert str(caught.value.next_command).endswith("git diff params.yaml")
    with pytest.raises(ParamsError) as caught:
        check_content({}, "params.yaml with a = 1")
    assert caught.value.next_command == "git checkout -- params.yaml"
