"""Targets, season folds and out-of-fold runs, shared by all base models."""
