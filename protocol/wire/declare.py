"""The one place a message is declared: `@message(...)` over a class whose fields are construct types.

    @message(0x1B, TO_HOST, "BATTERY_LEVEL_RESPONSE", size=3, trust="AB", source="anki/drive-sdk:…/protocol.h")
    class BatteryLevelResponse(Message):
        battery_mv: int = field(U16, "voltage of the cell", unit="mV")

Everything else is derived from `Form`: the construct tree, the fast encoder and decoder, the table in the docs and
the Wireshark dissector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar, dataclass_transform

from construct import Construct, Struct

from protocol.dialect import ALL_DIALECTS, Dialect, Direction
from protocol.wire.encoder import fast_encoder
from protocol.wire.frozen import FieldSpec, Frozen, field, frozen
from protocol.wire.layout import Layout, layout_of

__all__ = ["Form", "Message", "field", "message"]


class Form:
    """The wire form of one message class.

    Attributes:
        msg_id: second byte of the frame.
        direction: who sends it.
        name: the vendor's name where one is public.
        dialects: firmware families that are known to use this form.
        trust: A the vendor's SDK, B a capture, C several third parties, D one third party.
        source: where the layout is public.
        extends: the shorter form that every dialect but this form's own reads, with the rest as surplus; None
            when the size alone tells the forms apart.
        payload: the construct struct of everything after the id.
        size: value of the size byte; None when the form has no fixed size.
    """

    __slots__ = (
        "dialects",
        "direction",
        "extends",
        "layout",
        "msg_id",
        "name",
        "payload",
        "size",
        "source",
        "trust",
    )

    def __init__(
        self,
        msg_id: int,
        direction: Direction,
        name: str,
        *,
        dialects: frozenset[Dialect],
        trust: str,
        source: str,
        fields: Iterable[FieldSpec],
        extends: type[Message] | None = None,
    ) -> None:
        self.msg_id = msg_id
        self.direction = direction
        self.name = name
        self.dialects = dialects
        self.trust = trust
        self.source = source
        self.extends = extends
        fields = tuple(fields)
        self.payload: Construct[Any, Any] = Struct(*(spec.name / spec.wire for spec in fields))
        self.layout: Layout = layout_of(fields)
        self.size = None if self.layout.size is None else 1 + self.layout.size

    @property
    def least_size(self) -> int:
        """Smallest value of the size byte this form can have."""
        return 1 + self.layout.least_size


class Message(Frozen):
    """Base of all messages. Frozen; fields are plain numbers as they stand on the wire."""

    __slots__ = ()
    MSG_ID: ClassVar[int]
    FORM: ClassVar[Form]

    def encode(self) -> bytes:
        """The frame, size byte first. Raises `EncodeError` naming the field, its value and the allowed range."""
        # As with the constructor, written when first needed.
        cls = type(self)
        cls.encode = fast_encoder(cls)  # type: ignore[assignment,method-assign]
        return cls.encode(self)


M = TypeVar("M", bound=Message)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def message(
    msg_id: int,
    direction: Direction,
    name: str,
    *,
    size: int | None,
    trust: str,
    source: str,
    dialects: frozenset[Dialect] = ALL_DIALECTS,
    extends: type[Message] | None = None,
) -> Callable[[type[M]], type[M]]:
    """Declares a message class; `size` is the size byte stated by the source, checked against the fields;
    `extends` as in `Form`."""

    def declare(cls: type[M]) -> type[M]:
        made = frozen(cls)
        made.MSG_ID = msg_id
        made.FORM = Form(
            msg_id,
            direction,
            name,
            dialects=dialects,
            trust=trust,
            source=source,
            fields=made.FIELDS,
            extends=extends,
        )
        if made.FORM.size != size:
            raise TypeError(f"{cls.__name__}: fields make size {made.FORM.size}, its source says {size}")
        return made

    return declare
