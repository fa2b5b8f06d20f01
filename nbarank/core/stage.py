"""The runtime of every stage: declared parameters, seeds and threads, readable errors.

A stage calls `stage.params(Section)`. A section that dvc.yaml does not list for that stage is an
error, because DVC would not re-run the stage when such a value changes.
"""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from nbarank.core.environment import ENVIRONMENT_FILE, record_environment
from nbarank.core.errors import ParamsError, known_error, printable
from nbarank.core.params import ReproParams
from nbarank.core.sections import PARAMS_FILE, SectionT, load_section, read_yaml
from nbarank.core.seeds import not_installed, prepare_process, threads_of
from nbarank.core.tables import remove_leftovers

LOG = logging.getLogger(__name__)
PIPELINE_FILE = Path("dvc.yaml")
ValueT = TypeVar("ValueT")


class Stage:
    """One stage of dvc.yaml, by name, and the parameters it declares."""

    def __init__(self, name: str) -> None:
        self.name = name
        stages = read_yaml(PIPELINE_FILE).get("stages", {})
        if name not in stages:
            raise ParamsError(
                f"Stage '{name}' is not in {PIPELINE_FILE}.",
                where=str(PIPELINE_FILE),
                allowed=", ".join(stages),
                next_command="run the stages from the repository's root: dvc repro",
            )
        self.declared: tuple[str, ...] = tuple(stages[name].get("params", ()))
        outs = stages[name].get("outs", ())
        self.outs = tuple(Path(next(iter(out)) if isinstance(out, dict) else out) for out in outs)

    def params(self, section: type[SectionT]) -> SectionT:
        """Return a declared section of params.yaml.

        Raises
        ------
        ParamsError
            If the stage does not declare the section, or the section is not valid.
        """
        self._require(section.path)
        return load_section(section)

    def value(self, key: str, kind: type[ValueT]) -> ValueT:
        """Return one declared value, by dotted key, of a section that belongs to another room.

        The stage that reads the whole section checks the value's bounds.

        Raises
        ------
        ParamsError
            If the stage does not declare the key, or the value is missing or of another type.
        """
        self._require(key)
        node: Any = read_yaml(PARAMS_FILE)
        for part in key.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        if not isinstance(node, kind):
            raise ParamsError(
                f"'{key}' is {node!r}.",
                where=str(PARAMS_FILE),
                allowed=kind.__name__,
                next_command="nbarank params check",
            )
        return node

    @property
    def threads(self) -> int:
        """Return how many threads the stage may use; its outputs do not depend on it."""
        return threads_of(load_section(ReproParams))

    def _require(self, key: str) -> None:
        parts = key.split(".")
        prefixes = {".".join(parts[: n + 1]) for n in range(len(parts))}
        if not prefixes & set(self.declared):
            raise ParamsError(
                f"Stage '{self.name}' reads '{key}' without declaring it.",
                where=f"{PIPELINE_FILE}: stages.{self.name}.params",
                allowed=", ".join(self.declared) or "nothing",
                next_command=f"add '- {key}' to the params of stage {self.name}",
            )


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return the message; control characters in names of files and players are escapes."""
        return printable(super().format(record))


def run_stage(name: str, body: Callable[[Stage], None]) -> None:
    """Run the body of a stage; print an `NbarankError` without a traceback and exit with 1.

    Threads come from `repro.threads`, which no stage declares: no output depends on it.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter(f"%(levelname).1s {name}: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    began = time.monotonic()
    try:
        stage = Stage(name)
        repro = load_section(ReproParams)
        prepare_process(repro)
        remove_leftovers([*stage.outs, ENVIRONMENT_FILE])
        # pandera imports it to generate example tables, which takes half a second in every stage.
        with not_installed("hypothesis"):
            body(stage)
        record_environment(repro)
        LOG.info("done in %.1f s", time.monotonic() - began)
        # The interpreter's last collection walks every module: half a second after torch.
        gc.freeze()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        known = known_error(error)
        if known is None:
            raise
        print(f"\n{type(known).__name__} in stage {name}: {known}", file=sys.stderr)
        raise SystemExit(1) from None
