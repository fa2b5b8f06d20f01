"""params.yaml as a whole: its comments, generated from the section models, and its validation.

Parameters are described in the models alone. `document` writes the description and the legal
values of each key as a comment, and keeps lines that begin with `# Origin:`, which name the
experiment from which `nbarank lock` copied a value.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import pkgutil
import re
import shlex
import textwrap
from pathlib import Path
from typing import Any

from nbarank.core.errors import ParamsError, did_you_mean
from nbarank.core.sections import (
    PARAMS_FILE,
    Section,
    correction,
    file_of,
    legal_values,
    parse_section,
    read_yaml,
)
from nbarank.core.tables import write_text
from nbarank.dvc.param_values import flattened, merged, nested, value_at

ORIGIN = "# Origin:"
"""Beginning of a line that names the experiment from which a value was copied."""
_WIDTH = 100
_KEY = re.compile(r"^( *)([A-Za-z_][\w-]*):")
RENAMED = {
    "calendar": "the file nbarank/league/calendar.csv",
    "seasons.holdout": "seasons.test (and the former seasons.test is seasons.validation)",
    "training.margin_horizon_days": "targets.margin_horizon_days",
    "training.target_rank": "trees.rank_target",
    "training.model_a_history_days": "training.history_days",
    "model_b.inputs": "trees",
    "model_b.xgb.increasing": "trees.monotone (directions are declared in nbarank/schemas)",
    "model_b.xgb.decreasing": "trees.monotone (directions are declared in nbarank/schemas)",
    "model_b.xgb": "model_b",
    "model_b.rf": "model_c",
    "playoff_classifier.increasing": "the direction of a column in nbarank/schemas",
    "playoff_classifier.decreasing": "the direction of a column in nbarank/schemas",
    "players.embedding_buckets": "the constant EMBEDDING_BUCKETS in nbarank/features/players",
    "forecast.chunk_size": "the constant CHUNK_SIZE in nbarank/forecast/odds.py",
    "forecast.n_contributors": "the constant CONTRIBUTORS in nbarank/schemas/predictions.py",
    "report.contributors": "the constant CONTRIBUTORS in nbarank/schemas/predictions.py",
    "pictures": "constants in nbarank/report",
}
"""Keys of version 0.1 and what replaced them, for the message that rejects them."""


def all_sections() -> dict[str, type[Section]]:
    """Return the section models of every room's `params` module by their dotted path."""
    for module in pkgutil.walk_packages([str(Path(__file__).parents[1])], "nbarank."):
        if module.name.endswith(".params"):
            importlib.import_module(module.name)
    found: dict[str, type[Section]] = {}
    queue = list(Section.__subclasses__())
    while queue:
        section = queue.pop()
        queue.extend(section.__subclasses__())
        if section.path:
            found[section.path] = section
    return dict(sorted(found.items()))


def descriptions() -> dict[str, str]:
    """Return the comment of every section and key by dotted path."""
    texts: dict[str, str] = {}
    for path, section in all_sections().items():
        texts[path] = (section.__doc__ or "").strip().split("\n")[0]
        for name, field in section.model_json_schema()["properties"].items():
            if "$ref" not in field:  # a nested section has comments of its own
                text = f"{field.get('description', '')} [{legal_values(field)}]"
                texts[f"{path}.{name}"] = text.strip()
    return texts


