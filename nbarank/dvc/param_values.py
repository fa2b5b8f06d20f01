"""Values of params.yaml as nested mappings and by dotted key."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nbarank.core.errors import ParamsError
from nbarank.core.sections import parse_yaml

_SHOWN = 200


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Return `key.path=value` texts (values in YAML) as a nested mapping.

    Raises
    ------
    ParamsError
        If a text has another form.
    """
    values: dict[str, Any] = {}
    for setting in settings:
        key, sign, text = setting.partition("=")
        try:
            value = parse_yaml(text)
        except Exception:  # the reader raises more than its YAMLError
            sign = ""
        if not sign or not key:
            raise ParamsError(
                f"'{setting[:_SHOWN]}' is not a setting.",
                where="--set-param",
                allowed="key.path=value, for example model_b.max_depth=4",
                next_command="nbarank run -S model_b.max_depth=4",
            )
        values = merged(values, nested({key: value}))
    return values


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by dotted key as a nested mapping."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        for part in reversed(key.split(".")):
            value = {part: value}
        result = merged(result, value)
    return result


def merged(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with its leaves replaced by those of `overlay`; lists are replaced whole."""
    result = copy.deepcopy(dict(base))
    for key, value in overlay.items():
        old = result.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            result[key] = merged(old, value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def flattened(overlay: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the leaves of a nested mapping by dotted key."""
    leaves: dict[str, Any] = {}
    for key, value in overlay.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            leaves.update(flattened(value, f"{path}."))
        else:
            leaves[path] = value
    return leaves


def set_param_arguments(overlay: Mapping[str, Any]) -> list[str]:
    """Return the `--set-param` arguments of `dvc exp run` for an overlay."""
    arguments: list[str] = []
    for path, value in flattened(overlay).items():
        arguments += ["--set-param", f"{path}={override_value(value)}"]
    return arguments


def override_value(value: Any) -> str:
    """Return a value in the grammar of Hydra's overrides, which DVC uses.

    Texts are quoted: letters outside ASCII, parentheses, quotes, `&` and `#` mean something there
    or are not allowed. In a quoted text a backslash escapes only where it precedes the quote, and
    `\\${` is a `${` that OmegaConf does not interpolate.
    """
    if isinstance(value, list | tuple):
        return f"[{','.join(map(override_value, value))}]"
    if not isinstance(value, str):
        # JSON is YAML: null and true keep their types.
        text = json.dumps(value, default=str)
        return override_value(json.loads(text)) if text.startswith('"') else text
    text = re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
    text = re.sub(r"(\\*)'", r"\1\1\'", text)
    return "'" + re.sub(r"(\\+)$", r"\1\1", text) + "'"


def value_at(params: Mapping[str, Any], key: str, *default: Any) -> Any:
    """Return the value of a dotted key, or the default if it is missing (KeyError if not given)."""
    node: Any = params
    for part in key.split("."):
        if not isinstance(node, Mapping) or part not in node:
            if default:
                return default[0]
            raise KeyError(key)
        node = node[part]
    return node


def same_value(found: Any, expected: Any) -> bool:
    """Return whether a value read back from YAML is the one that was set."""
    if isinstance(expected, float) or isinstance(found, float):
        if isinstance(found, bool) or not isinstance(found, int | float):
            return False
        return math.isclose(found, expected, rel_tol=1e-12)
    if isinstance(expected, list | tuple):
        return isinstance(found, list) and [*found] == [*expected]
    return bool(found == expected)
