"""Parameters of the report and of the pictures in it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.params.base import Section
from nbarank.schemas.predictions import RUN_ID


class PicturesParams(Section):
    """What the pictures of seasons and models show."""

    path: ClassVar[str] = "pictures"
    checkpoint: float = Field(
        ge=0.05,
        le=1.0,
        description="Share of the season at which a season's figures compare forecast and end; "
        "the nearest checkpoint is taken.",
    )
    title_teams: int = Field(
        ge=2,
        le=30,
        description="Teams in the figure of title odds.",
    )
    features: int = Field(
        ge=3,
        le=40,
        description="Features in the figures of SHAP and of integrated gradients.",
    )
    dependence_features: int = Field(
        ge=1,
        le=6,
        description="Features whose dependence is drawn.",
    )


class ReportParams(Section):
    """What the report page shows."""

    path: ClassVar[str] = "report"
    run_id: str | None = Field(
        pattern=RUN_ID,
        description="Id of the recorded run, as its predictions bear it. `nbarank run` sets it to "
        "the experiment's name; null in a workspace that is no recorded run. A parameter, because "
        "DVC would otherwise give one run the cached page of another.",
    )
    first_run: int = Field(
        ge=1,
        le=999_999,
        description="Where the numbers of recorded runs begin: with 26 the first is run-026. After "
        "that the next free number is taken.",
    )
    contributors: int = Field(
        ge=1,
        le=15,
        description="Players listed on a team's card.",
    )
