"""Figures of the scorecard: rankers and baselines by checkpoint, reliability of probabilities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.report.names import RANKER_NAMES, TARGET_NAMES
from nbarank.report.style import BLUE, INK, LINES, MUTED, Picture, drawing, grid, to_svg

COMPARED = ("ensemble", "standings", "point_diff", "srs", "elo", "last_season")


def spearman(curves: pd.DataFrame, intervals: pd.DataFrame, coverage: float) -> Picture:
    """Draw rank correlation by checkpoint, and each ranker's lead over the standings.

    Parameters
    ----------
    curves
        Rows of metrics/scorecard.csv of the validation seasons.
    intervals
        metrics/intervals.csv.
    coverage
        Coverage of the intervals, for example 0.95.
    """
    rows = intervals[(intervals["metric"] == "spearman") & (intervals["checkpoint"] != "mean")]
    rows = rows[rows["baseline"] == "standings"]
    rows = rows.assign(checkpoint=rows["checkpoint"].astype(int))
    scored = curves[(curves["metric"] == "spearman") & curves["target"].isin(list(TARGET_NAMES))]
    means = scored.groupby(["target", "ranker", "checkpoint"])["value"].mean().reset_index()
    with drawing() as plt:
        figure, panels = plt.subplots(2, 2, figsize=(8.0, 6.0), sharex=True, sharey="row")
        for column, (target, name) in enumerate(TARGET_NAMES.items()):
            above, below = panels[:, column]
            for number, ranker in enumerate(COMPARED):
                colour, dash, marker = LINES[number]
                curve = means[(means["target"] == target) & (means["ranker"] == ranker)]
                above.plot(
                    curve["checkpoint"], curve["value"],
                    color=colour, linestyle=dash, marker=marker, label=RANKER_NAMES[ranker],
                )  # fmt: skip
            for number, ranker in enumerate(("ensemble", "elo", "srs")):
                part = rows[(rows["target"] == target) & (rows["ranker"] == ranker)]
                part = part.sort_values("checkpoint")
                colour, dash, marker = LINES[COMPARED.index(ranker)]
                error = [part["difference"] - part["low"], part["high"] - part["difference"]]
                below.errorbar(
                    part["checkpoint"] + 1.6 * (number - 1), part["difference"], yerr=error,
                    color=colour, linestyle="none", marker=marker, capsize=2.5, elinewidth=1.2,
                    label=RANKER_NAMES[ranker],
                )  # fmt: skip
            below.axhline(0.0, color=INK, linewidth=0.9)
            above.set_title(f"Agreement with {name}")
            below.set_xticks(sorted(means["checkpoint"].unique()))
            below.set_xlabel("per cent of the season played")
            grid(above)
            grid(below)
        panels[0, 0].set_ylabel("Spearman")
        panels[1, 0].set_ylabel("Spearman minus\nthe standings'")
        # One legend above all panels: inside a panel it would cover a curve.
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper center", ncols=len(labels))
        figure.tight_layout(rect=(0.0, 0.0, 1.0, 0.95))
        mine = rows[(rows["ranker"] == "ensemble") & (rows["target"] == "final_rank")]
        leads = "; ".join(f"{row.checkpoint} %: {row.difference:+.3f}" for row in mine.itertuples())
        return Picture(
            "spearman",
            "Agreement with the end of the season",
            "Lines of Spearman correlation by share of the season for the ensemble and the "
            f"baselines, and below them the lead over the standings with {coverage:.0%} intervals. "
            f"Lead of the ensemble for the final standings: {leads}.",
            "Means over the validation seasons. Below: lead over the standings to date with "
            f"{coverage:.0%} intervals over seasons; an interval with zero is not significant.",
            to_svg(figure),
        )


def reliability(diagram: pd.DataFrame) -> Picture:
    """Draw predicted against observed shares, a panel for each kind of probability.

    `diagram` is data/evaluation/reliability.csv: what, bin, count, predicted, observed.
    """
    shown = diagram[diagram["count"] > 0]
    kinds = list(dict.fromkeys(shown["what"]))
    rows = -(-len(kinds) // 3)
    with drawing() as plt:
        figure, panels = plt.subplots(
            rows, 3, figsize=(7.6, 2.6 * rows + 0.3), sharex=True, sharey=True, squeeze=False
        )
        for axes in panels.ravel()[len(kinds) :]:
            axes.set_visible(False)
        distances = []
        for axes, kind in zip(panels.ravel(), kinds, strict=False):
            part = shown[shown["what"] == kind]
            error = np.sqrt(part["observed"] * (1 - part["observed"]) / part["count"])
            axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1.0)
            axes.errorbar(
                part["predicted"], part["observed"], yerr=1.96 * error,
                color=BLUE, marker="none", linestyle="-", capsize=2.0, elinewidth=0.9,
                linewidth=1.2,
            )  # fmt: skip
            size = 6.0 + 60.0 * part["count"] / part["count"].max()
            axes.scatter(part["predicted"], part["observed"], s=size, color=BLUE, zorder=3)
            axes.set_title(kind, fontsize=8.5)
            axes.set_xlim(0, 1)
            axes.set_ylim(0, 1)
            axes.tick_params(labelbottom=True)
            grid(axes, "both")
            off = (part["predicted"] - part["observed"]).abs()
            distances.append(f"{kind} {100 * np.average(off, weights=part['count']):.1f}")
        figure.supxlabel("predicted probability", fontsize=10)
        figure.supylabel("share that happened", fontsize=10)
        figure.tight_layout()
        return Picture(
            "reliability",
            "Reliability of the probabilities",
            "Reliability diagrams of probabilities against what happened. Mean distance in "
            f"percentage points: {', '.join(distances)}.",
            "On the line: events predicted at 70 % happened in 70 % of cases. Dot size: number of "
            "events; bars: sampling error, too narrow if the same teams recur.",
            to_svg(figure),
        )
