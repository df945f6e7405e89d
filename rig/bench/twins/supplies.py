"""Simulated supplies with a meter: Riden RD60xx and Korad KA3005P."""

from __future__ import annotations

from collections.abc import Sequence

from rig.bench.codecs import korad, modbus, riden
from rig.bench.codecs.riden import Register
from rig.bench.twins.plant import BenchPlant, Plant

_REGISTERS = 120


class SupplyOutput:
    """What both have: set values, a switch, and the current the plant draws from them."""

    def __init__(self, fixture: str, plant: Plant | None, *, volts: float, amperes: float, on: bool) -> None:
        self._at_power_up = volts, amperes, on
        self.volts, self.amperes, self._on = volts, amperes, on
        self.charge_mah = 0.0
        self.energy_mwh = 0.0
        self._fixture = fixture
        self._plant = plant or BenchPlant({})
        self._flowed_mah: float | None = None

    @property
    def on(self) -> bool:
        """Whether the output is on."""
        return self._on

    def switch(self, on: bool, now_s: float) -> None:
        """The output goes on or off, and with it whatever hangs behind it."""
        self.count(now_s)
        self._on = on
        self._plant.relay_moved(self._fixture, 1, on, now_s)

    def restart(self, now_s: float) -> None:
        """Power came back."""
        self.volts, self.amperes, on = self._at_power_up
        self.switch(on, now_s)
        self.charge_mah = self.energy_mwh = 0.0

    def current_ma(self, now_s: float) -> float:
        """What flows now, within the limit."""
        drawn = self._plant.current_ma(self._fixture, 1, now_s) if self.on else 0.0
        return min(drawn, self.amperes * 1000)

    def count(self, now_s: float) -> None:
        """Adds up charge and energy since the last look."""
        flowed_mah = self._plant.charge_mah(self._fixture, 1, now_s)
        if self.on and self._flowed_mah is not None:
            self.charge_mah += flowed_mah - self._flowed_mah
            self.energy_mwh += (flowed_mah - self._flowed_mah) * self.volts
        self._flowed_mah = flowed_mah


class RidenTwin:
    """Registers behind Modbus. `model` is the value of register 0."""

    def __init__(
        self,
        *,
        fixture: str = "meter",
        plant: Plant | None = None,
        model: int = 60062,
        unit: int = 1,
        on_at_power_up: bool = False,
        protection: int = 0,
    ) -> None:
        self.output = SupplyOutput(fixture, plant, volts=5.0, amperes=5.0, on=on_at_power_up)
        self._model = model
        self._unit = unit
        self._protection = protection
        self._buffer = bytearray()
        self._scale = riden.scale_of(model) or riden.Scale("unknown", 100, 1000)

    def receive(self, data: bytes, now_s: float) -> Sequence[bytes]:
        """Bytes from the host."""
        self.output.count(now_s)
        self._buffer += data
        replies = []
        while (request := modbus.take_request(self._buffer)) is not None:
            if request.unit == self._unit:
                replies.append(self._reply(request, now_s))
        return replies

    def tick(self, now_s: float) -> Sequence[bytes]:
        """It never speaks first."""
        return ()

    def due_s(self) -> float | None:
        """Never."""
        return None

    def restart(self, now_s: float) -> None:
        """Output and set values as at power-up; the counters begin anew."""
        self._buffer.clear()
        self.output.restart(now_s)

    def moves_s(self) -> float | None:
        """Never: it stays as last set."""
        return None

    def _reply(self, request: modbus.Request, now_s: float) -> bytes:
        if request.function == modbus.READ_HOLDING:
            if request.address + request.value > _REGISTERS or not request.value:
                return modbus.Refusal(request.function, 2).encode(self._unit)
            values = self._registers(now_s)
            asked = [values.get(n, 0) for n in range(request.address, request.address + request.value)]
            return modbus.encode_data(self._unit, request.function, modbus.registers_to_bytes(asked))
        if request.function != modbus.WRITE_REGISTER:
            return modbus.Refusal(request.function, 1).encode(self._unit)
        match request.address:
            case Register.OUTPUT:
                self.output.switch(bool(request.value) and not self._protection, now_s)
            case Register.V_SET:
                self.output.volts = request.value / self._scale.per_volt
            case Register.I_SET:
                self.output.amperes = request.value / self._scale.per_ampere
            case _:
                return modbus.Refusal(request.function, 2).encode(self._unit)
        return request.encode()

    def _registers(self, now_s: float) -> dict[int, int]:
        output, scale = self.output, self._scale
        flows_ma = output.current_ma(now_s)
        values: dict[int, int] = {
            Register.MODEL: self._model,
            Register.FIRMWARE: 141,
            Register.V_SET: round(output.volts * scale.per_volt),
            Register.I_SET: round(output.amperes * scale.per_ampere),
            Register.V_OUT: round(output.volts * scale.per_volt) if output.on else 0,
            Register.I_OUT: round(flows_ma * scale.per_ampere / 1000),
            Register.PROTECTION: self._protection,
            Register.OUTPUT: int(output.on),
        }
        counted = riden.counter_registers(round(output.charge_mah), round(output.energy_mwh))
        return values | {Register.CHARGE + n: value for n, value in enumerate(counted)}


