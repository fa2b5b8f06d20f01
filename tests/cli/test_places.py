"""Commands work from any folder of the repository, and take what people type."""

from __future__ import annotations

import shlex
from pathlib import Path

import pandas as pd
import pytest

from nbarank.cli import places
from nbarank.cli.main import main
from nbarank.core.errors import ForecastError, NbarankError, ParamsError, did_you_mean, nearest
from nbarank.core.sections import read_yaml
from nbarank.dvc.param_values import merged, parse_settings
from nbarank.dvc.params_file import check_changes, check_content
from nbarank.forecast.name_search import find_team
from tests.conftest import ROOT

TEAMS = pd.DataFrame(
    [
        (1, "BOS", "Boston Celtics"),
        (2, "LAL", "Los Angeles Lakers"),
        (3, "LAC", "Los Angeles Clippers"),
        (4, "PHI", "Philadelphia 76ers"),
        (5, "ATL", "Atlanta Hawks"),
    ],
    columns=["team_id", "abbreviation", "name"],
).assign(season="2022-23")


@pytest.mark.parametrize(
    ("typed", "team"),
    [
        *(("bos", 1), ("celtics", 1), ("Boston  celtics", 1), ("3", 3), ("lakers", 2)),
        *(("76ers", 4), ("Sixers", 4), ("lak", 2), ("ANTA", 5)),
    ],
)
def test_a_team_is_found_by_any_part_of_its_name(typed: str, team: int) -> None:
    assert find_team(typed, "2022-23", TEAMS) == team


@pytest.mark.parametrize(
    ("typed", "message", "remedy"),
    [
        ("Bostn", "did you mean Boston", "--team Boston"),
        ("Los Angeles", "2 teams of 2022-23 have 'Los Angeles'", "--team LAC"),
        ("LAV", "did you mean LAL or LAC", "--team LAL"),
        ("", "No team of 2022-23 is called ''", "nbarank forecast"),
        ("Zzyzx", "No team of 2022-23 is called 'Zzyzx'.", "nbarank forecast --team"),
    ],
)
def test_an_unknown_team_gets_the_nearest_name(typed: str, message: str, remedy: str) -> None:
    with pytest.raises(ForecastError) as error:
        find_team(typed, "2022-23", TEAMS)
    assert message in str(error.value)
    command = str(error.value.next_command)
    assert remedy in command
    if "--team" in command:
        assert find_team(shlex.split(command)[-1], "2022-23", TEAMS) in range(1, 6)


def test_suggestions_ignore_case_and_stay_silent_about_strangers() -> None:
    assert nearest("MAX_DEPT", ["max_depth", "eta"]) == ["max_depth"]
    assert did_you_mean("zzz", ["max_depth"]) == "."


def test_a_misspelt_key_of_a_run_is_named_with_a_remedy_that_exists() -> None:
    source = "params.yaml with the values of this run"
    with pytest.raises(ParamsError) as error:
        check_content({"model_b": {"max_dept": 3}}, source)
    assert "did you mean max_depth?" in str(error.value)
    error.value.correct(["run", "-S", "model_b.max_dept=3"])
    assert error.value.next_command == "nbarank run -S model_b.max_depth=3"


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        (["run", "-S", "data.source=foldr"], "nbarank run -S data.source=folder"),
        (
            ["sweep", "run", "x", "-S=data.source=foldr"],
            "nbarank sweep run x -S=data.source=folder",
        ),
        (["run", "--profile", "mine"], "nbarank params check"),
    ],
)
def test_a_misspelt_value_is_corrected_in_the_typed_command(typed: list[str], command: str) -> None:
    content = merged(read_yaml(ROOT / "params.yaml"), {"data": {"source": "foldr"}})
    with pytest.raises(ParamsError) as error:
        check_content(content, "params.yaml with the values of this run")
    message = str(error.value)
    assert "did you mean folder?" in message and "simulated | folder | nba_stats" in message
    assert "literal" not in message and "Input should" not in message
    error.value.correct(typed)
    assert error.value.next_command == command


def test_a_value_of_the_wrong_type_is_corrected_to_the_present_one() -> None:
    params = read_yaml(ROOT / "params.yaml")
    with pytest.raises(ParamsError) as error:
        check_changes(params, {"model_b": {"max_depth": "four"}}, "params.yaml with your values")
    assert error.value.allowed == "model_b.max_depth: 1 to 12"
    error.value.correct(["run", "-S", "model_b.max_depth=four"])
    depth = params["model_b"]["max_depth"]
    assert error.value.next_command == f"nbarank run -S model_b.max_depth={depth}"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("model_b=3", "model_b.max_depth"),
        ("seasons=2020", "seasons.warm_up"),
        ("max_depth=[1,2]", "model_b.max_depth"),
        ("model_b.max_depth=[1,2]", "model_b.max_depth"),
        ("data.source=[foo]", "data.source"),
    ],
)
def test_a_setting_of_another_form_is_corrected_to_a_key_and_its_present_value(
    typed: str, key: str
) -> None:
    params = read_yaml(ROOT / "params.yaml")
    with pytest.raises(ParamsError) as error:
        check_changes(params, parse_settings([typed]), "params.yaml with your values")
    error.value.correct(["run", f"-S={typed}", "--name", "x"])
    corrected = shlex.split(str(error.value.next_command))
    assert [*corrected[:2], *corrected[3:]] == ["nbarank", "run", "--name", "x"]
    setting = corrected[2].removeprefix("-S=")
    assert setting.startswith(f"{key}=")
    check_changes(params, parse_settings([setting]), "params.yaml with your values")


def test_a_command_runs_in_the_nearest_folder_of_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "a b" / "docs" / "deep"
    inside.mkdir(parents=True)
    (tmp_path / "a b" / "dvc.yaml").touch()
    monkeypatch.setattr(places, "_typed_in", None)
    monkeypatch.chdir(inside)
    places.enter_repository()
    assert Path.cwd() == tmp_path / "a b"
    assert places.moved()
    assert places.typed(Path("../x")).resolve() == tmp_path / "a b" / "docs" / "x"


def test_outside_a_repository_a_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NbarankError, match="not inside an nbarank repository"):
        places.enter_repository()
    monkeypatch.setattr("sys.argv", ["nbarank", "forecast"])
    with pytest.raises(SystemExit):
        main()
    assert "not inside an nbarank repository" in capsys.readouterr().err


def test_a_mistyped_section_keeps_a_value_that_is_allowed() -> None:
    params = read_yaml(ROOT / "params.yaml")
    for typed, meant in (("4", "4"), ("four", str(params["model_b"]["max_depth"]))):
        with pytest.raises(ParamsError) as caught:
            check_changes(params, parse_settings([f"modelb.max_depth={typed}"]), "your values")
        assert caught.value.instead == ("modelb.max_depth", f"model_b.max_depth={meant}")
