"""Frozen, slotted value classes that are as cheap to make as mutable ones.

A frozen class pays for every field when it is filled through `object.__setattr__`. Here each class comes as two: a
plain slotted twin, filled by ordinary assignment, and the public class on top of it, with empty slots and no way to
assign. An object is filled as a twin and becomes public by one assignment of `__class__`, which CPython allows
because both have the same layout.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Any, ClassVar, TypeVar, dataclass_transform

from construct import Construct


class FieldSpec:
    """One declared field: how it stands on the wire, and what it means."""

    __slots__ = ("default", "doc", "name", "unit", "values", "wire")

    def __init__(
        self, wire: Any, doc: str, unit: str, values: type[IntEnum | IntFlag] | None, default: Any
    ) -> None:
        self.name = ""  # known when the class is made
        self.wire = wire
        self.doc = doc
        self.unit = unit
        self.values = values
        self.default = default


REQUIRED: Any = object()


def field(
    wire: Construct[Any, Any] | None,
    doc: str,
    *,
    unit: str = "",
    values: type[IntEnum | IntFlag] | None = None,
    default: Any = REQUIRED,
) -> Any:
    """Declares a field: its construct type, meaning and unit; `values` is an enum that names known values (others
    survive as plain numbers)."""
    return FieldSpec(wire, doc, unit, values, default)


class Frozen:
    """Base of all values of this package: compared by class and fields, hashable, immutable, picklable.

    `NAMES` are the fields in wire order; `VIEWS` are properties, other readings of the same bytes.
    """

    __slots__ = ()
    FIELDS: ClassVar[tuple[FieldSpec, ...]] = ()
    NAMES: ClassVar[tuple[str, ...]] = ()
    VIEWS: ClassVar[tuple[str, ...]] = ()

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # First object of its class: most programs use a handful of the messages, so each class writes its
        # constructor when it is first called.
        _write_constructor(cls)
        return cls.__new__(cls, *args, **kwargs)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot assign {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot delete {name!r}")

    def values(self) -> tuple[Any, ...]:
        """The fields' values, in wire order."""
        return tuple([getattr(self, name) for name in self.NAMES])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frozen) or other.__class__ is not self.__class__:
            return NotImplemented
        return self.values() == other.values()

    def __hash__(self) -> int:
        return hash((self.__class__, self.values()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in zip(self.NAMES, self.values(), strict=True))
        return f"{self.__class__.__qualname__}({shown})"

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return self.__class__, self.values()


def twin_of(cls: type[Frozen]) -> type[Any]:
    """The mutable slotted class under the public class `cls` (`object` when it has no fields)."""
    twin: type[Any] = cls.__mro__[-2] if cls.NAMES else object
    return twin


def _write_constructor(cls: type[Frozen]) -> None:
    if not cls.NAMES:
        only = object.__new__(cls)
        cls.__new__ = staticmethod(lambda _cls: only)  # type: ignore[assignment,method-assign]
        return
    parameters = ", ".join(
        spec.name if spec.default is REQUIRED else f"{spec.name}=_default_{spec.name}" for spec in cls.FIELDS
    )
    lines = [f"def __new__(cls, {parameters}):", " new = _twin()"]
    lines += [f" new.{name} = {name}" for name in cls.NAMES]
    lines += [" new.__class__ = cls", " return new"]
    namespace: dict[str, Any] = {f"_default_{spec.name}": spec.default for spec in cls.FIELDS}
    namespace["_twin"] = twin_of(cls)
    exec("\n".join(lines), namespace)  # noqa: S102  the source is built from our own declarations
    cls.__new__ = staticmethod(namespace["__new__"])  # type: ignore[method-assign]


T = TypeVar("T", bound=Frozen)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Turns a class whose fields are declared with `field` into a frozen slotted one."""
    specs = [(name, spec) for name, spec in vars(cls).items() if isinstance(spec, FieldSpec)]
    for name, spec in specs:
        spec.name = name
    names = tuple(name for name, _ in specs)
    body = {
        name: value
        for name, value in vars(cls).items()
        if name not in names and name not in {"__dict__", "__weakref__"}
    }
    body |= {
        "__slots__": (),
        "__match_args__": names,
        "__qualname__": cls.__qualname__,
        "FIELDS": tuple(spec for _, spec in specs),
        "NAMES": names,
        "VIEWS": tuple(name for name, value in vars(cls).items() if isinstance(value, property)),
    }
    bases: tuple[type, ...] = cls.__bases__
    if names:
        bases += (type(cls.__name__, (), {"__slots__": names, "__module__": cls.__module__}),)
    made: type[T] = type(cls.__name__, bases, body)
    return made