def document(text: str) -> str:
    """Return the text of a params file with the comment of every known key regenerated.

    A comment that fits is put after its value, a longer one above its key.
    """
    texts = descriptions()
    output: list[str] = []
    stack: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = _KEY.match(line)
        if not match:
            output.append(line.rstrip())
            continue
        indent, key = len(match.group(1)), match.group(2)
        while stack and stack[-1][0] >= indent:
            stack.pop()
        stack.append((indent, key))
        path = ".".join(name for _, name in stack)
        if path not in texts:
            output.append(line.rstrip())
            continue
        origins: list[str] = []
        while output and output[-1].lstrip().startswith("#"):
            comment = output.pop()
            if comment.lstrip().startswith(ORIGIN):
                origins.insert(0, comment)
        if indent == 0 and output and output[-1] != "":
            output.append("")
        bare = _without_comment(line)
        after = f"{bare}  # {texts[path]}"
        if len(after) <= _WIDTH:
            output += [*origins, after]
        else:
            prefix = " " * indent + "# "
            output += textwrap.wrap(
                texts[path], _WIDTH, initial_indent=prefix, subsequent_indent=prefix
            )
            output += [*origins, bare]
    return "\n".join(output).strip() + "\n"


def _without_comment(line: str) -> str:
    """Return a line without the comment after its value; a quoted # stays."""
    quote = ""
    for position, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "#" and line[:position].endswith(" "):
            return line[:position].rstrip()
    return line.rstrip()


def check_params(path: Path = PARAMS_FILE) -> None:
    """Validate every section of a params file, and reject keys that belong to none.

    Raises
    ------
    ParamsError
        For an unknown section (with the nearest known one), a missing one, or an invalid value.
    """
    check_content(read_yaml(path), str(path))


def check_content(content: dict[str, Any], source: str) -> None:
    """Validate the content of a params file; `source` names it in messages."""
    sections = all_sections()
    _reject_old_keys(content, source)

    def walk(node: Any, prefix: str) -> None:
        if prefix in sections:
            parse_section(sections[prefix], node, source)
            return
        if not isinstance(node, dict) or not any(
            known.startswith(f"{prefix}." if prefix else "") for known in sections
        ):
            raise ParamsError(
                f"'{prefix}' is not a known section{did_you_mean(prefix, sections)}",
                where=source,
                allowed=", ".join(sections),
                next_command=correction(source),
            )
        for key, child in node.items():
            walk(child, f"{prefix}.{key}" if prefix else str(key))

    walk(content, "")
    for name in sections:
        if value_at(content, name, None) is None:
            raise ParamsError(
                f"Section '{name}' is missing.",
                where=source,
                next_command=f"git checkout -- {shlex.quote(file_of(source))}",
            )


def check_changes(params: dict[str, Any], overlay: dict[str, Any], source: str) -> None:
    """Validate the content of a params file with some values changed.

    A ParamsError suggests the key that was meant, and the present value for one not allowed.
    """
    try:
        check_content(merged(params, overlay), source)
    except ParamsError as error:
        for key, value in flattened(overlay).items() if error.instead is None else ():
            with contextlib.suppress(ParamsError):
                check_content(merged(params, nested({key: value})), source)
                continue
            if leaf := _like(key, params):
                meant = value_at(params, leaf)
                with contextlib.suppress(ParamsError):
                    check_content(merged(params, nested({leaf: value})), source)
                    meant = value
                shown = meant if isinstance(meant, str) else json.dumps(meant, default=str)
                error.instead = (key, f"{leaf}={shown}")
        raise


def _like(key: str, params: dict[str, Any]) -> str | None:
    """Return a key as it is, the first below it, or the first with the same last part."""
    keys = [*flattened(params)]
    last = key.rpartition(".")[2]
    near = (
        *(one for one in keys if one == key),
        *(one for one in keys if one.startswith(f"{key}.")),
        *(one for one in keys if one.rpartition(".")[2] == last),
    )
    return next(iter(near), None)


def _reject_old_keys(content: dict[str, Any], source: str) -> None:
    missing = object()
    for key, new in RENAMED.items():
        if value_at(content, key, missing) is not missing:
            raise ParamsError(
                f"'{key}' is a key of version 0.1: it is now {new}.",
                where=source,
                next_command=f"edit {source}",
            )


def document_params(path: Path = PARAMS_FILE) -> None:
    """Regenerate the comments of a params file in place."""
    write_text(path, document(path.read_text(encoding="utf-8")))
