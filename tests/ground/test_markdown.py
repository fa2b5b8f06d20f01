"""Tables in Markdown."""

import pytest

from nbarank.core.markdown import markdown_table


def test_first_column_is_left_aligned_and_empty_cells_stay_narrow() -> None:
    table = markdown_table(["", "wins", "losses"], [["BOS", "3", "1"], ["NYK", "", "2"]])
    assert table == ["| | wins | losses |", "|---|---:|---:|", "| BOS | 3 | 1 |", "| NYK | | 2 |"]
    assert markdown_table(["a", "b"], [], "rl") == ["| a | b |", "|---:|---|"]
    with pytest.raises(ValueError, match="2 columns"):
        markdown_table(["a", "b"], [], "l")
