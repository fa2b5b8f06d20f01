"""Change values of params.yaml where they stand: every other character stays as it is.

YAML is composed to find where each value begins and ends, and only those characters are replaced,
so comments, quotes and layout survive whatever they look like.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from nbarank.core.errors import SweepError
from nbarank.dvc.param_values import flattened, same_value

ORIGIN = "# Origin:"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "nan", "inf"}


def with_values(text: str, values: Mapping[str, Any], origin: str) -> str:
    """Return the text of a params file with some values changed and their origin noted.

    Parameters
    ----------
    text
        The file as it is.
    values
        New values by dotted key.
    origin
        Where they come from: one line, put above each key as `# Origin: ...` in place of an
        earlier one.

    Raises
    ------
    SweepError
        If a key is not in the file, or the changed text would not read back as intended.
    """
    tree = YAML().compose(io.StringIO(text))
    spans = []
    for key, value in values.items():
        key_node, value_node = _find(tree, key)
        spans.append((value_node.start_mark.index, _end(value_node), yaml_text(value)))
        spans.append(_origin_span(text, key_node.start_mark.index, origin))
    for start, end, replacement in sorted(spans, reverse=True):
        text = text[:start] + replacement + text[end:]
    _verify(text, values)
    return text


def yaml_text(value: Any) -> str:
    """Return a value as YAML that every reader reads alike: 1e-05 as 1.0e-05, so no text."""
    if isinstance(value, str):
        safe = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if safe else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(yaml_text(item) for item in value) + "]"
    if isinstance(value, float):
        text = repr(value)
        mantissa, sign, exponent = text.partition("e")
        return f"{mantissa}.0e{exponent}" if sign and "." not in mantissa else text
    return json.dumps(value)


def _find(tree: Node | None, key: str) -> tuple[Node, Node]:
    node, key_node = tree, None
    for part in key.split("."):
        found = None
        if isinstance(node, MappingNode):
            found = next((pair for pair in node.value if pair[0].value == part), None)
        if found is None:
            raise SweepError(
                f"'{key}' is not in params.yaml.",
                where=key,
                allowed="keys of the params.yaml that is checked out",
                next_command="git diff params.yaml",
            )
        key_node, node = found
    assert key_node is not None and node is not None
    return key_node, node


def _end(node: Node) -> int:
    """Return where a value ends; a block's own mark lies on the line of what follows."""
    if isinstance(node, ScalarNode) or getattr(node, "flow_style", True):
        return int(node.end_mark.index)
    children = node.value if isinstance(node, SequenceNode) else [pair[1] for pair in node.value]
    return _end(children[-1]) if children else int(node.end_mark.index)


def _origin_span(text: str, key_start: int, origin: str) -> tuple[int, int, str]:
    line = text.rfind("\n", 0, key_start) + 1
    indent = " " * (key_start - line)
    before = text.rfind("\n", 0, max(line - 1, 0)) + 1
    start = before if line and text[before:line].strip().startswith(ORIGIN) else line
    return start, line, f"{indent}{ORIGIN} {origin}\n"


def _verify(text: str, values: Mapping[str, Any]) -> None:
    read = flattened(YAML(typ="safe").load(text))
    wrong = [key for key, value in values.items() if not same_value(read.get(key), value)]
    if wrong:
        raise SweepError(
            f"{', '.join(wrong)} could not be written as intended; params.yaml is unchanged.",
            where="params.yaml",
            next_command="edit params.yaml by hand",
        )
