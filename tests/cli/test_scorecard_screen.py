"""The scorecard's screen: its size, what it shows, and nothing of Markdown."""

import numpy as np
import pandas as pd
import pytest

from nbarank.cli.scorecard_screen import COMPARED, GOOD, print_full, print_screen
from nbarank.evaluation.comparisons import paired_differences, rows_of
from nbarank.evaluation.rank_metrics import lower_is_better
from nbarank.evaluation.scorecard import COLUMNS

SEASONS = [f"20{year}-{year + 1}" for year in range(14, 23)]
ROLES = {"validation": SEASONS[:8], "test": SEASONS[8:]}


def card(lead: float) -> pd.DataFrame:
    """Return a scorecard in which the ensemble leads every baseline by about `lead`."""
    random = np.random.default_rng(0)
    scores = {(score.target, score.metric) for score in (*GOOD, *(one for one, _ in COMPARED))}
    rankers = {name for _, names in COMPARED for name in names} | {"ensemble"}
    rows = [
        [season, checkpoint, target, ranker, metric, value]
        for season in SEASONS
        for checkpoint in (0, 10, 25, 50, 75, 100)
        for target, metric in sorted(scores)
        for ranker in sorted(rankers)
        for gain in [(-lead if lower_is_better(metric) else lead) * (ranker == "ensemble")]
        for value in [0.5 + gain + random.normal(0, 0.01)]
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def certain_cells(rows: pd.DataFrame) -> int:
    """Count the cells of the screen that `nbarank compare` calls certain, and better."""
    count = 0
    for score, baselines in COMPARED:
        for baseline in baselines:
            found = paired_differences(rows_of(rows, "ensemble"), rows_of(rows, baseline), 0.95)
            found = found[(found["target"] == score.target) & (found["metric"] == score.metric)]
            better = (found["difference"] < 0) == lower_is_better(score.metric)
            count += int((better & (found["p_adjusted"] < 0.05)).sum())
    return count


@pytest.mark.parametrize(("lead", "stars"), [(0.2, 72), (0.02, 21), (0.0, 1), (-0.2, 0)])
def test_one_screen(lead: float, stars: int, capsys: pytest.CaptureFixture[str]) -> None:
    rows = card(lead)
    print_screen(rows, ROLES, 0.95)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "8 validation seasons, 2014-15 to 2021-22" in text and "Test, 2022-23" in text
    assert not any(mark in text for mark in ("**", "|", "…", "#"))
    compared = text.split("Compared with")[1].split("Ensemble minus")[0]
    cells = sum(len(names) for _, names in COMPARED) * 6
    expected = certain_cells(rows[rows["season"].isin(ROLES["validation"])])
    assert compared.count("*") == expected == stars
    assert compared.count("[") == cells // 6


def test_means_and_differences_are_those_of_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    rows = card(0.05)
    print_screen(rows, ROLES, 0.95)
    text = capsys.readouterr().out
    of_metric = rows[(rows["metric"] == "line_logloss") & rows["season"].isin(SEASONS[:8])]
    means = of_metric.groupby(["ranker", "checkpoint"])["value"].mean()
    difference = means["ensemble"] - means["market"]
    shown = next(line for line in text.splitlines() if line.strip().startswith("market"))
    got = [float(cell.rstrip("*")) for cell in shown.split("[")[0].split()[1:]]
    np.testing.assert_allclose(got, difference.to_numpy(), atol=5e-4)


def test_the_full_page_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    print_full("# Scorecard\n\n| a | 0 % |\n|---|---:|\n| ensemble | **0.5** |\n")
    text = capsys.readouterr().out
    assert "ensemble" in text and "**" not in text and "|---" not in text
