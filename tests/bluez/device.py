"""`org.bluez.Device1` of the fake: connecting, discovering, losing and ending one car's link."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from dbus_fast import Message, Variant

from rig.radio.host_stack import HostError, HostFailure, HostLink
from tests.bluez.gatt import FakeGatt
from tests.bluez.objects import Interface, ObjectTree, Refused

if TYPE_CHECKING:
    from tests.bluez.adapter import FakeAdapter

FAILED_TO_BE_ESTABLISHED = 0x3E
DEVICE = "org.bluez.Device1"
_ERROR = "org.bluez.Error"
DISCONNECT_AFTER_S = 0.05
"""BlueZ lets a link rest for 2 s before it ends it (`DISCONNECT_TIMER`, src/device.c); tests do not wait for
what they do not test."""

_REFUSALS = {
    HostFailure.CONNECT_ABORTED: (f"{_ERROR}.Failed", "br-connection-canceled"),
    HostFailure.LINK_LIMIT: (f"{_ERROR}.Failed", "le-connection-abort-by-local"),
    HostFailure.CONNECT_TIMEOUT: (f"{_ERROR}.Failed", "le-connection-timeout"),
    HostFailure.BUSY: (f"{_ERROR}.Failed", "Operation already in progress"),
    HostFailure.ADAPTER_OFF: (f"{_ERROR}.Failed", "br-connection-canceled"),
    HostFailure.ADAPTER_GONE: (f"{_ERROR}.Failed", "le-connection-adapter-not-powered"),
}
"""How a failed connect reads on D-Bus: `btd_error_le_conn_from_errno` of src/error.c over the kernel's
`bt_to_errno`. A full controller (HCI 0x09) is not told from an aborted attempt, as measured in the guest."""
FEATURES_LIMIT_S = 0.25
"""BlueZ answers Connect when the kernel has read the car's features, which a link that fails to be established
(HCI 0x3e) does not live to see; the fake waits for the end of discovery, or so long."""


class FakeDevice:
    """One car as BlueZ knows it."""

    def __init__(
        self, adapter: FakeAdapter, tree: ObjectTree, address: str, advertised: dict[str, Variant]
    ) -> None:
        self.address = address
        self.path = f"{adapter.path}/dev_{address.replace(':', '_')}"
        self._adapter = adapter
        self._tree = tree
        self._link: HostLink | None = None
        self._gatt: FakeGatt | None = None
        self._connecting: asyncio.Task[HostLink] | None = None
        self._resolving: asyncio.Task[None] | None = None
        self._lost_for = 0
        self._given_up_for = ""
        nameless = address.replace(":", "-")
        tree.add(
            self.path,
            Interface(
                DEVICE,
                {
                    "Address": Variant("s", address),
                    "AddressType": Variant("s", "random"),
                    "Alias": Variant("s", nameless),
                    "Adapter": Variant("o", adapter.path),
                    "Paired": Variant("b", False),
                    "Bonded": Variant("b", False),
                    "Trusted": Variant("b", False),
                    "Blocked": Variant("b", False),
                    "LegacyPairing": Variant("b", False),
                    "Connected": Variant("b", False),
                    "ServicesResolved": Variant("b", False),
                    "UUIDs": Variant("as", []),
                    **advertised,
                },
                {"Connect": self._connect, "Disconnect": self._disconnect},
            ),
        )

    @property
    def is_connected(self) -> bool:
        """Whether its link is up."""
        return self._link is not None

    def flash(self) -> None:
        """A link came up and failed at once."""
        self._set("Connected", True)
        self._set("Connected", False)

    async def client_gone(self, sender: str) -> None:
        """A D-Bus client went away; the link stays, as on BlueZ."""
        if self._gatt is not None:
            await self._gatt.client_gone(sender)

    async def drop(self, words: str = "br-connection-canceled") -> None:
        """The link goes down, or what is being connected is given up, and its caller told `words`."""
        await self._give_up(words)
        if self._link is not None:
            await self._link.disconnect()

    async def close(self) -> None:
        """As `drop`, when nobody listens any more."""
        await self.drop()
        if self._resolving is not None:
            self._resolving.cancel()
            await asyncio.gather(self._resolving, return_exceptions=True)

    async def _connect(self, _message: Message) -> None:
        if not self._adapter.is_powered:
            raise Refused(f"{_ERROR}.Failed", "Input/output error")
        if self._link is not None:
            return
        if self._connecting is not None:
            raise Refused(f"{_ERROR}.Failed", "Operation already in progress")
        attempt = self._connecting = asyncio.get_running_loop().create_task(self._bring_up())
        try:
            await asyncio.wait({attempt})
            if attempt.cancelled():
                raise Refused(f"{_ERROR}.Failed", self._given_up_for)
            await self._settle(attempt.result())
        except HostError as error:
            if error.failure is HostFailure.ESTABLISHMENT_FAILED:
                self.flash()
                raise Refused(f"{_ERROR}.Failed", "le-connection-abort-by-local") from error
            raise Refused(*_REFUSALS.get(error.failure, (f"{_ERROR}.Failed", str(error)))) from error
        finally:
            self._connecting = None

    async def _settle(self, link: HostLink) -> None:
        if not link.is_open:
            raise HostError(HostFailure.ESTABLISHMENT_FAILED)
        self._link = link
        self._set("Connected", True)
        self._resolving = asyncio.get_running_loop().create_task(self._resolve(link))
        await asyncio.wait({self._resolving}, timeout=FEATURES_LIMIT_S)
        if self._lost_for == FAILED_TO_BE_ESTABLISHED:
            raise Refused(f"{_ERROR}.Failed", "le-connection-abort-by-local")

    async def _bring_up(self) -> HostLink:
        self._lost_for = 0
        async with self._adapter.connecting:
            return await self._adapter.stack.connect(self.address, self._on_lost)

    async def _resolve(self, link: HostLink) -> None:
        try:
            services = await link.discover()
        except HostError:
            with contextlib.suppress(HostError):
                await link.disconnect()
            return
        if self._gatt is not None:
            self._gatt.close()
        self._gatt = FakeGatt(self._tree, self.path, link, services)
        self._set("ServicesResolved", True)

    async def _disconnect(self, _message: Message) -> None:
        await self._give_up("br-connection-canceled")
        await asyncio.sleep(DISCONNECT_AFTER_S)
        if self._link is not None:
            await self._link.disconnect()

    async def _give_up(self, words: str) -> None:
        self._given_up_for = words
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)

    def _on_lost(self, reason: int) -> None:
        self._lost_for = reason
        if self._link is None:
            return
        self._link = None
        if self._resolving is not None and not self._resolving.done():
            self._resolving.cancel()
        if self._gatt is not None:
            self._gatt.link_lost()
        self._tree.change(
            self.path, DEVICE, {name: Variant("b", False) for name in ("ServicesResolved", "Connected")}
        )

    def _set(self, name: str, on: bool) -> None:
        if self._gatt is not None:
            self._gatt.link_lost()
        self._tree.change(self.path, DEVICE, {name: Variant("b", on)})
