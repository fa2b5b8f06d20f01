"""Optuna asks, DVC runs: sweeps that lose nothing."""
