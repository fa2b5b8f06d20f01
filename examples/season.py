# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A season in tables
#
# After `make repro`: open with Jupyter and jupytext (`pip install jupyterlab jupytext`). As a
# script, from the repository or this folder, it prints the tables; the charts need a notebook.

# %%
from pathlib import Path

import altair as alt

import nbarank

# %% [markdown]
# The published days of the last season, one row per team and day.

# %%
season = nbarank.predictions()["season"].iloc[0]
root = next(folder for folder in (Path(), Path("..")) if (folder / "dvc.yaml").exists())
published = nbarank.predictions(root / f"report/seasons/{season}.json")
days = published["as_of"].drop_duplicates()
print(f"{season}: largest SD of a strength, and title odds of the favourite")
print(published.groupby("as_of")[["strength_sd", "title"]].max())

# %% [markdown]
# ## Strength in the middle of the season
#
# In points per game against an average team, plus and minus one standard deviation of its error.

# %%
teams = nbarank.forecast(days.iloc[len(days) // 2])
ranges = teams.assign(
    low=teams["strength"] - teams["strength_sd"], high=teams["strength"] + teams["strength_sd"]
)
base = alt.Chart(ranges, width=420).encode(alt.Y("abbreviation:N", sort=None, title=None))
strength = base.mark_rule().encode(alt.X("low:Q", title="points"), x2="high:Q") + (
    base.mark_circle(size=60, opacity=1).encode(x="strength:Q")
)
strength

# %% [markdown]
# ## Title odds over the season

# %%
best = published.groupby("abbreviation")["title"].max().nlargest(5).index
odds = published[published["abbreviation"].isin(best)]
title = (
    alt.Chart(odds, width=420)
    .mark_line(point=True)
    .encode(
        alt.X("season_share:Q", axis=alt.Axis(format="%"), title="share of the season played"),
        alt.Y("title:Q", axis=alt.Axis(format="%"), title="title"),
        color=alt.Color("abbreviation:N", title=None),
    )
)
title

# %% [markdown]
# ## The games of a day, and how good such forecasts are

# %%
games = nbarank.games(days.iloc[len(days) // 2], days=7)
shown = ["game_date", "away", "home", "home_win_probability", "expected_margin", "home_out_points"]
print("\nGames of a week in the middle of the season")
print(games[shown].head(10).to_string(index=False))

# %%
card = nbarank.scorecard()
logloss = card[(card["ranker"] == "ensemble") & (card["metric"] == "game_logloss")]
print("\nLog-loss of the ensemble's games, newest season")
print(logloss.tail(6).to_string(index=False))

# %%
against = nbarank.compare("ensemble", "standings")
spearman = against[(against["target"] == "final_rank") & (against["metric"] == "spearman")]
print("\nEnsemble minus standings, Spearman with the final standings")
print(spearman[["checkpoint", "difference", "low", "high", "p_adjusted"]].to_string(index=False))
