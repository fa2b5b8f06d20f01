"""Model A: a Deep Set over a team's players, pooled by attention."""
