"""Draw the seasons that have ended: new games of the next one change none of these pictures."""

from __future__ import annotations

from nbarank.in_progress import HISTORY
from nbarank.params.forecast import ForecastParams
from nbarank.params.report import PicturesParams
from nbarank.report.predictions import read_seasons
from nbarank.report.season_pictures import FOLDER, draw_season, strength_and_place, write_pictures
from nbarank.schemas.explain import CONTRIBUTORS
from nbarank.schemas.league import STANDINGS, TEAMS
from nbarank.schemas.scores import STRENGTH
from nbarank.stage import Stage, run_stage
from nbarank.tables import DATA, read_table


def main(stage: Stage) -> None:
    """Read forecast/, explain/contributors, ensemble/strength and history/; write pictures/."""
    params, threshold = (
        stage.params(PicturesParams),
        stage.params(ForecastParams).sleeper_threshold_slots,
    )
    teams = read_table(TEAMS, HISTORY)
    history = strength_and_place(read_table(STRENGTH), read_table(STANDINGS, HISTORY), teams)
    names = teams[["season", "team_id", "abbreviation"]]
    contributors = read_table(CONTRIBUTORS).merge(names, on=["season", "team_id"])
    FOLDER.mkdir(parents=True, exist_ok=True)
    for season in read_seasons(DATA)[1]:
        drawn = draw_season(season, history, contributors, params, threshold)
        write_pictures(season.forecasts[0].season, drawn)


if __name__ == "__main__":
    run_stage("pictures", main)
