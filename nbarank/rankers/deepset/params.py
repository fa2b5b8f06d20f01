"""Parameters of the Deep Set (Model A)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from nbarank.core.sections import Section
from nbarank.rankers.training.params import Ranking


class ModelAParams(Section):
    """The network over a team's players, and how it is optimised."""

    path: ClassVar[str] = "model_a"
    epochs: int = Field(
        ge=1,
        le=500,
        description="Passes over the training lists. 23 was the best trial of an earlier Optuna "
        "study with few lists; docs/deepset.md says how it does with all of them.",
    )
    members: int = Field(
        ge=1,
        le=20,
        description="Networks trained alike from different seeds; their mean is the score. More "
        "members: less noise, proportionally more time.",
    )
    roster_features: list[str] | None = Field(
        description="Columns of features/rosters that describe a player; null: all statistics."
    )
    team_features: list[str] | None = Field(
        description="Team columns set beside the pooled vector; [] for none, null for all.",
    )
    minutes_column: str = Field(
        description="Column of features/rosters with the minutes that bias attention.",
    )
    hidden_width: int = Field(
        ge=4, le=512, description="Width of encoder, pooled vector and scorer."
    )
    attention_heads: int = Field(
        ge=1,
        le=16,
        description="Attention heads; must divide hidden_width. 4 was the best trial of an "
        "earlier study.",
    )
    pooling: Literal["attention", "mean"] = Field(
        description="How players become a team: attention, or the mean (for comparison)."
    )
    query: Literal["mean", "learned"] = Field(
        description="What attention asks with: the team's mean player, or one learned query."
    )
    learnable_temperature: bool = Field(description="Learn the sharpness of each head.")
    sigma_reparam: bool = Field(
        description="Divide the attention's projections by their largest singular value "
        "(arXiv:2303.06296), against runaway logits."
    )
    minutes_bias_weight: float = Field(
        ge=0,
        le=1,
        description="Share of a player's minutes in his weight; the rest is attention. 0.3 was "
        "the best trial of an earlier study; more minutes overfit less (docs/deepset.md).",
    )
    minutes_sum_min: float = Field(
        ge=0,
        description="A roster with fewer minutes in all has no meaningful minutes, and no bias.",
    )
    collapse_threshold: float = Field(
        ge=0,
        le=1,
        description="Raw attention on valid players below this sum falls back to minutes.",
    )
    embedding_buckets: int = Field(
        ge=0,
        le=65536,
        description="Buckets of the hashed player embedding; 0 for no embedding: a player is "
        "then nothing but his statistics.",
    )
    embedding_width: int = Field(ge=1, le=64, description="Width of the player embedding.")
    dropout: float = Field(
        ge=0, lt=1, description="Share of hidden units dropped; also the source of MC dropout."
    )
    mc_dropout_samples: int = Field(
        ge=0,
        le=500,
        description="Sampled networks a prediction's spread is taken over; 0: no such spread.",
    )
    learning_rate: float = Field(gt=0, le=10, description="Of AdamW, at its peak.")
    learning_rate_decay: Literal["none", "cosine"] = Field(
        description="Constant learning rate, or one that falls to zero over the epochs."
    )
    weight_decay: float = Field(ge=0, le=10, description="Of AdamW, decoupled.")
    gradient_clip: float = Field(gt=0, description="Largest norm of the gradient of one step.")
    lists_per_batch: int = Field(ge=1, le=4096, description="Lists of one optimiser step.")
    early_stopping_patience: int = Field(
        ge=0,
        le=100,
        description="Stop when so many epochs brought no better validation Spearman, and refit "
        "on everything with the best number of epochs; 0 turns early stopping off.",
    )
    early_stopping_val_frac: float = Field(
        ge=0,
        le=0.5,
        description="Share of the training seasons (the newest, whole; of dates where there is "
        "one season only) held out for the validation curve; 0: no curve, no early stopping.",
    )
    not_learning_patience: int = Field(
        ge=1,
        le=100,
        description="Stop, and say why, when the loss has stood at that of equal scores for so "
        "many epochs.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> ModelAParams:
        if self.hidden_width % self.attention_heads:
            raise ValueError("attention_heads must divide hidden_width")
        if self.early_stopping_patience and not self.early_stopping_val_frac:
            raise ValueError("early stopping needs early_stopping_val_frac above 0")
        return self


class TrainingParams(Section):
    """How the Deep Set is trained: loss, target and lists."""

    path: ClassVar[str] = "training"
    loss: Literal["listmle", "soft_spearman", "rank_rmse", "pairwise", "margin"] = Field(
        description="Loss of the Deep Set's rank score. margin: the margin score is the rank "
        "score too."
    )
    margin_weight: float = Field(
        ge=0,
        le=100,
        description="Weight of the margin loss beside the rank loss; 0 leaves the margin score "
        "unlearnt (it is then the training mean).",
    )
    listmle_target: Ranking = Field(
        description="The ranking that the Deep Set's rank score learns."
    )
    lists: Literal["conference", "league"] = Field(
        description="One list per conference and date, or one per date."
    )
    max_lists_oof: int | None = Field(
        ge=1,
        description="At most so many lists in an out-of-fold fit, evenly over time; null: all.",
    )
    max_final_batches: int | None = Field(
        ge=1,
        description="At most so many batches of lists an epoch in the final fit; null: all.",
    )
    history_days: int | None = Field(
        ge=1,
        description="Train on lists of so many days before the newest one; null: on all.",
    )
