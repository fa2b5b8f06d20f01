"""Variants of the stack through the same Monte Carlo, as one table.

    python -m benchmarks.leaderboard --data data [--simulations 3000] [--only NAME ...]

The base models' out-of-fold scores stay as they are; each row changes one value of sections
`stacking`, `calibration`, `playoff_residual` or `forecast`. Shows Spearman of the expected rank
with both targets, title log-loss, and the paired interval against the default over all validation
and test seasons that have ended. Writes docs/leaderboard.md, which states the reason for each
choice; nothing is chosen here. With --cache, stored rows are reused.
"""

from __future__ import annotations

import argparse
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.season_intervals import holm
from nbarank.core.sections import load_section
from nbarank.core.tables import Table, read_table, write_text
from nbarank.ensemble.calibrated_strength import calibrate
from nbarank.ensemble.params import CalibrationParams, PlayoffResidualParams, StackingParams
from nbarank.ensemble.playoff_residual import playoff_inputs, playoff_residual
from nbarank.ensemble.season_blends import stack
from nbarank.ensemble.stack_inputs import stack_inputs
from nbarank.evaluation.comparisons import paired_differences
from nbarank.evaluation.probability_metrics import title_scores
from nbarank.evaluation.rankings import baseline_rankings, ensemble_rankings
from nbarank.evaluation.scorecard import COLUMNS, checkpoint_days, score_rankings
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_forecasts import forecast_grid
from nbarank.forecast.season_state import League
from nbarank.rankers.deepset.params import TrainingParams
from nbarank.rankers.training.described_teams import (
    chosen_columns,
    read_described_teams,
)
from nbarank.rankers.training.params import TargetsParams
from nbarank.rankers.training.targets import (
    RANK_COLUMNS,
    build_targets,
    game_targets,
    margin_targets,
)
from nbarank.schemas import league
from nbarank.schemas.features import ROSTER_TEAMS
from nbarank.schemas.oof import BASE_MODELS, oof_table
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import ENDED

SEED = 42
DEFAULT = "default"
LIST = ["season", "checkpoint"]
Frame = pd.DataFrame


@dataclass(frozen=True)
class Variant:
    """One row: the changed values, and the verdict with its reason."""

    verdict: str
    stacking: dict[str, Any] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    forecast: dict[str, Any] = field(default_factory=dict)
    residual: bool = False


VARIANTS = {
    DEFAULT: Variant("params.yaml"),
    "three models, no passthrough": Variant(
        "equal; ratings kept because trees discretise them",
        {"passthrough": ()},
    ),
    "ratings alone, no model": Variant("shows what the base models add", {"models": ()}),
    "Deep Set alone": Variant("base model", {"models": ("deepset",), "passthrough": ()}),
    "XGBoost alone": Variant("base model", {"models": ("xgb",), "passthrough": ()}),
    "forest alone": Variant("base model", {"models": ("rf",), "passthrough": ()}),
    "without the Deep Set": Variant(
        "kept: the only model that reads players", {"models": ("xgb", "rf")}
    ),
    "without XGBoost": Variant(
        "kept: no measurable difference",
        {"models": ("deepset", "rf")},
    ),
    "without the forest": Variant(
        "kept: equal, and alone its title odds are no worse",
        {"models": ("deepset", "xgb")},
    ),
    "carried SRS alone": Variant("baseline", {"models": (), "passthrough": ("srs_carried",)}),
    "player strength alone": Variant(
        "baseline", {"models": (), "passthrough": ("player_strength",)}
    ),
    "available strength alone": Variant(
        "baseline", {"models": (), "passthrough": ("available_strength",)}
    ),
    "Elo alone": Variant("baseline", {"models": (), "passthrough": ("elo",)}),
    "default with Elo": Variant(
        "not in the default, a small blend chosen before this table",
        {"passthrough": ("srs_carried", "player_strength", "available_strength", "elo")},
    ),
    "use_confidence": Variant(
        "off: the models' SDs say little about their errors (docs/experiments.md)",
        {"use_confidence": True},
    ),
    "shrink_to_mean: false": Variant(
        "on: few seasons cannot distinguish good models", {"shrink_to_mean": False}
    ),
    "season_share: false": Variant(
        "on: weights may change during the season; no gain here", {"season_share": False}
    ),
    "non_negative: false": Variant(
        "on: no model may enter with a negative sign", {"non_negative": False}
    ),
    "horizon_days: 60": Variant(
        "null: the forecast covers the rest of the season", {"horizon_days": 60}
    ),
    "calibration per model": Variant(
        "stacked: one curve, several are no better", calibration={"method": "per_model"}
    ),
    "strength of the last day in the playoffs": Variant(
        "mean of the last fifth: teams rest players at the end",
        forecast={"playoff_strength_share": 0.0},
    ),
    "playoff residual": Variant(
        "off: no gain on the training seasons' playoff games", residual=True
    ),
}


