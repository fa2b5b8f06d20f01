"""Names of players and teams: matched across sources, and bounded."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

LONGEST_TEXT = 200
"""Characters of a name or another text in box scores."""
ALLOWED_TEXT = f"printable characters, at most {LONGEST_TEXT}"
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\uffff]"
)
"""Control characters, changes of direction, invisible signs, and what XML does not allow."""


def unprintable(texts: pd.Series) -> pd.Series:
    """Return which texts are too long or have a character that a page or terminal would obey."""
    kinds = texts.drop_duplicates()
    wrong = [text for text in kinds if len(text) > LONGEST_TEXT or _UNPRINTABLE.search(text)]
    return texts.isin(wrong)


_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "v"})


def normal_name(name: str) -> str:
    """Return a name without accents, punctuation, case and suffixes such as Jr."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    letters = "".join(sign if sign.isalpha() or sign == " " else "" for sign in plain)
    return " ".join(part for part in letters.split() if part not in _SUFFIXES)
