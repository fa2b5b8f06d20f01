"""Team ratings from results alone, as of every date."""