class Bench:
    """The tables, read once, and the scores of a variant."""

    def __init__(self, data: Path, simulations: int) -> None:
        def read(table: Table) -> Frame:
            return read_table(table, data / ENDED.name)

        self.as_of, self.outcomes, self.games = (
            read(t) for t in (league.AS_OF, league.OUTCOMES, league.GAMES)
        )
        self.ratings, self.rosters = read(RATINGS), read(ROSTER_TEAMS)
        self.described = read_described_teams(data / ENDED.name)
        self.oof = {model: read_table(oof_table(model), data) for model in BASE_MODELS}
        self.league = League(
            read(league.SEASONS), read(league.TEAMS), self.games, read(league.SCHEDULE)
        )
        roles, ended = load_section(SeasonsParams), set(self.outcomes["season"])
        self.seasons = [s for s in (*roles.validation, *roles.test) if s in ended]
        days = checkpoint_days(self.as_of)
        self.days = days[days["season"].isin(self.seasons)].reset_index(drop=True)
        places = read(league.STANDINGS)[["season", "as_of", "team_id", "league_rank"]]
        self.baselines = baseline_rankings(self.ratings, places, self.outcomes, self.days)
        self.simulations = simulations

    def strengths(self, variant: Variant) -> Frame:
        """Return ensemble/strength of the variant."""
        stacking = load_section(StackingParams).model_copy(update=variant.stacking)
        chosen = chosen_columns(self.described, ["season_share", *stacking.passthrough])
        # Every variant on the same rows: those that the base models have scored.
        scored = self.oof[BASE_MODELS[0]][["season", "as_of", "team_id"]]
        inputs = stack_inputs(chosen.merge(scored), self.oof, stacking)
        ended = self.games[self.games["season"].isin(set(self.outcomes["season"]))]
        known = inputs.teams[inputs.teams["season"].isin(set(self.outcomes["season"]))]
        dates = known[["season", "as_of"]].drop_duplicates()
        column = RANK_COLUMNS[
            load_section(TrainingParams).listmle_target,
            load_section(TargetsParams).playoff_definition,
        ]
        horizon = stacking.horizon_days
        stacked, _ = stack(
            inputs,
            build_targets(known, self.outcomes, self.games, column, horizon),
            game_targets(ended, dates, horizon),
            list(inputs.teams["season"].unique()),
            (),
            stacking,
        )
        strength, _, _ = calibrate(
            stacked,
            inputs,
            margin_targets(ended[ended["season"].isin(dates["season"])], dates, None),
            self.games,
            list(stacked["season"].unique()),
            (),
            load_section(CalibrationParams).model_copy(update=variant.calibration),
        )
        if variant.residual:
            params = load_section(PlayoffResidualParams)
            residual = playoff_residual(
                stacked.merge(self.as_of, on=["season", "as_of"]),
                playoff_inputs(self.rosters),
                self.games,
                params.alphas,
                params.late_share,
            )
            strength = strength.merge(residual, on=["season", "as_of", "team_id"])
        return strength

    def scores(self, variant: Variant) -> Frame:
        """Return tidy scorecard rows of the variant, without the ranker's name."""
        params = load_section(ForecastParams).model_copy(update=variant.forecast)
        strength = self.strengths(variant).merge(self.as_of, on=["season", "as_of"])
        grid = {
            (str(season), pd.Timestamp(day)): self.simulations
            for season, day in self.days[["season", "as_of"]].itertuples(index=False)
        }
        forecast, _ = forecast_grid(self.league, strength, grid, params, seed=SEED)
        rankings = pd.concat([ensemble_rankings(forecast, self.days), self.baselines])
        tidy = score_rankings(
            rankings, self.days, self.outcomes, load_section(TargetsParams).playoff_definition, 5
        )
        odds = forecast.merge(self.days, on=["season", "as_of"]).merge(
            self.outcomes, on=["season", "team_id"]
        )
        title = title_rows(odds, self.simulations)
        ensemble = tidy[tidy["ranker"] == "ensemble"]
        columns = [name for name in COLUMNS if name != "ranker"]
        return pd.concat([ensemble, title])[columns]


