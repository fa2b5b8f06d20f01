"""Parameters that every room shares: seed and threads, and what each season is used for."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from nbarank.core.sections import Section


class ReproParams(Section):
    """Seed, threads and device of every stage."""

    path: ClassVar[str] = "repro"
    seed: int = Field(ge=0, le=2**31 - 1, description="Seed of every random generator.")
    threads: int = Field(
        ge=1,
        le=64,
        description="Threads of torch, XGBoost and BLAS. Part of the result: torch's last bits "
        "differ between one thread and two.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        description="Where the Deep Set trains; auto takes CUDA when there is one. Only cpu gives "
        "the bytes of dvc.lock."
    )


SeasonLabel = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]

ROLES = ("warm_up", "train", "validation", "test")


class SeasonsParams(Section):
    """What each season is used for."""

    path: ClassVar[str] = "seasons"
    warm_up: tuple[SeasonLabel, ...] = Field(
        description="Seasons that only fill ratings and player histories. Earlier seasons in the "
        "data count as these.",
    )
    train: tuple[SeasonLabel, ...] = Field(
        min_length=1, description="Seasons that models are fitted on before the first scored one."
    )
    validation: tuple[SeasonLabel, ...] = Field(
        min_length=1,
        description="Seasons scored walk-forward by models of earlier seasons; for choices.",
    )
    test: tuple[SeasonLabel, ...] = Field(
        description="As validation, but reported only: no sweep reads them. May be unplayed.",
    )

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


def season_label(year: int) -> str:
    """Return the label of the season that begins in a year: '2015-16' for 2015."""
    return f"{year}-{(year + 1) % 100:02d}"


def season_after(label: str) -> str:
    """Return the label of the next season."""
    return season_label(int(label[:4]) + 1)


def follows(label: str) -> bool:
    """Tell whether the two years of a season label follow one another."""
    return label == season_label(int(label[:4]))
