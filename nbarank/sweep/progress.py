"""What a sweep shows while it runs: a bar, the best so far, the time left."""

from __future__ import annotations

import sys
import time
from typing import Any

from optuna.trial import TrialState
from tqdm import tqdm

from nbarank.sweep.study import Study


class Progress:
    """A progress bar over all trials of a study, whoever runs them.

    Parameters
    ----------
    study
        The study that is running.
    quiet
        Show nothing.
    """

    def __init__(self, study: Study, *, quiet: bool = False) -> None:
        self.study = study
        done, _ = self._state()
        self.begin, self.already = time.monotonic(), done
        self.quiet = quiet
        self.bar: tqdm[Any] = tqdm(
            total=study.n_trials,
            initial=done,
            desc=study.name,
            unit="trial",
            disable=quiet or not sys.stderr.isatty(),
        )

    def _state(self) -> tuple[int, str]:
        done = sum(trial.state.is_finished() for trial in self.study.trials())
        best = self.study.best()
        text = "" if best is None else f"best {best.value:.4f} (trial {best.number})"
        return done, text

    def refresh(self) -> None:
        """Show trials that others have told too."""
        done, best = self._state()
        self.bar.update(done - self.bar.n)
        self.bar.set_postfix_str(best)

    def trial_ended(self, number: int) -> None:
        """Say in one line how a trial ended, with the best so far and the time left."""
        trial = self.study.trials()[number]
        done, best = self._state()
        if trial.state is TrialState.COMPLETE:
            how = f"{self.study.objective.name} {trial.value:.4f}"
        elif trial.state is TrialState.PRUNED:
            how = "stopped early"
        else:
            how = f"failed: {trial.user_attrs.get('failure', '')}"
        new = done - self.already
        left = (self.study.n_trials - done) * (time.monotonic() - self.begin) / max(new, 1)
        self.say(
            f"{self.study.name}-{number}: {how}; {best or 'none complete yet'}; "
            f"{done} of {self.study.n_trials}, about {_duration(left)} left"
        )
        self.refresh()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        if not self.quiet:
            tqdm.write(text, file=sys.stderr)
            sys.stderr.flush()

    def close(self) -> None:
        """Leave the bar as it stands."""
        self.refresh()
        self.bar.close()


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
