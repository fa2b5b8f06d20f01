"""The rules of one season that the simulation needs, as plain values.

Sources: NBA constitution and press releases; Basketball-Reference's season pages.

- Seeds: to 2014-15 the three division winners and the best other team of a conference took the
  first four seeds, by record; since 2015-16 the order is by record alone.
- Finals: 2-3-2 to 2012-13, 2-2-1-1-1 since 2013-14. Every other best of seven: 2-2-1-1-1.
- Play-in: none to 2018-19; 'bubble' in 2019-20 (ninth within four games of the eighth: the
  eighth needs one win, the ninth two in a row, on neutral ground); 'standard' since 2020-21.
- Two teams tied: head to head comes before winning the division; three or more: after it.
"""

from __future__ import annotations

from dataclasses import dataclass

from nbarank.errors import ForecastError
from nbarank.schemas.league import PLAY_IN_FORMATS

TWO_TWO_ONE_ONE_ONE = (True, True, False, False, True, False, True)
"""True where the team with home court is at home, games 1 to 7."""
TWO_THREE_TWO = (True, True, False, False, False, True, True)


@dataclass(frozen=True)
class SeasonRules:
    """Format of one season.

    Parameters
    ----------
    play_in
        'none', 'bubble' or 'standard'.
    division_winners_first
        Division winners and the best other team take the first four seeds.
    final_pattern
        Home pattern of the final.
    series_pattern
        Home pattern of every other series.
    """

    play_in: str
    division_winners_first: bool
    final_pattern: tuple[bool, ...] = TWO_TWO_ONE_ONE_ONE
    series_pattern: tuple[bool, ...] = TWO_TWO_ONE_ONE_ONE


def season_rules(season: str, play_in: str) -> SeasonRules:
    """Return the rules of a season.

    Parameters
    ----------
    season
        Label, '2015-16'.
    play_in
        Its play-in, from table league/seasons.

    Raises
    ------
    ForecastError
        If the play-in format is not known.
    """
    if play_in not in PLAY_IN_FORMATS:
        raise ForecastError(
            f"Season {season} has a play-in '{play_in}' that the forecast does not know.",
            where="league/seasons: play_in",
            allowed=", ".join(PLAY_IN_FORMATS),
        )
    first_year = int(season[:4])
    return SeasonRules(
        play_in=play_in,
        division_winners_first=first_year <= 2014,
        final_pattern=TWO_THREE_TWO if first_year <= 2012 else TWO_TWO_ONE_ONE_ONE,
    )
