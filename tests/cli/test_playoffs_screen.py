"""`nbarank forecast` during play-in and playoffs."""

import sys
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from nbarank.cli.forecast_screen import predictions_text
from nbarank.cli.results import forecast
from nbarank.cli.screen import WIDTH
from nbarank.core.errors import ForecastError
from nbarank.forecast.inputs import read_inputs
from nbarank.forecast.open_playoffs import coming_meetings, open_playoffs
from nbarank.forecast.predictions import to_json
from nbarank.forecast.season_state import League
from nbarank.forecast.single_day import forecast_as_of
from nbarank.forecast.what_if import WhatIf
from nbarank.league.ingest import LeagueTables
from nbarank.league.postseason import first_round, pair_wins
from nbarank.results.forecasts import champion
from nbarank.schemas.predictions import Predictions
from tests.forecast.made_league import END, SEASON, params, series_games, strength_rows
from tests.forecast.made_league import league as made_league

DAY = END + pd.Timedelta(days=1)
"""The first day after the regular season."""
ONE = pd.Timedelta(days=1)
STAR = "Anna"

Games = list[pd.DataFrame]


def in_league(games: Games, play_in: str = "none") -> League:
    base = made_league(DAY, play_in)
    return replace(base, games=pd.concat([base.games, *games], ignore_index=True))


def predicted(league: League, day: pd.Timestamp, **given: Any) -> Predictions:
    roster = {"season": SEASON, "as_of": day, "team_id": [1], "player_id": [11], "impact": [9.0]}
    roster |= {"player_name": [STAR], "expected_minutes_rest": [36.0], "playoff_minutes": [36.0]}
    rosters = pd.DataFrame(roster)
    rows = strength_rows(day, 1.0)
    return forecast_as_of(day, league, rows, params(), seed=1, rosters=rosters, **given)


