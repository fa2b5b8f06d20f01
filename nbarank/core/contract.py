"""What a table's columns must be, as declarations; pandera is imported only to validate.

Its import takes a fifth of a second, and reading a validated table needs none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandera.pandas as pa


class Check:
    """A condition on every value of a column, or on a frame.

    Parameters
    ----------
    function
        Condition on a whole column or frame.
    error
        Name of the condition in messages.

    Attributes
    ----------
    name, statistics
        pandera's name of the condition and its arguments.
    """

    def __init__(self, function: Callable[..., Any], error: str) -> None:
        self.function: Callable[..., Any] | None = function
        self.name, self.error = function.__name__, error
        self.statistics: dict[str, Any] = {}

    @classmethod
    def _known(cls, name: str, shown: str, **statistics: Any) -> Check:
        check = cls.__new__(cls)
        check.function, check.name, check.statistics = None, name, statistics
        check.error = f"{name}({shown})"
        return check

    @classmethod
    def ge(cls, low: float) -> Check:
        """At least `low`."""
        return cls._known("greater_than_or_equal_to", f"{low}", min_value=low)

    @classmethod
    def gt(cls, low: float) -> Check:
        """Above `low`."""
        return cls._known("greater_than", f"{low}", min_value=low)

    @classmethod
    def le(cls, high: float) -> Check:
        """At most `high`."""
        return cls._known("less_than_or_equal_to", f"{high}", max_value=high)

    @classmethod
    def ne(cls, value: float) -> Check:
        """Not `value`."""
        return cls._known("not_equal_to", f"{value}", value=value)

    @classmethod
    def in_range(cls, low: float, high: float) -> Check:
        """From `low` to `high`."""
        bounds = {"min_value": low, "max_value": high, "include_min": True, "include_max": True}
        return cls._known("in_range", f"{low}, {high}", **bounds)

    @classmethod
    def isin(cls, values: Iterable[str]) -> Check:
        """One of some values."""
        return cls._known("isin", f"{values}", allowed_values=values)

    @classmethod
    def str_matches(cls, pattern: str) -> Check:
        """Begin with a match of a regular expression."""
        return cls._known("str_matches", f"'{pattern}'", pattern=pattern)

    @classmethod
    def not_empty(cls) -> Check:
        """Have a character."""
        lengths = {"min_value": 1, "max_value": None, "exact_value": None}
        return cls._known("str_length", "1, None", **lengths)

    def made(self) -> pa.Check:
        """Return pandera's check."""
        import pandera.pandas as pa

        if self.function is None:
            made: pa.Check = getattr(pa.Check, self.name)(**self.statistics)
            return made
        return pa.Check(self.function, error=self.error)


_DTYPES = {"str": "string[pyarrow]", "datetime64[us]": "datetime64[ns]"}
"""pandera's names of types that are not its own names; part of the stamp of every file."""


class Column:
    """A column of a table: type, conditions, and what it means.

    Parameters
    ----------
    type_
        `str`, `bool` or a name of numpy's.
    coerce
        Convert to the type before the checks.
    regex
        The name is a pattern for several columns.
    """

    def __init__(
        self,
        type_: type | str,
        checks: Check | Iterable[Check] = (),
        *,
        nullable: bool = False,
        coerce: bool = False,
        required: bool = True,
        regex: bool = False,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        name = type_ if isinstance(type_, str) else type_.__name__
        self.dtype = _DTYPES.get(name, name)
        self.checks = (checks,) if isinstance(checks, Check) else tuple(checks)
        self.nullable, self.required, self.regex = nullable, required, regex
        self.description, self.metadata = description, metadata or {}
        self._type, self.coerce = type_, coerce

    def made(self) -> pa.Column:
        """Return pandera's column."""
        import pandera.pandas as pa

        return pa.Column(
            self._type,
            [check.made() for check in self.checks],
            nullable=self.nullable,
            coerce=self.coerce,
            required=self.required,
            regex=self.regex,
        )


class Schema:
    """The columns of a frame; `strict` allows no others, `check` is on the whole frame."""

    def __init__(
        self, columns: Mapping[str, Column], check: Check | None = None, *, strict: bool = False
    ) -> None:
        self.columns, self.strict = dict(columns), strict
        self.checks = () if check is None else (check,)

    @cached_property
    def made(self) -> pa.DataFrameSchema:
        """Pandera's schema; its `validate` reports all errors with `lazy=True`."""
        import pandera.pandas as pa

        columns = {name: column.made() for name, column in self.columns.items()}
        checks = [check.made() for check in self.checks]
        return pa.DataFrameSchema(columns, checks=checks, strict=self.strict)
