"""nbarank ranks NBA teams by true strength, as of any date, from box scores alone."""

__version__ = "0.2.0"