class KoradTwin:
    """ASCII without terminators. It drops what comes within `busy_s` of the command before, as the real one does;
    `line_feed` makes it one of the newer models."""

    def __init__(
        self,
        *,
        fixture: str = "meter",
        plant: Plant | None = None,
        line_feed: bool = False,
        busy_s: float = 0.04,
        on_at_power_up: bool = False,
    ) -> None:
        self.output = SupplyOutput(fixture, plant, volts=5.0, amperes=3.0, on=on_at_power_up)
        self.dropped = 0
        self._line_feed = line_feed
        self._busy_s = busy_s
        self._free_s = float("-inf")
        self._buffer = bytearray()

    def receive(self, data: bytes, now_s: float) -> Sequence[bytes]:
        """Bytes from the host."""
        self._buffer += data
        if self._line_feed and b"\n" not in self._buffer:
            return ()
        command = korad.take_command(self._buffer)
        if now_s < self._free_s:
            self.dropped += 1
            return ()
        self._free_s = now_s + self._busy_s
        reply = self._answer(command or "", now_s)
        return [reply] if reply else ()

    def tick(self, now_s: float) -> Sequence[bytes]:
        """It never speaks first."""
        return ()

    def due_s(self) -> float | None:
        """Never."""
        return None

    def restart(self, now_s: float) -> None:
        """Output and set values as at power-up; the counters begin anew."""
        self._buffer.clear()
        self.output.restart(now_s)

    def moves_s(self) -> float | None:
        """Never: it stays as last set."""
        return None

    def _answer(self, command: str, now_s: float) -> bytes:
        output = self.output
        flows = output.current_ma(now_s) / 1000
        answers = {
            korad.IDENTIFY: b"KORADKA3005PV2.0",
            "VSET1?": korad.encode_volts(output.volts),
            "ISET1?": korad.encode_amperes(output.amperes),
            "VOUT1?": korad.encode_volts(output.volts if output.on else 0.0),
            "IOUT1?": korad.encode_amperes(flows),
            "STATUS?": korad.Status(output.on, protection=False, constant_voltage=True).encode(),
        }
        if command in answers:
            return answers[command]
        name, _, value = command.partition(":")
        if command in ("OUT0", "OUT1"):
            output.switch(command == "OUT1", now_s)
        elif name == "VSET1":
            output.volts = _number(value, output.volts)
        elif name == "ISET1":
            output.amperes = _number(value, output.amperes)
        return b""


def _number(text: str, otherwise: float) -> float:
    try:
        return float(text)
    except ValueError:
        return otherwise
