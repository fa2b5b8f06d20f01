"""Inputs of the stage report for a small fictional league: two seasons, two days."""

import base64
import contextlib
import json
import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

import stages.charts
import stages.report
from nbarank.core.stage import Stage
from nbarank.core.tables import read_table, write_table
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.explain import CONTRIBUTORS, MODEL_HEALTH, SHAP_VALUES, TEAM_GRADIENTS
from nbarank.schemas.forecast import (
    ABSENCES,
    BRACKETS,
    FORECAST_GAMES,
    FORECAST_TEAMS,
    SIMULATIONS,
    WEEKLY,
    WITHOUT_STAR,
)
from nbarank.schemas.league import AS_OF, GAMES, SCHEDULE, STANDINGS, TEAMS
from nbarank.schemas.ratings import EFFICIENCY
from nbarank.schemas.season_split import write_current_seasons, write_split
from tests.conftest import ROOT
from tests.tiny_league import TinyLeague

SEASONS = ("2020-21", "2021-22")
NASTY = "Town <script>window.broken = 1</script> & \"quoted\" '7' | $x$ \\ [b] *c* `d`"
NASTY_SHORT = "$7$|<&\\["
NASTY_PLAYER = "Player $\\frac{$ | <i>&[red] Antetokounmpolonger"
"""A team's name and abbreviation and a player's name with markup, which must stay text."""
FEATURES = ("elo", "player_strength", "win_pct")
RESULTS = "current/results"


def days_of(season: str) -> list[pd.Timestamp]:
    year = int(season[:4])
    return [pd.Timestamp(f"{year + 1}-01-10"), pd.Timestamp(f"{year + 1}-04-12")]


def week_without_odds(season: str) -> pd.Timestamp:
    return pd.Timestamp(f"{int(season[:4]) + 1}-02-20")


def write_small_report(root: Path, *, simulated: bool = True, ended: bool = True) -> Path:
    """Write the inputs of both stages below `root`; return it."""
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, root / name)
    chance = np.random.default_rng(3)
    teams = TinyLeague().teams().rename(columns=str.lower)
    ids = teams["team_id"]
    teams.loc[ids == 7, ["abbreviation", "name"]] = NASTY_SHORT, NASTY
    keys = [(season, day, team) for season in SEASONS for day in days_of(season) for team in ids]
    key = pd.DataFrame(keys, columns=["season", "as_of", "team_id"])
    data = root / "data"
    over = SEASONS if ended else SEASONS[:-1]
    teams = pd.DataFrame({"season": SEASONS}).merge(teams, how="cross")
    write_split(TEAMS, teams, over, data)
    week = pd.DataFrame({"season": SEASONS, "as_of": map(week_without_odds, SEASONS)})
    dates = pd.concat([key, week.merge(key[["team_id"]].drop_duplicates(), how="cross")])
    dates = dates.astype({"as_of": "datetime64[us]"}).reset_index(drop=True)
    place = (dates["team_id"] + 1) // 2
    standings = dates.assign(
        wins=41, losses=41, win_pct=0.5, point_difference=0,
        league_rank=dates["team_id"], conference_rank=place, seed_order=place,
    )  # fmt: skip
    write_split(STANDINGS, standings, over, data)
    strength = (16.0 - key["team_id"]) / 2
    rated = key.assign(rank_score=strength, strength=strength, strength_sd=2.0)
    write_table(STRENGTH, rated.assign(win_probability=0.5), data)
    shap = key.merge(pd.DataFrame({"feature": FEATURES}), how="cross")
    shap = shap.merge(pd.DataFrame({"model": ["xgb", "rf"]}), how="cross")
    shap[["value", "shap"]] = chance.normal(size=(len(shap), 2))
    write_table(SHAP_VALUES, shap.assign(score="margin", base=0.5), data)
    players = key.merge(pd.DataFrame({"slot": range(4)}), how="cross")
    share = np.array([0.4, -0.3, 0.2, 0.1])[players["slot"]]
    numbers = zip(players["team_id"], players["slot"], strict=True)
    write_table(
        CONTRIBUTORS,
        players.drop(columns="slot").assign(
            player_id=players["team_id"] * 10 + players["slot"],
            player_name=[
                NASTY_PLAYER if team == 7 else f"Player {team}-{slot} Antetokounmpolonger"
                for team, slot in numbers
            ],
            attention_weight=np.array([0.1, 0.4, 0.3, 0.2])[players["slot"]],
            minutes_share=0.25,
            integrated_gradients_share=share,
            points=2 * share,
            offence=1.25 - players["slot"],
            defence=-0.5,
            contributors_are_fallback=False,
        ),
        data,
    )
    gradients = key.assign(score="margin", baseline=0.0, predicted=1.0, players=1.0, missed=0.0)
    write_table(TEAM_GRADIENTS, gradients.assign(gradient_elo=0.1), data)
    health = pd.DataFrame({"season": SEASONS, "verdict": ["healthy", "uniform"], "stopped": ""})
    numbers = dict.fromkeys(set(MODEL_HEALTH.schema.columns) - set(health), 0.001)
    write_table(MODEL_HEALTH, health.assign(**numbers), data)
    _write_forecasts(data, key, over)
    _write_page_tables(data, dates, key)
    _write_predictions(data / "forecast", teams, simulated, ended)
    _write_scores(root)
    manifest = {
        "simulated": simulated,
        "seasons": {s: {"games_counted": 9, "complete": True} for s in SEASONS},
        "files": [
            {"file": "a.parquet", "sha256": "ab" * 32, "bytes": 10, "rows": 3},
            {"file": "reports/1.json", "sha256": "cd" * 32, "bytes": 1},
            {"file": "reports/2.json", "sha256": "ef" * 32, "bytes": 2},
        ],
    }
    (data / "manifest.json").write_text(json.dumps(manifest))
    write_current_seasons([] if ended else SEASONS[-1:], data / RESULTS)
    if not ended:
        _put_last_season_apart(data)
    return root


