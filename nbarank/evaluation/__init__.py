"""How good a ranking was: metrics, intervals, the scorecard."""
