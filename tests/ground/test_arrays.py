"""Texts that occur among others are those that pandas' `isin` finds."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from nbarank.core.arrays import are_in

texts = st.lists(st.sampled_from(["0021000001", "0021000002", "", "x", None]), max_size=8)


@given(texts, texts)
def test_texts_are_found_as_by_isin(some: list[str | None], others: list[str | None]) -> None:
    own, many = pd.Series(some, dtype="str"), pd.Series(others, dtype="str")
    assert are_in(own, many).tolist() == own.isin(many).tolist()
