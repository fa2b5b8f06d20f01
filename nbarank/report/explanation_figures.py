"""Figures that explain scores: SHAP of the trees, integrated gradients and removal of players.

`unit` is the unit of the explained score.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbarank.report.names import RANKER_NAMES, words
from nbarank.report.style import BLUE, DOWN, INK, MUTED, UP, Picture, drawing, grid, to_svg

TREES = ("xgb", "rf")
FEATURES = 12
"""Features in the figures of SHAP; twice as many inputs in that of integrated gradients."""
DEPENDENCE_FEATURES = 3
DOTS = 700
"""Teams drawn per feature; more make the file larger and the picture no clearer."""


def draw_explanations(
    shap: pd.DataFrame,
    integrated_gradients: pd.DataFrame,
    removal: pd.DataFrame,
    unit: str,
    deepset_unit: str,
    coverage: float,
) -> list[Picture]:
    """Draw all figures that explain models, in the order of the page.

    Parameters
    ----------
    shap
        Table explain/shap.
    integrated_gradients, removal
        data/explain/gradients.csv and data/explain/ablation.csv.
    unit, deepset_unit
        Units of the scores of the trees and of the Deep Set.
    coverage
        `evaluation.interval`.
    """
    pictures = []
    for model in TREES:
        values = shap[shap["model"] == model]
        pictures.append(shap_summary(values, model, FEATURES, unit))
        pictures.append(shap_dependence(values, model, DEPENDENCE_FEATURES, unit))
    pictures.append(gradients(integrated_gradients, 2 * FEATURES, deepset_unit))
    pictures.append(ablation(removal, deepset_unit, coverage))
    return pictures


def draw_team(shap: pd.DataFrame, team: str, unit: str) -> list[Picture]:
    """Draw the waterfall of one team, for each tree model with rows in `shap` (one day's)."""
    by_model = {model: shap[shap["model"] == model] for model in TREES}
    return [
        waterfall(values, team, model, unit) for model, values in by_model.items() if len(values)
    ]


def shap_summary(values: pd.DataFrame, model: str, features: int, unit: str) -> Picture:
    """Draw SHAP values by feature, a dot for each team and day, dark where the feature is high.

    `values` are the rows of explain/shap of one model; `features` is the number of features to
    show.
    """
    size = _mean_size(values)
    order = list(size.index[:features])
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(7.0, 1.0 + 0.36 * len(order)))
        for number, name in enumerate(order[::-1]):
            part = _some(values[values["feature"] == name])
            axes.scatter(
                part["shap"], number + _beeswarm(part["shap"].to_numpy()),
                c=_within(part["value"].to_numpy()), cmap="cividis_r", s=5, linewidths=0,
                rasterized=True,
            )  # fmt: skip
        axes.axvline(0.0, color=INK, linewidth=0.9)
        axes.set_yticks(range(len(order)), [words(name) for name in order[::-1]])
        axes.set_ylim(-0.6, len(order) - 0.4)
        axes.set_xlabel(f"adds to the score, {unit}")
        grid(axes, "x")
        largest = ", ".join(f"{words(name)} {size[name]:.2f}" for name in order[:4])
        return Picture(
            f"shap_{model}",
            f"SHAP values of {RANKER_NAMES[model]}",
            f"SHAP values of {RANKER_NAMES[model]} by feature. Mean size in {unit}: {largest}.",
            "A dot for each team and day, explained by a model fitted without that season. Dark: "
            "high value of the feature; light: low. Correlated features share the effect.",
            to_svg(figure),
        )


def shap_dependence(values: pd.DataFrame, model: str, features: int, unit: str) -> Picture:
    """Draw SHAP value against feature value; arguments as in `shap_summary`."""
    order = list(_mean_size(values).index[:features])
    with drawing() as plt:
        figure, panels = plt.subplots(
            1, len(order), figsize=(2.4 * len(order), 2.7), sharey=True, squeeze=False
        )
        for axes, name in zip(panels[0], order, strict=True):
            part = _some(values[values["feature"] == name])
            axes.scatter(
                part["value"], part["shap"], s=6, color=BLUE, alpha=0.6, linewidths=0,
                rasterized=True,
            )  # fmt: skip
            axes.axhline(0.0, color=INK, linewidth=0.8)
            axes.set_xlabel(words(name))
            grid(axes)
        panels[0, 0].set_ylabel(f"adds, {unit}")
        figure.tight_layout()
        return Picture(
            f"dependence_{model}",
            f"Dependence on the leading features of {RANKER_NAMES[model]}",
            f"Scatter plots of value against SHAP value for {', '.join(map(words, order))}.",
            "Steps: splits of the trees. Vertical scatter at one value: interaction with other "
            "features.",
            to_svg(figure),
        )


