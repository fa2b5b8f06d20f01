"""Parameters of the data: where box scores come from, and what a fault in them leads to."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nbarank.params.base import Section
from nbarank.params.network import HooprParams, NbaStatsParams
from nbarank.params.simulated import SimulatedParams


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
