"""Write docs/results.md from a run on real seasons.

    python -m benchmarks.results_page --run FOLDER [--published FILE]

FOLDER has the metrics/ of the run (scorecard.csv and .md); FILE is the output of
`benchmarks.anchors`, which is appended.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pandas as pd

from nbarank.core.markdown import markdown_table
from nbarank.core.tables import write_text
from nbarank.evaluation.comparisons import read_scorecard
from nbarank.evaluation.rank_metrics import lower_is_better

PAGE = Path("docs/results.md")
COMMAND = (
    "`nbarank run -S data.source=folder -S data.folder.path=PATH`, PATH being a folder of box "
    "scores of 2010-11 to 2022-23 ([data.md](data.md)), then `python -m benchmarks.results_page`"
)
BLIND = """
Spearman of ensemble, standings and Elo, mean of 2023-24 and 2024-25:

| final standings | 10 % | 25 % | 50 % | 75 % | 100 % |
|---|---:|---:|---:|---:|---:|
| ensemble | .749 | .836 | .917 | .952 | 1 |
| standings | .637 | .828 | .931 | .953 | 1 |
| Elo | .723 | .809 | .891 | .915 | .924 |

| playoff outcome | 10 % | 25 % | 50 % | 75 % | 100 % |
|---|---:|---:|---:|---:|---:|
| ensemble | .774 | .800 | .870 | .900 | .960 |
| standings | .654 | .788 | .865 | .887 | .944 |
| Elo | .721 | .771 | .839 | .864 | .896 |

The champion's log-loss is 1.55, 1.45, .90, .63 and .53 at the same checkpoints. On 1,439 single
games the ensemble is .0136 behind the closing line and Elo .0182. In words: ahead of the standings
early, level from a quarter of the season on, and .014 behind them at half season with the final
standings.
"""
INTRODUCTION = f"""# Results on real seasons

Written by {COMMAND}. Every season is scored by models, blends and calibrations of earlier seasons
(walk-forward). [metrics.md](metrics.md) explains the scores.

## Roles of the seasons

- `validation`, 2014-15 to 2021-22: choices were made on them, so their figures are somewhat too
  good.
- `test`, from 2022-23: reported. 2022-23 is not untouched: it is in the means of several documents
  in which choices were made.
- **Blind**, 2023-24 and 2024-25: scored once, on the code of commit 8c3cf61, and not available to
  anyone who made a modelling choice. Anyone with their box scores can print the figures with
  `nbarank run -S data.source=folder -S data.folder.path=PATH` and these seasons as `seasons.test`.

Other choices that were not blind: the Deep Set's values were not set blind; the drift of strength
and the moments of the simulated league come from 2014-15 to 2022-23; the home court of the first
test season comes from later seasons.

## Blind seasons
{BLIND}
"""


SET_IN_ADVANCE = {
    ("playoff_outcome", "spearman"): {10: 0.735, 25: 0.780, 50: 0.850, 75: 0.938, 100: 0.960},
    ("final_rank", "spearman"): {0: 0.71, 10: 0.77, 25: 0.82, 50: 0.896, 75: 0.968},
    ("title", "title_logloss"): {10: 1.80, 25: 1.73, 50: 1.62, 75: 1.66, 100: 2.00},
    ("wins", "wins_rmse"): {0: 8.0},
}
"""Targets of the ensemble's means over all scored seasons, by target, metric and checkpoint."""
CONCLUSIONS = """## Conclusions

- The lead over the standings has an interval above zero at 10 and 25 % of the season, and contains
  zero from half of it on; few cells remain after the adjustment for all comparisons of a table
  (bold). Against the record projected by Elo, which knows what both know,
  little remains after a quarter of the season.
- The 80 % intervals of final wins contain about 80 %: they are right.
- On single games the closing line is better, and before the first game the betting market ranks
  teams better (`python -m benchmarks.opening_night`).

Targets set in advance, means over all scored seasons:

"""


def targets_table(card: pd.DataFrame) -> str:
    """Return the targets with what was reached, as Markdown."""
    own = card[card["ranker"] == "ensemble"]
    means = own.groupby(["target", "metric", "checkpoint"])["value"].mean()
    rows = []
    for (target, metric), wanted in SET_IN_ADVANCE.items():
        for checkpoint, goal in wanted.items():
            value = means[target, metric, checkpoint]
            met = value <= goal if lower_is_better(metric) else value >= goal
            verdict = "met" if met else f"missed by {abs(value - goal):.3f}"
            name = f"{target}, {metric}, {checkpoint} %"
            rows.append([name, f"{goal:g}", f"{value:.3f}", verdict])
    return "\n".join(markdown_table(["", "target", "reached", ""], rows)) + "\n\n"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True, help="folder of a run")
    parser.add_argument("--published", type=Path, help="what benchmarks.anchors printed")
    options = parser.parse_args()
    card = (options.run / "metrics" / "scorecard.md").read_text(encoding="utf-8")
    head, *sections = re.split(r"^## ", card, flags=re.MULTILINE)
    kept = [section for section in sections if not section.startswith("Health")]
    scores = read_scorecard(options.run / "metrics" / "scorecard.csv")
    text = INTRODUCTION + CONCLUSIONS + targets_table(scores)
    text += "## Scorecard\n\n" + head.split("\n", 2)[2].strip() + "\n\n"
    text += "".join(f"### {section.strip()}\n\n" for section in kept)
    if options.published:
        printed = options.published.read_text(encoding="utf-8")
        text += "## Comparison with published figures\n\n"
        text += "`python -m benchmarks.anchors --anchors ANCHORS --data data`. Published figures "
        text += "are compared with and never an input.\n\n```\n"
        text += re.sub(r"\n[\d.]+ s, \d+ MB at most\n", "", printed).strip()
        text += "\n```\n"
    write_text(PAGE, text.rstrip() + "\n")


if __name__ == "__main__":
    main()
