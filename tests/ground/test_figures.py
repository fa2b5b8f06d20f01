"""Figures of the README are those of docs/results.md, which a command writes from a run."""

import re

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")


def table_after(heading: str, first_cell: str) -> dict[str, list[float]]:
    """Return the rows of the first table below a heading whose first cell starts so."""
    section = RESULTS.split(f"### {heading}\n")[1].split("\n### ")[0]
    lines = section.split(f"| {first_cell}")[1].split("\n\n")[0].splitlines()[2:]
    return dict(map(cells, lines))


def cells(line: str) -> tuple[str, list[float]]:
    """Return the name and the numbers of a row; an empty cell is NaN."""
    name, *values = (cell.strip(" *") for cell in line.strip().strip("|").split("|"))
    return name, [float(value) if value else float("nan") for value in values]


def readme_rows() -> dict[str, list[float]]:
    table = README.split("## Is it any good?")[1].split("| by share")[1].split("\n\n")[0]
    return dict(cells(line) for line in table.splitlines()[2:])


@pytest.mark.parametrize(
    ("name", "ranker", "heading", "first", "digits"),
    [
        (r"final standings: ensemble", "ensemble", "Final standings", "Spearman", 3),
        (r"^standings", "standings", "Final standings", "Spearman", 3),
        (r"^Elo", "elo", "Final standings", "Spearman", 3),
        (r"wins \(RMSE\): ensemble", "ensemble", "Projected wins", "Error of projected", 1),
    ],
)
def test_the_readmes_table(name: str, ranker: str, heading: str, first: str, digits: int) -> None:
    (shown,) = [row for key, row in readme_rows().items() if re.search(name, key)]
    expected = table_after(heading, first)[ranker][: len(shown)]
    assert shown == pytest.approx(expected, abs=0.5001 * 10**-digits, nan_ok=True)


def test_the_readmes_intervals() -> None:
    measured = RESULTS.replace("*", "").replace("0.", ".")
    lead = r"[+-]\.\d{3}\s\[[+-]\.\d{3},\s[+-]\.\d{3}\]"
    shown = [" ".join(text.split()) for text in re.findall(lead, README)]
    assert len(shown) == 5
    assert [text for text in shown if text not in measured] == []


def test_the_readme_opens_with_figures_of_its_table() -> None:
    opening = README.split("## Quick start")[0]
    shown = [float(text) for text in re.findall(r"(?<= )\.\d{3}", opening)]
    rows = readme_rows()
    assert shown == [rows["Spearman with the final standings: ensemble"][2], rows["standings"][2]]


def test_the_comparison_has_figures_of_the_results() -> None:
    page = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    section = page.split("### Measured")[1].split("\n## ")[0]
    shown = [f"0{v}" if v[0] == "." else v for v in re.findall(r"\d?\.\d{2,4}", section)]
    measured = set(re.findall(r"\d\.\d+", RESULTS))
    assert len(shown) > 30
    assert [value for value in shown if value not in measured] == []


def test_documents_do_not_call_the_test_season_untouched() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    assert not [page.name for page in pages if "never tuned on" in page.read_text(encoding="utf-8")]
