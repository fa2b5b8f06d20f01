"""What a sweep prints while it runs: a bar, the best trial so far, the time left."""

from __future__ import annotations

import sys
import time
from typing import Any

from optuna.trial import TrialState
from tqdm import tqdm

from nbarank.core.errors import printable
from nbarank.sweep.storage import FAILURE
from nbarank.sweep.study import Claim, Study, experiment_of


class Progress:
    """A progress bar over all trials of a study, whichever process runs them."""

    def __init__(self, study: Study, *, quiet: bool = False) -> None:
        self.study = study
        self.quiet = quiet
        self.begin, self.already = time.monotonic(), study.n_finished()
        self.bar: tqdm[Any] = tqdm(
            total=study.n_trials,
            initial=self.already,
            desc=study.name,
            unit="trial",
            disable=quiet or not sys.stderr.isatty(),
        )

    def refresh(self) -> None:
        """Update the bar, also with trials of other processes."""
        self.bar.update(self.study.n_finished() - self.bar.n)
        self.bar.set_postfix_str(self._best())

    def _best(self) -> str:
        best = self.study.best()
        if best is None:
            return "none complete yet"
        return f"best {best.value:.4f} ({experiment_of(self.study.name, best)})"

    def trial_ended(self, claim: Claim) -> None:
        """Print in one line how a trial ended, the best so far and the time left."""
        trial = self.study.trials()[claim.trial.number]
        if trial.state is TrialState.COMPLETE:
            how = f"{self.study.objective.name} {trial.value:.4f}"
        elif trial.state is TrialState.PRUNED:
            how = "stopped early"
        elif FAILURE in trial.user_attrs:
            how = f"failed: {trial.user_attrs[FAILURE]}"
        else:
            how = "interrupted"
        done, total = self.study.n_finished(), self.study.n_trials
        left = (total - done) * (time.monotonic() - self.begin) / max(done - self.already, 1)
        self.say(
            f"{claim.experiment}: {how}; {self._best()}; "
            f"{done} of {total}, about {_duration(left)} left"
        )
        self.refresh()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        if not self.quiet:
            tqdm.write(printable(text), file=sys.stderr)
            sys.stderr.flush()

    def close(self) -> None:
        """Leave the bar as it is."""
        self.refresh()
        self.bar.close()


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