def make(root: Path) -> Path:
    with contextlib.chdir(root):
        stages.charts.main(Stage("charts"))
        stages.report.main(Stage("report"))
    return root / "report"


def _put_last_season_apart(data: Path) -> None:
    """Move the last season to `data/current/results`, as stage current writes it."""
    for table in (
        STRENGTH, CONTRIBUTORS, SHAP_VALUES, MODEL_HEALTH, FORECAST_TEAMS, FORECAST_GAMES, ABSENCES,
        WEEKLY, BRACKETS, WITHOUT_STAR,
    ):  # fmt: skip
        rows = read_table(table, data)
        last = rows["season"] == SEASONS[-1]
        write_table(table, rows[~last], data)
        write_table(table, rows[last], data / RESULTS)
    ended, current = data / "forecast", data / RESULTS / "forecast"
    (current / "seasons").mkdir(parents=True)
    (data / SIMULATIONS).rename(data / RESULTS / SIMULATIONS)
    (ended / "predictions.json").rename(current / "predictions.json")
    name = f"{SEASONS[-1]}.json"
    (ended / "seasons" / name).rename(current / "seasons" / name)
    content = json.loads((ended / "seasons" / f"{SEASONS[-2]}.json").read_text())
    content["forecasts"] = content["forecasts"][-1:]
    (ended / "predictions.json").write_text(json.dumps(content))


