"""params.yaml as a whole: comments made from the section models, and the check of every section.

The models are the one place where a parameter is described. `document` writes the description and
the legal values of each key as a comment, and keeps lines that begin with `# Origin:`, which say
where `nbarank lock` took a value from.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
import textwrap
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

import nbarank
from nbarank.core.errors import ParamsError
from nbarank.core.params import SeasonLabel
from nbarank.core.sections import PARAMS_FILE, Section, parse_section, read_yaml
from nbarank.core.tables import write_text

_WIDTH = 100
_KEY = re.compile(r"^( *)([A-Za-z_][\w-]*):")
_WORDS = {int: "integer", float: "number", str: "text"}
_PATTERNS = {r"^\d{4}-\d{2}$": "season", r"^https?://": "address"}
_ABSENT = object()
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
"""Keys of version 0.1 and what took their place, for the message that rejects them."""


def all_sections() -> dict[str, type[Section]]:
    """Return the section models of every room's `params` module by their dotted path."""
    for module in pkgutil.walk_packages(nbarank.__path__, "nbarank."):
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


def legal_values(annotation: Any, field: FieldInfo | None = None) -> str:
    """Describe the values a field takes, for example '1 to 64 or null'."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    metadata = list(field.metadata) if field else []
    if annotation is bool:
        return "true | false"
    if origin is Literal:
        return " | ".join(map(str, arguments))
    if origin in (Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        return " or ".join(
            [*(legal_values(argument, field) for argument in inner)]
            + ["null"] * (len(inner) < len(arguments))
        )
    if hasattr(annotation, "__metadata__"):  # Annotated[...] inside a list
        return _bounded(arguments[0], list(annotation.__metadata__))
    if arguments and arguments[0] == SeasonLabel:
        return "range or list"
    if origin in (tuple, list):
        return f"list of {legal_values(arguments[0])}"
    if origin is dict:
        return "mapping"
    return _bounded(annotation, metadata)


def _bounded(kind: Any, metadata: list[Any]) -> str:
    """Describe a plain type with its bounds or pattern."""
    word = _WORDS.get(kind, getattr(kind, "__name__", str(kind)))
    low = high = None
    for item in _flatten(metadata):
        for name, sign in (("ge", ""), ("gt", "above ")):
            if getattr(item, name, None) is not None:
                low = f"{sign}{_plain(getattr(item, name))}"
        for name, sign in (("le", ""), ("lt", "below ")):
            if getattr(item, name, None) is not None:
                high = f"{sign}{_plain(getattr(item, name))}"
        if getattr(item, "pattern", None):
            word = _PATTERNS.get(item.pattern, f"{word} like {item.pattern}")
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return low if low.startswith("above") else f"{low} or more"
    return word if high is None else high


def _plain(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else str(bound)


def _flatten(metadata: list[Any]) -> list[Any]:
    flat: list[Any] = []
    for item in metadata:
        nested = getattr(item, "metadata", None)
        flat.extend(_flatten(list(nested)) if nested else [item])
    return flat


def descriptions() -> dict[str, str]:
    """Return the comment of every section and key by dotted path."""
    texts: dict[str, str] = {}
    for path, section in all_sections().items():
        texts[path] = (section.__doc__ or "").strip().split("\n")[0]
        for name, field in section.model_fields.items():
            annotation = field.annotation
            if isinstance(annotation, type) and issubclass(annotation, Section):
                continue
            legal = legal_values(annotation, field)
            texts[f"{path}.{field.alias or name}"] = f"{field.description or ''} [{legal}]".strip()
    return texts


def document(text: str) -> str:
    """Return the text of a params file with the comment of every known key renewed.

    A comment that fits is put behind its value, a longer one above its key.
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
            if comment.lstrip().startswith("# Origin:"):
                origins.insert(0, comment)
        if indent == 0 and output and output[-1] != "":
            output.append("")
        bare = _without_comment(line)
        behind = f"{bare}  # {texts[path]}"
        if len(behind) <= _WIDTH:
            output += [*origins, behind]
        else:
            prefix = " " * indent + "# "
            output += textwrap.wrap(
                texts[path], _WIDTH, initial_indent=prefix, subsequent_indent=prefix
            )
            output += [*origins, bare]
    return "\n".join(output).strip() + "\n"


def _without_comment(line: str) -> str:
    """Return a line without the comment behind its value; a quoted # stays."""
    quote = ""
    for place, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "#" and line[:place].endswith(" "):
            return line[:place].rstrip()
    return line.rstrip()


def check_params(path: Path = PARAMS_FILE) -> None:
    """Validate every section of a params file, and refuse keys that belong to none.

    Raises
    ------
    ParamsError
        For an unknown section (with the nearest known one), a missing one, or a bad value.
    """
    check_content(read_yaml(path), str(path))


def check_content(content: dict[str, Any], source: str) -> None:
    """Validate the content of a params file; `source` names it in messages."""
    sections = all_sections()
    _refuse_old_keys(content, source)

    def walk(node: Any, prefix: str) -> None:
        if prefix in sections:
            parse_section(sections[prefix], node, source)
            return
        if not isinstance(node, dict) or not any(
            known.startswith(f"{prefix}." if prefix else "") for known in sections
        ):
            nearest = difflib.get_close_matches(prefix, sections, n=1)
            hint = f"; did you mean '{nearest[0]}'?" if nearest else ""
            raise ParamsError(
                f"'{prefix}' is not a known section{hint}",
                where=source,
                allowed=", ".join(sections),
                next_command=f"edit {source}",
            )
        for key, child in node.items():
            walk(child, f"{prefix}.{key}" if prefix else str(key))

    walk(content, "")
    for name in sections:
        node: Any = content
        for key in name.split("."):
            node = node.get(key) if isinstance(node, dict) else None
        if node is None:
            raise ParamsError(
                f"Section '{name}' is missing.",
                where=source,
                next_command=f"git checkout -- {source}",
            )


def _refuse_old_keys(content: dict[str, Any], source: str) -> None:
    for key, new in RENAMED.items():
        node: Any = content
        for part in key.split("."):
            node = node.get(part, _ABSENT) if isinstance(node, dict) else _ABSENT
        if node is not _ABSENT:
            raise ParamsError(
                f"'{key}' is a key of version 0.1: it is now {new}.",
                where=source,
                next_command=f"edit {source}",
            )


def main() -> None:
    """Renew the comments of params.yaml in place."""
    write_text(PARAMS_FILE, document(PARAMS_FILE.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
