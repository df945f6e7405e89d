"""What can go wrong with a serial-attached fixture.

rig.errors.BenchError               exit 3
└── FixtureFault
    ├── PortMissing                 nothing with that identity is plugged in
    ├── PortBusy                    another program holds the port
    ├── PortGone                    it went away while in use
    ├── NoReply                     silent in time                              transient
    ├── BadReply                    garbled, or not an answer to the question   transient
    ├── RequestRefused              the board answered with an error of its own
    ├── NotConfirmed                told, but a sensor says it did not happen
    ├── UnknownModel                it answers, but as a board we cannot read safely
    └── BayLeftOut                  it failed before, so nothing is tried there any more
rig.errors.InputError               exit 2
└── PortAmbiguous                   the identity fits several ports

Every message is one sentence: which fixture (and channel, and bay), what happened, what to do next.
Transient errors were already tried again by the driver before they are raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rig.errors import BenchError, InputError


class FixtureFault(BenchError):  # noqa: N818 - it names whose fault it is
    """A fixture failed. `fixture` is its label, `detail` what exactly was seen."""

    happened: ClassVar[str] = "the fixture failed"
    next_step: ClassVar[str] = "run 'pitboard bench probe' on it"

    def __init__(self, fixture: str, detail: str = "") -> None:
        self.fixture = fixture
        self.detail = detail
        middle = f" ({detail})" if detail else ""
        super().__init__(f"{fixture}: {self.happened}{middle}; {self.next_step}")


class PortMissing(FixtureFault):
    """Nothing with this identity is plugged in."""

    happened = "its port is not there"
    next_step = "check the cable, then compare with 'pitboard bench list'"


class PortBusy(FixtureFault):
    """The port exists but cannot be opened: held by another program, or not permitted."""

    happened = "its port cannot be opened"
    next_step = "stop the program that holds it, or join the group that owns the device (often 'dialout')"


class PortGone(FixtureFault):
    """The port went away while in use."""

    happened = "its port went away"
    next_step = "plug it in again and restart; its outputs may still be as they were last set"


class NoReply(FixtureFault):
    """Nothing came back in time. Never turned into a number or a state."""

    happened = "no reply"
    next_step = "check its power, its cable and its kind in the wiring map"


class BadReply(FixtureFault):
    """What came back is garbled or no answer to what was asked."""

    happened = "a reply made no sense"
    next_step = "check the cable, the baud rate and its kind in the wiring map"


class RequestRefused(FixtureFault):
    """The board answered with an error of its own."""

    happened = "it refused the request"
    next_step = "check its channel count and model in the wiring map"


class NotConfirmed(FixtureFault):
    """An actuator was told, but what can see it says that it did not happen."""

    happened = "not confirmed"
    next_step = "check this wire and this contact by hand before the bay is used again"


class UnknownModel(FixtureFault):
    """It answers, but its model is not one whose numbers can be read safely."""

    happened = "an unknown model"
    next_step = "use another fixture for this, or add the model's scaling to rig/bench/codecs"


class BayLeftOut(FixtureFault):
    """A bay is left out since one of its fixtures failed; `detail` is how."""

    happened = "left out since it failed"
    next_step = "mend it, then start again"


class PortAmbiguous(InputError):  # noqa: N818 - as above
    """An identity fits several ports; `fits` are their stable identities."""

    def __init__(self, wanted: str, fits: Sequence[str]) -> None:
        self.wanted = wanted
        self.fits = tuple(fits)
        super().__init__(f"'{wanted}' fits several ports: {', '.join(self.fits)}; name one of these instead")
