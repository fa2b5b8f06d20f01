"""Names of players and teams, normalised to match them across sources."""

from __future__ import annotations

import unicodedata

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "v"})


def normal_name(name: str) -> str:
    """Return a name without accents, punctuation, case and suffixes such as Jr."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    letters = "".join(sign if sign.isalpha() or sign == " " else "" for sign in plain)
    return " ".join(part for part in letters.split() if part not in _SUFFIXES)
