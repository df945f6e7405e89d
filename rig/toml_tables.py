"""Reads the TOML files people write by hand (worlds, tracks, soak plans) and says what is wrong with them.

A `Table` is asked for each key once, with its type and range. Keys nobody asked for are refused by `finish`,
with the nearest known name, so that a typing error never silently falls back to a default. Every message is
one sentence that names the file, the table and the key.

    table = parse_toml(text, source="night.toml")
    seed = table.integer("seed", default=1, least=0)
    for car in table.tables("car"):
        name = car.text("name")
        car.finish()
    table.finish()
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, Literal, NoReturn

from rig.errors import InputError


class _Missing(Enum):
    REQUIRED = "required"


REQUIRED: Final = _Missing.REQUIRED
"""The default of a key that must be there."""

_IDENTIFIER = re.compile(r"(0[xX])?[0-9a-fA-F]{1,8}")
_MOST_IDENTIFIER = 0xFFFFFFFF

_Required = Literal[_Missing.REQUIRED]


def parse_toml(text: str, *, source: str) -> Table:
    """The root table of a TOML document; `source` (a file name) begins every message about it.

    Raises:
        InputError: the text is not TOML.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source}: not valid TOML: {error}") from error
    return Table(values, source=source)


class Table:
    """One TOML table, read key by key.

    Every reading method takes the key, a `default` (without one the key is required) and its bounds, returns
    the value in its Python type, and raises InputError when the value is missing, of another type or out of
    range.
    """

    def __init__(self, values: Mapping[str, object], *, source: str, path: str = "") -> None:
        self._values = values
        self._source = source
        self._path = path
        self._known: set[str] = set()

    @property
    def source(self) -> str:
        """The file this table came from, as given to `parse_toml`."""
        return self._source

    def has(self, key: str) -> bool:
        """Whether the key is written in the file."""
        self._known.add(key)
        return key in self._values

    def holds_text(self, key: str) -> bool:
        """Whether the key is written as a text, where a table may stand too."""
        return isinstance(self._values.get(key), str)

    def keys(self) -> list[str]:
        """The keys written in the file, in its order; for tables whose keys are names (they count as known)."""
        self._known.update(self._values)
        return list(self._values)

    def integer(
        self,
        key: str,
        default: int | _Required = REQUIRED,
        *,
        least: int | None = None,
        most: int | None = None,
    ) -> int:
        """A whole number from `least` to `most` (both included)."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not _within(value, least, most):
            self.refuse(key, f"must be a whole number{_range_words(least, most)}, not {_shown(value)}")
        return value

    def identifier(self, key: str, default: int | _Required = REQUIRED) -> int:
        """A car's identifier, 1 to 0xffffffff: a whole number, or in quotes the hex digits that tools print."""
        value = self._take(key, default)
        if isinstance(value, str) and _IDENTIFIER.fullmatch(value):
            value = int(value, 16)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MOST_IDENTIFIER:
            self.refuse(
                key,
                f'must be a car\'s identifier, such as 0x0880eadb or "0880eadb", not {_shown(value)}',
            )
        return value

    def number(
        self,
        key: str,
        default: float | _Required = REQUIRED,
        *,
        least: float | None = None,
        most: float | None = None,
    ) -> float:
        """A finite number from `least` to `most` (both included); whole numbers count."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not _within(value, least, most):
            self.refuse(key, f"must be a number{_range_words(least, most)}, not {_shown(value)}")
        return float(value)

    def boolean(self, key: str, default: bool | _Required = REQUIRED) -> bool:
        """A truth value."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self.refuse(key, f"must be true or false, not {_shown(value)}")
        return value

    def text(self, key: str, default: str | _Required = REQUIRED, *, most_length: int | None = None) -> str:
        """A string, at most `most_length` characters, never empty."""
        value = self._take(key, default)
        if not isinstance(value, str):
            self.refuse(key, f"must be a text in quotes, not {_shown(value)}")
        if not value and default != "":
            self.refuse(key, "must not be empty")
        if most_length is not None and len(value) > most_length:
            self.refuse(key, f"must have at most {most_length} characters, not {len(value)}")
        return value

    def choice(self, key: str, choices: Sequence[str], default: str | _Required = REQUIRED) -> str:
        """One of the given words."""
        value = self.text(key, default)
        if value not in choices:
            self.refuse(
                key, f"must be one of {', '.join(choices)}, not '{value}'{_did_you_mean(value, choices)}"
            )
        return value

    def texts(self, key: str, default: Sequence[str] | _Required = REQUIRED) -> tuple[str, ...]:
        """A list of strings."""
        values = self._take(key, default)
        if not isinstance(values, Sequence) or isinstance(values, str):
            self.refuse(key, f"must be a list of texts, not {_shown(values)}")
        for value in values:
            if not isinstance(value, str):
                self.refuse(key, f"must be a list of texts, but holds {_shown(value)}")
        return tuple(values)

    def integers(
        self,
        key: str,
        default: Sequence[int] | _Required = REQUIRED,
        *,
        least: int | None = None,
        most: int | None = None,
    ) -> tuple[int, ...]:
        """A list of whole numbers, each from `least` to `most`."""
        values = self._take(key, default)
        words = f"must be a list of whole numbers{_range_words(least, most)}"
        if not isinstance(values, Sequence) or isinstance(values, str):
            self.refuse(key, f"{words}, not {_shown(values)}")
        for value in values:
            if isinstance(value, bool) or not isinstance(value, int) or not _within(value, least, most):
                self.refuse(key, f"{words}, but holds {_shown(value)}")
        return tuple(values)

    def numbers(
        self,
        key: str,
        default: Sequence[float] | _Required = REQUIRED,
        *,
        least: float | None = None,
        most: float | None = None,
    ) -> tuple[float, ...]:
        """A list of finite numbers, each from `least` to `most`."""
        values = self._take(key, default)
        words = f"must be a list of numbers{_range_words(least, most)}"
        if not isinstance(values, Sequence) or isinstance(values, str):
            self.refuse(key, f"{words}, not {_shown(values)}")
        for value in values:
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not _within(value, least, most)
            ):
                self.refuse(key, f"{words}, but holds {_shown(value)}")
        return tuple(float(value) for value in values)

    def table(self, key: str) -> Table:
        """The sub-table `[key]`; an empty one when the file has none."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            self.refuse(key, f"must be a table [{self._joined(key)}], not {_shown(value)}")
        return Table(value, source=self._source, path=self._joined(key))

    def tables(self, key: str) -> list[Table]:
        """The tables `[[key]]` in the order of the file; an empty list when there are none."""
        values = self._take(key, [])
        if not isinstance(values, list):
            self.refuse(key, f"must be written as [[{self._joined(key)}]]")
        tables = []
        for number, value in enumerate(values, start=1):
            if not isinstance(value, dict):
                self.refuse(key, f"must be written as [[{self._joined(key)}]]")
            tables.append(Table(value, source=self._source, path=f"{self._joined(key)} {number}"))
        return tables

    def finish(self) -> None:
        """Refuses keys that were never asked for.

        Raises:
            InputError: the first unknown key, with the nearest known one.
        """
        for key in self._values:
            if key not in self._known:
                known = sorted(self._known)
                hint = _did_you_mean(key, known) or f"; known here: {', '.join(known)}"
                raise InputError(f"{self._where()}unknown key '{key}'{hint}")

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raises the InputError for one key: file, table, key, then `why` (a phrase such as `must be …`)."""
        raise InputError(f"{self._where()}'{key}' {why}")

    def _take(self, key: str, default: object) -> object:
        self._known.add(key)
        value = self._values.get(key, default)
        if value is REQUIRED:
            written = difflib.get_close_matches(
                key, [name for name in self._values if name not in self._known]
            )
            self.refuse(key, f"is missing ('{written[0]}' is not a known key)" if written else "is missing")
        return value

    def _where(self) -> str:
        return f"{self._source}: [{self._path}] " if self._path else f"{self._source}: "

    def _joined(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


def _within(value: float, least: float | None, most: float | None) -> bool:
    if not math.isfinite(value):
        return False
    return (least is None or value >= least) and (most is None or value <= most)


def _range_words(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    if least is not None:
        return f" of at least {least:g}"
    if most is not None:
        return f" of at most {most:g}"
    return ""


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value)


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if not nearest:
        return ""
    return f"; did you mean '{nearest[0]}'?"
