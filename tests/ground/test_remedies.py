"""Commands that `nbarank verify` prints work in any folder; a hash never leaves the cache."""

import contextlib
import hashlib
import json
import os
import random
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from nbarank.core.errors import NbarankError
from nbarank.dvc.outputs import parse_listing, parse_lock, require_md5
from nbarank.dvc.verify import verify
from tests.conftest import ROOT
from tests.reliability.small import commit_new, dvc, run

FOLDERS = ("a folder", "it's; touch PWNED", "$(touch PWNED)", "-rf", "#x & y", "é`touch PWNED`")
PIPELINE = """stages:
  make:
    cmd: python make.py
    outs: ["out put", "fol der"]
"""
MAKE = """import pathlib
pathlib.Path("out put").write_text("one")
pathlib.Path("fol der").mkdir(exist_ok=True)
pathlib.Path("fol der/a b").write_text("two")
"""
ONE_MORE = 'pathlib.Path("fol der/more").write_text("three")\n'
EVIL = ("../../../etc/passwd", "/etc/passwd", "x; rm -rf ~", "A" * 32, "0" * 31, "0" * 33, "", None)


def project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "dvc.yaml").write_text(PIPELINE)
    (folder / "make.py").write_text(MAKE)
    (folder / "params.yaml").write_text("data: {source: simulated}\n")
    commit_new(folder)
    dvc(folder, "repro", "-q")
    return folder


def report(folder: Path) -> Any:
    from dvc.repo import Repo

    with contextlib.chdir(folder), Repo() as repository:
        return verify(repository, everything=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLDERS)
def test_printed_commands_touch_their_file_only(tmp_path: Path, name: str) -> None:
    folder = project(tmp_path / name)
    for word in ("a", "folder", "out", "put", "fol", "der"):
        (folder / word).write_text("unrelated")
        (tmp_path / word).write_text("unrelated")
    before = {path.name for path in tmp_path.iterdir()}
    (folder / "out put").chmod(0o644)
    (folder / "out put").write_text("changed")
    (folder / "fol der" / "more; touch PWNED").write_text("new")
    cache = folder / ".dvc" / "cache" / "files" / "md5"
    objects = (path for path in cache.rglob("*") if path.is_file())
    stored = next(path for path in objects if path.read_bytes() == b"one")
    stored.chmod(0o644)
    stored.write_bytes(b"damaged")
    found = report(folder)
    assert len(found.data_errors) >= 2
    for error in found.data_errors:
        fix = error.fix.replace("dvc ", f"{shlex.quote(sys.executable)} -m dvc ")
        run(["bash", "-c", fix], folder)
    assert report(folder).data_errors == ()
    assert {path.name for path in tmp_path.iterdir()} == before
    assert not list(folder.rglob("PWNED"))
    for word in ("out", "put", "fol", "der"):
        assert (folder / word).read_text() == "unrelated"


@pytest.mark.parametrize("md5", EVIL)
def test_a_hash_is_32_hexadecimal_digits(md5: str | None) -> None:
    with pytest.raises(ValueError, match="not an MD5"):
        require_md5(md5)
    lock = {"stages": {"s": {"cmd": "x", "outs": [{"path": "a", "md5": md5}]}}}
    with pytest.raises(NbarankError, match=r"dvc\.lock cannot be read"):
        parse_lock(json.dumps(lock))
    with pytest.raises(ValueError, match="not an MD5"):
        parse_listing(json.dumps([{"relpath": "a", "md5": md5}]).encode())


def test_a_hash_that_leads_out_of_the_cache_is_rejected(tmp_path: Path) -> None:
    folder = project(tmp_path / "project")
    lock = folder / "dvc.lock"
    md5 = hashlib.md5(b"one", usedforsecurity=False).hexdigest()
    assert md5 in lock.read_text()
    lock.write_text(lock.read_text().replace(md5, "../../../etc/passwd"))
    with pytest.raises(NbarankError, match="not an MD5"):
        report(folder)


def test_a_lock_without_hashes_can_be_read() -> None:
    stages = parse_lock("schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n    - path: a\n")
    assert stages["s"]["outs"] == [{"path": "a"}]


FLIPS = int(os.environ.get("NBARANK_FLIPS", "100"))
CONTENT = (
    *("", "null", "[]", "7", "stages: 7", "stages: {s: null}", "stages: {s: {outs: 7}}"),
    *("stages: {s: {outs: [7]}}", "stages: {s: {outs: [{md5: x}]}}", "stages: {s: {params: []}}"),
    *("stages: {s: {params: {params.yaml: 7}}}", "a: [", "\x00", "a: &a [*a]", "[" * 50_000),
)


@pytest.mark.parametrize("text", CONTENT)
def test_a_lock_of_another_form_is_reported(text: str) -> None:
    try:
        assert parse_lock(text) == {}
    except NbarankError as error:
        assert error.next_command


def test_flipped_bytes_of_a_lock() -> None:
    """An error, or stages whose hashes are hashes."""
    draw, whole = random.Random(5), (ROOT / "dvc.lock").read_bytes()[:6000]
    for _ in range(FLIPS):
        damaged = bytearray(whole)
        damaged[draw.randrange(len(whole))] ^= draw.randrange(1, 256)
        try:
            stages = parse_lock(damaged.decode("utf-8", errors="replace"))
        except NbarankError:
            continue
        for stage in stages.values():
            for entry in (*stage.get("deps", ()), *stage.get("outs", ())):
                assert re.fullmatch(r"[0-9a-f]{32}(\.dir)?", entry.get("md5", "0" * 32))


@pytest.mark.slow
def test_files_of_another_commit_need_dvc_checkout_only(tmp_path: Path) -> None:
    folder = project(tmp_path / "repository")
    run(["git", "add", "-A"], folder)
    run(["git", "commit", "-q", "-m", "first"], folder)
    make = (folder / "make.py").read_text()
    (folder / "make.py").write_text(make.replace("one", "1").replace("two", "2") + ONE_MORE)
    dvc(folder, "repro", "-q", "--force")
    run(["git", "checkout", "-q", "--", "."], folder)
    found = report(folder).data_errors
    assert len(found) == 3 and all(error.of_other_commit for error in found)
    (folder / "out put").chmod(0o644)
    (folder / "out put").write_text("of no commit")
    assert not all(error.of_other_commit for error in report(folder).data_errors)
    (folder / "out put").unlink()
    dvc(folder, "checkout", "-q")
    assert report(folder).data_errors == ()
