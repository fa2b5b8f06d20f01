"""Parameters of the report."""

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
        description="Id of the recorded run; set by `nbarank run`.",
    )
    first_run: int = Field(
        ge=1,
        le=999_999,
        description="Number of the first recorded run, then the next free one.",
    )
