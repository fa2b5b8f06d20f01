"""Metrics of rankings and probabilities, intervals, the scorecard."""
