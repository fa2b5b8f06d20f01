"""The day on which a team was out of the race for the playoffs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.league.rules import SeasonRules
from nbarank.league.standings import pair_records


def elimination_days(
    games: pd.DataFrame, members: pd.DataFrame, rules: SeasonRules
) -> dict[int, pd.Timestamp]:
    """Return the day after which a team could not reach the playoffs or the play-in any more.

    A team is out when, even if it won all its remaining games, as many teams of its conference as
    there are places have more wins for sure (in share of the games they play). That is the
    newspapers' magic number: ties and games among rivals, which can eliminate a team a few days
    sooner, are left out of it.

    Parameters
    ----------
    games, members
        Rows of league/games and league/teams of one season whose regular season is over.
    rules
        Its format.

    Returns
    -------
    Day by team id; teams that were never out are absent.
    """
    regular = games[games["kind"] == "regular"]
    ordered = members.sort_values("team_id")
    ids = ordered["team_id"].to_numpy()
    days = pd.Series(np.sort(regular["game_date"].unique()))
    won, played, _ = pair_records(regular, ids, days + pd.Timedelta(days=1))
    wins, played_so_far = won.sum(axis=1), played.sum(axis=1)
    total = played_so_far[:, -1:]
    sure = wins / total
    at_best = (wins + total - played_so_far) / total
    conference = ordered["conference"].to_numpy()
    rivals = (conference[:, None] == conference[None])[:, :, None]
    ahead = (rivals & (sure[None] > at_best[:, None])).sum(axis=1)
    out = ahead >= rules.contenders
    first = out.argmax(axis=1)
    return {
        int(team): pd.Timestamp(days.iloc[first[row]])
        for row, team in enumerate(ids)
        if out[row].any()
    }
