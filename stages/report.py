"""Write the report: one page, predictions.json and the analysis in words."""

from __future__ import annotations

import logging
from pathlib import Path

from nbarank.core.environment import in_experiment_copy
from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.report.contents import read_contents
from nbarank.report.page import write_report
from nbarank.report.params import ReportParams

log = logging.getLogger(__name__)
REPORT = Path("report")


def main(stage: Stage) -> None:
    """Read forecasts, scores and explanations; write report/."""
    contents = read_contents(
        stage.params(ReportParams).run_id,
        stage.params(SeasonsParams),
        coverage=stage.value("evaluation.interval", float),
    )
    write_report(REPORT, contents)
    if not in_experiment_copy(Path.cwd()):  # deleted when the run ends
        log.info("open %s in a browser, or run: nbarank serve", REPORT / "index.html")


if __name__ == "__main__":
    run_stage("report", main)
