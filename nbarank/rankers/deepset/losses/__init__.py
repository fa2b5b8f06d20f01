"""Losses of the Deep Set.

Each takes scores (higher = stronger) of lists padded to one width and returns one value per list
(`margins.pairwise`: per game), so that a list can be compared with the loss of equal scores.
"""
