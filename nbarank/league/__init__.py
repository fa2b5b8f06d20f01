"""The domain of basketball: calendar, games, standings, outcomes, play-in and bracket."""
