"""The recipes of CONTRIBUTING.md, followed in copies of the repository.

A recipe must name every file that following it changes, and the checks it names must pass.
"""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.reliability.small import SMALL, commit_new, copy_files, edit_params, run

RECIPES = dict(
    part.split("\n", 1)
    for part in (ROOT / "CONTRIBUTING.md")
    .read_text(encoding="utf-8")
    .split("## Recipes")[1]
    .split("\n## ")[0]
    .split("\n### ")[1:]
)
FOLLOWED = {
    "Add a team feature": "rested",
    "Add a source of box scores": "mirror",
    "Add a ranker": "ridge",
    "Add a stage": "home_court",
}


class Copy:
    """A copy of the repository, and the files of it that were edited by a recipe."""

    def __init__(self, folder: Path, title: str) -> None:
        self.folder, self.name = folder, FOLLOWED[title]
        self.recipe = RECIPES[title].replace("NAME", self.name)
        self.edited: set[str] = set()
        copy_files(folder)

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        assert not target.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self.edited.add(path)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path}"
        (self.folder / path).write_text(text.replace(old, new), encoding="utf-8")
        self.edited.add(path)

    def add_before(self, path: str, line: str, new: str) -> None:
        self.replace(path, line, new + line)

    def shell(self, command: str) -> str:
        return run(["bash", "-ec", command], self.folder, PYTHONPATH=str(self.folder))

    def paste_rooms(self) -> None:
        """Replace the table of re-runs in docs/architecture.md."""
        page = self.folder / "docs" / "architecture.md"
        text = page.read_text(encoding="utf-8")
        old = text[text.index("| an edit in") : text.index("\nParameters follow")]
        self.replace("docs/architecture.md", old, self.shell("nbarank pipeline rooms"))

    def check(self) -> None:
        """Run what the last step names, except what runs the pipeline."""
        named = set(re.findall(r"`([\w./-]+)`", self.recipe))
        assert self.edited <= named, "the recipe does not name these files"
        paths = {name for name in named if "/" in name and not name.startswith("oof/")}
        assert all((self.folder / path).exists() for path in paths)
        commands = re.findall(r"`([^`]*pytest[^`]*)`", self.recipe)
        assert len(commands) == 1
        self.shell(commands[0].replace("pytest ", "pytest -q -p no:cacheprovider -x "))


def test_every_recipe_is_short_and_followed_here() -> None:
    assert list(RECIPES) == list(FOLLOWED)
    for title, text in RECIPES.items():
        assert len([line for line in text.splitlines() if line.strip()]) <= 15, title


@pytest.mark.slow
def test_a_team_feature(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "Add a team feature")
    code = re.findall(r"```python\n(.*?)```", copy.recipe, re.DOTALL)
    assert len(code) == 1
    function = re.sub(r"^   ", "", code[0], flags=re.MULTILINE)
    copy.add_before("nbarank/features/rest.py", "@per_date\ndef back_to_back", f"{function}\n\n")
    row = "| `rested` | one | three days without a game or more | 0/1 | team_games | game 1 | 1 |\n"
    copy.add_before("docs/data-dictionary.md", "| `back_to_back` | one", row)
    copy.replace(
        "params.yaml",
        "    [season_share, win_pct, conference_rank, point_diff, "
        "srs_carried, elo, player_strength,\n     available_strength, playoff_strength",
        "    [season_share, win_pct, conference_rank, point_diff, "
        "srs_carried, elo, player_strength,\n     rested, available_strength, "
        "playoff_strength",
    )
    copy.shell("nbarank params check")
    copy.check()


SOURCE = '''"""The source `mirror`: one parquet file a season and kind, in the raw layout."""

from pathlib import Path

from nbarank.sources.downloads import Downloads
from nbarank.sources.layout import file_name, write_parquet
from nbarank.sources.params import MirrorParams
from nbarank.sources.releases import NotPublishedError, Releases


def collect_mirror(params: MirrorParams, destination: Path, downloads: Downloads) -> dict[str, str]:
    """Fetch what is not cached; returns the seasons that are not published."""
    releases, missing = Releases(params, downloads), {}
    for season in downloads.seasons:
        try:
            for kind in ("regular", "playoffs"):
                for level in ("team_logs", "player_logs"):
                    frame = releases.table(kind, level, season)
                    write_parquet(frame, destination / file_name(season, level, kind))
        except NotPublishedError as error:
            missing[season] = str(error)
    return missing
'''
FETCH = """
import datetime as dt, io, sys
from pathlib import Path
from nbarank.core.sections import parse_section, read_yaml
from nbarank.sources.collect import collect_network
from nbarank.sources.params import DataParams
from tests.sources.conftest import AFTER, LEAGUE
from tests.sources.serving import serve
from tests.tiny_league import league_calendar

files = {}
for name, frame in LEAGUE.make().items():
    kind, level = ("playoffs", name[9:]) if name.startswith("playoffs_") else ("regular", name)
    stream = io.BytesIO()
    frame.to_parquet(stream)
    files[f"/{kind}/{level[:-8]}_{int(level[-7:-3]) + 1}.parquet"] = stream.getvalue()
raw = Path("raw")
raw.mkdir()
with serve(lambda path: (200, files[path]) if path in files else (404, b"")) as server:
    content = read_yaml(Path("params.yaml"))["data"] | {"source": "mirror"}
    content["mirror"] |= {"address": server.address, "cache": "cache"}
    params = parse_section(DataParams, content, "params.yaml")
    collect_network(params, league_calendar(LEAGUE), LEAGUE.seasons[:1], raw, AFTER)
print(sorted(path.name for path in raw.iterdir()), (raw / "league.json").read_text())
"""


