"""All pictures that explain models, drawn from tables."""

from __future__ import annotations

import pandas as pd

from nbarank.params.report import PicturesParams
from nbarank.report import model_figures
from nbarank.report.style import Picture

TREES = ("xgb", "rf")


def draw_models(
    shap: pd.DataFrame,
    sizes: dict[str, pd.DataFrame],
    params: PicturesParams,
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
        plots/gradients.csv and plots/ablation.csv, by name.
    params
        Section `pictures`.
    unit, deepset_unit
        Of the scores of the trees and of the Deep Set.
    coverage
        `evaluation.interval`.
    """
    pictures = []
    for model in TREES:
        values = shap[shap["model"] == model]
        pictures.append(model_figures.shap_summary(values, model, params.features, unit))
        pictures.append(
            model_figures.shap_dependence(values, model, params.dependence_features, unit)
        )
    pictures.append(model_figures.gradients(sizes["gradients"], 2 * params.features, deepset_unit))
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
