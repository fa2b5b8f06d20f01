"""Teams by season: conference, division, and the name they had at the time.

The NBA's conferences and divisions have not changed since 2004-05. Other leagues have a
`teams.csv`.
"""

from __future__ import annotations

import pandas as pd

from nbarank.core.errors import IngestError
from nbarank.schemas.raw import TEAMS_FILE

_NBA_DIVISIONS: dict[tuple[str, str], tuple[int, ...]] = {
    # Last two digits of nba.com's id 16106127xx.
    ("East", "Atlantic"): (38, 51, 52, 55, 61),
    ("East", "Central"): (39, 41, 49, 54, 65),
    ("East", "Southeast"): (37, 48, 53, 64, 66),
    ("West", "Northwest"): (43, 50, 57, 60, 62),
    ("West", "Pacific"): (44, 46, 47, 56, 58),
    ("West", "Southwest"): (40, 42, 45, 59, 63),
}
NBA_TEAMS: dict[int, tuple[str, str]] = {
    1610612700 + digits: place for place, teams in _NBA_DIVISIONS.items() for digits in teams
}
"""Conference and division of each NBA team, by nba.com's id."""


def is_nba(team_ids: pd.Series) -> pd.Series:
    """Return which team ids are nba.com's."""
    return team_ids.isin(list(NBA_TEAMS))


def season_teams(
    team_logs: pd.DataFrame, schedule: pd.DataFrame, teams_file: pd.DataFrame | None
) -> pd.DataFrame:
    """Return the table league/teams.

    Parameters
    ----------
    team_logs
        Normalised team logs (TEAM_ID, TEAM_ABBREVIATION, TEAM_NAME, SEASON, GAME_DATE).
    schedule
        Normalised schedule files; teams of a season not yet begun keep the name of their last
        game.
    teams_file
        Content of teams.csv (TEAM_ID, ABBREVIATION, NAME, CONFERENCE, DIVISION, SEASON) or None.

    Returns
    -------
    Every team with a log or a fixture in a season; name and abbreviation of its last game.

    Raises
    ------
    IngestError
        If a team is neither the NBA's nor in teams.csv.
    """
    last = team_logs.sort_values(["GAME_DATE", "GAME_ID"], kind="stable")
    last = last.drop_duplicates(["SEASON", "TEAM_ID"], keep="last")
    named = last[["SEASON", "TEAM_ID", "TEAM_ABBREVIATION", "TEAM_NAME"]]
    fixtures = pd.concat(
        [
            schedule[["SEASON", f"{side}_TEAM_ID"]].set_axis(["SEASON", "TEAM_ID"], axis=1)
            for side in ("HOME", "AWAY")
        ]
    ).drop_duplicates()
    both = named.merge(fixtures, on=["SEASON", "TEAM_ID"], how="outer").sort_values(
        ["TEAM_ID", "SEASON"], kind="stable"
    )
    names = ["TEAM_ABBREVIATION", "TEAM_NAME"]
    both[names] = both.groupby("TEAM_ID")[names].ffill()
    both = both.astype({"TEAM_ID": "int64"})
    both = both.join(_places(both, teams_file))
    unknown = both["CONFERENCE"].isna()
    if unknown.any():
        first = both.loc[unknown, ["SEASON", "TEAM_ID", "TEAM_NAME"]].head(3)
        raise IngestError(
            f"{both.loc[unknown, 'TEAM_ID'].nunique()} team(s) are unknown: no conference.",
            where=str(first.to_dict("records")),
            allowed=f"nba.com's team ids, or a {TEAMS_FILE} next to the logs with each team",
            next_command=f"add the team(s) to {TEAMS_FILE}, or correct TEAM_ID",
        )
    nameless = both["TEAM_ID"].astype(str)  # no game yet, in the first season of the data
    return pd.DataFrame(
        {
            "season": both["SEASON"],
            "team_id": both["TEAM_ID"],
            "abbreviation": both["TEAM_ABBREVIATION"].fillna(both["ABBREVIATION"]).fillna(nameless),
            "name": both["TEAM_NAME"].fillna(both["NAME"]).fillna(nameless),
            "conference": both["CONFERENCE"],
            "division": both["DIVISION"],
        }
    ).reset_index(drop=True)


def known_team_ids(teams_file: pd.DataFrame | None) -> set[int]:
    """Return the ids of every team that has a conference."""
    own = set() if teams_file is None else {int(team) for team in teams_file["TEAM_ID"]}
    return own | set(NBA_TEAMS)


def _places(both: pd.DataFrame, teams_file: pd.DataFrame | None) -> pd.DataFrame:
    """Return CONFERENCE, DIVISION, ABBREVIATION and NAME for each row, by its index."""
    columns = ["CONFERENCE", "DIVISION", "ABBREVIATION", "NAME"]
    nba = [NBA_TEAMS.get(int(team), (None, None)) for team in both["TEAM_ID"]]
    places = pd.DataFrame(nba, index=both.index, columns=columns[:2]).reindex(columns=columns)
    if teams_file is None:
        return places
    general = teams_file[teams_file["SEASON"].isna()].set_index("TEAM_ID")[columns]
    special = teams_file[teams_file["SEASON"].notna()].set_index(["SEASON", "TEAM_ID"])[columns]
    for own, key in ((general, ["TEAM_ID"]), (special, ["SEASON", "TEAM_ID"])):
        if not own.empty:
            found = both[["SEASON", "TEAM_ID"]].join(own, on=key)[columns]
            places = found.where(found.notna(), places)
    return places
