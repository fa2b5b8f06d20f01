"""What knows git and DVC: recorded runs, verification, the installation check."""
