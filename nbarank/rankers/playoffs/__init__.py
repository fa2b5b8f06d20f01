"""The playoff classifier: which teams will be in the playoffs."""

from nbarank.core.seeds import not_installed

with not_installed("sklearn"):  # XGBoost imports it for an interface that is not used here
    import xgboost as xgboost
