"""Parameters of the Deep Set (Model A)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from nbarank.core.sections import Section
from nbarank.rankers.training.params import Ranking


class ModelAParams(Section):
    """Model A: the Deep Set's network and optimiser."""

    path: ClassVar[str] = "model_a"
    epochs: int = Field(ge=1, le=500, description="Passes over the training lists.")
    members: int = Field(
        ge=1, le=20, description="Networks with different seeds; their mean is the score."
    )
    roster_features: list[str] | None = Field(
        description="Player columns of features/rosters; null: all."
    )
    team_features: list[str] | None = Field(
        description="Team columns beside the pooled vector; null: all."
    )
    minutes_column: str = Field(description="Minutes that bias attention.")
    hidden_width: int = Field(
        ge=4, le=512, description="Width of encoder, pooled vector and scorer."
    )
    attention_heads: int = Field(
        ge=1, le=16, description="Attention heads; must divide hidden_width."
    )
    pooling: Literal["attention", "mean"] = Field(description="How players become a team.")
    query: Literal["mean", "learned"] = Field(
        description="Query: the team's mean player, or one learned vector."
    )
    learnable_temperature: bool = Field(description="Learn the sharpness of each head.")
    sigma_reparam: bool = Field(description="Spectral normalisation, see arXiv:2303.06296.")
    minutes_bias_weight: float = Field(
        ge=0, le=1, description="Share of minutes in a player's weight; the rest is attention."
    )
    minutes_sum_min: float = Field(
        ge=0, description="A roster with fewer minutes has no minutes bias."
    )
    collapse_threshold: float = Field(
        ge=0, le=1, description="A smaller sum of attention falls back to minutes."
    )
    embedding_buckets: int = Field(
        ge=0, le=65536, description="Buckets of the hashed player embedding; 0: no embedding."
    )
    embedding_width: int = Field(ge=1, le=64, description="Width of the player embedding.")
    dropout: float = Field(ge=0, lt=1, description="Share of hidden units dropped.")
    mc_dropout_samples: int = Field(
        ge=0, le=500, description="Networks sampled for a score's SD; 0: SD over members."
    )
    learning_rate: float = Field(gt=0, le=10, description="Of AdamW, at its peak.")
    learning_rate_decay: Literal["none", "cosine"] = Field(
        description="Constant, or falling to zero."
    )
    weight_decay: float = Field(ge=0, le=10, description="Of AdamW, decoupled.")
    gradient_clip: float = Field(gt=0, description="Maximum norm of the gradient of a step.")
    lists_per_batch: int = Field(ge=1, le=4096, description="Lists per optimiser step.")
    early_stopping_patience: int = Field(
        ge=0, le=100, description="Epochs without a higher validation Spearman; 0: off."
    )
    early_stopping_val_frac: float = Field(
        ge=0, le=0.5, description="Share of the newest seasons held out for validation."
    )
    not_learning_patience: int = Field(
        ge=1, le=100, description="Stop after N epochs no better than equal scores."
    )

    @model_validator(mode="after")
    def _consistent(self) -> ModelAParams:
        if self.hidden_width % self.attention_heads:
            raise ValueError("attention_heads must divide hidden_width")
        if self.early_stopping_patience and not self.early_stopping_val_frac:
            raise ValueError("early stopping needs early_stopping_val_frac above 0")
        return self


class TrainingParams(Section):
    """Loss, target and lists of the Deep Set."""

    path: ClassVar[str] = "training"
    loss: Literal["listmle", "soft_spearman", "rank_rmse", "pairwise", "margin"] = Field(
        description="Of the rank score."
    )
    margin_weight: float = Field(
        ge=0, le=100, description="Weight of the margin loss; 0: no margin score."
    )
    listmle_target: Ranking = Field(description="Ranking that the rank score predicts.")
    lists: Literal["conference", "league"] = Field(
        description="One list per date, in each conference or league-wide."
    )
    max_lists_oof: int | None = Field(
        ge=1, description="Maximum lists of an out-of-fold fit; null: all."
    )
    max_final_batches: int | None = Field(
        ge=1, description="Maximum batches per epoch of the final fit; null: all."
    )
    history_days: int | None = Field(
        ge=1, description="Train on the latest N days of lists; null: all."
    )