@pytest.fixture
def screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Return what the command prints on a day of a league."""

    def printed(league: League, day: pd.Timestamp, **options: Any) -> str:
        def forecaster(
            _: object, day: pd.Timestamp, team: str | None
        ) -> Callable[..., Predictions]:
            return lambda what_if: predicted(league, day, team=team, what_if=what_if)

        inputs = SimpleNamespace(league=league)
        monkeypatch.setattr(sys.modules[read_inputs.__module__], "read_inputs", lambda: inputs)
        monkeypatch.setattr("nbarank.results.forecasts.forecaster", forecaster)
        forecast(as_of=f"{day:%Y-%m-%d}", **options)
        return capsys.readouterr().out

    return printed


@pytest.fixture(scope="module")
def places() -> dict[str, list[int]]:
    """Return the teams of each conference by place."""
    teams = predicted(made_league(DAY, "none"), DAY).forecasts[0].teams
    ranked = sorted(teams, key=lambda team: team.analysis.conference_rank or 0)
    return {name: [t.team_id for t in ranked if t.conference == name] for name in ("East", "West")}


def sweeps(places: dict[str, list[int]], rounds: int) -> Games:
    """Return some rounds of both conferences, each series won 4-0 by its upper side."""
    games = []
    for order in places.values():
        pairs = first_round(order)
        for number in range(rounds):
            day = DAY + pd.Timedelta(days=10 * number)
            games += [series_games(first, second, [first] * 4, day) for first, second in pairs]
            winners = [first for first, _ in pairs]
            pairs = list(zip(winners[::2], winners[1::2], strict=False))
    return games


def rows(text: str) -> list[list[str]]:
    """Return the cells of the teams in the table."""
    cells = [line.split() for line in text.splitlines()]
    return [line for line in cells if line and line[0].isdigit() and line[2] == "Town"]


def odds(text: str) -> dict[str, list[float]]:
    """Return the odds of each team in the table, in percent."""
    shown = {row[1]: [cell for cell in row if cell.endswith("%")] for row in rows(text)}
    return {team: [float(cell.strip("<>%")) for cell in cells] for team, cells in shown.items()}


def name(team: int) -> str:
    return f"T{team:02d}"


def test_pairings_are_shown_from_the_end_of_the_regular_season_on(screen, places) -> None:
    east = places["East"]
    league = in_league([series_games(east[0], east[7], [east[0]], DAY + 2 * ONE)])
    last = screen(league, END)
    assert last == predictions_text(predicted(league, END)) + "\n"
    for day in (DAY, DAY + ONE):
        text = screen(league, day)
        assert f"  {name(east[0])} 0-0 {name(east[7])}" in text and len(rows(text)) == 16


def test_in_the_first_round_teams_are_ordered_by_title_odds(screen, places) -> None:
    east, west = places.values()
    games = [
        series_games(east[7], east[0], [east[7], east[0], east[0]], DAY),
        series_games(west[2], west[5], [west[5], west[5]], DAY),
    ]
    league = in_league(games)
    day = DAY + 3 * ONE
    text = screen(league, day)
    lines = text.splitlines()
    assert lines[0].endswith(f"{day:%Y-%m-%d} (playoffs, 400 simulations)")
    assert max(map(len, lines)) <= WIDTH and not any(line != line.rstrip() for line in lines)
    assert lines[2].split() == ["second", "conf."]
    assert lines[3].split() == ["team", "seed", "now", "str.", "round", "final", "final", "title"]
    found = odds(text)
    assert set(found) == {name(team) for team in (*east[:8], *west[:8])}
    assert [int(row[0]) for row in rows(text)] == list(range(1, 17))
    assert list(found.values()) == sorted(found.values(), key=lambda row: row[::-1], reverse=True)
    for place, team in enumerate(west[:8], 1):
        assert next(row for row in rows(text) if row[1] == name(team))[4] == f"W{place}"
    series = lines[lines.index("First round") + 1 :][:8]
    best, other = name(east[0]), name(east[7])
    assert series[0] == f"  {best} 2-1 {other}   {best} advances: {found[best][0]}%"
    assert series[7].startswith(f"  {name(west[2])} 0-2 {name(west[5])}   ")
    assert sum(" 0-0 " in line for line in series) == 6
    assert "Eliminated:" not in text and "Second round" not in text
    assert " 1-0 " not in screen(league, DAY + 2 * ONE)  # 1-1: games of the day do not count


def test_in_the_play_in_the_odds_of_the_playoffs_are_shown(screen, places) -> None:
    seventh, eighth, ninth, tenth = places["East"][6:10]
    first = series_games(seventh, eighth, [eighth], DAY, "playin")
    lost = series_games(ninth, tenth, [tenth], DAY + ONE, "playin")
    one, two = (in_league(games, "standard") for games in ([first], [first, lost]))
    text = screen(one, DAY + ONE)
    assert (
        "(play-in, 400 simulations)" in text and len(rows(text)) == 20 and "Eliminated:" not in text
    )
    assert text.splitlines()[2].split() == ["play-", "second", "conf."]
    assert max(map(len, text.splitlines())) <= WIDTH
    s, e, n, t = map(name, (seventh, eighth, ninth, tenth))
    assert f"  {n} against {t}, the winner plays for seed 8" in text
    assert f"  {s} against {n} or {t}, for seed 8" in text
    assert f"  {name(places['East'][1])} 0-0 {e}   " in text  # seed 7
    text = screen(two, DAY + 2 * ONE)
    assert text.splitlines()[-1] == f"Eliminated: {n}" and n not in odds(text)
    assert f"  {s} against {t}, for seed 8" in text
    assert f"  {name(places['East'][0])} against {s} or {t}" in text
    found = odds(text)
    assert found[s][0] + found[t][0] == pytest.approx(100, abs=0.2) and found[e][0] == 100
    details = screen(two, DAY + 2 * ONE, team=t)
    assert f"  play-in        against the Town {seventh} ({s}), for seed 8" in details
    assert f"lost to the Town {tenth} ({t})" in screen(two, DAY + 2 * ONE, team=n)
    seeded = screen(two, DAY + 2 * ONE, team=e)
    assert "8th in the East (seed 7)" in seeded and "  series         0-0 against" in seeded


def test_the_ninth_of_the_bubble_needs_two_wins(screen) -> None:
    base = made_league(DAY, "bubble", seed=3)  # the ninths are one and two games behind
    teams = predicted(base, DAY).forecasts[0].teams
    place = {(t.conference, t.analysis.conference_rank): t.team_id for t in teams}
    eighth, ninth = place["East", 8], place["East", 9]
    games = series_games(eighth, ninth, [ninth, ninth], DAY, "playin")
    west = place["West", 8], place["West", 9]
    once = series_games(*west, [west[0]], DAY + ONE, "playin")
    league = replace(base, games=pd.concat([base.games, games, once], ignore_index=True))
    text = screen(league, DAY + ONE)
    assert f"  {name(eighth)} against {name(ninth)}, for seed 8" in text
    assert "Eliminated:" not in text and 0 < odds(text)[name(ninth)][0] < 100
    text = screen(league, DAY + 2 * ONE)
    assert set(text.split("Eliminated: ")[1].split()) == {f"{name(eighth)},", name(west[1])}
    assert "(playoffs," in text
    assert next(row for row in rows(text) if row[1] == name(ninth))[4] == "E8"


def test_between_rounds_a_winner_waits(screen, places) -> None:
    east = places["East"]
    games = [
        series_games(east[0], east[7], [east[7]] * 4, DAY),
        series_games(east[3], east[4], [east[3], east[4]] * 3, DAY),
    ]
    league = in_league(games)
    text = screen(league, DAY + 7 * ONE)
    upset, beaten, four, five = (name(east[place]) for place in (7, 0, 3, 4))
    lines = text.splitlines()
    assert lines[-1] == f"Eliminated: {beaten}" and beaten not in odds(text)
    assert odds(text)[upset][0] == 100 and len(rows(text)) == 15
    assert f"  {four} 3-3 {five}   " in text and f"4-0 {beaten}" not in text
    assert lines[lines.index("Second round") + 1] == f"  {upset} against {four} or {five}"
    details = screen(league, DAY + 7 * ONE, team=upset)
    assert f"series         against the Town {east[3]} ({four}) or the Town {east[4]}" in details
    assert f"series         lost 0-4 to the Town {east[7]} ({upset})" in screen(
        league, DAY + 7 * ONE, team=beaten
    )


def test_the_side_with_home_court_is_first(screen, places) -> None:
    one, eight, four, five = (places["East"][place] for place in (0, 7, 3, 4))
    higher = [series_games(four, five, [four] * 4, DAY)]
    upset = series_games(one, eight, [eight] * 4, DAY)
    waiting = screen(in_league(higher), DAY + 4 * ONE)
    assert f"  {name(four)} against {name(one)} or {name(eight)}" in waiting
    both = screen(in_league([*higher, upset]), DAY + 4 * ONE)
    assert f"  {name(four)} 0-0 {name(eight)}   " in both


def test_in_the_final_only_the_title_is_open(screen, places) -> None:
    east, west = places["East"][0], places["West"][0]
    start = DAY + pd.Timedelta(days=30)
    final = series_games(east, west, [west, east], start)
    league = in_league([*sweeps(places, 3), final])
    text = screen(league, start + 2 * ONE)
    found = odds(text)
    assert set(found) == {name(east), name(west)}
    assert [len(cells) for cells in found.values()] == [1, 1]
    assert text.splitlines()[2].split() == ["team", "seed", "now", "str.", "title"]
    favourite = max(found, key=found.__getitem__)
    assert " 1-1 " in text and f"{favourite} wins the title: {found[favourite][0]}%" in text
    out = text.split("Eliminated: ")[1].split()
    assert len(out) == 14
    over = [series_games(east, west, [west, *[east] * 4], start)]
    ended = in_league([*sweeps(places, 3), *over])
    ended = replace(ended, seasons=ended.seasons.assign(complete=True))
    text = screen(ended, start + 5 * ONE)
    assert f"Champion: Town {east} ({name(east)})" in text and len(rows(text)) == 30


def test_one_team_has_its_series_and_its_record_once(screen, places) -> None:
    own, other = places["East"][2], places["East"][5]
    league = in_league([series_games(own, other, [other, own, own], DAY)])
    text = screen(league, DAY + 3 * ONE, team=name(own))
    assert f"\n  series         2-1 against the Town {other} ({name(other)})\n" in text
    assert "\n  wins " not in text and "expected" not in text.split("strength")[0]
    assert "(playoffs, 400 simulations)" in text
    assert "  series         1-2 against" in screen(league, DAY + 3 * ONE, team=name(other))
    outside = screen(league, DAY + 3 * ONE, team=name(places["East"][14]))
    assert "series  " not in outside and "play-in  " not in outside


def test_an_assumption_changes_the_odds_of_the_open_rounds(screen, places) -> None:
    assert 1 in places["East"][:8]
    league = in_league(sweeps(places, 1))
    day = DAY + 5 * ONE
    text = screen(league, day, without=[STAR])
    changes, table = text.split("\n\n", 1)
    lines = changes.splitlines()
    assert lines[1].split() == ["conf."] and lines[2].split() == ["team", "final", "final", "title"]
    assert max(map(len, lines)) <= WIDTH
    row = next(line for line in lines if line.startswith("  T01 "))
    usual, assumed = odds(screen(league, day))["T01"], odds(table)["T01"]
    for cell, before, after in zip(row.split()[-3:], usual, assumed, strict=True):
        assert float(cell) == pytest.approx(after - before, abs=0.11) and float(cell) < 0
    with pytest.raises(ForecastError, match="is known to come"):
        screen(league, day, result=["T01-T02=T01"])


def test_an_assumed_result_counts_in_the_series_and_its_odds(screen, places) -> None:
    league, day = in_league(sweeps(places, 1)), DAY + 5 * ONE
    first, second = coming_meetings(league.state(SEASON, day))[0].winners
    text = screen(league, day, result=[f"{name(first)}-{name(second)}={name(second)}"])
    changes, table = text.split("\n\n", 1)
    assert changes.splitlines()[0] == f"{name(first)}-{name(second)}, game 1: {name(second)} wins"
    assert f"  {name(first)} 0-1 {name(second)} " in table
    own, other = (
        float(
            next(row for row in changes.splitlines() if row.startswith(f"  {name(team)} ")).split()[
                -3
            ]
        )
        for team in (first, second)
    )
    assert own == -other < 0


def test_json_has_the_whole_league(screen, places) -> None:
    league, day = in_league(sweeps(places, 1)), DAY + 5 * ONE
    text = screen(league, day, as_json=True)
    assert text == to_json(predicted(league, day, what_if=WhatIf())) + "\n"


@pytest.mark.real
def test_days_of_thirteen_real_playoffs(real_league: LeagueTables) -> None:
    made = real_league
    league = League(made.seasons, made.teams, made.games, made.schedule)
    days = 0
    for row in league.seasons.itertuples():
        season = str(row.season)
        games = league.games[league.games["season"] == season]
        late = games[games["kind"] != "regular"]
        before = open_playoffs(league.state(season, late["game_date"].min()))
        assert before is not None
        assert not any(sum(one.won) for one in before.meetings)
        assert open_playoffs(league.state(season, row.playoffs_end + ONE)) is None
        title = champion(league, season)
        for day in sorted(late["game_date"].unique())[1::3]:
            found = open_playoffs(league.state(season, day))
            names = league.teams[league.teams["season"] == season].set_index("team_id")["name"]
            assert any(title.startswith(names[team]) for team in found.alive), (season, day)
            before = late[late["game_date"] < day]
            for kind in ("playin", "playoffs"):
                shown = {}
                for one in found.meetings:
                    if one.known and (one.stage == 0) == (kind == "playin"):
                        pair = one.first + one.second
                        shown |= {pair: one.won[0], pair[::-1]: one.won[1]}
                played = {pair: won for pair, won in shown.items() if won}
                assert played == pair_wins(before[before["kind"] == kind]), (season, day)
            coming = set(late.loc[late["game_date"] >= day, ["home_id", "away_id"]].to_numpy().flat)
            assert coming <= found.alive and not coming & found.out
            days += 1
    assert days > 180