def title_rows(odds: Frame, simulations: int) -> Frame:
    """Return tidy title scores; a champion in no simulation is given half a simulation."""
    rows = odds.assign(title_probability=odds["title"].clip(lower=0.5 / simulations))
    rows["title_probability"] /= rows.groupby(LIST)["title_probability"].transform("sum")
    return title_scores(rows, LIST).melt(LIST, var_name="metric").assign(target="title")


SHOWN = (
    ("playoff_outcome", "spearman"),
    ("final_rank", "spearman"),
    ("title", "title_logloss"),
)


def differences(mine: Frame, default: Frame) -> Frame:
    """Return the differences of the means over checkpoints, in the order of `SHOWN`."""
    found = paired_differences(mine, default, 0.95)
    found = found[found["checkpoint"] == "mean"].set_index(["target", "metric"])
    return found.reindex(SHOWN)


def row_of(name: str, verdict: str, mine: Frame, default: Frame, p: Frame | None = None) -> str:
    """Return one row of the table; `p` are adjusted p-values [experiments, SHOWN]."""
    cells = []
    found = differences(mine, default)
    for target, metric in SHOWN:
        rows = mine[(mine["target"] == target) & (mine["metric"] == metric)]
        means = rows.groupby("checkpoint")["value"].mean()
        digits = 3 if metric == "spearman" else 2
        cells.append(" ".join(f"{value:.{digits}f}" for value in means))
        if name == DEFAULT:
            cells.append("")
            continue
        of = found.loc[(target, metric)]
        text = f"{of['difference']:+.4f} [{of['low']:+.4f}, {of['high']:+.4f}]"
        if p is not None:
            text += f" p {p.loc[name, (target, metric)]:.2f}"
        cells.append(text if len(rows) else "")
    return f"| {name} | {' | '.join(cells)} | {verdict} |"


def page(scores: dict[str, Frame], bench: Bench) -> str:
    """Return docs/leaderboard.md."""
    stacking = load_section(StackingParams)
    lines = [
        "# Leaderboard of what was tried with the stack",
        "",
        f"Written by `python -m benchmarks.leaderboard`: {bench.seasons[0]} to "
        f"{bench.seasons[-1]}, walk-forward, {bench.simulations} simulations, the same random "
        "numbers for every row. Figures are at 0 / 10 / 25 / 50 / 75 / 100 % of the season; the "
        "difference is to the default, mean over the checkpoints, with its paired 95 % t interval "
        "over seasons. Title log-loss: lower is better; a champion in no simulation is given half "
        "a simulation.",
        "",
        f"Default: `{', '.join(stacking.models)}` with `{', '.join(stacking.passthrough)}`. Rank "
        "correlations are of the expected ranks from the Monte Carlo.",
        "",
        "The defaults were chosen on the training seasons or for the reason given, not by this "
        "table: no earlier season has a calibrated stack to judge them by. A row whose interval "
        "contains zero cannot be distinguished from the default; p-values are adjusted for all "
        "rows of a column (Holm).",
        "",
        "| what | Spearman, playoff outcome | difference | Spearman, final standings | difference "
        "| title log-loss | difference | verdict and reason |",
        "|---|---|---|---|---|---|---|---|",
    ]
    default = scores[DEFAULT]
    p = pd.DataFrame({n: differences(s, default)["p"] for n, s in scores.items() if n != DEFAULT}).T
    p = p.apply(holm, axis=0)
    for name, mine in scores.items():
        lines.append(row_of(name, VARIANTS[name].verdict, mine, default, p))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Score the variants and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--simulations", type=int, default=3000)
    parser.add_argument("--cache", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=Path("docs/leaderboard.md"))
    parser.add_argument("--only", nargs="*", default=list(VARIANTS))
    arguments = parser.parse_args()
    bench = Bench(arguments.data, arguments.simulations)
    scores: dict[str, Frame] = {}
    for name in dict.fromkeys([DEFAULT, *arguments.only]):
        kept = (
            arguments.cache / f"{re.sub(r'[^a-zA-Z0-9]+', '_', name)}.csv"
            if arguments.cache
            else None
        )
        began = time.perf_counter()
        if kept is not None and kept.exists():
            scores[name] = pd.read_csv(kept, dtype={"season": str})
        else:
            scores[name] = bench.scores(VARIANTS[name])
            if kept is not None:
                write_text(kept, scores[name].to_csv(index=False))
        print(row_of(name, f"{time.perf_counter() - began:.0f} s", scores[name], scores[DEFAULT]))
        write_text(arguments.out, page(scores, bench))


if __name__ == "__main__":
    main()
