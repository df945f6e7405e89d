"""Simulated relay boards: Numato, Devantech, the LCUS family, Modbus RTU."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from rig.bench.codecs import devantech, lcus, modbus, numato
from rig.bench.codecs.lcus import Dialect, Frame, Operation
from rig.bench.twins.relay_bank import RelayBank


class RelayTwin(ABC):
    """What all relay boards share: contacts, a buffer, and timers."""

    def __init__(self, bank: RelayBank) -> None:
        self.bank = bank
        self._buffer = bytearray()

    def receive(self, data: bytes, now_s: float) -> Sequence[bytes]:
        """Bytes from the host."""
        self._buffer += data
        replies: list[bytes] = []
        while self._step(replies, now_s):
            pass
        return replies

    def tick(self, now_s: float) -> Sequence[bytes]:
        """Lets timers run off; relay boards never speak first."""
        self.bank.tick(now_s)
        return ()

    def due_s(self) -> float | None:
        """When a timer runs off."""
        return self.bank.due_s()

    def restart(self, now_s: float) -> None:
        """Contacts as at power-up, half commands forgotten."""
        self._buffer.clear()
        self.bank.restart(now_s)

    def moves_s(self) -> float | None:
        """When a timer drops a contact."""
        return self.bank.due_s()

    @abstractmethod
    def _step(self, replies: list[bytes], now_s: float) -> bool:
        """Takes one command off the buffer, if a whole one is there, and says whether there was."""


class NumatoTwin(RelayTwin):
    """Echo, answer, prompt."""

    def _step(self, replies: list[bytes], now_s: float) -> bool:
        command = numato.take_command(self._buffer)
        if command is None:
            return False
        replies.append(numato.encode_reply(command, self._answer(command.split(), now_s)))
        return True

    def _answer(self, words: list[str], now_s: float) -> str:
        match words:
            case ["ver"]:
                return "A0C20008"
            case ["id", "get"]:
                return "00000000"
            case ["reset"]:
                for channel in range(1, self.bank.channels + 1):
                    self.bank.set(channel, on=False, now_s=now_s)
            case ["relay", verb, index]:
                return self._relay(verb, numato.channel_of(index, self.bank.channels), now_s)
        return ""

    def _relay(self, verb: str, channel: int | None, now_s: float) -> str:
        if channel is None:
            return ""
        if verb in ("on", "off"):
            self.bank.set(channel, verb == "on", now_s)
        return ("on" if self.bank.states[channel - 1] else "off") if verb == "read" else ""


class DevantechTwin(RelayTwin):
    """One byte per command."""

    def __init__(self, bank: RelayBank, *, module: int = 8) -> None:
        super().__init__(bank)
        self._module = module

    def _step(self, replies: list[bytes], now_s: float) -> bool:
        command = devantech.take_command(self._buffer)
        if command is None:
            return False
        replies += self._answer(*command, now_s)
        return True

    def _answer(self, verb: str, number: int, now_s: float) -> list[bytes]:
        match verb:
            case "version":
                return [devantech.Version(self._module, 1).encode()]
            case "states":
                return [modbus.coils_to_bytes(self.bank.states)]
            case "supply":
                return [b"\x7d"] if self._module == 9 else []  # 12.5 V, on the RLY16 alone
            case "set":
                for channel in range(1, self.bank.channels + 1):
                    self.bank.set(channel, bool(number >> (channel - 1) & 1), now_s)
            case _:
                for channel in range(1, self.bank.channels + 1) if number == 0 else (number,):
                    if self.bank.has(channel):
                        self.bank.set(channel, verb == "on", now_s)
        return []


class LcusTwin(RelayTwin):
    """One of the family's dialects."""

    def __init__(self, bank: RelayBank, *, dialect: Dialect = Dialect.FEEDBACK) -> None:
        super().__init__(bank)
        self.dialect = dialect

    def _step(self, replies: list[bytes], now_s: float) -> bool:
        command = lcus.take_command(self._buffer)
        if command is None:
            return False
        if command == lcus.STATUS:
            if self.dialect is Dialect.STATUS_TEXT:
                replies.append(lcus.encode_status_text(self.bank.states))
            elif self.dialect is Dialect.STATUS_BYTES:
                replies.append(bytes(self.bank.states))
        elif isinstance(command, bool):
            if self.dialect is Dialect.D0:
                self.bank.set(1, command, now_s)
        elif isinstance(command, Frame) and self.dialect is not Dialect.D0 and self.bank.has(command.channel):
            replies += self._obey(command, now_s)
        return True

    def _obey(self, frame: Frame, now_s: float) -> list[bytes]:
        answers = self.dialect is Dialect.FEEDBACK
        was = self.bank.states[frame.channel - 1]
        match frame.operation:
            case Operation.ON | Operation.OFF:
                self.bank.set(frame.channel, frame.operation is Operation.ON, now_s)
                return []
            case _ if not answers:
                return []
            case Operation.ON_ANSWERED | Operation.OFF_ANSWERED:
                self.bank.set(frame.channel, frame.operation is Operation.ON_ANSWERED, now_s)
            case Operation.TOGGLE_ANSWERED:
                self.bank.set(frame.channel, not was, now_s)
            case _:
                pass
        now_on = self.bank.states[frame.channel - 1]
        return [Frame(frame.channel, Operation.ON if now_on else Operation.OFF).encode()]


class ModbusRelayTwin(RelayTwin):
    """Coils 0 to N-1, and Waveshare's timed write at 0x0200."""

    def __init__(self, bank: RelayBank, *, unit: int = 1) -> None:
        super().__init__(bank)
        self._unit = unit

    def _step(self, replies: list[bytes], now_s: float) -> bool:
        request = modbus.take_request(self._buffer)
        if request is None:
            return False
        if request.unit == self._unit:
            replies.append(self._reply(request, now_s))
        return True

    def _reply(self, request: modbus.Request, now_s: float) -> bytes:
        timed = modbus.TIMED_ON <= request.address < modbus.TIMED_ON + self.bank.channels
        channel = request.address % 0x100 + 1
        if request.function == modbus.READ_COILS:
            if request.address + request.value > self.bank.channels or request.value == 0:
                return modbus.Refusal(request.function, 2).encode(self._unit)
            asked = self.bank.states[request.address : request.address + request.value]
            return modbus.encode_data(self._unit, request.function, modbus.coils_to_bytes(asked))
        if request.function != modbus.WRITE_COIL:
            return modbus.Refusal(request.function, 1).encode(self._unit)
        if timed and 0 < request.value <= modbus.MOST_TENTHS:
            self.bank.set(channel, on=True, now_s=now_s, for_s=request.value / 10)
        elif request.address < self.bank.channels and request.value in (modbus.COIL_ON, modbus.COIL_OFF):
            self.bank.set(channel, request.value == modbus.COIL_ON, now_s)
        else:
            return modbus.Refusal(request.function, 2).encode(self._unit)
        return request.encode()
