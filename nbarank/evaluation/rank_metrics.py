"""Measures of rankings, over many ranked lists at once.

One list is one ranker's order of one season's teams on one date. All measures take a `RankedLists`
of shape [lists, teams] and return one number a list. A mask selects the teams of a smaller league,
a conference or the playoff field.

Tied scores share their ranks, and NDCG and precision are the expectation over all ways to break
the ties (McSherry & Najork, 2008). The rank correlation of a list whose scores are all equal is 0,
the mean of a random order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from nbarank.core.errors import EvaluationError
from nbarank.core.ordering import ranks_from_scores

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class RankedLists:
    """Scores of many lists and the true order; made by `ranked_lists`.

    All are [lists, teams]: scores (higher = stronger; -inf where there is no team), true ranks
    among the present teams (1 = best; 0 where there is no team), and where there is a team.
    """

    scores: Floats
    truth: Floats
    present: Flags

    @cached_property
    def sizes(self) -> Floats:
        """[lists], teams in each list."""
        return np.asarray(self.present.sum(axis=1), dtype=np.float64)

    @cached_property
    def ranks(self) -> Floats:
        """[lists, teams], predicted ranks, ties averaged; 0 where there is no team."""
        return np.where(self.present, ranks_from_scores(self.scores), 0.0)

    @cached_property
    def above(self) -> NDArray[np.int64]:
        """[lists, teams], number of present teams with a higher score."""
        higher = self.scores[:, None, :] > self.scores[:, :, None]
        return np.asarray((higher & self.present[:, None, :]).sum(axis=2))

    @cached_property
    def tied(self) -> NDArray[np.int64]:
        """[lists, teams], number of present teams with the same score, the team itself included."""
        same = self.scores[:, None, :] == self.scores[:, :, None]
        return np.asarray((same & self.present[:, None, :]).sum(axis=2))

    def among(self, teams: Flags) -> RankedLists:
        """Return the lists of some teams only, true ranks recomputed among them."""
        return ranked_lists(self.scores, self.truth, self.present & teams)


def ranked_lists(scores: Floats, true_ranks: Floats, present: Flags | None = None) -> RankedLists:
    """Check scores and true ranks and return them as lists.

    Parameters
    ----------
    scores
        [lists, teams], higher = stronger.
    true_ranks
        [lists, teams], 1 = best; any increasing numbers, ranked among the teams present.
    present
        [lists, teams]; None: all. Other values are ignored.

    Raises
    ------
    EvaluationError
        If shapes differ, a number is not finite, a list has fewer than two teams, or the true
        ranks of a list are all equal.
    """
    if present is None:
        present = np.ones(np.shape(scores), dtype=bool)
    if scores.ndim != 2 or scores.shape != true_ranks.shape or scores.shape != present.shape:
        raise EvaluationError(
            "Scores, true ranks and mask differ in shape.",
            where=f"{scores.shape}, {true_ranks.shape}, {present.shape}",
            allowed="three arrays [lists, teams] of one shape",
        )
    for name, values in (("score", scores), ("true rank", true_ranks)):
        if not np.isfinite(values[present]).all():
            raise EvaluationError(
                f"A {name} is not a finite number.",
                where=f"list(s) {np.unique(np.nonzero(present & ~np.isfinite(values))[0])[:5]}",
                allowed="finite numbers for every team of a list",
            )
    if (present.sum(axis=1) < 2).any():
        raise EvaluationError(
            "A list of fewer than two teams cannot be ranked.",
            where=f"list(s) {np.flatnonzero(present.sum(axis=1) < 2)[:5]}",
            allowed="at least two teams a list",
        )
    truth = np.where(present, ranks_from_scores(np.where(present, -true_ranks, -np.inf)), 0.0)
    first = np.take_along_axis(truth, present.argmax(axis=1)[:, None], axis=1)
    constant = np.where(present, truth == first, True).all(axis=1)
    if constant.any():
        raise EvaluationError(
            "The true ranks of a list are all equal.",
            where=f"list(s) {np.flatnonzero(constant)[:5]}",
            allowed="at least two different true ranks",
        )
    return RankedLists(np.where(present, scores, -np.inf), truth, present)


def _ratio(above: Floats, below: Floats, otherwise: float) -> Floats:
    """Return above / below, and a fixed value where below is 0."""
    filled = np.full(below.shape, otherwise, dtype=np.float64)
    return np.asarray(np.divide(above, below, out=filled, where=below > 0))


def spearman(lists: RankedLists) -> Floats:
    """Return Spearman's rank correlation, ties averaged; 0 where all scores are equal."""

    def centred(ranks: Floats) -> Floats:
        mean = ranks.sum(axis=1) / lists.sizes
        return np.asarray(np.where(lists.present, ranks - mean[:, None], 0.0))

    predicted, true = centred(lists.ranks), centred(lists.truth)
    norm = np.sqrt((predicted**2).sum(axis=1) * (true**2).sum(axis=1))
    product = (predicted * true).sum(axis=1)
    return _ratio(product, norm, 0.0)


