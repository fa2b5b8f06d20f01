"""The documentation site: built strictly, complete, and without the network."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbarank.core.sections import read_yaml
from nbarank.dvc.params_file import all_sections
from tests.conftest import ROOT

pytestmark = pytest.mark.xdist_group("site")  # built once
GENERATED = {"index.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def pages_of(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for part in nav.values():
            yield from pages_of(part)
    elif isinstance(nav, list):
        for part in nav:
            yield from pages_of(part)


def test_every_page_is_in_the_navigation(site: Path) -> None:
    listed = set(pages_of(read_yaml(ROOT / "mkdocs.yml")["nav"]))
    docs = ROOT / "docs"
    written = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    generated = {"reference/params.md", "reference/cli.md"}
    assert listed == written | generated | GENERATED, "mkdocs.yml: add the page to `nav`"
    for page in listed:
        assert (site / page).with_suffix(".html").is_file()


def test_pages_load_nothing_from_the_network(site: Path) -> None:
    loaded = re.compile(r"""<(?:script|img|iframe|source)[^>]*\bsrc=["']?(?:https?:)?//[^>]*>""")
    linked = re.compile(
        r"""<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|icon|preconnect))[^>]*
                        \bhref=["']?(?:https?:)?//[^>]*>""",
        re.VERBOSE,
    )
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not loaded.findall(text) + linked.findall(text), path.name
        assert 'class="mermaid"' not in text, "the theme loads mermaid from a CDN"


def test_the_reference_has_every_section_and_command(site: Path) -> None:
    params = (site / "reference" / "params.html").read_text(encoding="utf-8")
    for section in {path.split(".")[0] for path in all_sections()}:
        assert f'id="{section}"' in params
    cli = (site / "reference" / "cli.html").read_text(encoding="utf-8")
    for command in ("forecast", "sweep-run", "data-check", "verify"):
        assert f'id="nbarank-{command}"' in cli
    assert "--as-of" in cli
    python = (site / "reference" / "python.html").read_text(encoding="utf-8")
    assert "write_table" in python and "Raises" in python
