"""Check values against the models of params.yaml before anything runs or is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nbarank.core.errors import ParamsError
from nbarank.dvc.params_file import check_content


def refuse_out_of_bounds(params: Mapping[str, Any], values: Mapping[str, list[Any]]) -> None:
    """Check that every value, put into params.yaml by itself, is allowed there.

    Skipped where params.yaml is not this project's own: all its sections would be unknown.

    Parameters
    ----------
    params
        Content of params.yaml.
    values
        Candidates by dotted key.

    Raises
    ------
    ParamsError
        Naming the key, its bounds and the value.
    """
    plain = json.loads(json.dumps(params, default=str))
    try:
        check_content(plain, "params.yaml")
    except ParamsError:
        return
    for key, candidates in values.items():
        for value in candidates:
            changed = json.loads(json.dumps(plain))
            node = changed
            *parents, leaf = key.split(".")
            for parent in parents:
                node = node[parent]
            node[leaf] = value
            check_content(changed, f"params.yaml with {key} = {value!r}")
