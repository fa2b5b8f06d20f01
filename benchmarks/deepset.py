"""Time and memory of the Deep Set on all walk-forward folds, and whether it learns in each.

    python -m benchmarks.deepset --data data

Prints one row a fold: loss relative to log(n!) and validation Spearman after the first and the
last epoch of the probe (trained on the fold's older seasons, measured on its newest), attention,
verdict and seconds; then lists per second, batched against list by list, on the largest fold.
"""

from __future__ import annotations

import resource
import time

import pandas as pd
import torch

from benchmarks.deepset_data import SEED, TRAIN, command_line, folds, load, sections
from nbarank.rankers.deepset.lists import lists_of
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import TrainingData


def main() -> None:
    """Run every fold, print the table and the totals."""
    parser = command_line(__doc__ or "")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    league = load(arguments.data)
    model, training, targets = sections()
    data = league.training(training, targets.margin_horizon_days)
    # Never stops a run, and gives each fold a probe.
    probed = model.model_copy(update={"early_stopping_patience": model.epochs})
    rows, began, busy = [], time.perf_counter(), time.process_time()
    for fold in folds(league, TRAIN[0]):
        own = data.restrict(frozenset(fold.train))
        start = time.perf_counter()
        ranker = DeepSetRanker(probed, training, final=True).fit(own, SEED)
        ranker.predict(league.inputs.restrict(frozenset(fold.score)))
        seconds = time.perf_counter() - start
        probe = ranker.history[ranker.history["phase"] == "probe"]
        first, last = probe.iloc[0], probe.iloc[-1]
        rows.append(
            {
                "scored": fold.score[0],
                "lists": len(lists_of(own.targets, ["season", "as_of"])),
                "loss/log n! first": first["relative_loss"],
                "last": last["relative_loss"],
                "Spearman first": first["spearman"],
                "best": probe["spearman"].max(),
                "Spearman last": last["spearman"],
                "entropy": last["attention_entropy"],
                "of minutes": last["minutes_entropy"],
                "fallback": last["fallback_share"],
                "verdict": ", ".join(ranker.verdict),
                "seconds": seconds,
            }
        )
        print(f"{fold.score[0]} {seconds:.1f} s", flush=True)
    total, busy = time.perf_counter() - began, time.process_time() - busy
    print(pd.DataFrame(rows).to_string(index=False, float_format=lambda v: f"{v:.3f}"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{len(rows)} folds, {model.epochs} epochs, probe and {model.members} member(s) each: "
        f"{total:.0f} s "
        f"({busy:.0f} s of processor time), peak memory {peak:.2f} GiB, "
        f"{arguments.threads} thread(s)"
    )
    largest = data.restrict(frozenset(folds(league)[-1].train))
    for size in (model.lists_per_batch, 1):
        pace = lists_per_second(largest, size)
        print(f"{size:>3} list(s) a step: {pace:.0f} lists per second of processor time")


def lists_per_second(data: TrainingData, size: int) -> float:
    """Return lists per second of processor time: three epochs minus one, to leave out set-up."""
    model, training, _ = sections({"lists_per_batch": size, "members": 1})
    took = []
    for epochs in (1, 3):
        changes = {"epochs": epochs, "early_stopping_patience": 0, "early_stopping_val_frac": 0.0}
        start = time.process_time()
        DeepSetRanker(model.model_copy(update=changes), training).fit(data, SEED)
        took.append(time.process_time() - start)
    by = ["season", "as_of"] + ([] if training.lists == "league" else ["conference"])
    return 2 * len(lists_of(data.targets, by)) / (took[1] - took[0])


if __name__ == "__main__":
    main()
