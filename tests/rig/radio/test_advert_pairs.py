"""An advert and the scan response to it are told together."""

from rig.radio.advert_pairs import AdvertPairs
from rig.radio.host_stack import AdvertReport


def advert(address, rssi=-50, *, connectable=True):
    return AdvertReport(address, b"\x02\x01\x06", False, connectable, rssi)


def response(address):
    return AdvertReport(address, b"\x03\x09AB", True, True, -51)


def told(*reports):
    pairs = AdvertPairs()
    return [event for report in reports for event in pairs.take(report)]


def test_advert_and_response_are_one_event():
    assert told(advert("A"), response("A")) == [(advert("A"), response("A"))]


def test_an_unanswered_advert_is_told_when_the_next_comes():
    assert told(advert("A"), advert("B"), response("B")) == [(advert("A"),), (advert("B"), response("B"))]
    assert told(advert("A", -50), advert("A", -60)) == [(advert("A", -50),)]


def test_a_response_of_another_joins_nothing():
    assert told(advert("A"), response("B"), response("A")) == [
        (advert("A"),), (response("B"),), (response("A"),)
    ]  # fmt: skip


def test_what_nobody_asks_for_a_response_does_not_wait():
    assert told(advert("A", connectable=False)) == [(advert("A", connectable=False),)]
