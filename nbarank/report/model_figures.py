"""Figures over all seasons: rankings beside baselines, probabilities, what the models look at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbarank.report.style import (
    BLUE,
    DOWN,
    INK,
    LINES,
    MUTED,
    UP,
    Picture,
    drawing,
    grid,
    to_svg,
)

TARGETS = {
    "final_rank": "with the final standings",
    "playoff_outcome": "with the playoff result",
}
COMPARED = ("ensemble", "standings", "point_diff", "srs", "elo", "last_season")
NAMES = {
    "ensemble": "ensemble",
    "standings": "standings",
    "point_diff": "point difference",
    "srs": "SRS",
    "elo": "Elo",
    "last_season": "last season",
    "xgb": "XGBoost",
    "rf": "forest",
    "deepset": "Deep Set",
}
DOTS = 700
"""Teams drawn in the figures of SHAP; more make the file heavy and the picture no clearer."""


def spearman(curves: pd.DataFrame, intervals: pd.DataFrame, coverage: float) -> Picture:
    """Draw rank correlation by checkpoint, and each ranker's lead over the standings.

    Parameters
    ----------
    curves
        Rows of metrics/scorecard.csv of the validation seasons.
    intervals
        metrics/intervals.csv.
    coverage
        Of the intervals.
    """
    rows = intervals[(intervals["metric"] == "spearman") & (intervals["checkpoint"] != "mean")]
    rows = rows[rows["baseline"] == "standings"]
    rows = rows.assign(checkpoint=rows["checkpoint"].astype(int))
    scored = curves[(curves["metric"] == "spearman") & curves["target"].isin(list(TARGETS))]
    means = scored.groupby(["target", "ranker", "checkpoint"])["value"].mean().reset_index()
    with drawing() as plt:
        figure, panels = plt.subplots(2, 2, figsize=(8.0, 6.0), sharex=True, sharey="row")
        for column, (target, title) in enumerate(TARGETS.items()):
            above, below = panels[:, column]
            for number, ranker in enumerate(COMPARED):
                colour, dash, marker = LINES[number]
                curve = means[(means["target"] == target) & (means["ranker"] == ranker)]
                above.plot(
                    curve["checkpoint"], curve["value"],
                    color=colour, linestyle=dash, marker=marker, label=NAMES[ranker],
                )  # fmt: skip
            for number, ranker in enumerate(("ensemble", "elo", "srs")):
                part = rows[(rows["target"] == target) & (rows["ranker"] == ranker)]
                part = part.sort_values("checkpoint")
                colour, dash, marker = LINES[COMPARED.index(ranker)]
                error = [part["difference"] - part["low"], part["high"] - part["difference"]]
                below.errorbar(
                    part["checkpoint"] + 1.6 * (number - 1), part["difference"], yerr=error,
                    color=colour, linestyle="none", marker=marker, capsize=2.5, elinewidth=1.2,
                    label=NAMES[ranker],
                )  # fmt: skip
            below.axhline(0.0, color=INK, linewidth=0.9)
            above.set_title(f"Agreement {title}")
            below.set_xticks(sorted(means["checkpoint"].unique()))
            below.set_xlabel("per cent of the season played")
            grid(above)
            grid(below)
        panels[0, 0].set_ylabel("Spearman")
        panels[1, 0].set_ylabel("Spearman minus\nthe standings'")
        # One legend above all panels: inside of one it would lie on a curve.
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper center", ncols=len(labels))
        figure.tight_layout(rect=(0.0, 0.0, 1.0, 0.95))
        mine = rows[(rows["ranker"] == "ensemble") & (rows["target"] == "final_rank")]
        told = "; ".join(f"{row.checkpoint} %: {row.difference:+.3f}" for row in mine.itertuples())
        return Picture(
            "spearman",
            "Agreement with how the season ends",
            "Lines of Spearman correlation by share of the season for the ensemble and the "
            f"baselines, and below them the lead over the standings with {coverage:.0%} intervals. "
            f"Lead of the ensemble for the final standings: {told}.",
            "Means over the validation seasons. Below: lead over the standings to date with "
            f"{coverage:.0%} intervals over seasons; an interval that holds zero decides nothing.",
            to_svg(figure),
        )


def reliability(diagram: pd.DataFrame) -> Picture:
    """Draw predicted against observed shares, a panel a kind of probability.

    Parameters
    ----------
    diagram
        plots/evaluation/reliability.csv: what, bin, count, predicted, observed.
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
        told = []
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
            told.append(f"{kind} {100 * np.average(off, weights=part['count']):.1f}")
        figure.supxlabel("predicted probability", fontsize=10)
        figure.supylabel("share that happened", fontsize=10)
        figure.tight_layout()
        return Picture(
            "reliability",
            "Do the probabilities mean what they say?",
            "Reliability diagrams of probabilities against what happened. Mean distance in "
            f"percentage points: {', '.join(told)}.",
            "On the line: what was called 70 % happened in 70 %. A dot's size: how many events; "
            "bars: its sampling error, too narrow where the same teams recur.",
            to_svg(figure),
        )


