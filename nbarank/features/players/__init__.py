"""Players as of a date: history, impact, expected minutes, availability, rosters."""