@pytest.mark.slow
def test_a_source(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "Add a source of box scores")
    copy.write("nbarank/sources/mirror.py", SOURCE)
    params = "nbarank/sources/params.py"
    copy.add_before(
        params,
        "class FolderParams(Section)",
        (
            'class MirrorParams(ReleaseParams):\n    """Files of a mirror."""\n\n'
            '    path: ClassVar[str] = "data.mirror"\n\n\n'
        ),
    )
    copy.add_before(params, "    injuries: InjuriesParams\n", "    mirror: MirrorParams\n")
    copy.replace(params, '"sportsdataverse", "hoopr"]', '"sportsdataverse", "hoopr", "mirror"]')
    collect = "nbarank/sources/collect.py"
    copy.add_before(
        collect,
        "from nbarank.sources.nba_stats import",
        "from nbarank.sources.mirror import collect_mirror\n",
    )
    copy.add_before(
        collect,
        '    "hoopr": (\n',
        '    "mirror": ("files of a mirror", "CC BY 4.0", collect_mirror),\n',
    )
    section = (copy.folder / "params.yaml").read_text().split("  hoopr:")[1].split("  market:")[0]
    copy.add_before("params.yaml", "  market:  #", f"  mirror:{section}")
    copy.shell("nbarank params document")
    assert "mirror:  # Files of a mirror." in (copy.folder / "params.yaml").read_text()
    row = "| `mirror` | files in the raw layout | a network |\n"
    copy.add_before("docs/data.md", "| `hoopr` | ESPN", row)
    copy.check()
    (copy.folder / "fetch.py").write_text(FETCH)
    printed = copy.shell("python fetch.py")
    assert "playoffs_team_logs_2019_20.parquet" in printed
    assert "files of a mirror" in printed


RANKER = '''"""A ridge on the team features: rank and margin."""

import json
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from nbarank.core.tables import write_text
from nbarank.rankers.ridge.params import RidgeParams
from nbarank.rankers.training.contract import Ranker, RankerInputs, TrainingData

FILE = "weights.json"


class RidgeRanker(Ranker):
    """Two ridge regressions with one penalty."""

    name: ClassVar[str] = "ridge"

    def __init__(self, params: RidgeParams) -> None:
        super().__init__()
        self.params = params
        self.weights: dict[str, list[float]] = {}

    def settings(self) -> dict[str, Any]:
        """Return the penalty."""
        return {"params": self.params.model_dump(mode="json")}

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Self:
        """Build an unfitted ranker."""
        return cls(RidgeParams.model_validate(settings["params"]))

    def _design(self, inputs: RankerInputs) -> np.ndarray:
        values = inputs.teams[list(self.team_columns or ())].fillna(0.0).to_numpy(dtype=float)
        return np.column_stack([np.ones(len(values)), values])

    def _fit(self, data: TrainingData, seed: int) -> None:
        design = self._design(data.inputs)
        penalty = self.params.alpha * np.diag([0.0, *np.ones(design.shape[1] - 1)])
        for task in ("rank", "margin"):
            target = data.targets[f"{task}_target"].fillna(0.0).to_numpy(dtype=float)
            solved = np.linalg.solve(design.T @ design + penalty, design.T @ target)
            self.weights[task] = solved.round(9).tolist()

    def _predict(self, inputs: RankerInputs) -> pd.DataFrame:
        design = self._design(inputs)
        scores = {f"{task}_score": design @ weights for task, weights in self.weights.items()}
        return pd.DataFrame({**scores, "rank_score_sd": 0.0, "margin_score_sd": 0.0})

    def _save(self, folder: Path) -> None:
        write_text(folder / FILE, json.dumps(self.weights))

    def _load(self, folder: Path) -> None:
        self.weights = json.loads((folder / FILE).read_text(encoding="utf-8"))
        for task in ("rank", "margin"):
            np.asarray(self.weights[task], dtype=float)
'''
RANKER_PARAMS = '''"""Parameters of the ridge."""

from typing import ClassVar

from pydantic import Field

from nbarank.core.sections import Section


class RidgeParams(Section):
    """A ridge on the team features."""

    path: ClassVar[str] = "model_ridge"
    alpha: float = Field(gt=0, le=1000, description="L2 penalty.")
'''
RANKER_TEST = '''"""The ridge keeps the contract."""

from nbarank.rankers.ridge.params import RidgeParams
from nbarank.rankers.ridge.ranker import RidgeRanker
from nbarank.rankers.training.contract import Ranker

from .ranker_contract import RankerContract


class TestRidge(RankerContract):
    def make_ranker(self) -> Ranker:
        return RidgeRanker(RidgeParams(alpha=1.0))
'''


