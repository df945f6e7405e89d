"""What the draw refuses."""

from __future__ import annotations

from booth.errors import BadInput


class Refused(BadInput):
    """The draw does not allow that, or not now; the sentence says what it waits for."""
