"""params.yaml: typed, bounded, documented; invalid values are reported by key."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from nbarank.core.errors import ParamsError
from nbarank.core.params import ReproParams
from nbarank.core.sections import load_section, read_yaml
from nbarank.dvc.param_values import flattened, merged, parse_settings
from nbarank.dvc.params_file import check_content, check_params, document
from nbarank.dvc.runs import read_profile
from nbarank.rankers.trees.params import XgbParams
from tests.conftest import ROOT

PARAMS = ROOT / "params.yaml"


def test_params_file_is_valid_and_documented_from_the_models() -> None:
    check_params(PARAMS)
    text = PARAMS.read_text()
    assert document(text) == text, "run: nbarank params document"


def test_scientific_notation_is_a_number(tmp_path: Path) -> None:
    """DVC writes 0.00001 as 1e-05, which YAML 1.1 reads as text."""
    changed = read_yaml(PARAMS)
    changed["model_b"]["learning_rate"] = 0.00001
    path = tmp_path / "params.yaml"
    with path.open("w") as file:
        YAML().dump(changed, file)
    path.write_text(path.read_text().replace("0.00001", "1e-05"))
    assert "1e-05" in path.read_text()
    assert load_section(XgbParams, path).learning_rate == 1e-05


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("model_b.max_dept=4", "max_dept"),
        ("model_bb.xgb.max_depth=4", "model_bb"),
        ("features.rolling_windows=[-3]", "rolling_windows"),
        ("model_b.max_depth='3'", "max_depth"),
        ("model_b.learning_rate=fast", "learning_rate"),
        ("repro.threads=0", "threads"),
        ("seasons.validation=[2011-12]", "2011-12"),
    ],
)
def test_an_invalid_value_is_reported_by_key(setting: str, named: str) -> None:
    content = merged(read_yaml(PARAMS), parse_settings([setting]))
    with pytest.raises(ParamsError) as caught:
        check_content(content, "params.yaml")
    assert named in str(caught.value)
    assert caught.value.next_command


def test_a_missing_key_is_reported() -> None:
    content = read_yaml(PARAMS)
    del content["model_c"]["n_estimators"]
    with pytest.raises(ParamsError, match="n_estimators"):
        check_content(content, "params.yaml")


def test_sections_are_frozen() -> None:
    section = load_section(ReproParams, PARAMS)
    with pytest.raises(ValidationError):
        section.seed = 1  # type: ignore[misc]


@pytest.mark.parametrize("profile", sorted(p.stem for p in (ROOT / "profiles").glob("*.yaml")))
def test_every_profile_fits_the_parameters(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    overlay = read_profile(profile)
    base = read_yaml(PARAMS)
    known = flattened(base)
    assert set(flattened(overlay)) <= set(known), "a profile may only change keys that exist"
    check_content(merged(base, overlay), profile)
