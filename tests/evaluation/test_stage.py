"""Both stages: tables in; scorecard, summary, page and plots out, the same bytes twice."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import Table, write_table
from nbarank.evaluation.comparisons import read_scorecard
from nbarank.evaluation.protocol import COMPARED
from nbarank.evaluation.scorecard import KNOWN_RATINGS, RANKERS
from nbarank.evaluation.summary import HEADLINES
from nbarank.schemas.ensemble import CALIBRATED_GAMES
from nbarank.schemas.forecast import FORECAST_GAMES, FORECAST_TEAMS, PLAYED_GAMES, STATES
from nbarank.schemas.league import AS_OF, GAMES, MARKET, OUTCOMES, SEASONS, STANDINGS
from nbarank.schemas.oof import BASE_MODELS, PLAYOFF_CLASSIFIER, oof_table
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.truth import TRUTH
from stages.evaluate import main
from stages.scorecard import main as summarise
from tests.conftest import contents

from . import league_data

LABELS = list(league_data.SEASONS)


def fill(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Add the other columns of a contract to a frame, and drop unknown ones."""
    frame = frame.copy()
    for pattern, column in table.schema.columns.items():
        name = pattern
        if column.regex or name in frame.columns:
            continue
        values = {"float": 1.0, "int": 1, "bool": False, "datetime": pd.Timestamp(2015, 1, 1)}
        kind = re.sub(r"64.*", "", str(column.dtype))
        frame[name] = values.get(kind, "none")
    known = [name for name in table.schema.columns if name in frame]
    numbered = [name for name in frame if re.search(r"_p\d\d$", name)]
    return frame[[*known, *numbered]]


def write_league(root: Path, simulated: bool) -> None:
    outcomes, as_of = league_data.outcomes_table(), league_data.as_of_table()
    games = league_data.games_table(outcomes)
    base = as_of[["season", "as_of"]].merge(outcomes[["season", "team_id", "final_rank"]])
    random = np.random.default_rng(0)
    strength = (15.5 - base["final_rank"]) / 3
    lists = [base["season"], base["as_of"]]
    title = np.exp(strength)
    wins = 56 - outcomes["final_rank"]
    final_wins = {"wins": wins, "losses": 82 - wins}

    def noisy(sd: float) -> pd.Series:
        return strength + random.normal(0, sd, len(base))

    seasons = pd.DataFrame({"season": LABELS, "simulated": simulated, "play_in": "none"})
    place = noisy(4.0).groupby(lists).rank(ascending=False).astype("int64")
    ratings = base.assign(
        win_pct=1 / (1 + np.exp(-noisy(3.0))),
        point_diff=noisy(4.0),
        srs=noisy(3.0),
        srs_carried=noisy(3.0),
        games_played=41.0,
        wins=20.0,
        elo=1500 + 20 * noisy(2.0),
        last_season_rank=(16 - noisy(9.0)).clip(1, 30),
    )
    forecast = base.assign(
        strength=strength,
        expected_final_rank=(16 - 3 * noisy(0.5)).clip(1, 30),
        expected_playoff_rank=(16 - 3 * noisy(0.5)).clip(1, 30),
        title=title / title.groupby(lists).transform("sum"),
        playoffs=(0.5 + strength / 12).clip(0, 1),
        projected_wins=41 + 2 * strength,
    )
    around = 41 + 2 * strength.to_numpy()[:, None] - np.arange(83)
    shares = {"wins_p": np.exp(-(around**2) / 50)}
    for name, n in (("final_rank_p", 30), ("conference_rank_p", 15)):
        shares[name] = np.full((len(base), n), 1 / n)
    shares["wins_p"] /= shares["wins_p"].sum(axis=1, keepdims=True)
    for name, values in shares.items():
        columns = [f"{name}{i + (name != 'wins_p'):02d}" for i in range(values.shape[1])]
        forecast = forecast.join(pd.DataFrame(values, forecast.index, columns))
    predicted = games.merge(as_of[["season", "as_of"]], on="season")
    predicted = predicted[predicted["as_of"] <= predicted["game_date"]]
    predicted = predicted[predicted["season"].isin(LABELS[1:])]
    predicted = predicted.rename(columns={"true_chance": "home_win_probability"})
    last = predicted.sort_values("as_of").drop_duplicates("game_id", keep="last")
    chance = last["home_win_probability"]
    rest = {"home_rest": 2, "away_rest": 2}
    tables = [
        (OUTCOMES, "ended", outcomes.assign(win_pct=0.5, **final_wins)),
        (AS_OF, "ended", as_of),
        (GAMES, "ended", games),
        (SEASONS, "ended", seasons),
        (STANDINGS, "ended", base.assign(league_rank=place, win_pct=0.5)),
        (RATINGS, "ended", ratings),
        (FORECAST_TEAMS, "", forecast[base["season"].isin(LABELS[1:])]),
        (PLAYOFF_CLASSIFIER, "", base.assign(probability=(0.5 + noisy(2.0) / 12).clip(0, 1))),
        (FORECAST_GAMES, "", predicted.assign(state="schedule", **rest)),
        (PLAYED_GAMES, "", pd.concat(last.assign(state=state, **rest) for state in STATES)),
        (MARKET, "ended", last.sample(frac=0.5, random_state=1)),
        (CALIBRATED_GAMES, "", last.assign(home_won=True, stacked=chance, per_model=0.5)),
    ]
    for model in BASE_MODELS:
        scores = base.assign(rank_score=noisy(2.0), margin_score=noisy(2.0))
        tables.append((oof_table(model), "", scores))
    if simulated:
        tables.append((TRUTH, "", base.assign(strength=strength, talent=strength)))
    for table, folder, frame in tables:
        write_table(table, fill(table, frame), root / folder)


