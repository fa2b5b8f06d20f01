"""Parameters of the sources of box scores."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nbarank.core.sections import Section
from nbarank.sources.simulated.params import SimulatedParams

_ADDRESS = r"^https?://"
_CACHE = "Cache folder; null: user's cache (~/.cache/nbarank)."


class NbaStatsParams(Section):
    """stats.nba.com through nba_api."""

    path: ClassVar[str] = "data.nba_stats"
    address: str = Field(pattern=_ADDRESS, description="Endpoints, or a mirror of them.")
    pause: float = Field(
        ge=0.0, le=60.0, description="Seconds between calls; the host blocks faster callers."
    )
    timeout: float = Field(gt=0.0, le=600.0, description="Seconds to wait for an answer.")
    attempts: int = Field(ge=1, le=20, description="Calls before an endpoint counts as failed.")
    back_off: float = Field(
        ge=0.0, le=600.0, description="Seconds before the second attempt; doubled each time."
    )
    cache: str | None = Field(description=_CACHE)


class HooprParams(Section):
    """Public per-season files of ESPN box scores (sportsdataverse, hoopR)."""

    path: ClassVar[str] = "data.hoopr"
    address: str = Field(pattern=_ADDRESS, description="Releases: one folder per kind of file.")
    mirror: str | None = Field(
        pattern=_ADDRESS, description="Tried if the address does not answer."
    )
    timeout: float = Field(gt=0.0, le=600.0, description="Seconds to wait for an answer.")
    attempts: int = Field(ge=1, le=20, description="Downloads before a file counts as failed.")
    hashes: dict[str, str] = Field(
        description="Required SHA-256 by file name; otherwise that of the first download."
    )
    cache: str | None = Field(description=_CACHE)


class FolderParams(Section):
    """A folder of your own box scores."""

    path: ClassVar[str] = "data.folder"
    # The key is called `path`, which is also the name of a section's dotted path.
    location: str = Field(
        alias="path", min_length=1, description="Parquet or CSV files (docs/data.md)."
    )


class InjuriesParams(Section):
    """Injury reports added to the box scores of any real source."""

    path: ClassVar[str] = "data.injuries"
    location: str | None = Field(
        alias="path",
        min_length=1,
        description="Folder of daily reports (docs/data.md); null: the source's.",
    )


class ExternalRatingsParams(Section):
    """Published player ratings added to the box scores of any real source."""

    path: ClassVar[str] = "data.external_ratings"
    location: str | None = Field(
        alias="path",
        min_length=1,
        description="CSV such as modern_RAPTOR_by_team.csv; null: the source's.",
    )


class DataParams(Section):
    """Where box scores come from: a simulated league, files or the network."""

    path: ClassVar[str] = "data"
    source: Literal["simulated", "folder", "nba_stats", "hoopr"] = Field(
        description="Source of box scores (docs/data.md)."
    )
    on_fault: Literal["error", "drop_games"] = Field(
        description="If games have data errors: stop, or drop and list them."
    )
    folder: FolderParams
    nba_stats: NbaStatsParams
    hoopr: HooprParams
    injuries: InjuriesParams
    external_ratings: ExternalRatingsParams
    simulated: SimulatedParams
