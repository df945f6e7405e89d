"""Riden RD60xx supplies: output switch, meter, and the charge and energy counters."""

from __future__ import annotations

from rig.bench.capabilities import Confirms, Reading, Traits, WhenHostDies
from rig.bench.codecs import riden as codec
from rig.bench.codecs.riden import Register, Scale
from rig.bench.drivers.board import Board
from rig.bench.drivers.conversation import Conversation, Timing
from rig.bench.drivers.modbus_master import ModbusMaster
from rig.bench.drivers.relay_channels import check_channel, check_state
from rig.bench.errors import NotConfirmed, UnknownModel
from rig.bench.ports.port import Port
from rig.errors import InputError

TIMING = Timing(pace_s=0.02, reply_s=0.3)
_PROTECTIONS = {1: "over-voltage", 2: "over-current"}


class RidenSupply(Board):
    """One supply; its output is channel 1."""

    traits = Traits(
        confirms=Confirms.READ_BACK,
        readable=True,
        when_host_dies=WhenHostDies.STAYS,
        checksummed=True,
        note="every exchange is under a CRC; the output stays on, bounded only by its own protections",
    )

    def __init__(self, port: Port, label: str, *, unit: int = 1, timing: Timing = TIMING) -> None:
        super().__init__(Conversation(port, label, timing), 1)
        self._master = ModbusMaster(self._talk, unit)
        self._scale: Scale | None = None

    async def identify(self) -> str:
        """Its model and firmware."""
        scale = await self._find_scale()
        (firmware,) = await self._master.read_registers(Register.FIRMWARE, 1)
        return f"Riden {scale.name}, firmware {firmware / 100:.2f}"

    async def switch(self, channel: int, on: bool) -> None:
        """Switches the output and reads it back; says so when a protection took it off again.

        Raises:
            NotConfirmed: also for a protection that tripped.
        """
        check_channel(self.label, channel, self.channels)
        await self._master.write_register(Register.OUTPUT, int(on))
        if on:
            (tripped,) = await self._master.read_registers(Register.PROTECTION, 1)
            if tripped:
                why = _PROTECTIONS.get(tripped, f"protection {tripped}")
                raise NotConfirmed(self.label, f"told on, but its {why} protection has tripped")
        check_state(self.label, channel, wanted=on, seen=await self.is_on(channel))

    async def is_on(self, channel: int) -> bool:
        """Whether the output is on."""
        check_channel(self.label, channel, self.channels)
        return bool((await self._master.read_registers(Register.OUTPUT, 1))[0])

    async def measure(self, channel: int) -> Reading:
        """Voltage and current of this instant, and its counters since they were last reset on the panel."""
        check_channel(self.label, channel, self.channels)
        scale = await self._find_scale()
        volts, amperes = await self._master.read_registers(Register.V_OUT, 2)
        charge_mah, energy_mwh = codec.counters(await self._master.read_registers(Register.CHARGE, 4))
        return Reading(
            current_ma=amperes * 1000 / scale.per_ampere,
            voltage_mv=volts * 1000 / scale.per_volt,
            charge_mah=float(charge_mah),
            energy_mwh=float(energy_mwh),
        )

    async def set_limits(self, *, voltage_mv: float, current_ma: float) -> None:
        """Sets output voltage and current limit, each read back."""
        scale = await self._find_scale()
        for register, value in (
            (Register.V_SET, round(voltage_mv * scale.per_volt / 1000)),
            (Register.I_SET, round(current_ma * scale.per_ampere / 1000)),
        ):
            if not 0 <= value <= 0xFFFF:
                raise InputError(
                    f"{self.label}: {voltage_mv:g} mV and {current_ma:g} mA do not fit a {scale.name}; lower them"
                )
            await self._master.write_register(register, value)
            (seen,) = await self._master.read_registers(register, 1)
            if seen != value:
                raise NotConfirmed(self.label, f"register {register.value}: told {value}, it says {seen}")

    async def safe(self) -> None:
        """Output off."""
        await self._make_safe(lambda channel: self.switch(channel, on=False), (1,))

    async def _find_scale(self) -> Scale:
        if self._scale is None:
            (model,) = await self._master.read_registers(Register.MODEL, 1)
            self._scale = codec.scale_of(model)
            if self._scale is None:
                raise UnknownModel(self.label, f"model register {model}, whose scaling is not known")
        return self._scale
