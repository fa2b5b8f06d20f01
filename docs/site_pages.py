"""Hooks of mkdocs: pages that are generated from the code or are in the root of the repository.

`python -m mkdocs build` runs them (mkdocs.yml); nothing is written into docs/.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from nbarank.cli.main import app
from nbarank.core.markdown import markdown_table
from nbarank.core.sections import PARAMS_FILE

ROOT = Path(__file__).resolve().parent.parent
FROM_ROOT = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    "CHANGELOG.md": "CHANGELOG.md",
}
"""Page of the site by file in the root."""
_LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from the root and the generated ones."""
    for source, page in FROM_ROOT.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_in_site(text, "")))
    files.append(File.generated(config, "reference/params.md", content=params_page()))
    files.append(File.generated(config, "reference/cli.md", content=cli_page()))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Point links that leave docs/ at the pages from the root."""
    uri = page.file.src_uri
    return markdown if uri in FROM_ROOT.values() else _in_site(markdown, f"docs/{uri}")


def _in_site(text: str, source: str) -> str:
    """Return a text with links relative to `source` in the repository as links in the site."""
    here = posixpath.dirname(source.removeprefix("docs/"))

    def target(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), match[1]))
        page = FROM_ROOT.get(path, path.removeprefix("docs/"))
        return f"]({posixpath.relpath(page, here or '.')}"

    return _LINK.sub(target, text)


def params_page() -> str:
    """Return params.yaml as a page with one heading for each section."""
    text = (ROOT / PARAMS_FILE).read_text(encoding="utf-8")
    parts = re.split(r"^(?=[a-z]\w*:)", text, flags=re.MULTILINE)[1:]
    lines = [
        "# Parameters",
        "",
        "The default params.yaml. In brackets: the legal values. `nbarank params check` validates "
        "the file, `-S section.key=value` changes a value for one run.",
    ]
    for part in parts:
        lines += ["", f"## {part.split(':')[0]}", "", "```yaml", part.rstrip(), "```"]
    return "\n".join(lines) + "\n"


def cli_page() -> str:
    """Return the help of every command."""
    lines = [
        "# Command line",
        "",
        "The help of every command, as `nbarank COMMAND --help` prints it.",
    ]
    for name, command in _commands("nbarank", typer.main.get_command(app)):
        lines += ["", f"## {name}", "", (command.help or "").replace("\b", "").strip(), ""]
        rows = [[_shown(one), _described(one)] for one in command.params if one.name != "help"]
        lines += markdown_table(["option or argument", "meaning"], rows, "ll") if rows else []
    return "\n".join(lines) + "\n"


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child in children:
        yield from _commands(f"{name} {child}", children[child])


def _shown(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.name.upper()}`"
    return ", ".join(f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts))


def _described(parameter: Any) -> str:
    text = getattr(parameter, "help", None) or ""
    default = parameter.default
    if isinstance(default, (int, float, str)) and not isinstance(default, bool):
        text += f" Default: {default}."
    return text.replace("|", "\\|").replace("\n", " ")
