"""Formats of the NBA's seasons: seeding, home pattern of a series, play-in.

A folder of another league follows the format of its season labels; the simulated league keeps
today's format in every season, except its play-in.

Sources: nba.com, "NBA tie-break procedures" by season; NBA press release of 8 September 2015
(seeds by record, head to head before division winner); of 23 October 2013 (finals 2-2-1-1-1);
of 26 June 2020 (the bubble's play-in) and of 17 November 2020 (play-in 7-10).
"""

from __future__ import annotations

from dataclasses import dataclass

from nbarank.core.errors import IngestError
from nbarank.schemas.calendar import CALENDAR_FILE
from nbarank.schemas.league import PLAY_IN_FORMATS, SEEDS

TWO_TWO_ONE_ONE_ONE = (True, True, False, False, True, False, True)
"""True where the team with home court is at home, games 1 to 7."""
TWO_THREE_TWO = (True, True, False, False, False, True, True)
ROUNDS = 4
SERIES_WINS = 4
"""Wins needed in a best of seven."""
FIRST_ROUND = ((1, 8), (4, 5), (2, 7), (3, 6))
"""Seeds that meet, in the order of nba.com's series numbers; winners of the first and second
pair, and of the third and fourth, meet next."""
BUBBLE_GAMES_BEHIND = 4.0
"""Maximum number of games that the ninth could be behind the eighth in 2020 to play it."""
STANDARD_PLAY_IN_TEAMS = (7, 8, 9, 10)
FIRST_SEASON_BY_RECORD = "2015-16"
LAST_FINALS_TWO_THREE_TWO = "2012-13"


@dataclass(frozen=True)
class SeasonRules:
    """Format of one season.

    Parameters
    ----------
    play_in
        'none', 'bubble' or 'standard'.
    division_winners_first
        The three division winners and the best other team take the first four seeds, by record
        (to 2014-15); otherwise seeds follow the record alone.
    head_to_head_first
        Of two tied teams, head to head counts before winning the division (since 2015-16).
    final_pattern, series_pattern
        Home pattern of the final and of every other series.
    contenders
        Places of a conference that lead to the playoffs or the play-in.
    """

    play_in: str
    division_winners_first: bool
    head_to_head_first: bool
    final_pattern: tuple[bool, ...] = TWO_TWO_ONE_ONE_ONE
    series_pattern: tuple[bool, ...] = TWO_TWO_ONE_ONE_ONE
    contenders: int = SEEDS


def season_rules(season: str, play_in: str, *, simulated: bool = False) -> SeasonRules:
    """Return the format of a season; parameters as in table league/seasons.

    Raises
    ------
    IngestError
        If the play-in format is unknown.
    """
    if play_in not in PLAY_IN_FORMATS:
        raise IngestError(
            f"Season {season} has an unknown play-in format '{play_in}'.",
            where="league/seasons: play_in",
            allowed=", ".join(PLAY_IN_FORMATS),
            next_command=f"correct the season's play_in in {CALENDAR_FILE}",
        )
    by_record = simulated or season >= FIRST_SEASON_BY_RECORD
    old_finals = not simulated and season <= LAST_FINALS_TWO_THREE_TWO
    return SeasonRules(
        play_in=play_in,
        division_winners_first=not by_record,
        head_to_head_first=by_record,
        final_pattern=TWO_THREE_TWO if old_finals else TWO_TWO_ONE_ONE_ONE,
        contenders=max(STANDARD_PLAY_IN_TEAMS) if play_in == "standard" else SEEDS,
    )
