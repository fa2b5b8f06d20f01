"""Stages of dvc.yaml: thin scripts that read tables, call one function, write tables."""

import gc

# A stage ends soon: collecting garbage after every 700 new objects costs more than it frees.
gc.set_threshold(200_000, 50, 50)
