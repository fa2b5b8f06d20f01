"""Stages of dvc.yaml: thin scripts that read tables, call one function, write tables."""
