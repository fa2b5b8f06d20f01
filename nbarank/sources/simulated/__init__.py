"""A simulated league that behaves like the NBA and whose true strength is known.

`generate` writes the raw layout of a fictional league, and apart from it the truth. See
docs/simulated-league.md for the model and for how near its moments are to the real ones.
"""

from nbarank.sources.simulated.league import generate

__all__ = ["generate"]