def shap_summary(values: pd.DataFrame, model: str, features: int, unit: str) -> Picture:
    """Draw what each feature adds, a dot a team and day, dark where the feature is high.

    Parameters
    ----------
    values
        Rows of explain/shap of one model.
    model
        'xgb' or 'rf'.
    features
        How many features are shown.
    unit
        Of the score.
    """
    size = values["shap"].abs().groupby(values["feature"]).mean()
    order = sorted(size.index, key=lambda name: (-size[name], name))[:features]
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(7.0, 1.0 + 0.36 * len(order)))
        for number, name in enumerate(order[::-1]):
            part = values[values["feature"] == name]
            part = part.iloc[np.linspace(0, len(part) - 1, min(DOTS, len(part))).astype(int)]
            axes.scatter(
                part["shap"], number + _beeswarm(part["shap"].to_numpy()),
                c=_within(part["value"].to_numpy()), cmap="cividis_r", s=5, linewidths=0,
                rasterized=True,
            )  # fmt: skip
        axes.axvline(0.0, color=INK, linewidth=0.9)
        axes.set_yticks(range(len(order)), [_words(name) for name in order[::-1]])
        axes.set_ylim(-0.6, len(order) - 0.4)
        axes.set_xlabel(f"adds to the score, {unit}")
        grid(axes, "x")
        told = ", ".join(f"{_words(name)} {size[name]:.2f}" for name in order[:4])
        return Picture(
            f"shap_{model}",
            f"What moves {NAMES[model]}",
            f"SHAP values of {NAMES[model]} by feature. Mean size in {unit}: {told}.",
            "A dot a team and day, explained by the model that never saw its season. Dark: the "
            "feature is high; light: low. Features that carry the same news share the credit.",
            to_svg(figure),
        )


def shap_dependence(values: pd.DataFrame, model: str, features: int, unit: str) -> Picture:
    """Draw what the leading features add against their value.

    Parameters are those of `shap_summary`.
    """
    size = values["shap"].abs().groupby(values["feature"]).mean()
    order = sorted(size.index, key=lambda name: (-size[name], name))[:features]
    with drawing() as plt:
        figure, panels = plt.subplots(
            1, len(order), figsize=(2.4 * len(order), 2.7), sharey=True, squeeze=False
        )
        for axes, name in zip(panels[0], order, strict=True):
            part = values[values["feature"] == name]
            part = part.iloc[np.linspace(0, len(part) - 1, min(DOTS, len(part))).astype(int)]
            axes.scatter(
                part["value"], part["shap"], s=6, color=BLUE, alpha=0.6, linewidths=0,
                rasterized=True,
            )  # fmt: skip
            axes.axhline(0.0, color=INK, linewidth=0.8)
            axes.set_xlabel(_words(name))
            grid(axes)
        panels[0, 0].set_ylabel(f"adds, {unit}")
        figure.tight_layout()
        return Picture(
            f"dependence_{model}",
            f"Dependence: leading features of {NAMES[model]}",
            f"Scatter plots of value against SHAP value for {', '.join(map(_words, order))}.",
            "Steps: the trees' splits. The spread at one value: what other features do to it.",
            to_svg(figure),
        )


