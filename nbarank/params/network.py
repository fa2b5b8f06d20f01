"""Parameters of the sources that fetch box scores over a network."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.params.base import Section

_CACHE = (
    "Folder where answers are kept, so that nothing is fetched twice; null: the user's cache "
    "folder (~/.cache/nbarank on Linux). Outside the repository, so that experiments share it."
)


class NbaStatsParams(Section):
    """stats.nba.com through nba_api."""

    path: ClassVar[str] = "data.nba_stats"
    address: str = Field(
        pattern=r"^https?://",
        description="Where the endpoints are; another one for a mirror that speaks the same JSON.",
    )
    pause: float = Field(
        ge=0.0,
        le=60.0,
        description="Seconds between two calls. Faster callers are blocked by the host.",
    )
    timeout: float = Field(
        gt=0.0, le=600.0, description="Seconds to wait for one answer before it counts as failed."
    )
    attempts: int = Field(
        ge=1, le=20, description="Calls before a failing endpoint is given up, the first included."
    )
    back_off: float = Field(
        ge=0.0,
        le=600.0,
        description="Seconds before the second attempt; doubled before each further one.",
    )
    cache: str | None = Field(description=_CACHE)


class HooprParams(Section):
    """Public per-season files of ESPN box scores (the sportsdataverse releases behind hoopR)."""

    path: ClassVar[str] = "data.hoopr"
    address: str = Field(
        pattern=r"^https?://", description="Where the releases are: one folder for each kind."
    )
    mirror: str | None = Field(
        pattern=r"^https?://",
        description="Tried when the address does not answer; null: there is none.",
    )
    timeout: float = Field(
        gt=0.0, le=600.0, description="Seconds to wait for an answer before it counts as failed."
    )
    attempts: int = Field(ge=1, le=20, description="Downloads tried before a file is given up.")
    hashes: dict[str, str] = Field(
        description="SHA-256 that a file must have, by its name (player_box_2016.parquet: "
        "5f2c...). Files not named are held to the hash they had when they were first fetched.",
    )
    cache: str | None = Field(description=_CACHE)
