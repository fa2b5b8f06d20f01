"""Names, settings and YAML from a user: bounded, and errors without a traceback."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.cli import main as cli
from nbarank.cli.runs import run
from nbarank.core.errors import (
    NbarankError,
    ParamsError,
    ResourceError,
    StorageError,
    known_error,
    printable,
)
from nbarank.core.file_names import LONGEST, require_name
from nbarank.core.sections import read_yaml
from nbarank.dvc.param_values import parse_settings
from nbarank.dvc.runs import read_profile
from nbarank.evaluation.scorecard import RANKERS
from tests.conftest import ROOT

BAD_NAMES = (
    *("", " ", ".", "..", "../x", "a/b", "/etc/passwd", "a\\b", "a b", "a\n", "a\0", "-S"),
    *(".hidden", "a..b", "a.lock", "a.", "a~1", "a^", "a:b", "é", "a" * (LONGEST + 1)),
    *("@{u}", "*"),
)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_lead_elsewhere_are_rejected(name: str) -> None:
    with pytest.raises(ParamsError, match="is not a name of a run"):
        require_name(name, "run", "nbarank run --name my-run")


@pytest.mark.parametrize("name", ["run-001", "medium", "run_021", "v1.2", "a" * LONGEST])
def test_plain_names_are_accepted(name: str) -> None:
    assert require_name(name, "run", "") == name


@given(st.text(max_size=20))
def test_an_accepted_name_is_one_part_of_a_path(name: str) -> None:
    try:
        require_name(name, "run", "")
    except ParamsError:
        return
    assert (Path("profiles") / f"{name}.yaml").resolve().parent == Path("profiles").resolve()


@pytest.mark.parametrize("name", ["", "../x", "../params", "x/../../params", "missing"])
def test_profiles_are_read_from_their_folder_only(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "x.yaml").write_text("secret: 1\n")
    (tmp_path / "params.yaml").write_text("secret: 1\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParamsError):
        read_profile(name)


@pytest.mark.parametrize(
    ("profile", "name", "message"),
    [("", "x", "name of a profile"), (None, "HEAD", "dvc exp apply")]
    + [(None, name, "nbarank compare") for name in ("workspace", *RANKERS)],
)
def test_a_run_needs_a_profile_and_a_name_of_its_own(
    profile: str | None, name: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(ParamsError, match=message):
        run(profile=profile, set_param=None, name=name)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["data=5"], "section 'data' are not allowed"),
        (["data.source=folder", "data.folder.path=/nowhere"], "/nowhere does not exist"),
        (["data.source=folder", "data.folder.path=params.yaml"], "is not a folder"),
    ],
)
def test_a_run_without_its_data_is_refused_before_it_starts(
    settings: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(NbarankError, match=message) as caught:
        run(set_param=settings)
    caught.value.correct(["run", *settings])
    assert len(str(caught.value)) < 1000


WIDE = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 40)]
BOMBS = {
    "lists": "s:\n  a: &a [x, x]\n  b: &b [*a, *a]\n  c: [*b, *b]\n",
    "mappings": "a: &a {k: 1}\nb: {<<: *a}\n",
    "itself": "a: &a [*a]\n",
    "one alias": "a: &a 1\nb: *a\n",
    "wide and deep": "\n".join(["l0: &l0 [x, x, x, x, x, x, x, x, x, x]", *WIDE]),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_aliases_are_rejected_before_they_expand(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(BOMBS[kind])
    with pytest.raises(ParamsError, match="not valid YAML"):
        read_yaml(path)


def test_signs_of_aliases_in_texts_are_no_aliases(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("# R&D *notes*\na: 'x & *y'\n")
    assert read_yaml(path) == {"a": "x & *y"}


@pytest.mark.parametrize(
    "setting",
    [
        *("", "=", "=1", "a", "a=[", "a={", "a=!!python/object:os.system x", "a=&x [*x]"),
        *("a=2020-99-99", "a='", "a=\x00", "a=*b"),
        *(f"a={sign * 50_000}" for sign in ("[", "- ", "{")),
    ],
)
def test_settings_that_are_not_yaml(setting: str) -> None:
    with pytest.raises(ParamsError, match="is not a setting") as caught:
        parse_settings([setting])
    assert len(str(caught.value)) < 1000


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_setting_is_read_or_rejected(texts: list[str]) -> None:
    with contextlib.suppress(ParamsError):
        parse_settings([f"a.b={text}" for text in texts] + texts)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(28, "No space left", "a b"), StorageError),
        (OSError(13, "Permission denied", "a b"), StorageError),
        (OSError(20, "Not a directory", "a b"), StorageError),
        (OSError(99, "Something else"), StorageError),
        (OSError("no number"), StorageError),
        (MemoryError(), ResourceError),
        (RecursionError("depth"), ResourceError),
        (RuntimeError("can't start new thread"), ResourceError),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), StorageError),
        (ValueError("a bug"), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_known_errors_are_described(error: Exception, kind: type[NbarankError] | None) -> None:
    found = known_error(error)
    assert type(found) is (kind or type(None))
    assert found is None or found.next_command
    if found and getattr(error, "filename", None):
        assert "ls -ld 'a b'" in str(found) or "ls" not in str(found.next_command)


def test_a_library_that_does_not_fit_into_memory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def too_large() -> None:
        raise ImportError("libblas.so: failed to map segment from shared object")

    monkeypatch.setattr(cli, "app", too_large)
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert capsys.readouterr().err.startswith("ResourceError: There is not enough memory.")


def test_control_characters_do_not_reach_the_terminal() -> None:
    error = NbarankError("team \x1b[31mBOS\x07", where="a\u202eb\x9b", next_command="x\ry")
    assert not any(sign in str(error) for sign in "\x1b\x07\x9b\r\u202e")
    assert "\\x1b" in str(error)
    assert printable("Dončić – 50 %\nnext") == "Dončić – 50 %\nnext"
