"""Forecasts, games and scores from the pipeline's outputs, for Python and for the command line."""
