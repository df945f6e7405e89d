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
    ],
)
def test_the_three_forms_are_understood(text, moniker):
    assert parse_moniker(text) == moniker
    assert parse_moniker(str(moniker)) == moniker


def test_only_sim_is_simulated():
    assert [parse_moniker(text).is_simulated for text in ("sim", "ble", "hci:usb:0")] == [True, False, False]


@pytest.mark.parametrize("text", ["", "bel", "usb:0", "simulated", ":", "ble2"])
def test_an_unknown_radio_names_the_three_forms(text):
    with pytest.raises(InputError) as caught:
        parse_moniker(text)
    assert all(form in str(caught.value) for form in ("'ble'", "hci:<", "sim:<"))


def test_a_near_miss_is_offered():
    with pytest.raises(InputError, match="did you mean 'ble'"):
        parse_moniker("bel:hci0")


def test_hci_needs_a_transport():
    with pytest.raises(InputError, match="names no transport"):
        parse_moniker("hci:")
