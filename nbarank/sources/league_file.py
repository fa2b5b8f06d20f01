"""What the raw layout says of a real league: the dates of the seasons that it holds."""

from __future__ import annotations

from collections.abc import Collection

from nbarank.schemas.calendar import Calendar
from nbarank.schemas.raw import LeagueFile, RawSeason


def league_file(calendar: Calendar, found: Collection[str]) -> LeagueFile:
    """Return the content of league.json for the seasons found."""
    return LeagueFile(
        simulated=False,
        seasons={
            season: RawSeason(
                start=dates.start,
                end=dates.end,
                playoffs_end=dates.playoffs_end,
                games_expected=dates.games,
                play_in=dates.play_in,
            )
            for season, dates in calendar.seasons.items()
            if season in found
        },
    )
