"""Parameters of what is learnt about the playoffs: residual of strength, classifier of teams."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from nbarank.params.base import Section


class PlayoffResidualParams(Section):
    """How strength in the playoffs differs from strength before them."""

    path: ClassVar[str] = "playoff_residual"
    use: bool = Field(
        description="Add the learnt difference to the strength with which the playoffs are played. "
        "Off: on the training seasons it made playoff games worse, see docs/experiments.md."
    )
    alphas: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        min_length=1,
        description="Ridge penalties per game, for standardised inputs; the one is taken that does "
        "best on whole seasons left out, the heaviest where a single season is known.",
    )
    late_share: float = Field(
        gt=0.0,
        le=1.0,
        description="Strength before the playoffs is its mean over this last share of the season: "
        "teams rest players at the end.",
    )


class PlayoffClassifierParams(Section):
    """XGBoost that says which teams will be in the playoffs."""

    path: ClassVar[str] = "playoff_classifier"
    columns: tuple[str, ...] = Field(
        min_length=1,
        description="What it sees of a team: columns of features/ratings, features/teams and "
        "features/roster_teams.",
    )
    increasing: tuple[str, ...] = Field(
        description="Columns that never make the playoffs less likely when they rise."
    )
    decreasing: tuple[str, ...] = Field(description="The same for those that fall.")
    max_depth: int = Field(ge=1, le=10, description="Depth of a tree.")
    learning_rate: float = Field(gt=0.0, le=1.0, description="Share of each tree that is kept.")
    n_estimators: int = Field(
        ge=1,
        le=5000,
        description="Trees at most; fewer where the validation season got no better.",
    )
    subsample: float = Field(gt=0.0, le=1.0, description="Share of the rows that a tree sees.")
    min_child_weight: float = Field(
        ge=0.0, le=1000.0, description="Least weight of a leaf; rows of one season are near copies."
    )
    early_stopping_rounds: int = Field(
        ge=0,
        le=500,
        description="Trees without gain on the validation season, the newest one before the "
        "season to be scored, after which no more are added; 0 takes all n_estimators.",
    )
