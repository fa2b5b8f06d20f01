"""Sections of params.yaml: their base class, and how one is read.

YAML is read as version 1.2 (ruamel), so that `1e-05`, which DVC writes, is a number.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from nbarank.core.errors import ParamsError, nearest

PARAMS_FILE = Path("params.yaml")
DEEPEST = 100
"""Levels of nesting in a YAML file."""
_WORDS = {"string": "text", "object": "mapping"}
_PATTERNS = {
    r"^\d{4}-\d{2}$": "season",
    r"^(19|20)\d{2}-\d{2}$": "season",
    r"^run-\d{3,}$": "run-NNN",
    r"^https?://": "address",
}
_SHOWN_INPUT = 120
_SHOWN_ERROR = 500


class Section(BaseModel):
    """One section of params.yaml: frozen, strictly typed, unknown keys rejected.

    `path` is the dotted key of the section, under which stages declare it in dvc.yaml.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    path: ClassVar[str] = ""


SectionT = TypeVar("SectionT", bound=Section)


@lru_cache(maxsize=4)
def _parsed(text: str) -> Any:
    """Parse YAML; cached, because a stage reads its sections one by one from the same text."""
    return parse_yaml(text)


def parse_yaml(text: str) -> Any:
    """Parse YAML 1.2 of bounded size: no aliases (`*name`), at most `DEEPEST` levels.

    A few lines of aliases expand without end; deep nesting ends the process in the C library.

    Raises
    ------
    YAMLError, ValueError
        If it is not such YAML; the reader raises more than its own error.
    """
    depth = 0
    for event in YAML(typ="safe").parse(text):
        if isinstance(event, AliasEvent):
            raise YAMLError(f"aliases are not allowed: *{event.anchor}")
        if isinstance(event, SequenceStartEvent | MappingStartEvent):
            depth += 1
        elif isinstance(event, SequenceEndEvent | MappingEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise YAMLError(f"more than {DEEPEST} levels")
    return YAML(typ="safe").load(text)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML 1.2 mapping.

    Raises
    ------
    ParamsError
        If the file is missing, is not YAML, or is not a mapping.
    """
    try:
        content = deepcopy(_parsed(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise ParamsError(
            f"{path} cannot be read: {error}",
            where=str(path),
            next_command=f"git checkout -- {shlex.quote(str(path))}",
        ) from error
    except Exception as error:  # the reader raises more than its YAMLError
        raise ParamsError(
            f"{path} is not valid YAML.",
            where=" ".join(str(error).split())[:_SHOWN_ERROR],
            next_command=f"git diff {shlex.quote(str(path))}",
        ) from error
    if not isinstance(content, dict):
        raise ParamsError(
            f"{path} is not a mapping of sections.",
            where=str(path),
            next_command=f"git diff {shlex.quote(str(path))}",
        )
    return content


def file_of(source: str) -> str:
    """Return the file of a source such as 'params.yaml with the values of this run'."""
    return source.split(" with ")[0]


def correction(source: str) -> str:
    """Return what to do about a wrong value of a source."""
    file = file_of(source)
    if file == source:
        return f"edit {file}, or compare with the committed values: git diff {shlex.quote(file)}"
    return "nbarank params check"


def legal_values(schema: Mapping[str, Any]) -> str:
    """Return the values that the JSON schema of a field allows, for example '1 to 64 or null'."""
    if "anyOf" in schema:
        kinds = sorted(schema["anyOf"], key=lambda kind: kind.get("type") == "null")
        return " or ".join(map(legal_values, kinds))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema["type"] == "boolean":
        return "true | false"
    if schema["type"] == "array":
        items = legal_values(schema["items"])
        return "range or list" if items == "season" else f"list of {items}"
    if "pattern" in schema:
        return _PATTERNS.get(schema["pattern"], f"text like {schema['pattern']}")
    low = _bound(schema, "minimum", "") or _bound(schema, "exclusiveMinimum", "above ")
    high = _bound(schema, "maximum", "") or _bound(schema, "exclusiveMaximum", "below ")
    if low and not high:
        return low if low.startswith("above") else f"{low} or more"
    word = _WORDS.get(schema["type"], schema["type"])
    return f"{low} to {high}" if low else high or word


def _bound(schema: Mapping[str, Any], key: str, prefix: str) -> str:
    if key not in schema:
        return ""
    bound = schema[key]
    return f"{prefix}{int(bound) if bound == int(bound) else bound}"


def parse_section(section: type[SectionT], content: Any, source: str) -> SectionT:
    """Validate the plain YAML content of one section; `source` is the file in messages.

    Raises
    ------
    ParamsError
        With every key that is unknown, missing, of the wrong type or out of bounds.
    """
    try:
        # JSON mode: strict about types, yet a list may fill a tuple and a string a date.
        return section.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        raise _not_allowed(section, error, source) from error
    except (TypeError, ValueError) as error:
        raise ParamsError(
            f"Section '{section.path}' has a value that is not plain data: {error}",
            where=source,
            next_command=f"git diff {shlex.quote(file_of(source))}",
        ) from error


def _not_allowed(section: type[Section], error: ValidationError, source: str) -> ParamsError:
    """Return the error for the invalid keys of a section, each named once."""
    schema = section.model_json_schema()
    invalid: dict[str, str] = {}
    allowed: dict[str, str] = {}
    instead = None
    for one in error.errors():
        node, parent, path = schema, schema, [section.path]
        for part in map(str, one["loc"]):
            parent, keys = node, node.get("properties")
            if keys is None:
                path += [part] if part.isdigit() else []  # otherwise a kind of value
                continue
            path.append(part)
            node = keys.get(part, {})
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node
        key, typed, message = ".".join(path), str(one["input"]), one["msg"]
        known: list[str] = []
        if one["type"] == "missing":
            message = "is missing"
        elif one["type"] == "extra_forbidden":
            message, typed, known = "unknown key", path[-1], [*parent["properties"]]
            allowed[key] = f"keys {', '.join(known)}"
        elif node is not schema and "properties" not in node:
            message = message if one["type"] == "value_error" else "not allowed"
            allowed[key] = f"{key}: {legal_values(node)}"
            kinds = (node, *node.get("anyOf", ()))
            known = [str(value) for kind in kinds for value in kind.get("enum", ())]
        for close in nearest(typed, known, 1):
            message += f"; did you mean {close}?"
            name = ".".join((*path[:-1], close))
            instead = (key, name) if typed == path[-1] else (typed, close)
        # The input of a rule about a whole section is the section: too long to show.
        got = repr(one["input"])
        shown = f" (got {got})" if len(got) <= _SHOWN_INPUT else ""
        invalid.setdefault(key, f"{key}: {message.removeprefix('Value error, ')}{shown}")
    return ParamsError(
        f"{len(invalid)} parameter(s) of section '{section.path}' are not allowed.",
        where=f"{source}: " + "; ".join(invalid.values()),
        allowed="; ".join(allowed.values())
        or "the legal values are in the comment on each key of params.yaml",
        next_command=correction(source),
        instead=instead,
    )


def load_section(section: type[SectionT], path: Path = PARAMS_FILE) -> SectionT:
    """Read one section of a params file.

    Raises
    ------
    ParamsError
        If the file or the section is missing, or a key of it is not allowed.
    """
    return section_of(section, read_yaml(path), str(path))


def section_of(section: type[SectionT], content: Mapping[str, Any], source: str) -> SectionT:
    """Validate one section of the content of a params file; `source` is the file in messages.

    Raises
    ------
    ParamsError
        As `load_section`.
    """
    node: Any = content
    for key in section.path.split("."):
        if not isinstance(node, Mapping) or key not in node:
            raise ParamsError(
                f"Section '{section.path}' is missing.",
                where=source,
                allowed=f"a mapping with the keys {', '.join(section.model_fields)}",
                next_command=f"git checkout -- {shlex.quote(file_of(source))}",
            )
        node = node[key]
    return parse_section(section, node, source)
