"""Damaged, exchanged and missing files of models end in a ModelError, or give the same scores."""

import json
import os
import random
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from nbarank.core.errors import ModelError
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import Ranker
from nbarank.rankers.training.model_files import CHECKSUM_FILE, reading, write_checksums
from nbarank.rankers.trees.forest import ForestRanker
from nbarank.rankers.trees.xgb import XgbRanker

from .deepset.sections import model, training
from .ranker_contract import RankerContract
from .test_trees import FOREST, XGB

MAKERS: dict[str, Callable[[], Ranker]] = {
    "deepset": lambda: DeepSetRanker(model(), training()),
    "xgb": lambda: XgbRanker(XGB),
    "rf": lambda: ForestRanker(FOREST),
}
FLIPS = int(os.environ.get("NBARANK_FLIPS", "60"))
"""Flipped bytes per ranker."""


class Synthetic(RankerContract):
    __test__ = False


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    for name, make in MAKERS.items():
        make().fit(*Synthetic().fold_and_seed()).save(folder / name)
    return {name: folder / name for name in MAKERS}


def kind_of(name: str) -> type[Ranker]:
    return type(MAKERS[name]())


def scores(name: str, folder: Path) -> pd.DataFrame:
    return kind_of(name).load(folder).predict(Synthetic().unseen())


@pytest.mark.parametrize("name", MAKERS)
def test_a_flipped_byte_does_no_harm(saved: dict[str, Path], tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(saved[name], tmp_path / name)
    files, draw = sorted(folder.iterdir()), random.Random(7)
    expected = scores(name, folder)
    for _ in range(FLIPS):
        path = draw.choice(files)
        whole = path.read_bytes()
        damaged = bytearray(whole)
        damaged[draw.randrange(len(damaged))] ^= draw.randrange(1, 256)
        path.write_bytes(damaged)
        try:
            found = scores(name, folder)
        except ModelError as error:
            assert error.where and str(folder) in error.where
            assert error.next_command and "dvc repro" in error.next_command
        else:
            pd.testing.assert_frame_equal(found, expected, check_exact=True)
        path.write_bytes(whole)


def garbage(path: Path) -> Iterator[Callable[[], object]]:
    content = path.read_bytes()
    yield lambda: path.write_bytes(b"")
    yield lambda: path.write_bytes(b"\xff\xfe\x00garbage" * 9)
    yield lambda: path.write_bytes(content[: len(content) // 2])
    yield lambda: path.write_bytes(b"[" * 100_000)
    yield lambda: path.write_text("[]")
    yield lambda: path.write_text('{"a": 1}')
    yield lambda: path.write_bytes(b"\xff" * 8 + content[8:])  # a huge length, if it is one
    yield lambda: path.unlink()
    yield lambda: (path.unlink(missing_ok=True), path.mkdir())


def spoilt(saved: Path, scratch: Path, name: str) -> Iterator[Path]:
    """Yield the file in copies of a model, spoilt in one way each."""
    for number, _ in enumerate(garbage(saved / name)):
        folder = shutil.copytree(saved, scratch / f"{name}-{number}")
        list(garbage(folder / name))[number]()
        yield folder / name


@pytest.mark.parametrize("name", MAKERS)
def test_a_spoilt_file_is_named(saved: dict[str, Path], tmp_path: Path, name: str) -> None:
    for file in sorted(saved[name].iterdir()):
        for path in spoilt(saved[name], tmp_path, file.name):
            with pytest.raises(ModelError) as caught:
                kind_of(name).load(path.parent)
            assert caught.value.where and Path(caught.value.where).parent == path.parent
            if file.name != CHECKSUM_FILE:
                assert caught.value.where == str(path)


@pytest.mark.parametrize("file", ["ranker.json", "deepset.json", "member_0.safetensors"])
def test_spoilt_files_are_always_named(saved: dict[str, Path], tmp_path: Path, file: str) -> None:
    """The guard works without the checksums, which a hostile remote can compute anew."""
    for path in spoilt(saved["deepset"], tmp_path, file):
        write_checksums(path.parent)
        with pytest.raises(ModelError) as caught:
            DeepSetRanker.load(path.parent)
        assert caught.value.where == str(path)


@pytest.mark.parametrize("name", MAKERS)
def test_a_model_of_another_type_is_rejected(saved: dict[str, Path], name: str) -> None:
    for other in MAKERS:
        if other != name:
            with pytest.raises(ModelError, match=f"has a {other}"):
                kind_of(name).load(saved[other])


def test_a_tree_model_of_other_features_is_rejected(saved: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(saved["xgb"], tmp_path / "xgb")
    description = json.loads((folder / "ranker.json").read_text())
    description["team_columns"].append("another")
    (folder / "ranker.json").write_text(json.dumps(description))
    write_checksums(folder)
    with pytest.raises(ModelError, match="features"):
        XgbRanker.load(folder)


def test_checksums_of_another_folder_are_not_read(saved: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(saved["rf"], tmp_path / "rf")
    (folder / CHECKSUM_FILE).write_text(json.dumps({"../../secret": "00"}))
    with pytest.raises(ModelError):
        ForestRanker.load(folder)


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RecursionError(), zlib.error("x"), UnicodeError("x"), OSError(5, "x")],
    ids=lambda error: type(error).__name__,
)
def test_any_error_of_a_reader_becomes_a_model_error(error: Exception) -> None:
    with pytest.raises(ModelError, match=type(error).__name__), reading(Path("a.ubj"), "xgb"):
        raise error
