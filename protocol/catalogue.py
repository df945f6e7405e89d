"""All message classes, in the order of their ids."""

from __future__ import annotations

from protocol.messages import development, driving, lights, link, localization, status
from protocol.wire.declare import Message

_THEMES = (link, driving, lights, localization, status, development)

MESSAGE_TYPES: tuple[type[Message], ...] = tuple(
    sorted(
        (
            value
            for theme in _THEMES
            for value in vars(theme).values()
            if isinstance(value, type) and issubclass(value, Message) and value is not Message
        ),
        key=lambda cls: (cls.MSG_ID, -cls.FORM.least_size),
    )
)
