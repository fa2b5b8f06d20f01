"""Real box scores up to a date: the season under way is forecast, and next week's games are added.

The last season of the real files is cut at a day; its fixtures stay known, its results do not.
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.reliability.small import (
    SMALL,
    dvc,
    edit_params,
    locked_files,
    make_repository,
    nbarank,
    stages_that_ran,
    wrong_outputs,
)

SEASONS = ("2018-19", "2019-20", "2020-21", "2021-22")
UNDER_WAY = "2022-23"
FIRST, SECOND = pd.Timestamp("2023-01-16"), pd.Timestamp("2023-01-23")
ROLES = {
    "seasons.warm_up": [],
    "seasons.train": list(SEASONS[:3]),
    "seasons.test": [SEASONS[3]],
    "seasons.holdout": [UNDER_WAY],
}


def _years(season: str) -> str:
    return season.replace("-", "_")


def _copy_until(real: Path, folder: Path, day: pd.Timestamp) -> None:
    """Write the files of the season under way with the games before `day` only."""
    for level in ("team_logs", "player_logs"):
        log = pd.read_parquet(real / f"{level}_{_years(UNDER_WAY)}.parquet")
        played = pd.to_datetime(log["GAME_DATE"]) < day
        log[played].to_parquet(folder / f"{level}_{_years(UNDER_WAY)}.parquet", index=False)


def _fixtures(real: Path) -> pd.DataFrame:
    log = pd.read_parquet(real / f"team_logs_{_years(UNDER_WAY)}.parquet")
    home = log[log["MATCHUP"].str.contains("vs.", regex=False)]
    away = log[log["MATCHUP"].str.contains("@", regex=False)]
    both = home.merge(away, on=["GAME_ID", "GAME_DATE"], suffixes=("", "_AWAY"))
    columns = {"TEAM_ID": "HOME_TEAM_ID", "TEAM_ID_AWAY": "AWAY_TEAM_ID"}
    return both.rename(columns=columns)[["GAME_ID", "GAME_DATE", *columns.values()]]


def _forecast(repository: Path) -> dict[str, object]:
    content = json.loads((repository / "data" / "forecast" / "predictions.json").read_text())
    (latest,) = [f for f in content["forecasts"] if f["season"] == UNDER_WAY][-1:]
    return dict(latest)


@pytest.mark.real
@pytest.mark.slow
def test_a_week_is_added_to_a_season_under_way(real_raw: Path, tmp_path: Path) -> None:
    folder = tmp_path / "box scores"
    folder.mkdir()
    for season in SEASONS:
        for path in real_raw.glob(f"*_{_years(season)}.parquet"):
            shutil.copyfile(path, folder / path.name)
    _copy_until(real_raw, folder, FIRST)
    _fixtures(real_raw).to_parquet(folder / f"schedule_{_years(UNDER_WAY)}.parquet", index=False)
    repository = make_repository(tmp_path / "repository")
    small = {key: value for key, value in SMALL.items() if not key.startswith("data.")}
    source = {"data.source": "folder", "data.folder.path": str(folder)}
    edit_params(repository, {**small, **ROLES, **source})
    dvc(repository, "repro")
    first = _forecast(repository)
    assert pd.Timestamp(str(first["as_of"])) <= FIRST
    assert 0.4 < float(str(first["season_share"])) < 0.6
    teams = first["teams"]
    assert isinstance(teams, list)
    assert len(teams) == 30
    before = locked_files(repository)
    oof = pd.read_parquet(repository / "data" / "oof" / "xgb.parquet")

    _copy_until(real_raw, folder, SECOND)
    began = time.monotonic()
    ran = stages_that_ran(dvc(repository, "repro"))
    print(f"a week added: {len(ran)} stages in {time.monotonic() - began:.0f} s: {', '.join(ran)}")
    assert ran[:2] == ["collect", "ingest"]
    assert wrong_outputs(repository) == []
    second = _forecast(repository)
    assert pd.Timestamp(str(second["as_of"])) > pd.Timestamp(str(first["as_of"]))
    # What ended before is as it was: outcomes, and every score of an earlier day.
    after = locked_files(repository)
    for path in ("data/league/outcomes.parquet", "data/league/series.parquet"):
        assert after[path] == before[path]
    now = pd.read_parquet(repository / "data" / "oof" / "xgb.parquet")
    old = oof[~((oof["season"] == UNDER_WAY) & (oof["as_of"] >= oof["as_of"].max()))]
    key = ["season", "as_of", "team_id"]
    kept = old.merge(now, on=key, suffixes=("", "_now"))
    assert len(kept) == len(old)
    assert (kept["rank_score"] == kept["rank_score_now"]).all()
    assert UNDER_WAY in nbarank(repository, "forecast")
    assert stages_that_ran(dvc(repository, "repro")) == []
