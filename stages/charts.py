"""Write what the page needs to draw charts: their specifications and the library."""

from __future__ import annotations

from nbarank.core.stage import Stage, run_stage
from nbarank.report.chart_files import write_chart_files
from nbarank.report.charts import specifications


def main(stage: Stage) -> None:
    """Write data/charts; nothing is read."""
    write_chart_files(specifications())


if __name__ == "__main__":
    run_stage("charts", main)
