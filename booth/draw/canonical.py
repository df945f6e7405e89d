"""Values as JSON and back, one way only: equal values give equal bytes, and what is not exactly so is refused.

Keys sorted, two spaces, UTF-8, a line feed at the end; instants as `2026-11-22T16:30:00Z`; no floating point.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from booth.draw.errors import Refused

Kind = TypeVar("Kind")
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def instant_text(at: datetime) -> str:
    """An instant in UTC, to the second."""
    return at.astimezone(UTC).strftime(_INSTANT)


def to_second(at: datetime) -> datetime:
    """The instant as it is written down: UTC, whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0)


def written(body: Mapping[str, Any]) -> bytes:
    """A file's bytes."""
    text = json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", errors="surrogatepass") + b"\n"


def read(content: bytes, where: str) -> dict[str, Any]:
    """What `written` wrote.

    Raises:
        Refused: it is no JSON object, or not written as `written` writes it.
    """
    try:
        body = json.loads(content.decode("utf-8"))
        is_same = isinstance(body, dict) and written(body) == content
    except (ValueError, RecursionError) as error:
        raise Refused(f"{where} is no JSON any more: {error}") from error
    if not is_same:
        raise Refused(f"{where} is not written as pitboard writes it; somebody edited it")
    assert isinstance(body, dict)
    return body


def encoded(value: object) -> Any:
    """A value of dataclasses, texts, integers, instants and tuples as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: encoded(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [encoded(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): encoded(each) for key, each in value.items()}
    return value


def decoded(kind: type[Kind], body: object, where: str) -> Kind:
    """The dataclass that `encoded` took apart.

    Raises:
        Refused: a field too many, one missing, or one of the wrong kind.
    """
    value: Kind = _value(kind, body, where)
    return value


def _value(hint: Any, body: object, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is types.UnionType:
        (kind,) = (each for each in typing.get_args(hint) if each is not type(None))
        return None if body is None else _value(kind, body, where)
    if origin is tuple:
        part = typing.get_args(hint)[0]
        return tuple(_value(part, each, where) for each in _of(list, body, where))
    if origin is not None:
        _, part = typing.get_args(hint)
        return {key: _value(part, each, where) for key, each in _of(dict, body, where).items()}
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, _of(dict, body, where), where)
    if issubclass(hint, StrEnum | date):
        return _parsed(hint, _of(str, body, where), where)
    return _of(hint, body, where)


def _dataclass(kind: Any, body: dict[str, Any], where: str) -> Any:
    hints = _hints(kind)
    for name in sorted(set(hints) ^ set(body)):
        raise Refused(f"{where}: '{name}' {'is missing' if name in hints else 'does not belong there'}")
    return kind(**{name: _value(hints[name], each, f"{where}: '{name}'") for name, each in body.items()})


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _parsed(kind: Any, text: str, where: str) -> Any:
    try:
        if kind is datetime:
            return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
        return date.fromisoformat(text) if kind is date else kind(text)
    except ValueError as error:
        raise Refused(f"{where} is '{text[:80]}', which is none of what it can be") from error


def _of(kind: type[Kind], body: object, where: str) -> Kind:
    if type(body) is not kind:
        raise Refused(f"{where} is of the wrong kind")
    return body
