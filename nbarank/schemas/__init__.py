"""Contracts of the tables that pass between stages, one module a room."""
