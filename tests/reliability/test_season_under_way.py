"""Real box scores up to a date: the current season is forecast, and next week's games are added.

The last season of the real files is cut at a day: its fixtures stay known, its results do not. Then
its playoffs begin, and finally the season is complete. The forecast of a past day never changes.
"""

import json
import shutil
import time
from pathlib import Path

import numpy as np
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
from tests.tiny_league import fixtures_of

SEASONS = ("2018-19", "2019-20", "2020-21", "2021-22")
UNDER_WAY = "2022-23"
FIRST, SECOND = pd.Timestamp("2023-01-16"), pd.Timestamp("2023-01-23")
IN_PLAYOFFS = pd.Timestamp("2023-05-05")
OF_THE_WEEK = {
    *("collect", "ingest", "current_features", "current", "report"),
}
"""Stages that new games concern: none that trains, and none that scores ended seasons."""
ROLES = {
    "seasons.warm_up": [],
    "seasons.train": list(SEASONS[:3]),
    "seasons.validation": [SEASONS[3]],
    "seasons.test": [UNDER_WAY],
}


def _years(season: str) -> str:
    return season.replace("-", "_")


def _copy_until(real: Path, folder: Path, day: pd.Timestamp) -> None:
    """Write the files of the current season: its rosters, and the games before `day` only."""
    rosters = f"rosters_{_years(UNDER_WAY)}.parquet"
    shutil.copyfile(real / rosters, folder / rosters)
    for log in real.glob(f"*_logs_{_years(UNDER_WAY)}.parquet"):
        rows = pd.read_parquet(log)
        played = rows[pd.to_datetime(rows["GAME_DATE"]) < day]
        if len(played):
            played.to_parquet(folder / log.name, index=False)


def _forecast(repository: Path) -> dict[str, object]:
    content = json.loads((repository / "report" / "predictions.json").read_text())
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
    log = pd.read_parquet(real_raw / f"team_logs_{_years(UNDER_WAY)}.parquet")
    fixtures_of(log).to_parquet(folder / f"schedule_{_years(UNDER_WAY)}.parquet", index=False)
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
    strength = pd.read_parquet(
        repository / "data/current/results" / "ensemble" / "strength.parquet"
    )
    assert set(strength["season"]) == {UNDER_WAY}

    _copy_until(real_raw, folder, SECOND)
    began = time.monotonic()
    ran = stages_that_ran(dvc(repository, "repro"))
    print(f"a week added: {len(ran)} stages in {time.monotonic() - began:.0f} s: {', '.join(ran)}")
    assert set(ran) == OF_THE_WEEK
    assert wrong_outputs(repository) == []
    second = _forecast(repository)
    assert pd.Timestamp(str(second["as_of"])) > pd.Timestamp(str(first["as_of"]))
    after = locked_files(repository)
    ended = [path for path in before if path.startswith("data/ended/")]
    assert "data/ended/features/teams.parquet" in ended
    assert {path: after[path] for path in ended} == {path: before[path] for path in ended}
    assert UNDER_WAY in nbarank(repository, "forecast")
    grid = pd.read_parquet(repository / "data/current/league/as_of.parquet")["as_of"]
    days = pd.date_range(FIRST - pd.Timedelta(days=7), FIRST)
    between = f"{days[~days.isin(grid)][0]:%Y-%m-%d}"
    assert f"as of {between}" in nbarank(repository, "forecast", "--as-of", between)
    assert UNDER_WAY in nbarank(repository, "games", "--date", between)
    assert stages_that_ran(dvc(repository, "repro")) == []

    _copy_until(real_raw, folder, IN_PLAYOFFS)
    late = pd.read_parquet(real_raw / f"playoffs_team_logs_{_years(UNDER_WAY)}.parquet")
    days = pd.to_datetime(late["GAME_DATE"])
    round_two = late[days.between(IN_PLAYOFFS, IN_PLAYOFFS + pd.Timedelta(days=6))]
    coming = fixtures_of(pd.concat([log, round_two]))
    coming.to_parquet(folder / f"schedule_{_years(UNDER_WAY)}.parquet", index=False)
    dvc(repository, "repro", "report")
    assert "2-0 PHX" in nbarank(repository, "forecast")
    tonight = nbarank(repository, "games", "--leverage")
    assert "BOS @ PHI" in tonight and "DEN win:  series +" in tonight
    results = ("--result", "PHX-DEN=PHX", "--result", "PHX-DEN=DEN")
    assert "DEN-PHX, game 4: DEN wins" in nbarank(repository, "games", *results)
    assert "The team is eliminated" in nbarank(repository, "games", "--team", "MIL")
    assert "MIL is eliminated" in nbarank(
        repository, "games", "--team", "MIL", *results[:2], fails=True
    )
    without_games = "2023-04-10"  # between the regular season and the play-in
    refused = nbarank(repository, "games", "--date", without_games, *results, fails=True)
    assert "nothing can be assumed" in refused and "--date 2023-04-11" in refused
    assert "PHI 0-0 BKN" in nbarank(repository, "forecast", "--as-of", without_games)
    stored = _forecast(repository)["games"]
    assert isinstance(stored, list)
    assert {one["game_id"] for one in stored} == set(round_two["GAME_ID"])

    for path in real_raw.glob(f"*_{_years(UNDER_WAY)}.parquet"):
        shutil.copyfile(path, folder / path.name)
    assert "oof_deepset" in stages_that_ran(dvc(repository, "repro", "calibrate", "current"))
    assert json.loads((repository / "data/current/results" / "seasons.json").read_text()) == []
    # Nothing said of a day depends on the days after it.
    later = pd.read_parquet(repository / "data" / "ensemble" / "strength.parquet")
    both = strength.merge(later, on=["season", "as_of", "team_id"], suffixes=("", "_later"))
    # The day after the last game played is a day of the grid only while it is the latest one.
    assert len(both) >= len(strength) - 30
    for column in ("rank_score", "strength", "strength_sd"):
        np.testing.assert_allclose(both[column], both[f"{column}_later"], rtol=1e-5, atol=1e-6)
