"""What can go wrong on the air, split by who can mend it.

RigError
├── BenchError                      exit 3
│   └── HostFault                   this computer, its adapter or its Bluetooth stack
│       ├── AdapterMissing          no adapter, or none that can be a BLE central
│       ├── AdapterOff              there, but switched off or blocked
│       ├── AdapterGone             unplugged or reset while in use
│       ├── StackMissing            no bluetoothd or no D-Bus to ask
│       ├── NotPermitted            the system refuses this user or program
│       ├── StackBusy               another operation is in progress              transient
│       ├── SlotsExhausted          the adapter holds no more links
│       └── HostTrouble             anything else the host said
├── CarFault                        exit 1: the car, or the air to it
│   ├── CarNotFound                 no advert heard in time                       transient
│   ├── ConnectTimedOut             heard, but no link in time                    transient
│   ├── EstablishmentFailed         the link died while being set up              transient
│   ├── LinkLost                    an open link went down                        transient
│   ├── ServicesMissing             linked, but it is not the car's GATT service
│   ├── NoFreshData                 linked and subscribed, but silent             transient
│   ├── NoAnswer                    a request was not answered in time            transient
│   └── AttError                    the car refused a read, a write or a subscription
└── CallerFault                     exit 2: our own code or the user asked for the wrong thing
    ├── TransmitRefused             the frame may never go to a real car
    ├── AlreadyConnected            the radio holds a link to that car
    ├── LinkClosed                  used after disconnect()
    ├── RadioClosed                 the radio was closed while it was connecting
    └── AmbiguousCar                the name fits several cars

"Transient" errors are worth another attempt (`rig.radio.translate.is_transient`).
Every message is one sentence: which car or adapter, what happened, what to do next. Branch on the class
and its attributes, never on the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rig.errors import BenchError, RigError
from rig.radio.milestones import Milestones


class HostFault(BenchError):  # noqa: N818 - it names whose fault it is
    """This computer's side failed.

    `adapter` is its name as the user knows it, `detail` the exact words of the stack underneath.
    """

    happened: ClassVar[str] = "the Bluetooth stack failed"
    next_step: ClassVar[str] = "try again, or use --radio sim"

    def __init__(self, adapter: str = "", detail: str = "") -> None:
        self.adapter = adapter
        self.detail = detail
        super().__init__(_sentence(adapter, self.happened, detail, self.next_step))


class AdapterMissing(HostFault):
    """No adapter, or none that can be a BLE central."""

    happened = "this machine has no usable Bluetooth LE adapter"
    next_step = "run 'pitboard doctor', plug one in, name another with --radio ble:hci1, or use --radio sim"


class AdapterOff(HostFault):
    """The adapter is switched off or blocked."""

    happened = "the Bluetooth adapter is off"
    next_step = "run 'bluetoothctl power on' (or 'rfkill unblock bluetooth'), or use --radio sim"


class AdapterGone(HostFault):
    """The adapter vanished while in use."""

    happened = "the Bluetooth adapter went away"
    next_step = "plug it in again and restart"


class StackMissing(HostFault):
    """Nobody answers for Bluetooth: no bluetoothd, no D-Bus, or one too old."""

    happened = "no Bluetooth service is running here"
    next_step = "run 'pitboard doctor', start it with 'systemctl start bluetooth', or use --radio sim"


class NotPermitted(HostFault):
    """The system refuses Bluetooth to this user or program."""

    happened = "the system does not let this user use Bluetooth"
    next_step = "run 'pitboard doctor', join the 'bluetooth' group or allow it in the system settings, or use --radio sim"


class StackBusy(HostFault):
    """Another operation of the stack is in progress."""

    happened = "the Bluetooth stack is busy with another operation"
    next_step = "wait a moment and retry; if it stays, restart bluetoothd"


class SlotsExhausted(HostFault):
    """The adapter holds no more links."""

    happened = "the adapter has no free connection slot"
    next_step = "disconnect a car or add a second adapter"


class HostTrouble(HostFault):
    """Something else the stack said; `detail` has its words."""

    happened = "the Bluetooth stack failed in an unexpected way"
    next_step = "retry; if it stays, run 'pitboard doctor' and report these words"


class CarFault(RigError):  # noqa: N818 - it names whose fault it is
    """The car, or the air to it, failed.

    `car` is the label users see (`Skull 0880eadb`), `detail` the exact words from below. Errors from
    `Radio.connect` carry in `milestones` how far the link got, and those of several radios used as one in `adapter`
    which of them it went over.
    """

    happened: ClassVar[str] = "the car failed"
    next_step: ClassVar[str] = "try again"

    def __init__(self, car: str, detail: str = "") -> None:
        self.car = car
        self.detail = detail
        self.milestones: Milestones | None = None
        self.adapter = ""
        super().__init__(_sentence(car, self.happened, detail, self.next_step))


class CarNotFound(CarFault):
    """No advert of this car was heard; `heard` labels the cars that were."""

    happened = "no advert heard"
    next_step = "switch the car on, bring it near and make sure nothing else is connected to it"

    def __init__(self, car: str, detail: str = "", heard: Sequence[str] = ()) -> None:
        self.heard = tuple(heard)
        others = f"heard instead: {', '.join(self.heard)}" if self.heard else ""
        super().__init__(car, ", ".join(part for part in (detail, others) if part))


class ConnectTimedOut(CarFault):
    """The car was heard but no usable link came up; `waited_s` is the limit, `phase` what was pending."""

    happened = "connecting timed out"
    next_step = "bring it nearer or put it on the charger to restart it, then retry"

    def __init__(
        self, car: str, detail: str = "", waited_s: float | None = None, phase: str = "link"
    ) -> None:
        self.waited_s = waited_s
        self.phase = phase
        limit = (
            f"after {waited_s:g} s waiting for {phase}" if waited_s is not None else f"waiting for {phase}"
        )
        super().__init__(car, ", ".join(part for part in (limit, detail) if part))


class EstablishmentFailed(CarFault):
    """The link died while it was being set up (HCI 0x3e and its relatives)."""

    happened = "the connection failed to be established"
    next_step = "retry; if it repeats, move away from Wi-Fi or use another adapter"


class LinkLost(CarFault):
    """An open link went down; `reason` says how, as far as the host can know."""

    happened = "the link was lost"
    next_step = "scan and connect again"

    def __init__(self, car: str, detail: str = "", reason: str = "") -> None:
        self.reason = reason or detail
        super().__init__(car, ", ".join(part for part in (reason, detail) if part))


class ServicesMissing(CarFault):
    """Linked, but the car's service or characteristics are not there."""

    happened = "it does not offer the car's GATT service"
    next_step = "check that it is a car; if so, clear the system's Bluetooth cache for it"


