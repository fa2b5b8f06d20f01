"""From strength to odds by playing the rest of the season."""