@pytest.mark.slow
def test_a_ranker(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "Add a ranker")
    room = "nbarank/rankers/ridge"
    copy.write(f"{room}/__init__.py", '"""A ridge on the team features."""\n')
    copy.write(f"{room}/params.py", RANKER_PARAMS)
    copy.write(f"{room}/ranker.py", RANKER)
    copy.write("tests/rankers/test_ridge.py", RANKER_TEST)
    stage = (copy.folder / "stages" / "oof_rf.py").read_text()
    stage = stage.replace("ForestRanker(params, threads, directions)", "RidgeRanker(params)")
    stage = stage.replace(
        "params, threads = stage.params(ForestParams), stage.threads",
        "params = stage.params(RidgeParams)",
    )
    stage = stage.replace("inputs, directions =", "inputs, _ =").replace("oof_rf", "oof_ridge")
    stage = stage.replace("trees.forest import ForestRanker", "ridge.ranker import RidgeRanker")
    stage = stage.replace(
        "trees.params import ForestParams, TreesParams",
        "ridge.params import RidgeParams\nfrom nbarank.rankers.trees.params import TreesParams",
    )
    copy.write("stages/oof_ridge.py", stage)
    entry = (copy.folder / "dvc.yaml").read_text().split("  oof_rf:\n")[1].split("\n\n")[0]
    entry = entry.replace("oof_rf", "oof_ridge").replace("/rf", "/ridge")
    entry = entry.replace("model_c", "model_ridge").replace("random forest (Model C)", "ridge")
    entry = entry.replace("rankers/trees,", "rankers/trees, nbarank/rankers/ridge,")
    copy.add_before("dvc.yaml", "  playoff_classifier:\n", f"  oof_ridge:\n{entry}\n\n")
    copy.add_before("params.yaml", "stacking:  #", "model_ridge:\n  alpha: 1.0\n\n")
    copy.replace("nbarank/schemas/oof.py", '"xgb", "rf")', '"xgb", "rf", "ridge")')
    copy.replace("nbarank/ensemble/params.py", '"xgb", "rf"]', '"xgb", "rf", "ridge"]')
    models = "nbarank/rankers/base_models.py"
    copy.replace(models, "XgbRanker, ForestRanker)", "XgbRanker, ForestRanker, RidgeRanker)")
    copy.add_before(
        models,
        "from nbarank.rankers.training.contract",
        "from nbarank.rankers.ridge.ranker import RidgeRanker\n",
    )
    copy.shell("nbarank params document")
    modules = '"nbarank.rankers.trees", "nbarank.rankers.playoffs"]\n\n'
    copy.replace("pyproject.toml", modules, modules.replace("]", ', "nbarank.rankers.ridge"]'))
    copy.replace("docs/data-dictionary.md", "`oof/rf` *", "`oof/rf`, `oof/ridge` *")
    copy.paste_rooms()
    copy.check()


TABLE = '''"""Contract of home_court."""

from nbarank.schemas.columns import SEASON, number, table

HOME_COURT = table(
    "home_court",
    "ended season: mean margin of home teams",
    ("season",),
    {"season": SEASON, "margin": number("points", decimals=4)},
)
'''
STAGE = '''"""Measure each ended season's home advantage."""

from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import write_table
from nbarank.schemas.home_court import HOME_COURT
from nbarank.schemas.league import GAMES
from nbarank.schemas.season_split import read_ended


def main(stage: Stage) -> None:
    """Read league/games; write home_court."""
    games = read_ended(GAMES)
    margin = (games["home_pts"] - games["away_pts"]).groupby(games["season"]).mean()
    write_table(HOME_COURT, margin.rename("margin").reset_index())


if __name__ == "__main__":
    run_stage("home_court", main)
'''
ENTRY = """  home_court:
    desc: Measure each ended season's home advantage.
    cmd: python -m stages.home_court
    deps: [nbarank/core, nbarank/schemas, stages/home_court.py, data/ended/league]
    outs: [data/home_court.parquet]

"""


@pytest.mark.slow
def test_a_stage(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "Add a stage")
    copy.write("nbarank/schemas/home_court.py", TABLE)
    row = "| `home_court` | ended season: mean margin of home teams | season | home_court |\n"
    copy.add_before("docs/data-dictionary.md", "| `truth/strength` |", row)
    copy.write("stages/home_court.py", STAGE)
    copy.add_before("dvc.yaml", "  ratings:\n    desc", ENTRY)
    copy.paste_rooms()
    copy.check()
    edit_params(copy.folder, SMALL)
    commit_new(copy.folder)
    copy.shell("dvc repro home_court")
    printed = copy.shell(
        "python -c 'import pandas as pd; print(pd.read_parquet(\"data/home_court.parquet\"))'"
    )
    assert "2010-11" in printed
    assert "up to date" in copy.shell("dvc status home_court")