def kendall(lists: RankedLists) -> Floats:
    """Return Kendall's tau-b; 0 where all scores are equal."""
    pair = lists.present[:, :, None] & lists.present[:, None, :]

    def signs(ranks: Floats) -> Floats:
        return np.asarray(np.where(pair, np.sign(ranks[:, :, None] - ranks[:, None, :]), 0.0))

    predicted, true = signs(lists.ranks), signs(lists.truth)
    norm = np.sqrt(np.abs(predicted).sum(axis=(1, 2)) * np.abs(true).sum(axis=(1, 2)))
    product = (predicted * true).sum(axis=(1, 2))
    return _ratio(product, norm, 0.0)


def ndcg(lists: RankedLists, top: int, *, exponential: bool = False) -> Floats:
    """Return NDCG@top (Järvelin & Kekäläinen, 2002), ties in the scores averaged.

    Relevance is teams - true rank: 0 for the last. Gain is the relevance itself, or
    2 ** relevance - 1 when exponential, which a few top teams dominate. Lists shorter than `top`
    are scored in full.
    """
    relevance = lists.sizes[:, None] - lists.truth
    gain = np.exp2(relevance) - 1.0 if exponential else relevance
    gain = np.where(lists.present, gain, 0.0)
    places = np.arange(lists.scores.shape[1])
    discount = np.where(places < top, 1.0 / np.log2(places + 2.0), 0.0)
    summed = np.concatenate([[0.0], np.cumsum(discount)])
    count = np.maximum(lists.tied, 1)
    shared = (summed[lists.above + lists.tied] - summed[lists.above]) / count
    best = (-np.sort(-gain, axis=1) * discount).sum(axis=1)
    return np.asarray((gain * shared).sum(axis=1) / best)


def reciprocal_rank(lists: RankedLists, top: int) -> Floats:
    """Return 1 / predicted rank of the highest placed of the true top teams (one term of MRR)."""
    relevant = lists.present & (lists.truth <= top)
    best = np.where(relevant, lists.ranks, np.inf).min(axis=1)
    return np.asarray(1.0 / best)


def precision(lists: RankedLists, top: int) -> Floats:
    """Return the share of the predicted top teams that are true top teams, ties averaged."""
    relevant = lists.present & (lists.truth <= top)
    chance = np.clip((top - lists.above) / np.maximum(lists.tied, 1), 0.0, 1.0)
    return np.asarray((chance * relevant).sum(axis=1) / top)


def rank_mae(lists: RankedLists) -> Floats:
    """Return the mean absolute error of the ranks."""
    return np.asarray(np.abs(lists.ranks - lists.truth).sum(axis=1) / lists.sizes)


def rank_rmse(lists: RankedLists) -> Floats:
    """Return the root mean squared error of the ranks."""
    return np.asarray(np.sqrt(((lists.ranks - lists.truth) ** 2).sum(axis=1) / lists.sizes))


def roc_auc(scores: Floats, positive: Flags, present: Flags) -> Floats:
    """Return the area under the ROC curve of each list, ties counted half.

    Arguments are [lists, teams]; a higher score predicts a positive. NaN where a list has no
    positive or no negative.
    """
    yes, no = positive & present, ~positive & present
    pairs = yes[:, :, None] & no[:, None, :]
    gap = np.where(pairs, scores[:, :, None] - scores[:, None, :], 0.0)
    won = ((np.sign(gap) + 1.0) / 2.0 * pairs).sum(axis=(1, 2))
    total = np.asarray(pairs.sum(axis=(1, 2)), dtype=np.float64)
    return _ratio(won, total, np.nan)


NDCG_TOPS = (4, 10, 12, 16, 20, 30)

METRICS: dict[str, Callable[[RankedLists], Floats]] = {
    "spearman": spearman,
    "kendall": kendall,
    **{f"ndcg{top}": partial(ndcg, top=top) for top in NDCG_TOPS},
    **{f"ndcg{top}_exponential": partial(ndcg, top=top, exponential=True) for top in NDCG_TOPS},
    **{f"mrr{top}": partial(reciprocal_rank, top=top) for top in (2, 4)},
    **{f"precision{top}": partial(precision, top=top) for top in (2, 4)},
    "rank_mae": rank_mae,
    "rank_rmse": rank_rmse,
}
"""Measures of a whole list by their name in the scorecard."""

CONFERENCE_METRICS = ("spearman", "kendall", "ndcg4", "rank_mae", "rank_rmse")
"""Measures also taken inside each conference, named 'east_spearman' and so on."""

LOWER_IS_BETTER = (
    "mae", "rmse", "brier", "logloss", "ece", "champion_rank", "crps", "rps", "width",
)  # fmt: skip
"""Endings of the names of measures where lower is better."""


def lower_is_better(metric: str) -> bool:
    """Return whether lower is better for a measure of the scorecard."""
    return metric.endswith(LOWER_IS_BETTER)
