"""Canary for the pinned bumble: every internal that rig.sim overrides or leans on is still what it was.

When this fails after a version bump, read the bumble change beside the module named here.
"""

import importlib.metadata
import inspect

import pytest
from bumble import att, controller, device, gatt, gatt_client, gatt_server, hci, host, link

from rig.sim.advertiser import AirAdvertiser
from rig.sim.air import Air
from rig.sim.controller import AirController
from rig.sim.host import _HostDevice
from rig.sim.linked_connection import LinkedConnection
from rig.sim.peripheral import _CarCharacteristic, _CarDevice
from rig.sim.quiet_host import QuietHost

ADDED = {
    "abandon", "advertiser", "air", "be_silent", "conditions", "content", "is_listening", "listening_duty", "link_of",
    "listeners_changed", "max_links", "on_acknowledged", "on_advert_heard", "on_write", "peer", "power_cut",
    "power_up", "acknowledged", "end", "closed", "conditions_changed", "forget", "has_listeners", "in_reach",
    "loss", "parameters", "register", "rssi", "seed", "silence", "statistics", "streams",
    "on_hci_read_rssi_command",
}  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (AirController, controller.Controller),
        (LinkedConnection, controller.Connection),
        (AirAdvertiser, controller.LegacyAdvertiser),
        (Air, link.LocalLink),
        (QuietHost, host.Host),
        (_HostDevice, device.Device),
        (_CarDevice, device.Device),
        (_CarCharacteristic, gatt.Characteristic),
    ],
)
def test_every_override_still_overrides_something_with_the_same_arguments(ours, theirs):
    for name, function in vars(ours).items():
        if name.startswith("__") or (name.startswith("_") and not hasattr(theirs, name)) or name in ADDED:
            continue
        assert hasattr(theirs, name), f"{theirs.__name__}.{name} is gone"
        original = getattr(theirs, name)
        if inspect.isfunction(function) and inspect.isfunction(original):
            wanted = list(inspect.signature(original, follow_wrapped=False).parameters)
            given = list(inspect.signature(function).parameters)
            if "kwargs" not in wanted:
                assert [p.lstrip("_") for p in given] == [p.lstrip("_") for p in wanted], name


def test_bumble_is_the_pinned_version():
    assert importlib.metadata.version("bumble") == "0.0.236"


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (
            controller.Controller,
            "le_connections pending_le_connection le_legacy_advertiser allocate_connection_handle",
        ),
        (
            controller.Controller,
            "find_le_connection_by_handle on_link_acl_data on_ll_control_pdu on_le_disconnected",
        ),
        (
            controller.Controller,
            "_send_hci_command_status le_scan_enable le_scan_type le_scan_interval le_scan_window",
        ),
        (
            host.Host,
            "connections on_hci_event_packet on_hci_acl_data_packet send_async_command pending_response",
        ),
        (
            device.Device,
            "cancel_connection is_le_connecting power_on start_scanning stop_scanning start_advertising",
        ),
        (device.Device, "on_advertising_report on_l2cap_pdu send_l2cap_pdu supports_le_extended_advertising"),
        (gatt_client.Client, "request_mtu discover_services discover_characteristics discover_descriptors"),
        (gatt_client.Client, "read_value write_value"),
        (gatt_server.Server, "add_service max_mtu"),
        (att.Attribute, "write_value"),
    ],
)
def test_what_rig_sim_leans_on_is_there(owner, names):
    known = set(dir(owner)) | set(getattr(owner, "__annotations__", {}))
    source = inspect.getsource(owner)
    for name in names.split():
        assert name in known or f"self.{name} =" in source, name


def test_host_events_that_devices_listen_to_keep_their_names():
    assert {"advertising_report", "l2cap_pdu", "disconnection", "le_connection", "flush"} <= set(
        device.device_host_event_handlers
    )


def test_stock_bumble_still_needs_what_is_replaced():
    """The day one of these fails, an override may go."""
    stock = inspect.getsource(controller.Controller)
    assert "rssi=-50" in stock
    assert "connection_interval=10,  # FIXME" in stock
    assert "TODO: cleanup what needs to be reset" in stock
    assert not hasattr(controller.Controller, "on_hci_read_rssi_command")
    assert hci.HCI_READ_RSSI_COMMAND in controller.Controller.supported_commands
