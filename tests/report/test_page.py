"""The report of a small league: all on one page, nothing loaded, reproducible to the byte."""

import base64
import configparser
import gzip
import hashlib
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from dvc_render.html import HTML
from dvc_render.vega import VegaRenderer

from nbarank.core.errors import TableError
from nbarank.report.predictions import read_predictions
from nbarank.report.sentences import origin_sentence
from nbarank.schemas.predictions import Predictions
from tests.conftest import ROOT, contents
from tests.report.small_report import (
    NASTY,
    NASTY_SHORT,
    SEASONS,
    make,
    write_small_report,
)


@pytest.fixture(scope="module")
def page(made: Path) -> str:
    return (made / "index.html").read_text(encoding="utf-8")


def test_the_provenance_names_network_sources_and_licences() -> None:
    source = {
        "name": "sportsdataverse",
        "title": "stats.nba.com box scores published by SportsDataverse",
        "licence": "CC BY 4.0",
        "address": "https://example.org/releases",
        "seasons": ["2015-16", "2016-17"],
    }
    sentence = origin_sentence({"simulated": False, "sources": [source]})
    for part in ("2 season(s)", source["title"], source["address"], "licence: CC BY 4.0"):
        assert part in sentence


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    for attribute in ("src", "href", "action", "data"):
        for address in re.findall(rf'\b{attribute}="([^"]*)"', page):
            assert address.startswith(("data:", "#")), address
    assert "@import" not in page and "url(" not in page


def test_the_template_of_dvc_plots_contains_vega(made: Path) -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / ".dvc" / "config")
    named = ROOT / ".dvc" / settings["plots"]["html_template"]
    assert named.resolve() == ROOT / "data" / "charts" / "dvc_plots.html"
    page = HTML((made.parent / "data" / "charts" / named.name).read_text(encoding="utf-8"))
    shown = page.with_scripts(VegaRenderer.SCRIPTS).with_element("<div>a plot</div>").embed()
    assert "<div>a plot</div>" in shown and "vegaEmbed" in shown
    assert "<script src=" not in shown and "{plot_divs}" not in shown


def test_markup_in_names_stays_text(page: str) -> None:
    assert "<script>window.broken" not in page
    data = re.search(r'id="data">(.*?)</script>', page, re.S)
    assert data is not None
    teams = json.loads(gzip.decompress(base64.b64decode(data.group(1))))["seasons"][0]["teams"]
    assert [NASTY_SHORT, NASTY, "East"] in teams


def test_names_are_in_the_text_as_they_are(made: Path) -> None:
    lines = (made / "analysis.md").read_text().splitlines()
    (row,) = [line for line in lines if "window.broken" in line and line.startswith("|")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 8, "a bar of the name separates cells"
    assert not re.search(r"(?<!\\)[<$`*\[]", row)


def test_a_simulated_league_is_declared(page: str, in_progress: Path) -> None:
    assert "Simulated league." in page
    assert "Simulated league." not in (in_progress / "index.html").read_text()
    assert "Simulated league" not in (in_progress / "analysis.md").read_text()


def test_the_verdicts_follow_the_adjusted_p_values(page: str, made: Path) -> None:
    for text in (page, (made / "analysis.md").read_text()):
        assert "at 10 % of the season it beats the standings" in text
        assert "at 100 % the standings beat it" in text
        assert "at 50 % there is no clear difference" in text


def test_an_unhealthy_model_is_named(page: str) -> None:
    assert "Deep Set unhealthy in 2021-22 (uniform)" in page


def test_features_have_names_and_meanings(page: str, made: Path) -> None:
    meaning = "of the regular rotation, everyone healthy; points per game"
    assert f"<dt>player strength</dt><dd>{meaning}</dd>" in page
    assert "<dt>Elo</dt>" in page and "<dt>win pct</dt>" not in page  # no SHAP value: not listed
    text = (made / "analysis.md").read_text(encoding="utf-8")
    assert "- XGBoost, mean size of SHAP values in points: Elo 1.00." in text
    assert "- random forest, mean size of SHAP values in points: player strength 0.50." in text


def test_predictions_name_contributors_largest_attribution_first(made: Path) -> None:
    published = Predictions.model_validate_json((made / "predictions.json").read_text())
    players = published.forecasts[0].teams[0].roster.contributors
    shares = [player.integrated_gradients_share for player in players]
    assert shares == [0.4, -0.3, 0.2, 0.1]
    assert [player.attention_weight for player in players] == [0.1, 0.4, 0.3, 0.2]
    assert [(player.offence, player.defence) for player in players[:1]] == [(1.25, -0.5)]
    assert {path.stem for path in (made / "seasons").iterdir()} == set(SEASONS)


def test_a_season_in_progress_comes_first_with_its_players(in_progress: Path) -> None:
    """Its results are in separate tables and must be shown as completely as the others."""
    text = (in_progress / "predictions.json").read_text()
    latest = Predictions.model_validate_json(text).forecasts[-1]
    assert latest.season == SEASONS[-1]
    assert len(latest.teams[0].roster.contributors) == 4
    assert {path.stem for path in (in_progress / "seasons").iterdir()} == set(SEASONS)
    shown = (in_progress / "index.html").read_text(encoding="utf-8")
    assert shown.index(SEASONS[-1]) < shown.index(SEASONS[0])


@pytest.mark.parametrize(("folder", "named"), [("copy", True), (".dvc/tmp/exps/run", False)])
def test_only_a_page_that_stays_is_named(
    tmp_path: Path, folder: str, named: bool, caplog: pytest.LogCaptureFixture
) -> None:
    root = tmp_path / folder
    root.mkdir(parents=True)
    with caplog.at_level("INFO"):
        make(write_small_report(root))
    assert ("open report/index.html in a browser" in caplog.text) == named


def test_the_same_inputs_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    assert contents(make(write_small_report(tmp_path))) == contents(made)


def test_plots_have_the_numbers_of_the_figures(made: Path) -> None:
    rows = pd.read_csv(made.parent / "report/teams.csv")
    assert len(rows) == 2 * 2 * 30
    named = rows[(rows["checkpoint"] == 50) & (rows["season"] == SEASONS[0])]
    assert named.set_index("abbreviation")["delta"][["T01", "T02"]].tolist() == [4, -5]


def test_a_folder_of_several_files_is_one_row(page: str) -> None:
    joined = hashlib.sha256(("cd" * 32 + "ef" * 32).encode()).hexdigest()
    assert joined in page and "reports/" in page and "reports/1.json" not in page


def test_files_of_another_version_are_refused_with_what_to_run(tmp_path: Path) -> None:
    path = tmp_path / "predictions.json"
    path.write_text('{"schema_version": "1.1", "simulated_league": true, "forecasts": []}')
    with pytest.raises(TableError, match=r"has version 1\.1") as error:
        read_predictions(path)
    assert error.value.next_command == "dvc repro"
