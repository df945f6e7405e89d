"""The kernel's side of /dev/vhci, played by the other end of a socket; the real one is met in the guest."""

import asyncio
import errno
import os
import socket

import pytest

from rig.radio.errors import AdapterMissing, HostTrouble, NotPermitted
from rig.sim import vhci
from rig.sim.vhci import VhciDevice


def with_a_device(scenario):
    """Runs `scenario(device, kernel, heard)`; `heard` lists numbers and packets in order."""

    async def main():
        ours, kernel = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        kernel.setblocking(False)
        ours.setblocking(False)
        heard = []
        device = VhciDevice(ours.detach(), heard.append, heard.append)
        try:
            return await scenario(device, kernel, heard)
        finally:
            device.close()
            kernel.close()

    return asyncio.run(main())


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


@pytest.mark.parametrize(("answer", "number"), [("ff000000", 0), ("ff000100", 1), ("ff000c01", 268)])
def test_the_number_is_little_endian_and_comes_before_every_packet(answer, number):
    async def scenario(device, kernel, heard):
        kernel.send(bytes.fromhex("01030c00"))  # the kernel may begin before it answers
        kernel.send(bytes.fromhex(answer))
        kernel.send(bytes.fromhex("01091000"))
        await until(lambda: len(heard) == 3)
        return heard

    assert with_a_device(scenario) == [number, bytes.fromhex("01030c00"), bytes.fromhex("01091000")]


def test_packets_go_to_the_kernel_one_by_one_and_nowhere_once_it_is_closed():
    async def scenario(device, kernel, _heard):
        device.on_packet(b"\x04\x0e\x01")
        device.on_packet(b"\x04\x0f\x02")
        got = [kernel.recv(100), kernel.recv(100)]
        assert device.is_open
        device.close()
        device.close()
        device.on_packet(b"late")
        return got, kernel.recv(100), device.is_open

    assert with_a_device(scenario) == ([b"\x04\x0e\x01", b"\x04\x0f\x02"], b"", False)


def test_a_kernel_that_takes_nothing_more_is_no_error():
    async def scenario(device, kernel, _heard):
        kernel.close()
        device.on_packet(b"\x04\x0e\x01")

    with_a_device(scenario)


def opened(path):
    async def main():
        VhciDevice.open(lambda _number: None, lambda _packet: None, path).close()

    asyncio.run(main())


def test_a_kernel_without_the_driver_is_told_with_the_cure(tmp_path):
    with pytest.raises(AdapterMissing, match="modprobe hci_vhci") as caught:
        opened(tmp_path / "vhci")
    assert caught.value.exit_code == 3
    assert str(caught.value).count(". ") == 0


@pytest.mark.parametrize(
    ("number", "kind", "cure"),
    [
        (errno.EACCES, NotPermitted, "sudo"),
        (errno.EPERM, NotPermitted, "sudo"),
        (errno.ENODEV, AdapterMissing, "modprobe hci_vhci"),
        (errno.EMFILE, HostTrouble, "report these words"),
    ],
)
def test_what_the_kernel_answers_has_its_class(number, kind, cure):
    fault = vhci._fault(OSError(number, os.strerror(number)), vhci.VHCI)
    assert isinstance(fault, kind)
    assert cure in str(fault)


def test_elsewhere_than_on_linux_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr(vhci.sys, "platform", "darwin")
    with pytest.raises(AdapterMissing, match="this is darwin"):
        opened(tmp_path / "vhci")
