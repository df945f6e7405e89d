import pytest

from protocol.gatt import SERVICE_UUID, uuid_bytes


def test_a_uuid_goes_on_air_little_endian():
    assert uuid_bytes(SERVICE_UUID).hex() == "f48d4d9cd80b81837e408661efbe15be"


def test_a_short_uuid_is_refused():
    with pytest.raises(ValueError, match="not a 128-bit UUID"):
        uuid_bytes("180f")
