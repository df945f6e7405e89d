import pytest

from rig.errors import InputError
from rig.radio.moniker import DEFAULT_WORLD, Moniker, parse_moniker


@pytest.mark.parametrize(
    ("text", "moniker"),
    [
        ("ble", Moniker("ble")),
        (" BLE ", Moniker("ble")),
        ("ble:hci1", Moniker("ble", "hci1")),
        ("hci:serial:/dev/ttyACM0,1000000", Moniker("hci", "serial:/dev/ttyACM0,1000000")),
        ("hci:usb:0", Moniker("hci", "usb:0")),
        ("sim", Moniker("sim", DEFAULT_WORLD)),
        ("sim:", Moniker("sim", DEFAULT_WORLD)),
        ("sim:worlds/broken.toml", Moniker("sim", "worlds/broken.toml")),
        ("vhci", Moniker("vhci", DEFAULT_WORLD)),
        ("VHCI:one-car", Moniker("vhci", "one-car")),
        ("vhci:one-car@2", Moniker("vhci", "one-car", 2)),
        ("sim:@3", Moniker("sim", DEFAULT_WORLD, 3)),
        ("sim:two-sets@1", Moniker("sim", "two-sets")),
        ("sim:me@home.toml", Moniker("sim", "me@home.toml")),
    ],
)
def test_every_form_is_understood(text, moniker):
    assert parse_moniker(text) == moniker
    assert parse_moniker(str(moniker)) == moniker


@pytest.mark.parametrize(
    ("text", "has_world", "can_jump_time"),
    [("sim", True, True), ("vhci", True, False), ("ble", False, False), ("hci:usb:0", False, False)],
)
def test_a_world_behind_it_and_time_that_jumps_are_two_things(text, has_world, can_jump_time):
    moniker = parse_moniker(text)
    assert (moniker.has_world, moniker.can_jump_time) == (has_world, can_jump_time)


@pytest.mark.parametrize("text", ["", "bel", "usb:0", "simulated", ":", "ble2"])
def test_an_unknown_radio_names_the_forms(text):
    with pytest.raises(InputError) as caught:
        parse_moniker(text)
    assert all(form in str(caught.value) for form in ("'ble'", "hci:<", "sim:<", "vhci:<"))


def test_a_near_miss_is_offered():
    with pytest.raises(InputError, match="did you mean 'ble'"):
        parse_moniker("bel:hci0")


@pytest.mark.parametrize("text", ["sim:two-sets@0", "vhci:@9"])
def test_a_world_has_at_least_one_adapter_and_not_too_many(text):
    with pytest.raises(InputError, match="1 to 8 adapters"):
        parse_moniker(text)


def test_hci_needs_a_transport():
    with pytest.raises(InputError, match="names no transport"):
        parse_moniker("hci:")
