"""Base models under one contract."""
