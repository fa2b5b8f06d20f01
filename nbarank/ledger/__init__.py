"""Sealed forecasts: a chain of files that cannot be changed unnoticed, and their grades."""