PARAMS = """
repro: {seed: 42, threads: 1, device: cpu}
targets: {playoff_definition: performance}
evaluation: {sleeper_slots: 5, interval: 0.95, reliability_bins: 10}
seasons:
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    roles = (
        f"  warm_up: []\n  train: ['{LABELS[0]}']\n"
        f"  validation: ['{LABELS[1]}', '{LABELS[2]}']\n  test: ['{LABELS[3]}']\n"
    )
    (tmp_path / "params.yaml").write_text(PARAMS + roles)
    (tmp_path / "dvc.yaml").write_text(
        "stages:\n  evaluate:\n    cmd: python -m stages.evaluate\n"
        "    params: [repro, seasons, targets, evaluation]\n"
        "  scorecard:\n    cmd: python -m stages.scorecard\n"
        "    params: [repro, seasons, evaluation]\n"
    )
    folder = tmp_path / "data" / "diagnostics"
    folder.mkdir(parents=True)
    fold = {"fold": LABELS[1], "verdict": "healthy", "relative_loss": 0.7, "fallback_share": 0.0}
    (folder / "deepset.json").write_text(json.dumps([fold]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_stages_write_everything_and_the_same_twice(workspace: Path) -> None:
    write_league(workspace / "data", simulated=True)
    main(Stage("evaluate"))
    summarise(Stage("scorecard"))
    card = read_scorecard(workspace / "metrics/scorecard.csv")
    assert set(card["season"]) == set(LABELS[1:])
    targets = "final_rank playoff_outcome wins games lines title playoffs rounds series"
    assert set(card["target"]) == {*targets.split(), "true_strength"}
    assert set(card["ranker"]) == {*RANKERS, "playoff_classifier"}
    games = card[card["metric"] == "game_logloss"]
    strengths = {"ensemble", *BASE_MODELS, *KNOWN_RATINGS, "last_season"}
    assert set(games["ranker"]) == {*strengths, *STATES[1:], "climatology"}
    lines = card[card["metric"] == "line_logloss"]
    assert set(lines["ranker"]) == {*strengths, *STATES[1:], "climatology", "market"}
    areas = card[card["metric"] == "playoffs_auc"]
    assert set(areas["ranker"]) == {"ensemble", "playoff_classifier", "standings"}
    calibration = pd.read_csv(workspace / "data/evaluation/calibration.csv").set_index("what")
    of_teams = calibration.loc[["teams, playoffs", "teams, playoffs by classifier"], "events"]
    assert of_teams.nunique() == 1, "both are scored on the same rows"
    best = games.groupby("ranker")["value"].mean().idxmin()
    assert best == "ensemble"  # it was given the true chances
    content = json.loads((workspace / "metrics/summary.json").read_text())
    assert set(content["objectives"]) == set(content["test"]) == set(HEADLINES)
    page = (workspace / "metrics/scorecard.md").read_text()
    headings = ("Playoff outcome", "Projected wins", "Games and events", "True strength", "Test")
    for heading in (*headings, "healthy"):
        assert heading in page
    intervals = pd.read_csv(workspace / "metrics/intervals.csv")
    assert set(intervals["seasons"]) <= {1, 2}
    assert set(intervals["baseline"]) == set(COMPARED)
    written = sorted([*workspace.glob("metrics/*"), *workspace.glob("data/evaluation/*")])
    assert {"scorecard.csv", "scorecard.md", "attention.json"} <= {path.name for path in written}
    before = contents(workspace)
    main(Stage("evaluate"))
    summarise(Stage("scorecard"))
    assert contents(workspace) == before


def test_a_real_league_has_no_truth_and_a_missing_season_is_reported(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_league(workspace / "data", simulated=False)
    main(Stage("evaluate"))
    assert "true_strength" not in (workspace / "metrics/scorecard.csv").read_text()
    ended = workspace / "data" / "ended"
    outcomes = pd.read_parquet(OUTCOMES.path(ended))
    write_table(OUTCOMES, outcomes[outcomes["season"] != LABELS[2]], ended)
    with pytest.raises(SystemExit):
        run_stage("evaluate", main)
    assert f"Validation season(s) {LABELS[2]} have not ended" in capsys.readouterr().err
