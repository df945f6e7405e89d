import pytest

from protocol.advertising import CarAdvert, LocalName, NameState
from rig.radio.sighting import choose, sighting_of


def seen(identifier=0x0880EADB, model=9, name=None, firmware=None, state=None, *, at_s=1.0):
    return sighting_of(CarAdvert(identifier, model, firmware, state, name), "C0:01", -50, at_s, object())


def test_what_an_earlier_advert_told_is_kept_but_for_the_state():
    first = seen(name="Drive", firmware=0x2774, state=NameState(0x10))
    later = seen(at_s=2.0).merged_with(first)
    assert (later.name, later.firmware, later.state, later.seen_s) == ("Drive", 0x2774, None, 2.0)


def test_newer_state_wins():
    charged = seen(state=NameState(0x10))
    assert seen(state=NameState(0x20)).merged_with(charged).state == NameState(0x20)


def test_a_scan_response_alone_refreshes_the_car():
    fresh = seen().heard_again(LocalName(NameState(0x08), 0x2E5A, name="Bob"), -70, 5.0)
    assert (fresh.firmware, fresh.name, fresh.rssi_dbm, fresh.seen_s) == (0x2E5A, "Bob", -70, 5.0)
    assert seen(name="Bob").heard_again(None, -71, 6.0).name == "Bob"


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ("0880eadb", [0x0880EADB]),
        ("0x0880EADB", [0x0880EADB]),
        ("880eadb", [0x0880EADB]),
        ("skull", [0x0880EADB, 0x60A72CE8]),
        ("Ground Shock", [0x0A41C37E]),
        ("ground_shock", [0x0A41C37E]),
        ("skull b4", [0x60A72CE8]),
        ("nobody", []),
        ("", []),
    ],
)
def test_users_name_cars_by_identifier_model_or_name(wanted, fits):
    cars = [seen(), seen(0x0A41C37E, 8, "Drive"), seen(0x60A72CE8, 9, "Skull B4")]
    assert [car.identifier for car in choose(wanted, cars)] == fits


def test_the_label_names_model_and_identifier():
    assert seen().label == "Skull 0880eadb"
