"""Parameters that every room shares: seed and threads, and what each season is used for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from nbarank.core.sections import Section


class ReproParams(Section):
    """Seed, threads and device of every stage."""

    path: ClassVar[str] = "repro"
    seed: int = Field(ge=0, le=2**31 - 1, description="Seed of every random generator.")
    threads: int | None = Field(
        ge=1, le=64, description="Threads; null: all cores. No output depends on them."
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        description="Where the Deep Set trains; only cpu gives the bytes of dvc.lock."
    )


SeasonLabel = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]
_RANGE = re.compile(r"(\d{4}-\d{2})(?: to (\d{4}-\d{2}))?")


def expanded(seasons: Any) -> Any:
    """Return the seasons of '2011-12 to 2013-14', or of '2011-12'; anything else as it is."""
    found = _RANGE.fullmatch(seasons) if isinstance(seasons, str) else None
    if found is None:
        return tuple(seasons) if isinstance(seasons, list) else seasons
    first, last = found[1], found[2] or found[1]
    if not (follows(first) and follows(last) and first <= last):
        raise ValueError(f"'{seasons}' is not a range of seasons such as 2011-12 to 2013-14")
    return tuple(season_label(year) for year in range(int(first[:4]), int(last[:4]) + 1))


Seasons = Annotated[tuple[SeasonLabel, ...], BeforeValidator(expanded)]

ROLES = ("warm_up", "train", "validation", "test")


class SeasonsParams(Section):
    """Role of each season; earlier seasons in the data count as warm_up."""

    path: ClassVar[str] = "seasons"
    warm_up: Seasons = Field(description="Only fill ratings and player histories.")
    train: Seasons = Field(min_length=1, description="Models are fitted on these first.")
    validation: Seasons = Field(
        min_length=1, description="Scored walk-forward; choices and sweeps use them."
    )
    test: Seasons = Field(description="Scored and reported, never a reason; may be unplayed.")

    @model_validator(mode="after")
    def _roles_are_sound(self) -> SeasonsParams:
        seen: dict[str, str] = {}
        latest = ""
        for role in ROLES:
            for season in getattr(self, role):
                if not follows(season):
                    raise ValueError(f"{role} names {season}; a label runs like 2015-16")
                if season in seen:
                    raise ValueError(f"{season} is both {seen[season]} and {role}")
                if season < latest:
                    raise ValueError(
                        f"{role} season {season} comes before {latest} ({seen[latest]}); the order "
                        "in time is warm_up, train, validation, test"
                    )
                seen[season] = role
                latest = season
        return self

    def roles(self) -> dict[str, str]:
        """Return the role of every season that has one, in time order."""
        return {season: role for role in ROLES for season in getattr(self, role)}


def seasons_of_role_test(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the test seasons in the content of a params file; none where it has no such role."""
    return tuple(map(str, expanded(params.get("seasons", {}).get("test", ()))))


def season_label(year: int) -> str:
    """Return the label of the season that begins in a year: '2015-16' for 2015."""
    return f"{year}-{(year + 1) % 100:02d}"


def season_after(label: str) -> str:
    """Return the label of the next season."""
    return season_label(int(label[:4]) + 1)


def follows(label: str) -> bool:
    """Return whether the two years of a season label are consecutive."""
    return label == season_label(int(label[:4]))
