"""All pictures that explain models, drawn from tables."""

from __future__ import annotations

import pandas as pd

from nbarank.report import model_figures
from nbarank.report.style import Picture

TREES = ("xgb", "rf")

FEATURES = 12
"""Features in the figures of SHAP and of integrated gradients."""
DEPENDENCE_FEATURES = 3
"""Features whose dependence is drawn."""


def draw_models(
    shap: pd.DataFrame,
    sizes: dict[str, pd.DataFrame],
    unit: str,
    deepset_unit: str,
    coverage: float,
) -> list[Picture]:
    """Draw what moves the models' scores, in the order of the page.

    Parameters
    ----------
    shap
        Table explain/shap.
    sizes
        plots/explain/gradients.csv and plots/explain/ablation.csv, by name.
    unit, deepset_unit
        Of the scores of the trees and of the Deep Set.
    coverage
        `evaluation.interval`.
    """
    pictures = []
    for model in TREES:
        values = shap[shap["model"] == model]
        pictures.append(model_figures.shap_summary(values, model, FEATURES, unit))
        pictures.append(model_figures.shap_dependence(values, model, DEPENDENCE_FEATURES, unit))
    pictures.append(model_figures.gradients(sizes["gradients"], 2 * FEATURES, deepset_unit))
    pictures.append(model_figures.ablation(sizes["ablation"], deepset_unit, coverage))
    return pictures


def draw_team(shap: pd.DataFrame, team: str, unit: str) -> list[Picture]:
    """Draw how the features of one team lead to its score, a picture a tree model.

    Parameters
    ----------
    shap
        Rows of explain/shap of one team and day; a model without rows has no picture.
    team
        Name for the title.
    unit
        Of the score.
    """
    by_model = {model: shap[shap["model"] == model] for model in TREES}
    return [
        model_figures.waterfall(values, team, model, unit)
        for model, values in by_model.items()
        if len(values)
    ]
