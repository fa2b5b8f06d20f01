"""Everything that was tried with the stack, through the same Monte Carlo, as one table.

    python -m benchmarks.leaderboard --data data [--simulations 3000] [--only NAME ...]

Base models' out-of-fold scores are taken as they are; each row changes one thing of sections
`stacking`, `calibration`, `playoff_residual` or `forecast`. Spearman of the expected rank with
both targets, title log-loss, and the paired season-clustered interval against the default, over
all validation and test seasons that have ended. Nothing is chosen here: docs/leaderboard.md, which
this writes, says what the choice rests on. With --cache, rows that are there are not made again.
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
from nbarank.core.sections import load_section
from nbarank.core.seeds import generator
from nbarank.core.tables import Table, read_table, write_text
from nbarank.ensemble.calibration import calibrate
from nbarank.ensemble.params import CalibrationParams, PlayoffResidualParams, StackingParams
from nbarank.ensemble.playoff_residual import playoff_inputs, playoff_residual
from nbarank.ensemble.stack import stack, stack_inputs
from nbarank.evaluation.baselines import baseline_rankings
from nbarank.evaluation.compare import compare
from nbarank.evaluation.games import title_scores
from nbarank.evaluation.rankings import ensemble_rankings
from nbarank.evaluation.scorecard import COLUMNS, checkpoint_days, score_rankings
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.run import League, forecast_grid
from nbarank.rankers.deepset.params import TrainingParams
from nbarank.rankers.training.described_teams import RANK_COLUMNS, chosen_columns, described_teams
from nbarank.rankers.training.params import TargetsParams
from nbarank.rankers.training.targets import build_targets, game_targets, margin_targets
from nbarank.schemas import league
from nbarank.schemas.features import RATINGS, ROSTER_TEAMS, TEAM_FEATURES
from nbarank.schemas.oof import BASE_MODELS, oof_table

SEED = 42
DEFAULT = "default"
Frame = pd.DataFrame


@dataclass(frozen=True)
class Variant:
    """One row: what is changed, and whether it was kept, with the reason."""

    verdict: str
    stacking: dict[str, Any] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    forecast: dict[str, Any] = field(default_factory=dict)
    residual: bool = False


VARIANTS = {
    DEFAULT: Variant("what params.yaml says"),
    "three models, nothing beside them": Variant(
        "level; ratings kept, for what trees round off",
        {"passthrough": ()},
    ),
    "ratings alone, no model": Variant("what the base models add to them", {"models": ()}),
    "Deep Set alone": Variant("base model", {"models": ("deepset",), "passthrough": ()}),
    "XGBoost alone": Variant("base model", {"models": ("xgb",), "passthrough": ()}),
    "forest alone": Variant("base model", {"models": ("rf",), "passthrough": ()}),
    "without the Deep Set": Variant(
        "kept: the only one that sees players", {"models": ("xgb", "rf")}
    ),
    "without XGBoost": Variant(
        "kept: rank correlation a little lower without it, title odds a little better",
        {"models": ("deepset", "rf")},
    ),
    "without the forest": Variant(
        "kept: level, and of the three alone it has the best title odds",
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
    "Elo beside the default": Variant(
        "not in the default, chosen as a small blend before this was run; one row of "
        "twenty whose gain was seen on the validation seasons only is no reason to change it",
        {"passthrough": ("srs_carried", "player_strength", "available_strength", "elo")},
    ),
    "use_confidence": Variant(
        "off: the models' spreads say little of their misses (docs/experiments.md)",
        {"use_confidence": True},
    ),
    "shrink_to_mean: false": Variant(
        "on: few seasons cannot tell good models apart", {"shrink_to_mean": False}
    ),
    "season_share: false": Variant(
        "on: what helps changes through the season", {"season_share": False}
    ),
    "non_negative: false": Variant(
        "on: no model is to be read upside down", {"non_negative": False}
    ),
    "horizon_days: 60": Variant(
        "null: the rest of the season is what is forecast", {"horizon_days": 60}
    ),
    "calibration per model": Variant(
        "stacked: one curve where many are no better", calibration={"method": "per_model"}
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
    """The tables, read once, and what a variant makes of them."""

    def __init__(self, data: Path, simulations: int) -> None:
        def read(table: Table) -> Frame:
            return read_table(table, data)

        self.as_of, self.outcomes, self.games = (
            read(t) for t in (league.AS_OF, league.OUTCOMES, league.GAMES)
        )
        self.ratings, self.rosters = read(RATINGS), read(ROSTER_TEAMS)
        self.described = described_teams(
            [self.ratings, read(TEAM_FEATURES), self.rosters], self.as_of
        )
        self.oof = {model: read(oof_table(model)) for model in BASE_MODELS}
        self.league = League(
            read(league.SEASONS), read(league.TEAMS), self.games, read(league.SCHEDULE)
        )
        roles, ended = load_section(SeasonsParams), set(self.outcomes["season"])
        self.seasons = [s for s in (*roles.validation, *roles.test) if s in ended]
        days = checkpoint_days(self.as_of)
        self.days = days[days["season"].isin(self.seasons)].reset_index(drop=True)
        places = read(league.STANDINGS)[["season", "as_of", "team_id", "league_rank"]]
        self.baselines = baseline_rankings(self.ratings, places, self.days)
        self.simulations = simulations

    def strengths(self, variant: Variant) -> Frame:
        """Return ensemble/strength as the variant makes it."""
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
        strength, _ = calibrate(
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
        # A champion that no simulation saw is given half a simulation, not nothing.
        least = 0.5 / self.simulations
        odds["title_probability"] = odds["title"].clip(lower=least)
        total = odds.groupby(["season", "checkpoint"])["title_probability"].transform("sum")
        odds["title_probability"] /= total
        title = title_scores(odds.assign(ranker="ensemble"), ["season", "checkpoint", "ranker"])
        title = title.melt(["season", "checkpoint", "ranker"], var_name="metric")
        both = pd.concat([tidy, title.assign(target="title")])[list(COLUMNS)]
        return both[both["ranker"] == "ensemble"].drop(columns="ranker")


SHOWN = (
    ("playoff_outcome", "spearman"),
    ("final_rank", "spearman"),
    ("title", "title_logloss"),
)


def row_of(name: str, verdict: str, mine: Frame, default: Frame) -> str:
    """Return one line of the table."""
    cells = []
    for target, metric in SHOWN:
        rows = mine[(mine["target"] == target) & (mine["metric"] == metric)]
        means = rows.groupby("checkpoint")["value"].mean()
        digits = 3 if metric == "spearman" else 2
        cells.append(" ".join(f"{value:.{digits}f}" for value in means))
        if name == DEFAULT:
            cells.append("")
            continue
        found = compare(mine, default, generator(SEED, "leaderboard"), 10_000, 0.95)
        found = found[(found["checkpoint"] == "mean")]
        of = found[(found["target"] == target) & (found["metric"] == metric)].iloc[0]
        text = f"{of['difference']:+.4f} [{of['low']:+.4f}, {of['high']:+.4f}]"
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
        "numbers for every row. Figures stand for 10 / 25 / 50 / 75 / 100 % of the season; the "
        "difference is to the default, mean over the checkpoints, with its paired "
        "season-clustered 95 % interval. Of title log-loss less is better; a champion that no "
        "simulation saw is given half a simulation.",
        "",
        f"Default: `{', '.join(stacking.models)}` with `{', '.join(stacking.passthrough)}`. Rank "
        "correlations are those of the expected ranks, so the Monte Carlo stands behind every row.",
        "",
        "What is kept was chosen on the training seasons or for the reason given, not by this "
        "table; no earlier season has a calibrated stack to be judged by. Rows whose interval "
        "holds zero cannot be told from the default; with some twenty rows, one or two intervals "
        "miss zero by chance alone.",
        "",
        "| what | Spearman, playoff outcome | difference | Spearman, final standings | difference "
        "| title log-loss | difference | verdict and reason |",
        "|---|---|---|---|---|---|---|---|",
    ]
    default = scores[DEFAULT]
    for name, mine in scores.items():
        lines.append(row_of(name, VARIANTS[name].verdict, mine, default))
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
