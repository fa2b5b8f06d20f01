"""Explanations of the base models' scores."""
