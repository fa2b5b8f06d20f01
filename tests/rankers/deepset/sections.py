"""Parameters of the Deep Set for tests, small and quick."""

from __future__ import annotations

from typing import Any

from nbarank.rankers.deepset.params import ModelAParams, TrainingParams

MODEL: dict[str, Any] = {
    "epochs": 8,
    "members": 1,
    "roster_features": None,
    "team_features": None,
    "minutes_column": "expected_minutes",
    "hidden_width": 16,
    "attention_heads": 4,
    "pooling": "attention",
    "query": "mean",
    "learnable_temperature": True,
    "sigma_reparam": False,
    "minutes_bias_weight": 0.3,
    "minutes_sum_min": 1e-6,
    "collapse_threshold": 1e-6,
    "embedding_buckets": 0,
    "embedding_width": 4,
    "dropout": 0.1,
    "mc_dropout_samples": 8,
    "learning_rate": 0.01,
    "learning_rate_decay": "none",
    "weight_decay": 0.01,
    "gradient_clip": 1.0,
    "lists_per_batch": 4,
    "early_stopping_patience": 0,
    "early_stopping_val_frac": 0.2,
    "not_learning_patience": 5,
}
TRAINING: dict[str, Any] = {
    "loss": "listmle",
    "margin_weight": 1.0,
    "margin_horizon_days": 14,
    "listmle_target": "final_rank",
    "target_rank": "final_rank",
    "lists": "league",
    "max_lists_oof": None,
    "max_final_batches": None,
    "history_days": None,
}


def model(**changes: Any) -> ModelAParams:
    return ModelAParams(**{**MODEL, **changes})


def training(**changes: Any) -> TrainingParams:
    return TrainingParams(**{**TRAINING, **changes})