def waterfall(values: pd.DataFrame, team: str, model: str, unit: str) -> Picture:
    """Draw how the features of one team lead from the mean score to its score.

    Parameters
    ----------
    values
        Rows of explain/shap of one model, team and day.
    team
        Name for the title.
    model, unit
        As in `shap_summary`.
    """
    order = values.assign(size=values["shap"].abs()).sort_values(
        ["size", "feature"], ascending=[True, False]
    )
    start = float(values["base"].iloc[0]) + np.r_[0.0, order["shap"].cumsum()[:-1]]
    end = float(values["base"].iloc[0] + values["shap"].sum())
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(6.6, 0.9 + 0.32 * len(order)))
        colours = [UP if value > 0 else DOWN for value in order["shap"]]
        labels = [f"{_words(row.feature)} = {row.value:.4g}" for row in order.itertuples()]
        axes.barh(labels, order["shap"], left=start, color=colours, height=0.7)
        axes.axvline(float(values["base"].iloc[0]), color=MUTED, linestyle=":", linewidth=1.0)
        axes.axvline(end, color=INK, linewidth=1.0)
        axes.set_xlabel(f"score, {unit}")
        grid(axes, "x")
        top = order.iloc[-1]
        return Picture(
            f"waterfall_{model}",
            f"Waterfall: {team} in the eyes of {NAMES[model]}",
            f"From a mean score of {float(values['base'].iloc[0]):.1f} to {end:.1f} {unit}; the "
            f"largest step is {_words(top['feature'])} with {top['shap']:+.1f}.",
            "Dotted: mean of the training rows; solid: the team's score. Dark bars add, light ones "
            "take away.",
            to_svg(figure),
        )


def gradients(sizes: pd.DataFrame, inputs: int, unit: str) -> Picture:
    """Draw how far teams of a day differ by what each input of the Deep Set adds.

    Parameters
    ----------
    sizes
        plots/explain/gradients.csv: of ('player' or 'team'), input, spread.
    inputs
        How many are shown.
    unit
        Of the score.
    """
    shown = sizes.sort_values(["spread", "input"], ascending=[False, True]).head(inputs)[::-1]
    labels = [f"{_words(row['input'])} ({row['of']})" for row in shown.to_dict("records")]
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(6.6, 1.0 + 0.3 * len(shown)))
        bars = axes.barh(
            labels,
            shown["spread"],
            color=[BLUE if of == "player" else "white" for of in shown["of"]],
            height=0.7,
        )  # fmt: skip
        for bar, of in zip(bars, shown["of"], strict=True):
            if of == "team":
                bar.set(edgecolor=INK, hatch="///", linewidth=0.8)
        axes.set_xlabel(f"difference between teams that it makes (SD), {unit}")
        grid(axes, "x")
        top = shown[::-1].head(4).to_dict("records")
        told = ", ".join(f"{_words(row['input'])} {row['spread']:.2f}" for row in top)
        return Picture(
            "gradients",
            "What moves the Deep Set",
            f"Integrated gradients by input. Standard deviation between teams of a day, in "
            f"{unit}: {told}.",
            "Solid: statistics of players, summed over the team. Hatched: inputs of the team.",
            to_svg(figure),
        )


def ablation(table: pd.DataFrame, unit: str, coverage: float) -> Picture:
    """Draw by how much a score changes without one player, by who is removed.

    Parameters
    ----------
    table
        plots/explain/ablation.csv.
    unit
        Of the score.
    coverage
        Of the intervals.
    """
    rows = table[table["measure"] == "size"][::-1]
    lead = table[table["measure"] != "size"].set_index("removed")
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(6.2, 2.4))
        error = [rows["mean"] - rows["low"], rows["high"] - rows["mean"]]
        known = not rows["low"].isna().any()
        axes.barh(
            rows["removed"], rows["mean"], xerr=error if known else None, capsize=2.5,
            color=[MUTED if name == "average other" else BLUE for name in rows["removed"]],
            height=0.6,
        )  # fmt: skip
        axes.set_xlabel(f"mean size of the change without the player, {unit}")
        grid(axes, "x")
        most = lead.loc["most attended"]
        return Picture(
            "ablation",
            "Does attention name the players who matter?",
            "Bars of the mean change of a team's score without one player. Removing the most "
            f"attended player changes it by {most['mean']:+.2f} {unit} more than removing an "
            f"average other one ({coverage:.0%} interval {most['low']:+.2f} to "
            f"{most['high']:+.2f}).",
            f"One player's slot emptied, nothing retrained. {coverage:.0%} intervals over seasons.",
            to_svg(figure),
        )


def _words(name: object) -> str:
    return str(name).replace("_", " ")


def _within(values: Any) -> Any:
    """Return values as ranks between 0 and 1, so that no single one takes all the shades."""
    ranks = pd.Series(values).rank(pct=True)
    return ranks.to_numpy()


def _beeswarm(values: Any) -> Any:
    """Return heights within ±0.38 that fan crowded values out, the same every time."""
    bins = np.floor((values - values.min()) / (np.ptp(values) / 60 + 1e-12)).astype(int)
    place = pd.Series(bins).groupby(bins).cumcount().to_numpy()
    most = max(int(place.max()), 1)
    signed = np.where(place % 2, 1, -1) * (place + 1) // 2
    return np.asarray(0.76 * signed / max(most, 12))
