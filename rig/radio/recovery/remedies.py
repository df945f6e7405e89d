"""What a radio can do about itself when retrying does not help."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from rig.radio.errors import AdapterGone, AdapterOff, HostFault, HostTrouble, StackBusy
from rig.radio.host_stack import HostError, HostFailure, HostLink
from rig.radio.recovery.machine import Situation
from rig.radio.recovery.rungs import Rung


class Remedies(Protocol):
    """The remedies of one radio. `address` is the car's, when it was heard."""

    @property
    def can(self) -> frozenset[Rung]:
        """The rungs it has, of DROP_STALE, POWER_CYCLE and RESTART_STACK."""
        ...

    async def situation(self, address: str | None) -> Situation:
        """Who else is on the adapter, and what could be dropped. May raise HostFault: then nobody knows."""
        ...

    async def apply(self, rung: Rung, address: str | None) -> None:
        """Does it, and returns when it is done.

        Raises:
            HostFault: it could not be done.
        """
        ...


class NoRemedies:
    """For a radio that can only be asked again."""

    can: frozenset[Rung] = frozenset()

    async def situation(self, address: str | None) -> Situation:
        """Nobody knows."""
        return Situation(others=None)

    async def apply(self, rung: Rung, address: str | None) -> None:
        """Refuses.

        Raises:
            HostTrouble: always.
        """
        raise HostTrouble(detail=f"no way to {rung} on this radio")


class GroupRemedies:
    """Remedies for several radios used as one: what is stale is dropped on each. Which of their adapters to switch
    nobody can say, and a group that loses one goes on with the others."""

    def __init__(self, members: Sequence[Remedies]) -> None:
        self._members = tuple(member for member in members if Rung.DROP_STALE in member.can)

    @property
    def can(self) -> frozenset[Rung]:
        """Dropping, when a member can."""
        return frozenset({Rung.DROP_STALE} if self._members else ())

    async def situation(self, address: str | None) -> Situation:
        """The members' together."""
        found = await asyncio.gather(*(member.situation(address) for member in self._members))
        others = [each.others for each in found if each.others is not None]
        droppable = [each.droppable for each in found if each.droppable is not None]
        return Situation(
            others=sum(others) if len(others) == len(found) else None,
            stale=sum(each.stale for each in found),
            droppable=sum(droppable) if len(droppable) == len(found) else None,
        )

    async def apply(self, rung: Rung, address: str | None) -> None:
        """Drops on every member; raises what the first that failed raised, when all were tried.

        Raises:
            HostFault: a member could not.
        """
        if rung not in self.can:
            raise HostTrouble(detail=f"no way to {rung} on several radios at once")
        done = await asyncio.gather(
            *(member.apply(rung, address) for member in self._members), return_exceptions=True
        )
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome


class SwitchableStack(Protocol):
    """A host stack whose adapter can be switched."""

    @property
    def name(self) -> str:
        """The adapter's name."""
        ...

    @property
    def open_links(self) -> Sequence[HostLink]:
        """The links the host believes in."""
        ...

    async def power_cycle(self) -> None:
        """Ends every link, switches the adapter off and on, and returns when it is ready. May raise HostError."""
        ...


class InUse(Protocol):
    """The part of a radio that says whom it is talking to."""

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses of the cars it holds, or is connecting."""
        ...


class HostRemedies:
    """Remedies for a host of our own: `sim:` worlds and dongles driven directly. Nobody else can be on it."""

    can = frozenset({Rung.DROP_STALE, Rung.POWER_CYCLE})

    def __init__(self, stack: SwitchableStack, radio: InUse) -> None:
        self._stack = stack
        self._radio = radio

    async def situation(self, address: str | None) -> Situation:
        """Others are the radio's other cars; stale is what the host holds and the radio does not."""
        others = self._radio.addresses - {address}
        stale = len(self._stale())
        return Situation(others=len(others), stale=stale, droppable=stale)

    async def apply(self, rung: Rung, address: str | None) -> None:
        """Drops what is stale, or switches the adapter off and on.

        Raises:
            HostFault: the adapter does not come back.
        """
        try:
            if rung is Rung.DROP_STALE:
                for link in self._stale():
                    await link.disconnect()
            elif rung is Rung.POWER_CYCLE:
                await self._stack.power_cycle()
            else:
                raise HostTrouble(self._stack.name, f"no way to {rung} here")
        except HostError as error:
            raise _as_fault(error, self._stack.name) from error

    def _stale(self) -> list[HostLink]:
        ours = self._radio.addresses
        return [link for link in self._stack.open_links if link.address not in ours]


def _as_fault(error: HostError, adapter: str) -> HostFault:
    kinds: dict[HostFailure, type[HostFault]] = {
        HostFailure.ADAPTER_OFF: AdapterOff,
        HostFailure.ADAPTER_GONE: AdapterGone,
        HostFailure.BUSY: StackBusy,
    }
    return kinds.get(error.failure, HostTrouble)(adapter, str(error))
