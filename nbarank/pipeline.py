"""What dvc.yaml must declare: DVC does not see Python imports, so they are listed for it.

`nbarank pipeline sync` rewrites the code files among each stage's deps from the stage's imports;
a test holds that nothing is missing. Tables and folders among the deps are written by hand.
"""

from __future__ import annotations

import ast
import io
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from nbarank.stage import PIPELINE_FILE
from nbarank.tables import write_text

_PACKAGES = ("nbarank", "stages")


def _module_file(module: str, root: Path) -> Path | None:
    base = root.joinpath(*module.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _direct_imports(path: Path, root: Path) -> frozenset[Path]:
    found: set[Path] = set()

    def add(module: str) -> bool:
        if module.split(".")[0] not in _PACKAGES:
            return False
        parts = module.split(".")
        for length in range(1, len(parts) + 1):  # importing a.b.c runs a and a.b too
            file = _module_file(".".join(parts[:length]), root)
            if file is None:
                return False
            found.add(file)
        return True

    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                add(name.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            add(node.module)
            for name in node.names:
                add(f"{node.module}.{name.name}")
    return frozenset(found)


def import_closure(module: str, root: Path = Path()) -> set[Path]:
    """Return every file of this project that importing a module may read, itself included.

    Parameters
    ----------
    module
        Dotted name, for example 'stages.oof_xgb'.
    root
        Root of the repository.

    Notes
    -----
    Imports inside functions count. A file that is only an `__init__.py` counts too.
    """
    start = _module_file(module, root)
    if start is None:
        raise ModuleNotFoundError(module)
    seen: set[Path] = set()
    queue = {start, *(_direct_imports(start, root))}
    queue |= {p for p in [_module_file(module.rsplit(".", 1)[0], root)] if p}
    while queue:
        file = queue.pop()
        if file not in seen:
            seen.add(file)
            queue |= _direct_imports(file, root) - seen
    return {file.relative_to(root) for file in seen}


def stage_modules(path: Path = PIPELINE_FILE) -> dict[str, str]:
    """Return the Python module that each stage of dvc.yaml runs, by stage name."""
    stages = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["stages"]
    return {
        name: str(stage["cmd"]).removeprefix("python -m ").split()[0]
        for name, stage in stages.items()
    }


def sync(path: Path = PIPELINE_FILE) -> None:
    """Rewrite the code files among the deps of every stage; everything else is kept."""
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    content: Any = yaml.load(path.read_text(encoding="utf-8"))
    for name, module in stage_modules(path).items():
        stage = content["stages"][name]
        others = [dep for dep in stage.get("deps", []) if not str(dep).endswith(".py")]
        code = sorted(file.as_posix() for file in import_closure(module))
        stage["deps"] = [*code, *others]
    buffer = io.StringIO()
    yaml.dump(content, buffer)
    write_text(path, buffer.getvalue())
