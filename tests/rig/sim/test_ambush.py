"""What counts as discovery, subscription and write, and that only the n-th counts."""

import pytest

from rig.sim.ambush import Ambush, Moment

TO_CAR, CONFIGURATION = 0x0B, 0x0E
MTU, BY_GROUP, BY_TYPE = (
    bytes.fromhex("020502"),
    bytes.fromhex("100100ffff0028"),
    bytes.fromhex("080100ffff0328"),
)
CCCD, REQUEST, COMMAND = bytes.fromhex("120e000100"), bytes.fromhex("120b000116"), bytes.fromhex("520b000116")
READ = bytes.fromhex("0a0b00")


@pytest.mark.parametrize(
    ("moment", "nth", "pdus", "which"),
    [
        (Moment.DISCOVERY, 1, [CCCD, COMMAND, READ, MTU, BY_GROUP], MTU),
        (Moment.DISCOVERY, 3, [MTU, REQUEST, BY_GROUP, BY_TYPE], BY_TYPE),
        (Moment.SUBSCRIPTION, 1, [MTU, BY_TYPE, REQUEST, CCCD], CCCD),
        (Moment.WRITE, 2, [CCCD, REQUEST, READ, COMMAND], COMMAND),
    ],
)
def test_the_nth_request_of_its_kind_is_taken(moment, nth, pdus, which):
    done = []
    ambush = Ambush(moment, nth, lambda: done.append(True))
    assert [ambush.passes(pdu, TO_CAR, CONFIGURATION) for pdu in pdus].index(True) == pdus.index(which)
    assert done == []


def test_nothing_else_is_taken():
    ambush = Ambush(Moment.WRITE, 1, lambda: None)
    assert not any(ambush.passes(pdu, TO_CAR, CONFIGURATION) for pdu in (MTU, BY_GROUP, BY_TYPE, CCCD, READ))
