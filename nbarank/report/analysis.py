"""The page in words: analysis.md of a run, and the numbered reports/ANALYSIS_NN.md."""

from __future__ import annotations

import re
from pathlib import Path

from nbarank.core.tables import write_text
from nbarank.report.contents import Contents
from nbarank.report.names import TARGET_NAMES
from nbarank.report.sentences import ablation_sentence

_NUMBERED = re.compile(r"ANALYSIS_(\d{2,})\.md$")
SHOWN_TEAMS = 10


def analysis_text(contents: Contents) -> str:
    """Return the analysis as Markdown."""
    latest = contents.latest.forecasts[-1]
    lines = [f"# Analysis: season {latest.season} as of {latest.as_of}", ""]
    if contents.latest.simulated_league:
        lines += ["**Simulated league: teams, players and games are made up.**", ""]
    lines += ["## Does it beat the standings?", "", *contents.sentences]
    lines += [contents.test_sentence] if contents.test_sentence else []
    lines += [
        "",
        "| for | season played | ensemble | standings | difference | interval | verdict |",
    ]
    lines += ["|---|---:|---:|---:|---:|---:|---|"]
    for row in contents.comparisons:
        interval = f"{row.low:+.3f} to {row.high:+.3f}" if row.seasons > 1 else "one season"
        lines.append(
            f"| {TARGET_NAMES[row.target]} | {row.checkpoint} % | {row.ensemble:.3f} | "
            f"{row.standings:.3f} | {row.difference:+.3f} | {interval} | {row.verdict} |"
        )
    lines += ["", "## The latest forecast", ""]
    lines += ["| rank | team | record | projected wins | playoffs | title | class |"]
    lines += ["|---:|---|---|---:|---:|---:|---|"]
    for team in latest.teams[:SHOWN_TEAMS]:
        lines.append(
            f"| {team.predicted_league_rank} | {team.name} | {team.analysis.wins}-"
            f"{team.analysis.losses} | {team.projected_wins:.1f} | {team.odds.playoffs:.1%} | "
            f"{team.odds.title:.1%} | {team.analysis.classification} |"
        )
    for name in ("sleeper", "paper tiger"):
        named = [team for team in latest.teams if team.analysis.classification == name]
        if named:
            lines += ["", f"### {name.capitalize()}s", ""]
            lines += [f"- {team.name}: {team.analysis.explanation}" for team in named]
    lines += ["", "## Model explanations", ""]
    for model, rows in contents.sizes["shap"].groupby("model"):
        top = rows.sort_values("size", ascending=False).head(5)
        sizes = ", ".join(f"{row['feature']} {row['size']:.2f}" for row in top.to_dict("records"))
        lines.append(f"- {model}, mean size of SHAP values in {contents.unit}: {sizes}.")
    for of, rows in contents.sizes["gradients"].groupby("of"):
        top = rows.sort_values("spread", ascending=False).head(5)
        sizes = ", ".join(f"{row['input']} {row['spread']:.2f}" for row in top.to_dict("records"))
        lines.append(
            f"- Deep Set, {of} inputs, SD between teams of a day, in {contents.unit}: {sizes}."
        )
    lines += [f"- {ablation_sentence(contents.sizes['ablation'], contents.unit)}"]
    lines += ["", "## Model health", "", contents.health_sentence]
    lines += ["", "## Provenance", "", contents.origin_sentence, ""]
    lines += [f"- manifest of the raw files: `{contents.manifest_hash}`"]
    lines += [f"- params.yaml: `{contents.params_hash}`"]
    lines += [f"- {', '.join(f'{name} {one}' for name, one in contents.environment.items())}"]
    return "\n".join(lines) + "\n"


def keep_analysis(text: str, folder: Path) -> Path:
    """Write a text as the next ANALYSIS_NN.md, unless the newest one is equal; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = {
        int(match.group(1)): path
        for path in folder.iterdir()
        if (match := _NUMBERED.match(path.name))
    }
    newest = max(taken, default=0)
    if newest and taken[newest].read_text(encoding="utf-8") == text:
        return taken[newest]
    path = folder / f"ANALYSIS_{newest + 1:02d}.md"
    write_text(path, text)
    return path
