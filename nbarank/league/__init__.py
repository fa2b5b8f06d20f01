"""What basketball is: calendar, games, standings, outcomes, play-in and bracket."""
