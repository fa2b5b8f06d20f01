"""Parameters of the report and of the pictures in it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.core.sections import Section
from nbarank.schemas.predictions import RUN_ID


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
