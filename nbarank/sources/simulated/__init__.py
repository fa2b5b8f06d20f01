"""A simulated league like the NBA with known true strength (docs/simulated-league.md)."""

from nbarank.sources.simulated.league import generate

__all__ = ["generate"]
