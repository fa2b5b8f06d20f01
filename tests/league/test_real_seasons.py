"""The real seasons 2010-11 to 2022-23, where they are there: what everyone knows comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbarank.core.sections import load_section
from nbarank.league.bracket import pair_wins
from nbarank.league.ingest import LeagueTables, ingest
from nbarank.league.outcomes import build_outcomes
from nbarank.league.params import SnapshotsParams
from nbarank.league.rules import season_rules
from nbarank.league.standings import standings_to_date
from nbarank.schemas.calendar import CALENDAR_FILE, read_calendar
from nbarank.sources.folder import collect_folder
from nbarank.sources.raw import read_raw
from tests.conftest import ROOT

pytestmark = pytest.mark.real

CHAMPIONS = [
    "DAL",
    "MIA",
    "MIA",
    "SAS",
    "GSW",
    "CLE",
    "GSW",
    "GSW",
    "TOR",
    "LAL",
    "MIL",
    "GSW",
    "DEN",
]
REGULAR = dict(zip(range(2010, 2023), [1230] * 13, strict=True)) | {
    2011: 990,
    2012: 1229,
    2019: 1059,
    2020: 1080,
}
PLAYOFFS = dict(
    zip(range(2010, 2023), [81, 84, 85, 89, 81, 86, 79, 82, 82, 83, 85, 87, 84], strict=True)
)
PLAY_IN = {2019: 1, 2020: 6, 2021: 6, 2022: 6}


@pytest.fixture(scope="module")
def made(real_raw: Path, tmp_path_factory: pytest.TempPathFactory) -> LeagueTables:
    raw = tmp_path_factory.mktemp("real")
    collect_folder(real_raw, raw, read_calendar(ROOT / CALENDAR_FILE))
    snapshots = load_section(SnapshotsParams, ROOT / "params.yaml")
    return ingest(read_raw(raw), False, snapshots.every_days, (0.1, 0.25, 0.5, 0.75, 1.0))


@pytest.fixture(scope="module")
def ended(made: LeagueTables) -> tuple[pd.DataFrame, pd.DataFrame]:
    return build_outcomes(made.games, made.teams, made.seasons)


def test_games_per_season_are_those_of_the_record_books(made: LeagueTables) -> None:
    found = made.games.groupby([made.games["season"].str[:4].astype(int), "kind"]).size()
    assert found.unstack()["regular"].to_dict() == REGULAR
    assert found.unstack()["playoffs"].to_dict() == PLAYOFFS
    assert found.unstack()["playin"].dropna().astype(int).to_dict() == PLAY_IN
    assert made.seasons["complete"].all()
    assert (made.seasons["games_played"] == made.seasons["games_expected"]).all()


def test_no_fault_and_the_known_oddities_only(made: LeagueTables) -> None:
    assert made.report["dropped_games"] == []
    assert len(made.report["warnings"]) == 25
    assert {warning["what"] for warning in made.report["warnings"]} == {
        "players' points do not add up to the team's"
    }


def test_champions(made: LeagueTables, ended: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    won = ended[0][ended[0]["champion"]].merge(made.teams, on=["season", "team_id"])
    assert won.sort_values("season")["abbreviation"].tolist() == CHAMPIONS


def test_seeds_follow_the_rules_and_fit_who_met_whom(
    made: LeagueTables, ended: tuple[pd.DataFrame, pd.DataFrame], caplog: pytest.LogCaptureFixture
) -> None:
    # build_outcomes refuses a bracket that does not fit; a warning would mean a tie-break of ours
    # is not the league's.
    build_outcomes(made.games, made.teams, made.seasons)
    assert caplog.text == ""
    series = ended[1]
    for season, played in made.games.query("kind == 'playoffs'").groupby("season"):
        met = {tuple(sorted(pair)) for pair in pair_wins(played)}
        rows = series[series["season"] == season]
        assert met == {
            tuple(sorted(pair)) for pair in zip(rows["first_id"], rows["second_id"], strict=True)
        }


def test_home_court_and_home_pattern_of_every_playoff_game(
    made: LeagueTables, ended: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    series = ended[1].copy()
    games = made.games.query("kind == 'playoffs'").sort_values(["game_date", "game_id"]).copy()
    for frame, one, other in ((series, "first_id", "second_id"), (games, "home_id", "away_id")):
        frame["low"] = np.minimum(frame[one], frame[other])
        frame["high"] = np.maximum(frame[one], frame[other])
    games["number"] = games.groupby(["season", "low", "high"]).cumcount()
    both = games.merge(series, on=["season", "low", "high"])
    rules = {season: season_rules(season, "none") for season in set(both["season"])}
    expected = [
        (rules[row.season].final_pattern if row.round == 4 else rules[row.season].series_pattern)[
            row.number
        ]
        for row in both.itertuples()
    ]
    assert len(both) == sum(PLAYOFFS.values())
    assert ((both["home_id"] == both["home_court_id"]) == expected).all()


def test_standings_to_date_end_as_the_final_standings(
    made: LeagueTables, ended: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    table = standings_to_date(made.games, made.teams, made.seasons, made.as_of)
    last = made.as_of[made.as_of["checkpoint"] == 1.0]
    at_end = table.merge(last[["season", "as_of"]]).merge(ended[0], on=["season", "team_id"])
    assert len(at_end) == 13 * 30
    assert (at_end["league_rank"] == at_end["final_rank"]).all()
    assert (at_end["conference_rank_x"] == at_end["conference_rank_y"]).all()


def test_records_agree_with_the_published_team_seasons(
    ended: tuple[pd.DataFrame, pd.DataFrame], made: LeagueTables, real_anchors: Path
) -> None:
    published = pd.read_parquet(real_anchors / "team_seasons.parquet")
    # nbarank's raw logs call the Bobcats by their later name; the book spells the Clippers out.
    other = {"Charlotte Bobcats": "Charlotte Hornets", "Los Angeles Clippers": "LA Clippers"}
    published["name"] = published["team"].str.rstrip("*").replace(other)
    ours = ended[0].merge(made.teams, on=["season", "team_id"])
    both = ours.merge(published, on=["season", "name"])
    assert len(both) == 13 * 30
    assert (both["wins"] == both["w"]).all()
    assert (both["losses"] == both["l"]).all()


def test_only_the_bubble_is_neutral(made: LeagueTables) -> None:
    neutral = made.games[made.games["neutral"]]
    assert set(neutral["season"]) == {"2019-20"}
    # 88 seeding games, one play-in, 83 in the playoffs.
    assert neutral["kind"].value_counts().to_dict() == {"regular": 88, "playoffs": 83, "playin": 1}
