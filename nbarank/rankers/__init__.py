"""The base models, and what they share: contract, targets, season folds."""
