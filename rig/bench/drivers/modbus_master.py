"""Asking a Modbus RTU board, and saying what its refusals mean."""

from __future__ import annotations

from rig.bench.codecs import modbus as codec
from rig.bench.codecs.modbus import Refusal, Request
from rig.bench.drivers.conversation import Conversation
from rig.bench.errors import RequestRefused

_CODES = {
    1: "it does not know this function",
    2: "it has no such address",
    3: "it does not take this value",
    4: "it failed inside",
    6: "it is busy",
}


class ModbusMaster:
    """One unit behind one conversation."""

    def __init__(self, talk: Conversation, unit: int) -> None:
        self._talk = talk
        self._unit = unit

    async def read_coils(self, first: int, count: int) -> tuple[bool, ...]:
        """Coil states."""
        return codec.bytes_to_coils(await self._read(codec.READ_COILS, first, count), count)

    async def read_registers(self, first: int, count: int) -> tuple[int, ...]:
        """Holding registers, each 0 to 0xffff."""
        return codec.bytes_to_registers(await self._read(codec.READ_HOLDING, first, count))

    async def write_coil(self, address: int, value: int) -> None:
        """Writes a coil; done when the board has echoed it."""
        await self._write(Request(self._unit, codec.WRITE_COIL, address, value))

    async def write_register(self, address: int, value: int) -> None:
        """Writes a holding register; done when the board has echoed it."""
        await self._write(Request(self._unit, codec.WRITE_REGISTER, address, value))

    async def _read(self, function: int, first: int, count: int) -> bytes:
        asked = Request(self._unit, function, first, count)
        answer: bytes | Refusal = await self._talk.ask(
            asked.encode(), lambda got: codec.take_data(got, asked)
        )
        if isinstance(answer, Refusal):
            raise self._refused(answer, asked)
        return answer

    async def _write(self, asked: Request) -> None:
        answer = await self._talk.ask(asked.encode(), lambda got: codec.take_echo(got, asked))
        if isinstance(answer, Refusal):
            raise self._refused(answer, asked)

    def _refused(self, refusal: Refusal, asked: Request) -> RequestRefused:
        why = _CODES.get(refusal.code, f"exception {refusal.code}")
        return RequestRefused(self._talk.label, f"function {asked.function}, address {asked.address}: {why}")
