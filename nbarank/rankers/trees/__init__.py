"""XGBoost (Model B) and the random forest (Model C) on team features."""
