"""Change values of params.yaml in place: comments, quotes and layout stay as they are.

YAML is composed to find where each value begins and ends, and only those characters are replaced.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node

from nbarank.core.errors import ParamsError
from nbarank.dvc.param_values import flattened, same_value
from nbarank.dvc.params_file import ORIGIN, check_content, document

_PLAIN = re.compile(r"(?!(true|false|null|yes|no|on|off|nan|inf)$)[a-z_][a-z0-9_./-]*", re.I)


def with_values(text: str, values: Mapping[str, Any], origin: str) -> str:
    """Return the text of a params file with some values changed and their origin noted.

    `values` are new values by dotted key; a line with their origin above each key replaces an
    earlier one. The comments of this project's params.yaml are renewed. A ParamsError if a key is
    not in the file, or the changed text would not read back as intended.
    """
    tree = YAML().compose(io.StringIO(text))
    spans = []
    for key, value in values.items():
        key_node, value_node = _find(tree, key)
        spans.append((value_node.start_mark.index, _end(value_node), yaml_text(value)))
        spans.append(_origin_span(text, key_node.start_mark.index, origin))
    for start, end, replacement in sorted(spans, reverse=True):
        text = text[:start] + replacement + text[end:]
    content = YAML(typ="safe").load(text)
    read = flattened(content)
    wrong = [key for key, value in values.items() if not same_value(read.get(key), value)]
    if wrong:
        raise ParamsError(
            f"{', '.join(wrong)} could not be written as intended; params.yaml is unchanged.",
            where="params.yaml",
            next_command="edit params.yaml by hand",
        )
    try:
        check_content(content, "params.yaml")
    except ParamsError:
        return text  # another project's file, whose keys have no descriptions
    return document(text)


def yaml_text(value: Any) -> str:
    """Return a value as YAML that every reader parses alike: 1e-05 as 1.0e-05, so no text."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(yaml_text, value))}]"
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("e", ".0e") if isinstance(value, float) and "." not in text else text


def _find(tree: Node | None, key: str) -> tuple[Node, Node]:
    """Return the nodes of a dotted key and of its value."""
    key_node = node = tree
    for part in key.split("."):
        pairs = node.value if isinstance(node, MappingNode) else []
        key_node, node = next((pair for pair in pairs if pair[0].value == part), (None, None))
    if key_node is None or node is None:
        raise ParamsError(
            f"'{key}' is not in params.yaml.",
            where=key,
            allowed="keys of the params.yaml that is checked out",
            next_command="git diff params.yaml",
        )
    return key_node, node


def _end(node: Node) -> int:
    """Return where a value ends; a block's own end mark is on the line after it."""
    while isinstance(node, CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    return int(node.end_mark.index)


def _origin_span(text: str, key_start: int, origin: str) -> tuple[int, int, str]:
    line = text.rfind("\n", 0, key_start) + 1
    indent = " " * (key_start - line)
    before = text.rfind("\n", 0, max(line - 1, 0)) + 1
    start = before if line and text[before:line].strip().startswith(ORIGIN) else line
    return start, line, f"{indent}{ORIGIN} {origin}\n"
