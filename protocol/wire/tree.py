"""The whole frame as one construct: the declaration the fast path is measured and proved against."""

from __future__ import annotations

from typing import Any

from construct import Computed, Construct, GreedyBytes, Int8ul, Peek, Prefixed, Struct, Switch, this

from protocol.wire.decoder import Reading


def frame_tree(reading: Reading) -> Construct[Any, Any]:
    """Parses to `msg_id`, `form` (the message class, None when unknown), `payload` and `surplus`; builds from the
    same, with `form` given as a keyword."""

    def form(context: Any) -> Any:
        if context._building:  # noqa: SLF001  construct's way to say which way it runs
            return context._params.form  # noqa: SLF001  likewise
        return reading.pick(context.msg_id, 1 + len(context.rest))

    payloads = {cls: cls.FORM.payload for classes in reading.by_id.values() for cls in classes}
    return Prefixed(
        Int8ul,
        Struct(
            "msg_id" / Int8ul,
            "rest" / Peek(GreedyBytes),
            "form" / Computed(form),
            "payload" / Switch(this.form, payloads, default=GreedyBytes),
            "surplus" / GreedyBytes,
        ),
    )
