"""What a sweep prints while it runs: a bar, or lines, with the best trial and the time left."""

from __future__ import annotations

import sys
import time
from typing import Any

from optuna.trial import TrialState
from tqdm import tqdm

from nbarank.core.errors import printable
from nbarank.sweep.storage import FAILURE
from nbarank.sweep.study import STATES, Study, experiment_of
from nbarank.sweep.trial import Claim

LINE_SECONDS = 10.0
"""Without a terminal: seconds between two lines."""


class Progress:
    """The progress of all trials of a study, whichever process runs them."""

    def __init__(self, study: Study, *, quiet: bool = False) -> None:
        self.study, self.quiet = study, quiet
        self.already = self.done = study.n_finished()
        self.begin = self.next_line = self.last_end = time.monotonic()
        self.bar: tqdm[Any] = tqdm(
            total=study.n_trials,
            initial=self.already,
            desc=study.name,
            unit="trial",
            disable=quiet or not sys.stderr.isatty(),
        )

    def refresh(self) -> None:
        """Update the bar, also with trials of other processes."""
        self.bar.update(self._finished() - self.bar.n)
        self.bar.set_postfix_str(self._best())
        if self.bar.disable and time.monotonic() >= self.next_line:
            self.say(f"{self.study.name}: {self._best()}; {self._left()}")

    def trial_ended(self, claim: Claim) -> None:
        """Print in one line how a trial ended, the best so far and the time left."""
        trial = self.study.trials()[claim.trial.number]
        how = STATES[trial.state]
        if trial.state is TrialState.COMPLETE:
            how = f"{self.study.objective.name} {trial.value:.4f}"
        elif trial.state is TrialState.FAIL:
            how = f"failed: {trial.user_attrs.get(FAILURE, 'interrupted')}"
        self.say(f"{claim.experiment}: {how}; {self._best()}; {self._left()}")
        self.refresh()

    def _best(self) -> str:
        best = self.study.best()
        if best is None:
            return "none complete yet"
        tuned = self.study.tuned_value
        than = "" if tuned is None else f", tuned {tuned:.4f}"
        return f"best {best.value:.4f} ({experiment_of(self.study.name, best)}{than})"

    def _finished(self) -> int:
        """Return the number of ended trials, and remember when the last one was seen."""
        done = self.study.n_finished()
        if done != self.done:
            self.done, self.last_end = done, time.monotonic()
        return done

    def _left(self) -> str:
        done, total, now = self._finished(), self.study.n_trials, time.monotonic()
        if done == self.already:
            return f"{done} of {total}, {tqdm.format_interval(now - self.begin)} passed"
        each = (self.last_end - self.begin) / (done - self.already)
        left = max(0.0, (total - done) * each - (now - self.last_end))
        return f"{done} of {total}, about {tqdm.format_interval(left)} left"

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self.next_line = time.monotonic() + LINE_SECONDS
        if not self.quiet:
            tqdm.write(printable(text), file=sys.stderr)
            sys.stderr.flush()
