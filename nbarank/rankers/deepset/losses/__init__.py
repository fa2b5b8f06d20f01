"""Losses of the Deep Set, one file each.

All of them take scores (higher = stronger) of lists padded to one width and return one value per
list, so that diagnostics can compare each list with what equal scores would give.
"""