def _write_forecasts(data: Path, key: pd.DataFrame, over: tuple[str, ...]) -> None:
    """Write days, games three days before and after each, forecasts and a simulated sample."""
    days = key[["season", "as_of"]].drop_duplicates()
    share = np.tile([0.5, 1.0], len(SEASONS))
    grid = days.assign(weekly=False, checkpoint=share, season_share=share, teams_listed=30)
    week = pd.DataFrame({"season": SEASONS, "as_of": map(week_without_odds, SEASONS)})
    week = week.assign(weekly=True, checkpoint=np.nan, season_share=0.7, teams_listed=30)
    grid = pd.concat([grid, week]).astype({"as_of": "datetime64[us]"})
    write_split(AS_OF, grid, over, data)
    number = key["team_id"]
    shown = {
        "n_simulations": 1000, "strength": (16 - number) / 2, "strength_sd": 2.0,
        "projected_wins": 60.0 - number, "wins_low": 30.0, "wins_high": 50.0,
        "play_in": 0.1, "playoffs": 16 / 30, "title": (31 - number) / 465,
        **{f"wins_p{wins:02d}": 0.0 for wins in range(59)}, "wins_p59": 0.25, "wins_p60": 0.75,
    }  # fmt: skip
    rest = {
        name: 1.0 if "rank" in name else 0.1
        for name, column in FORECAST_TEAMS.schema.columns.items()
        if name not in key and name not in shown and not column.regex
    }
    write_table(FORECAST_TEAMS, key.assign(**rest, **shown), data)
    pairs = pd.DataFrame({"home_id": [1, 3], "away_id": [2, 7], "chance": [0.6, 0.35]})
    games = days.merge(pd.DataFrame({"ahead": [-3, 3]}), how="cross").merge(pairs, how="cross")
    games["game_date"] = games["as_of"] + pd.to_timedelta(games["ahead"], unit="D")
    games = games.assign(game_id=[f"00215{at:05d}" for at in range(len(games))], kind="regular")
    games = games.assign(neutral=False, overtimes=0, home_pts=101, away_pts=99, known_from=pd.NaT)
    write_split(SCHEDULE, games[list(SCHEDULE.schema.columns)], over, data)
    write_split(GAMES, games[list(GAMES.schema.columns)][games["ahead"] < 0], over, data)
    before = games.assign(
        as_of=games["as_of"].where(games["ahead"] > 0, games["game_date"]), state="schedule",
        home_win_probability=games["chance"], expected_margin=4.0, expected_total=221.4,
        home_rest=1, away_rest=3, home_out_points=1.7, away_out_points=0.09,
    )  # fmt: skip
    write_table(FORECAST_GAMES, before[list(FORECAST_GAMES.schema.columns)], data)
    out = (("home_id", 9, NASTY_PLAYER, 1.5), ("home_id", 10, "Sixth Man", 0.2),
           ("away_id", 11, "Last Man", 0.09))  # fmt: skip
    absent = [
        before[["game_id", "season", "as_of"]].assign(
            team_id=before[side], player_id=player, player_name=name, points=points
        )
        for side, player, name, points in out
    ]
    write_table(ABSENCES, pd.concat(absent), data)
    (data / SIMULATIONS).write_text(json.dumps(sample_of(SEASONS[-1])))


def _write_page_tables(data: Path, dates: pd.DataFrame, key: pd.DataFrame) -> None:
    """Write efficiency, forecast/weekly, forecast/brackets and forecast/without_star."""
    number = dates["team_id"]
    weekly = dates.assign(
        strength=(16.0 - number) / 2, strength_sd=2.0, expected_wins=59.0 - number
    )
    write_table(WEEKLY, weekly, data)
    sides = dates.assign(offence=(16.0 - number) / 4, defence=(number - 10.0) / 8)
    write_table(EFFICIENCY, sides, data)
    entrants = [*range(1, 16, 2), *range(2, 17, 2)]
    rows = []
    for series in range(15):
        first, second = entrants[2 * series : 2 * series + 2]
        entrants.append(first)
        rows.append(
            (series + 1, first, second, 1, 8, 400 if series < 14 else 20, 300 if series < 14 else 5)
        )
    names = [
        "series",
        "first_id",
        "second_id",
        "first_seed",
        "second_seed",
        "meetings",
        "first_wins",
    ]
    days = key[["season", "as_of"]].drop_duplicates()
    write_table(BRACKETS, days.merge(pd.DataFrame(rows, columns=names), how="cross"), data)
    day = days_of(SEASONS[-1])[0]
    stars = key[(key["as_of"] == day)].merge(
        pd.DataFrame({"star_team_id": range(1, 31)}), how="cross"
    )
    star = stars["star_team_id"]
    own = stars["team_id"] == star
    stars = stars.assign(
        player_id=star,
        player_name=[NASTY_PLAYER if one == 7 else f"Star {one}" for one in star],
        wins=np.where(own, 20.0, 40.0),
        playoffs=np.where(own, 0.1, 0.5),
        title=np.where(own, 0.0, 0.03),
    )
    write_table(WITHOUT_STAR, stars, data)


