"""The ensemble: a ridge blend of the base models, Platt calibration, error of strength."""