class NoFreshData(CarFault):
    """Linked and subscribed, but not one frame came in `waited_s` seconds."""

    happened = "connected but silent"
    next_step = "disconnect and retry; if it repeats, restart the car on its charger"

    def __init__(self, car: str, detail: str = "", waited_s: float | None = None) -> None:
        self.waited_s = waited_s
        limit = f"no frame in {waited_s:g} s" if waited_s is not None else ""
        super().__init__(car, ", ".join(part for part in (limit, detail) if part))


class NoAnswer(CarFault):
    """A request (a write with response, a read, a protocol request) was not answered in time."""

    happened = "a request was not answered"
    next_step = "retry; if it repeats, reconnect"


class AttError(CarFault):
    """The car refused a read, a write or a subscription; `code` is the ATT error code (0x01..0xff)."""

    happened = "the car refused the request"
    next_step = "check the frame that was written"

    def __init__(self, car: str, detail: str = "", code: int | None = None) -> None:
        self.code = code
        number = f"ATT error 0x{code:02x}" if code is not None else ""
        super().__init__(car, ", ".join(part for part in (number, detail) if part))


class CallerFault(RigError):  # noqa: N818 - it names whose fault it is
    """The caller asked for something that is wrong whatever the car does."""

    exit_code = 2


class TransmitRefused(CallerFault):
    """The frame is not on the allow-list for real cars; `frame` has its bytes. Nothing was sent."""

    def __init__(self, car: str, frame: bytes, why: str) -> None:
        self.car = car
        self.frame = frame
        self.why = why
        super().__init__(
            f"{car}: refused to send {frame.hex(' ') or 'an empty frame'} to a real car ({why});"
            " try it on a simulated car with --radio sim"
        )


class AlreadyConnected(CallerFault):
    """This radio holds, or is opening, a link to that car."""

    def __init__(self, car: str) -> None:
        self.car = car
        super().__init__(f"{car}: already connected; disconnect it first")


class LinkClosed(CallerFault):
    """The link was used after `disconnect()`."""

    def __init__(self, car: str) -> None:
        self.car = car
        super().__init__(f"{car}: this link was closed; connect again")


class RadioClosed(CallerFault):
    """The radio was closed while it was connecting this car. No link was left."""

    def __init__(self, car: str) -> None:
        self.car = car
        super().__init__(f"{car}: the radio was closed while it was connecting; open it and connect again")


class AmbiguousCar(CallerFault):
    """A name fits several cars; `fits` labels them."""

    def __init__(self, wanted: str, fits: Sequence[str]) -> None:
        self.wanted = wanted
        self.fits = tuple(fits)
        super().__init__(f"'{wanted}' fits several cars: {', '.join(self.fits)}; use the identifier")


def _sentence(subject: str, happened: str, detail: str, next_step: str) -> str:
    head = f"{subject}: {happened}" if subject else happened
    middle = f" ({detail})" if detail else ""
    return f"{head}{middle}; {next_step}"
