"""Parameters of the Deep Set for tests: params.yaml, made small and quick."""

from typing import Any

from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from tests.as_of_league import section

SMALL: dict[str, Any] = {
    "epochs": 8,
    "roster_features": None,
    "team_features": None,
    "hidden_width": 16,
    "minutes_bias_weight": 0.3,
    "mc_dropout_samples": 8,
    "learning_rate": 0.01,
    "learning_rate_decay": "none",
    "lists_per_batch": 4,
}


def model(**changes: Any) -> ModelAParams:
    return ModelAParams(**{**section(ModelAParams).model_dump(), **SMALL, **changes})


def both(**changes: Any) -> tuple[ModelAParams, TrainingParams]:
    """Return the parameters of the model and of its training, some values of either changed."""
    of_training = {k: v for k, v in changes.items() if k in TrainingParams.model_fields}
    of_model = {k: v for k, v in changes.items() if k not in of_training}
    return model(**of_model), training(**of_training)


def training(**changes: Any) -> TrainingParams:
    return TrainingParams(**{**section(TrainingParams).model_dump(), "lists": "league", **changes})
