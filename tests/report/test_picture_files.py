"""Files of pictures between stages: read as written; a damaged file is reported by name."""

from pathlib import Path

import pytest

from nbarank.core.errors import TableError
from nbarank.report.picture_files import drawn_seasons, read_pictures, season_file, write_pictures
from nbarank.report.style import Picture

PICTURE = Picture("odds", "Title odds", "Lines of odds.", "By checkpoint.", "<svg>é</svg>".encode())


def test_pictures_come_back_as_they_were(tmp_path: Path) -> None:
    write_pictures(season_file("2021-22"), [PICTURE], tmp_path)
    write_pictures(season_file("2020-21"), [], tmp_path)
    assert drawn_seasons(tmp_path) == ["2020-21", "2021-22"]
    assert read_pictures(season_file("2021-22"), tmp_path) == [PICTURE]


@pytest.mark.parametrize(
    "content", ["", "{", "3", "[3]", "[[]]", "[{}]", '[{"svg": 3}]', '[{"svg": "", "odd": 1}]']
)
def test_a_damaged_file_is_reported_with_its_fix(tmp_path: Path, content: str) -> None:
    (tmp_path / "models.json").write_text(content)
    with pytest.raises(TableError, match=r"models\.json cannot be read") as caught:
        read_pictures("models", tmp_path)
    assert "pictures" in str(caught.value.next_command)


def test_missing_pictures_are_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="scored"):
        read_pictures("scored", tmp_path)
