"""The playoff classifier: which teams will be in the playoffs."""
