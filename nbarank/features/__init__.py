"""What the rankers may know, as of a date."""