def waterfall(values: pd.DataFrame, team: str, model: str, unit: str) -> Picture:
    """Draw how the features of one team lead from the mean score to its score.

    `values` are the rows of explain/shap of one model, team and day; `team` is its name.
    """
    order = values.assign(size=values["shap"].abs()).sort_values(
        ["size", "feature"], ascending=[True, False]
    )
    start = float(values["base"].iloc[0]) + np.r_[0.0, order["shap"].cumsum()[:-1]]
    end = float(values["base"].iloc[0] + values["shap"].sum())
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(6.6, 0.9 + 0.32 * len(order)))
        colours = [UP if value > 0 else DOWN for value in order["shap"]]
        labels = [f"{words(row.feature)} = {row.value:.4g}" for row in order.itertuples()]
        axes.barh(labels, order["shap"], left=start, color=colours, height=0.7)
        axes.axvline(float(values["base"].iloc[0]), color=MUTED, linestyle=":", linewidth=1.0)
        axes.axvline(end, color=INK, linewidth=1.0)
        axes.set_xlabel(f"score, {unit}")
        grid(axes, "x")
        top = order.iloc[-1]
        return Picture(
            f"waterfall_{model}",
            f"Waterfall: score of {team} by {RANKER_NAMES[model]}",
            f"From a mean score of {float(values['base'].iloc[0]):.1f} to {end:.1f} {unit}; the "
            f"largest step is {words(top['feature'])} with {top['shap']:+.1f}.",
            "Dotted: mean of the training rows; solid: the team's score. Dark bars add to the "
            "score, light bars subtract.",
            to_svg(figure),
        )


def gradients(sizes: pd.DataFrame, inputs: int, unit: str) -> Picture:
    """Draw the SD between teams of a day of each input's integrated gradients.

    `sizes` is data/explain/gradients.csv: of ('player' or 'team'), input, spread; `inputs` is the
    number of inputs to show.
    """
    shown = sizes.sort_values(["spread", "input"], ascending=[False, True]).head(inputs)[::-1]
    labels = [f"{words(row['input'])} ({row['of']})" for row in shown.to_dict("records")]
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(6.6, 1.0 + 0.3 * len(shown)))
        colours = [BLUE if of == "player" else "white" for of in shown["of"]]
        bars = axes.barh(labels, shown["spread"], color=colours, height=0.7)
        for bar, of in zip(bars, shown["of"], strict=True):
            if of == "team":
                bar.set(edgecolor=INK, hatch="///", linewidth=0.8)
        axes.set_xlabel(f"difference between teams that it makes (SD), {unit}")
        grid(axes, "x")
        top = shown[::-1].head(4).to_dict("records")
        largest = ", ".join(f"{words(row['input'])} {row['spread']:.2f}" for row in top)
        return Picture(
            "gradients",
            "Integrated gradients of the Deep Set",
            f"Integrated gradients by input. Standard deviation between teams of a day, in "
            f"{unit}: {largest}.",
            "Solid: player inputs, summed over the team. Hatched: team inputs.",
            to_svg(figure),
        )


def ablation(table: pd.DataFrame, unit: str, coverage: float) -> Picture:
    """Draw the change of a team's score without one player, by the player removed.

    `table` is data/explain/ablation.csv; `coverage` is that of its intervals.
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
            "Effect of removing one player",
            "Bars of the mean change of a team's score without one player. Removing the most "
            f"attended player changes it by {most['mean']:+.2f} {unit} more than removing an "
            f"average other one ({coverage:.0%} interval {most['low']:+.2f} to "
            f"{most['high']:+.2f}).",
            f"One player removed from the roster, nothing refitted. {coverage:.0%} intervals over "
            "seasons.",
            to_svg(figure),
        )


def _mean_size(values: pd.DataFrame) -> pd.Series:
    """Return the mean absolute SHAP value of each feature, largest first, ties by name."""
    sizes = values["shap"].abs().groupby(values["feature"]).mean()
    return sizes.iloc[np.argsort(-sizes.to_numpy(), kind="stable")]


def _some(rows: pd.DataFrame) -> pd.DataFrame:
    """Return at most `DOTS` rows, evenly spaced."""
    return rows.iloc[np.linspace(0, len(rows) - 1, min(DOTS, len(rows))).astype(int)]


def _within(values: Any) -> Any:
    """Return values as ranks between 0 and 1, so that outliers do not use up the shades."""
    return pd.Series(values).rank(pct=True).to_numpy()


def _beeswarm(values: Any) -> Any:
    """Return heights within ±0.38 that separate crowded values, without randomness."""
    bins = np.floor((values - values.min()) / (np.ptp(values) / 60 + 1e-12)).astype(int)
    position = pd.Series(bins).groupby(bins).cumcount().to_numpy()
    most = max(int(position.max()), 1)
    signed = np.where(position % 2, 1, -1) * (position + 1) // 2
    return np.asarray(0.76 * signed / max(most, 12))
