"""Which games of a newer schedule a sealed forecast of an earlier day may have."""

from dataclasses import replace

import pandas as pd

from nbarank.forecast.open_playoffs import coming_meetings
from nbarank.ledger.day_forecast import as_known
from tests.forecast.made_league import END, SEASON, league, series_games

DAY = END + pd.Timedelta(days=1)


def test_playoff_games_to_come_are_known_only_where_no_later_result_is() -> None:
    base = league(DAY, "none")
    first, second = coming_meetings(base.state(SEASON, DAY))[0].winners
    played = series_games(first, second, [first] * 3, DAY)
    coming = played.tail(1).assign(game_id="0042100104", game_date=DAY + pd.Timedelta(days=3))
    fixtures = coming[["game_id", "season", "game_date", "home_id", "away_id"]]
    schedule = pd.concat([base.schedule, fixtures.assign(known_from=pd.NaT)], ignore_index=True)
    whole = replace(base, games=pd.concat([base.games, played]), schedule=schedule)
    for days, known in ((0, False), (2, False), (3, True)):
        found = as_known(whole, SEASON, DAY + pd.Timedelta(days=days))
        late = found.games.loc[found.games["kind"] != "regular", "game_date"]
        assert len(late) == min(days + 1, 3)
        assert ("0042100104" in set(found.schedule["game_id"])) is known, days
