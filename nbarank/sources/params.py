"""Parameters of the sources of box scores."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nbarank.core.sections import Section
from nbarank.sources.simulated.params import SimulatedParams

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


class FolderParams(Section):
    """A directory of box scores that the user has."""

    path: ClassVar[str] = "data.folder"
    # The key is called `path`, which is also what a section calls its own place.
    location: str = Field(
        alias="path",
        min_length=1,
        description="Directory of LeagueGameLog-like files (parquet or csv), absolute or from the "
        "repository's root. Read only with data.source: folder.",
    )


class InjuriesParams(Section):
    """Injury reports beside the box scores of any real source."""

    path: ClassVar[str] = "data.injuries"
    location: str | None = Field(
        alias="path",
        min_length=1,
        description="Folder of reports, one .json a day, in this project's form or as nbainjuries "
        "writes them (docs/data.md); null: those the source brings, if any.",
    )


class ExternalRatingsParams(Section):
    """Published player ratings beside the box scores of any real source."""

    path: ClassVar[str] = "data.external_ratings"
    location: str | None = Field(
        alias="path",
        min_length=1,
        description="CSV file in the form of FiveThirtyEight's modern_RAPTOR_by_team.csv; null: "
        "the one the source brings, if any.",
    )


class DataParams(Section):
    """Where box scores come from."""

    path: ClassVar[str] = "data"
    source: Literal["simulated", "folder", "nba_stats", "hoopr"] = Field(
        description="simulated: a made-up league, drawn from the seed, nothing to fetch; folder: "
        "your own files, see data.folder; nba_stats: stats.nba.com; hoopr: public files of ESPN "
        "box scores."
    )
    on_fault: Literal["error", "drop_games"] = Field(
        description="What a game that contradicts itself leads to. error: stop and name it; "
        "drop_games: leave the game out and list it in data/manifest.json."
    )
    folder: FolderParams = Field(description="The folder source.")
    nba_stats: NbaStatsParams = Field(description="The stats.nba.com source.")
    hoopr: HooprParams = Field(description="The ESPN files source.")
    injuries: InjuriesParams = Field(description="Injury reports.")
    external_ratings: ExternalRatingsParams = Field(description="Player ratings.")
    simulated: SimulatedParams = Field(description="The simulated league.")