def sample_of(season: str) -> dict:
    """Return the content of forecast/simulations.json: 200 simulations of two games."""
    chance, n = np.random.default_rng(5), 200
    won = chance.random((2, n)) < np.array([[0.6], [0.02]])
    champion = np.where(won[0], 1, chance.integers(2, 31, n))
    ends = np.full((30, n), 8 * 5 + 1, np.uint8)
    ends[champion - 1, np.arange(n)] = 8 + 5
    wins = chance.integers(20, 60, (30, n)).astype(np.uint8)
    day = days_of(season)[0]
    date = f"{day + pd.Timedelta(days=3):%Y-%m-%d}"
    texts = {"home_won": np.packbits(won, axis=1), "wins": wins, "ends": ends}
    one = {"as_of": f"{day:%Y-%m-%d}", "n": n, "games": [[date, 1, 2], [date, 3, 7]]}
    one |= {name: base64.b64encode(values.tobytes()).decode() for name, values in texts.items()}
    return {"season": season, "teams": list(range(1, 31)), "days": [one]}


def _write_predictions(folder: Path, teams: pd.DataFrame, simulated: bool, ended: bool) -> None:
    (folder / "seasons").mkdir(parents=True)
    for season in SEASONS:
        over = ended or season != SEASONS[-1]
        rows = teams[teams["season"] == season].to_dict("records")
        content = {
            "schema_version": "1.3",
            "simulated_league": simulated,
            "forecasts": [
                forecast_of(season, day, share, [_team(row, share, over) for row in rows])
                for day, share in zip(days_of(season), (0.5, 1.0), strict=True)
            ],
        }
        (folder / "seasons" / f"{season}.json").write_text(json.dumps(content))
    content["forecasts"] = content["forecasts"][-1:]
    (folder / "predictions.json").write_text(json.dumps(content))


def forecast_of(season: str, day: pd.Timestamp, share: float, teams: list[dict]) -> dict:
    """Return the content of predictions.json for one day."""
    return {
        "season": season,
        "as_of": str(day.date()),
        "strength_as_of": str(day.date()),
        "season_share": share,
        "n_simulations": 1000,
        "interval": 0.8,
        "championship_odds_method": "monte_carlo",
        "true_strength_scale": "percentile",
        "teams": teams,
    }


def _team(row: dict, share: float, over: bool) -> dict:
    number = row["team_id"]
    place = (number + 1) // 2
    title = (31 - number) / 465
    delta = float({1: 4, 2: -5}.get(number, 0)) if share < 1 else 0.0
    named = {4.0: "sleeper", -5.0: "paper tiger"}.get(delta, "aligned")
    odds = dict.fromkeys(("play_in", "second_round", "conference_final", "final"), 0.1)
    analysis = {
        "wins": 50 - number, "losses": number, "league_rank": number,
        "conference_rank": place, "delta": delta, "slots": abs(delta), "classification": named,
        "explanation": "It was lucky.",
        "reasons": [{"name": "luck", "points": -1.5, "text": "it was lucky"}],
    }  # fmt: skip
    if over:
        analysis["season_end"] = {
            "eos_rank": number, "eos_rank_source": "playoff_outcome", "final_rank": number,
            "final_conference_rank": place, "playoff_rank": 31 - number,
        }  # fmt: skip
    interval = {"low": 30.0, "high": 50.0}
    return {
        "team_id": number,
        "abbreviation": row["abbreviation"],
        "name": row["name"],
        "conference": row["conference"],
        "predicted_league_rank": number,
        "predicted_conference_rank": place,
        "ensemble_score": 0.5,
        "ensemble_score_100": 50.0,
        "strength": (16 - number) / 2,
        "strength_sd": 2.0,
        "projected_wins": 60.0 - number,
        "expected_final_rank": float(number),
        "expected_conference_rank": float(place),
        "expected_playoff_rank": float(number),
        "wins_interval": interval,
        "final_rank_interval": interval,
        "conference_rank_interval": interval,
        "odds": {
            **odds, "playoffs": 16 / 30, "title": title, "title_simulated": title,
            "title_softmax": 0.1,
        },
        "seed_odds": [1 / 15] * 8,
        "conference_rank_odds": [1 / 15] * 15,
        "analysis": analysis,
        "diagnostics": {"rank_by_model": {"xgb": 1.0, "rf": 2.0}, "agreement": "High"},
        "roster": {"contributors": [], "star_reliance": 0.3},
    }  # fmt: skip


