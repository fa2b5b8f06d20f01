"""Model A: a Deep Set over a team's players, whose attention cannot collapse unnoticed."""
