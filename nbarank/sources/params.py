"""Parameters of the sources of box scores."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BeforeValidator, Field

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


class ReleaseParams(Section):
    """Releases of sportsdataverse-data: one file per data set and season."""

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


class SportsdataverseParams(ReleaseParams):
    """Public per-season files of stats.nba.com box scores (SportsDataverse)."""

    path: ClassVar[str] = "data.sportsdataverse"


class HooprParams(ReleaseParams):
    """Public per-season files of ESPN box scores (SportsDataverse, hoopR)."""

    path: ClassVar[str] = "data.hoopr"


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


class MarketParams(Section):
    """Closing lines that single games are scored next to; never an input of a forecast."""

    path: ClassVar[str] = "data.market"
    location: str | None = Field(
        alias="path",
        min_length=1,
        description="Parquet or CSV of closing lines by game_id (docs/data.md); null: none.",
    )


class PreseasonParams(Section):
    """Preseason win totals added to the box scores of any real source."""

    path: ClassVar[str] = "data.preseason"
    location: str | None = Field(
        alias="path",
        min_length=1,
        description="Table of season, team, wins (docs/data.md); null: none.",
    )


SourceName = Literal["simulated", "folder", "nba_stats", "sportsdataverse", "hoopr"]
NbaIdSource = Literal["sportsdataverse", "nba_stats"]
"""Sources with nba.com's ids: their seasons can be mixed."""


def _share_ids(source: Any) -> Any:
    """Reject a list of sources whose ids differ, or one that names a source twice."""
    if isinstance(source, list):
        allowed = get_args(NbaIdSource)
        named = set(map(str, source))
        if not named or len(named) < len(source) or named - set(allowed):
            raise ValueError(
                f"a list may only name {' and '.join(allowed)}, once each: sources with other ids "
                "cannot be mixed"
            )
        return tuple(source)
    return source


class DataParams(Section):
    """Where box scores come from: a simulated league, files or the network."""

    path: ClassVar[str] = "data"
    source: Annotated[SourceName | tuple[NbaIdSource, ...], BeforeValidator(_share_ids)] = Field(
        description="Source of box scores (docs/data.md); of a list, later ones fill gaps."
    )
    on_fault: Literal["error", "drop_games"] = Field(
        description="If games have data errors: stop, or drop and list them."
    )
    folder: FolderParams
    nba_stats: NbaStatsParams
    sportsdataverse: SportsdataverseParams
    hoopr: HooprParams
    injuries: InjuriesParams
    external_ratings: ExternalRatingsParams
    market: MarketParams
    preseason: PreseasonParams
    simulated: SimulatedParams

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources, in order of preference."""
        return (self.source,) if isinstance(self.source, str) else self.source