def _write_scores(root: Path) -> None:
    for folder in ("metrics", "data/evaluation", "data/explain"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    rankers = ("ensemble", "standings", "point_diff", "srs", "elo", "last_season")
    differences = {"10": 0.1, "50": 0.0, "100": -0.1, "mean": 0.0}
    targets = ("final_rank", "playoff_outcome")
    keys = product([one for one in rankers if one != "standings"], targets, differences)
    intervals = pd.DataFrame(keys, columns=["ranker", "target", "checkpoint"])
    difference = intervals["checkpoint"].map(differences)
    intervals = intervals.assign(difference=difference, low=difference - 0.05, seasons=2)
    intervals = intervals.assign(high=difference + 0.05, share_positive=1.0, baseline="standings")
    adjusted = difference.map({0.0: 1.0}).fillna(0.01)
    intervals = intervals.assign(metric="spearman", first=0.8, second=0.7, p_adjusted=adjusted)
    intervals.to_csv(root / "metrics/intervals.csv", index=False)
    measures = [*((target, "spearman") for target in targets), ("games", "game_brier")]
    keys = product(SEASONS, (10, 50, 100), rankers, measures)
    scorecard = pd.DataFrame(
        [(*key, *measure, 0.6) for *key, measure in keys],
        columns=["season", "checkpoint", "ranker", "target", "metric", "value"],
    )
    scorecard.to_csv(root / "metrics/scorecard.csv", index=False)
    kinds = ("games, Monte Carlo", "teams, title")
    diagram = [
        {"what": what, "bin": one, "low": one / 2, "high": (one + 1) / 2, "count": 90 + one,
         "predicted": 0.4 + one / 4, "observed": 0.35 + one / 3}
        for what in kinds
        for one in (0, 1)
    ]  # fmt: skip
    pd.DataFrame(diagram).to_csv(root / "data/evaluation/reliability.csv", index=False)
    games = pd.DataFrame(diagram[:2])
    games.to_csv(root / "data/evaluation/reliability_games.csv", index=False)
    table = [{"what": w, "events": 181, "brier": 0.2, "log_loss": 0.6, "ece": 0.02} for w in kinds]
    pd.DataFrame(table).to_csv(root / "data/evaluation/calibration.csv", index=False)
    pd.DataFrame(
        {"model": ["xgb", "rf"], "feature": ["elo", "player_strength"], "size": [1.0, 0.5]}
    ).to_csv(root / "data/explain/shap.csv", index=False)  # fmt: skip
    gradients = [("player", "impact", 1.0, 0.8), ("team", "elo", 0.5, 0.4)]
    pd.DataFrame(gradients, columns=["of", "input", "size", "spread"]).to_csv(
        root / "data/explain/gradients.csv", index=False
    )
    removed = ["most attended", "most minutes", "largest attribution", "average other"]
    ablation = [("size", name, 1.0) for name in removed]
    ablation += [("lead over average other", name, 0.4) for name in removed[:3]]
    table = pd.DataFrame(ablation, columns=["measure", "removed", "mean"])
    table = table.assign(low=table["mean"] - 0.1, high=table["mean"] + 0.1, seasons=2)
    table.assign(share_positive=1.0).to_csv(root / "data/explain/ablation.csv", index=False)
