"""Parameters of reproducibility."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nbarank.params.base import Section


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
