"""Comments of params.yaml, made from the models: what and why, then the legal values.

The models are the one place where a parameter is described; this module writes the description
above each key and checks that file and models agree. Lines that begin with `# Origin:` (where a
locked value came from) belong to the file and are kept.
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

import nbarank.params
from nbarank.errors import ParamsError
from nbarank.params.base import PARAMS_FILE, Section, parse_section, read_yaml
from nbarank.tables import write_text

_WIDTH = 100
_KEY = re.compile(r"^( *)([A-Za-z_][\w-]*):")
_WORDS = {int: "integer", float: "number", str: "text", bool: "true | false"}


def all_sections() -> dict[str, type[Section]]:
    """Return every section model of `nbarank.params` by its dotted path."""
    for module in pkgutil.iter_modules(nbarank.params.__path__):
        importlib.import_module(f"nbarank.params.{module.name}")
    found: dict[str, type[Section]] = {}
    queue = list(Section.__subclasses__())
    while queue:
        section = queue.pop()
        queue.extend(section.__subclasses__())
        if section.path:
            found[section.path] = section
    return dict(sorted(found.items()))


def legal_values(annotation: Any, field: FieldInfo | None = None) -> str:
    """Describe the values a field takes, for example 'integer, 1 to 64, or null'."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(map(str, arguments))
    if origin in (Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        return " or ".join([legal_values(argument, field) for argument in inner]) + (
            ", or null" if len(inner) < len(arguments) else ""
        )
    if hasattr(annotation, "__metadata__"):  # Annotated[...] inside a list
        return _bounded(legal_values(arguments[0]), list(annotation.__metadata__))
    if origin in (tuple, list):
        inner_text = legal_values(arguments[0])
        return _bounded(f"list of ({inner_text})", field.metadata if field else [])
    if origin is dict:
        return "mapping"
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return "section"
    word = _WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))
    return _bounded(word, field.metadata if field else [])


def _bounded(word: str, metadata: list[Any]) -> str:
    low = high = None
    for item in _flatten(metadata):
        for name, sign in (("ge", ""), ("gt", "above ")):
            if getattr(item, name, None) is not None:
                low = f"{sign}{getattr(item, name)}"
        for name, sign in (("le", ""), ("lt", "below ")):
            if getattr(item, name, None) is not None:
                high = f"{sign}{getattr(item, name)}"
        if getattr(item, "min_length", None) and word.startswith("list"):
            word = f"{word}, at least {item.min_length} of them"
        if getattr(item, "pattern", None):
            word = f"{word} like {item.pattern}"
    if low is not None and high is not None:
        return f"{word}, {low} to {high}"
    if low is not None:
        return f"{word}, {low if low.startswith('above') else low + ' or more'}"
    if high is not None:
        return f"{word}, {high if high.startswith('below') else high + ' or less'}"
    return word


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
            texts[f"{path}.{field.alias or name}"] = (
                f"{field.description or ''} Legal: {legal}.".strip()
            )
    return texts


def document(text: str) -> str:
    """Return the text of a params file with the comment above every known key renewed."""
    texts = descriptions()
    output: list[str] = []
    stack: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = _KEY.match(line)
        if match:
            indent, key = len(match.group(1)), match.group(2)
            while stack and stack[-1][0] >= indent:
                stack.pop()
            stack.append((indent, key))
            path = ".".join(name for _, name in stack)
            if path in texts:
                origins: list[str] = []
                while output and output[-1].lstrip().startswith("#"):
                    comment = output.pop()
                    if comment.lstrip().startswith("# Origin:"):
                        origins.insert(0, comment)
                if indent == 0 and output and output[-1] != "":
                    output.append("")
                prefix = " " * indent + "# "
                output.extend(
                    textwrap.wrap(
                        texts[path], _WIDTH, initial_indent=prefix, subsequent_indent=prefix
                    )
                )
                output.extend(origins)
        output.append(line.rstrip())
    return "\n".join(output).strip() + "\n"


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


def main() -> None:
    """Renew the comments of params.yaml in place."""
    write_text(PARAMS_FILE, document(PARAMS_FILE.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
