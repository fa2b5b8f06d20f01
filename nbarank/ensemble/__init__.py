"""Season folds, out-of-fold runs, stack and calibration."""
