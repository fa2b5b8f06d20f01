"""Monte Carlo of the season: game probability, standings, play-in, bracket, predictions.json."""
